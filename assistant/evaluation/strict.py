"""Strict callers: is what was asked said first, shortly, with the right verdict, and is the subject kept throughout a
conversation?

`questions/strict/own.jsonl` may be looked at row by row; of every other file only totals are shown.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from assistant.answering.answer import Answer, AnswerStatus
from assistant.answering.assistant import Assistant
from assistant.answering.checking import MARKER
from assistant.evaluation.answers import ask_in_turn
from assistant.evaluation.claims import QUESTIONS
from assistant.languages import pack

FIRST = 160
"""So many characters of an answer hold what was asked for."""
VERDICTS: Mapping[str, str] = {"yes": "yes", "yes-if": "yes", "no": "no", "no-but": "no"}
PAIRS = "opposites"
"""Files of pairs of opposite questions begin like this."""


@dataclass(frozen=True, slots=True)
class StrictTurn:
    """What one turn has to be: regular expressions for its beginning, for what is said at all, and for what must not
    be."""

    ask: str
    statuses: frozenset[str]
    first: tuple[str, ...]
    must: tuple[str, ...]
    never: tuple[str, ...]
    verdict: str | None
    words: int | None


@dataclass(frozen=True, slots=True)
class StrictRow:
    """A conversation of one or more turns."""

    id: str
    language: str
    kind: str
    turns: tuple[StrictTurn, ...]


@dataclass(frozen=True, slots=True)
class JudgedTurn:
    """A turn with its answer and what was wrong with it."""

    row: StrictRow
    turn: StrictTurn
    answer: Answer
    faults: tuple[str, ...]
    repeats: bool
    """Whether the text is that of the turn before."""
    given: str | None
    """The verdict with which the answer begins."""


def strict_rows(path: Path) -> list[StrictRow]:
    """The rows of a JSONL file."""
    return [
        StrictRow(row["id"], row["language"], row["kind"], tuple(_turn(turn) for turn in row["turns"]))
        for row in _lines(path)
    ]


def verdict_given(answer: Answer) -> str | None:
    """`yes` or `no`, where the answer begins with the language's word for it."""
    match = re.match(r"\W*(\w+)", answer.text)
    words = pack(answer.language).verdicts
    return next((v for v, word in words.items() if match and match.group(1).lower() == word.lower()), None)


def shown(text: str) -> str:
    """A text as it is read: without markers and emphasis."""
    return " ".join(MARKER.sub("", text).replace("*", "").split())


def judge_row(assistant: Assistant, row: StrictRow) -> list[JudgedTurn]:
    """Each turn of a conversation, asked in order."""
    judged: list[JudgedTurn] = []
    before = ""
    for turn, considered in zip(row.turns, ask_in_turn(assistant, [t.ask for t in row.turns]), strict=True):
        answer = considered.answer
        said = answer.status.carries_statements and answer.text == before
        judged.append(JudgedTurn(row, turn, answer, tuple(_faults(row, turn, answer)), said, verdict_given(answer)))
        before = answer.text
    return judged


def strict_figures(judged: Sequence[JudgedTurn]) -> dict[str, Any]:
    """Shares of right turns by kind, of chains right throughout, of verdicts that come first, and lengths."""
    kinds: dict[str, list[JudgedTurn]] = defaultdict(list)
    chains: dict[str, list[JudgedTurn]] = defaultdict(list)
    for j in judged:
        kinds[j.row.kind].append(j)
        if len(j.row.turns) > 1:
            chains[j.row.id].append(j)
    wanted = [j for j in judged if j.turn.verdict in VERDICTS]
    wrong = [j for j in judged if _wrong_verdict(j.turn.verdict, j.given)]
    single = [len(shown(j.answer.text).split()) for j in kinds["one-fact"] if j.answer.status.carries_statements]
    return {
        "turns": len(judged),
        "right": _share([not j.faults for j in judged]),
        "right_by_kind": {kind: _share([not j.faults for j in rows]) for kind, rows in sorted(kinds.items())},
        "chains": len(chains),
        "chains_throughout": _share([not any(j.faults for j in rows) for rows in chains.values()]),
        "verdict_first": _share([j.given == VERDICTS[j.turn.verdict or ""] for j in wanted]),
        "wrong_verdicts": len(wrong),
        "direct": _share([_direct(j) for j in judged if j.turn.first]),
        "words_one_fact": median(single) if single else None,
        "too_long": _share([any(f.startswith("words") for f in j.faults) for j in judged if j.turn.words]),
        "repeats": sum(j.repeats for j in judged),
        "said_what_must_not_be_said": sum(any(f.startswith("says") for f in j.faults) for j in judged),
    }


