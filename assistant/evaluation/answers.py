"""The question set: is each answer right, and if not, which step went wrong?"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answering.answer import AnswerStatus
from assistant.answering.assistant import Assistant, Consideration
from assistant.answering.checking import MARKER
from assistant.answering.conversation import Question, Turn

IN_SCOPE = {"answered", "partial"}


@dataclass(frozen=True, slots=True)
class Expected:
    """One row of the question set; the answer to the last turn is judged."""

    id: str
    topic: str
    language: str
    turns: tuple[str, ...]
    statuses: frozenset[str]
    must: tuple[str, ...]
    never: tuple[str, ...]
    tags: frozenset[str]

    @property
    def answerable(self) -> bool:
        """Whether the documents hold at least a part of the answer."""
        return bool(self.statuses & IN_SCOPE)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its answer and what was wrong with it; empty faults mean right."""

    expected: Expected
    consideration: Consideration
    faults: tuple[str, ...]
    step: str | None

    @property
    def right(self) -> bool:
        """No fault."""
        return not self.faults


def load_questions(path: Path) -> list[Expected]:
    """The rows of a JSONL file."""
    rows: list[Expected] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        rows.append(
            Expected(
                row["id"], row["topic"], row["language"], tuple(row["turns"]), frozenset(row["statuses"]),
                tuple(row.get("must", ())), tuple(row.get("never", ())), frozenset(row.get("tags", ())),
            )
        )  # fmt: skip
    return rows


def ask_in_turn(assistant: Assistant, turns: Sequence[str], language: str | None = None) -> list[Consideration]:
    """One conversation."""
    considered: list[Consideration] = []
    for text in turns:
        so_far: tuple[Turn, ...] = tuple(c.turn for c in considered)
        considered.append(assistant.consider(Question(text, language, so_far)))
    return considered


def judge(expected: Expected, consideration: Consideration) -> Judged:
    """Status, language, what must and must not be said."""
    answer = consideration.answer
    text = MARKER.sub("", answer.text)
    faults: list[str] = []
    if answer.status.value not in expected.statuses:
        faults.append(f"status {answer.status.value}, allowed {', '.join(sorted(expected.statuses))}")
    if answer.language != expected.language:
        faults.append(f"language {answer.language}")
    if answer.status.carries_statements:
        faults += [f"lacks /{p}/" for p in expected.must if not re.search(p, text, re.IGNORECASE)]
        faults += [f"says /{p}/" for p in expected.never if re.search(p, text, re.IGNORECASE)]
    return Judged(expected, consideration, tuple(faults), _step(expected, consideration) if faults else None)


def _step(expected: Expected, consideration: Consideration) -> str:
    """Not found, wrongly decided, or badly composed."""
    answer = consideration.answer
    if not consideration.readings:
        return "wrongly screened"
    if answer.status.value not in expected.statuses:
        return "wrongly decided"
    texts = [
        t
        for r in consideration.readings
        for c in r.candidates.asked[:10]
        if c.hit.entry
        for t in c.hit.entry.answer.values()
    ]
    texts += [h.passage.text for r in consideration.readings for h in r.candidates.passages[:10]]
    if any(all(re.search(p, t, re.IGNORECASE) for p in expected.must) for t in texts):
        return "badly composed" if answer.mode.value == "quoted" else "wrongly decided"
    return "not found"


def run_questions(
    assistant: Assistant, rows: Iterable[Expected], progress: Callable[[], None] = lambda: None
) -> list[Judged]:
    """Every row judged."""
    judged: list[Judged] = []
    for row in rows:
        judged.append(judge(row, ask_in_turn(assistant, row.turns)[-1]))
        progress()
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """The shares of quality.md section 3."""

    def share(rows: Sequence[Judged]) -> float | None:
        return round(sum(j.right for j in rows) / len(rows), 4) if rows else None

    by_language = {lang: [j for j in judged if j.expected.language == lang] for lang in ("de", "en")}
    topics: dict[str, list[Judged]] = defaultdict(list)
    tags: dict[str, list[Judged]] = defaultdict(list)
    for j in judged:
        topics[j.expected.topic].append(j)
        for tag in j.expected.tags:
            tags[tag].append(j)
    answerable = [j for j in judged if j.expected.answerable]
    unanswerable = [j for j in judged if not j.expected.answerable]
    refused = [j for j in answerable if j.consideration.answer.status.value.startswith("declined") and not j.right]
    wrongly_answered = [j for j in unanswerable if j.consideration.answer.status.carries_statements]
    invented = [j for j in judged if any(f.startswith("says") for f in j.faults)]
    right = {lang: share(rows) for lang, rows in by_language.items()}
    times = sorted(j.consideration.answer.timings_ms.get("total", 0.0) for j in judged)
    return {
        "questions": len(judged),
        "median_ms": times[len(times) // 2] if times else None,
        "right": share(judged),
        "right_by_language": right,
        "language_difference": round(abs((right["de"] or 0) - (right["en"] or 0)), 4),
        "right_by_topic": {t: share(rows) for t, rows in sorted(topics.items())},
        "right_by_tag": {t: share(rows) for t, rows in sorted(tags.items())},
        "follow_ups": share(tags["follow-up"]),
        "false_refusals": round(len(refused) / len(answerable), 4) if answerable else None,
        "false_answers": round(len(wrongly_answered) / len(unanswerable), 4) if unanswerable else None,
        "said_what_must_not_be_said": len(invented),
        "statuses_by_language": {
            lang: dict(Counter(j.consideration.answer.status.value for j in rows)) for lang, rows in by_language.items()
        },
        "statuses": dict(Counter(j.consideration.answer.status.value for j in judged)),
        "modes": dict(
            Counter(
                j.consideration.answer.mode.value
                for j in judged
                if j.consideration.answer.status in (AnswerStatus.ANSWERED, AnswerStatus.PARTIAL)
            )
        ),
        "wrong_steps": dict(Counter(j.step for j in judged if j.step)),
    }