def pair_figures(assistant: Assistant, path: Path) -> tuple[dict[str, Any], list[str]]:
    """Verdicts on pairs of opposite questions, and the wrong ones in words."""
    asked = wrong = given = wanted = 0
    lines: list[str] = []
    for row in _lines(path):
        for side in ("a", "b"):
            answer = ask_in_turn(assistant, [row[side]])[-1].answer
            verdict, expected = verdict_given(answer), row[f"{side}_verdict"]
            asked += 1
            known = expected in ("yes", "no")
            wanted += known
            given += known and verdict == expected
            if _wrong_verdict(expected, verdict):
                wrong += 1
                lines.append(f"{row['id']}{side}: {row[side]} | {answer.text[:120]}")
    return {"questions": asked, "wrong_verdicts": wrong, "verdict_first": round(given / max(1, wanted), 4)}, lines


def evaluate_strict(assistant: Assistant, folder: Path) -> tuple[dict[str, Any], list[str]]:
    """The figures of each file of a corpus's `questions/strict`, and what is wrong in the own ones."""
    results: dict[str, Any] = {}
    wrong: list[str] = []
    for path in sorted((folder / "questions" / "strict").glob("*.jsonl")):
        if path.name == QUESTIONS:  # what verdicts are fitted on
            continue
        if path.stem.startswith(PAIRS):
            results[path.stem], lines = pair_figures(assistant, path)
            wrong += lines if path.stem.endswith("own") else []
            continue
        judged = [j for row in strict_rows(path) for j in judge_row(assistant, row)]
        results[path.stem] = strict_figures(judged)
        if path.stem == "own":
            wrong += [
                f"{j.row.id} ({j.row.kind}): {j.turn.ask[:100]} | {'; '.join(j.faults)[:200]} | {shown(j.answer.text)[:200]}"
                for j in judged
                if j.faults
            ]
    return results, wrong


def _faults(row: StrictRow, turn: StrictTurn, answer: Answer) -> list[str]:
    text = shown(answer.text)
    whole = shown(f"{answer.text}\n{answer.more or ''}")
    faults: list[str] = []
    if answer.status.value not in turn.statuses:
        faults.append(f"status {answer.status.value}")
    if answer.language != row.language:
        faults.append(f"language {answer.language}")
    if answer.status in (AnswerStatus.CLARIFY, AnswerStatus.OUT_OF_SCOPE, AnswerStatus.HANDOVER):
        return faults
    faults += [f"first lacks /{p}/" for p in turn.first if not re.search(p, text[:FIRST], re.IGNORECASE)]
    faults += [f"lacks /{p}/" for p in turn.must if not re.search(p, whole, re.IGNORECASE)]
    faults += [f"says /{p}/" for p in turn.never if re.search(p, whole, re.IGNORECASE)]
    if turn.words and len(text.split()) > turn.words:
        faults.append(f"words {len(text.split())}")
    if _wrong_verdict(turn.verdict, verdict_given(answer)):
        faults.append("wrong verdict")
    return faults


def _direct(judged: JudgedTurn) -> bool:
    text = shown(judged.answer.text)[:FIRST]
    return all(re.search(p, text, re.IGNORECASE) for p in judged.turn.first)


def _wrong_verdict(expected: str | None, given: str | None) -> bool:
    """Whether a verdict was given that the documents do not carry; a question that has none expects none."""
    return given is not None and expected is not None and VERDICTS.get(expected) != given


def _turn(fields: Mapping[str, Any]) -> StrictTurn:
    first, must, never = (tuple(fields.get(name) or ()) for name in ("first", "must", "never"))
    statuses = frozenset(fields["status"])
    return StrictTurn(fields["ask"], statuses, first, must, never, fields.get("verdict"), fields.get("words"))


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _share(flags: Sequence[bool]) -> float | None:
    return round(sum(flags) / len(flags), 4) if flags else None
