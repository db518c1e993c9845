"""The question set: is each answer right, and if not, which step went wrong?"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answering.answer import AnswerMode, AnswerStatus
from assistant.answering.assistant import Assistant, Consideration
from assistant.answering.checking import MARKER
from assistant.answering.values import Question, Turn
from assistant.evaluation.question_sets import Expected
from assistant.evaluation.simulated import right_entries
from index.values import CuratedEntry


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its answer and what was wrong with it; empty faults mean right."""

    expected: Expected
    consideration: Consideration
    faults: tuple[str, ...]
    helped: bool
    """Right, or asked back with the right question among the options."""
    step: str | None

    @property
    def right(self) -> bool:
        """No fault."""
        return not self.faults


def ask_in_turn(assistant: Assistant, turns: Sequence[str], language: str | None = None) -> list[Consideration]:
    """One conversation."""
    considered: list[Consideration] = []
    for text in turns:
        so_far: tuple[Turn, ...] = tuple(c.turn for c in considered)
        considered.append(assistant.consider(Question(text, language, so_far)))
    return considered


def judge(expected: Expected, consideration: Consideration, entries: Sequence[CuratedEntry] = ()) -> Judged:
    """Status, language, what must and must not be said; asked back rightly where an option is an entry of `entries`
    that would be right."""
    answer = consideration.answer
    text = MARKER.sub("", answer.whole)
    faults: list[str] = []
    known_unknown = answer.status is AnswerStatus.NO_EVIDENCE and answer.mode is AnswerMode.CURATED
    # where a part was once told of what nobody knows, saying so is right as well
    if answer.status.value not in expected.statuses and not (known_unknown and "partial" in expected.statuses):
        faults.append(f"status {answer.status.value}, allowed {', '.join(sorted(expected.statuses))}")
    if answer.language != expected.language:
        faults.append(f"language {answer.language}")
    if answer.status.carries_statements or known_unknown:
        faults += [f"lacks /{p}/" for p in expected.must if not re.search(p, text, re.IGNORECASE)]
        faults += [f"says /{p}/" for p in expected.never if re.search(p, text, re.IGNORECASE)]
    helped = not faults
    if answer.status is AnswerStatus.CLARIFY and expected.answerable:
        options = {c.id for made in consideration.composed for c in made.verdict.options}
        helped = bool(options & right_entries(expected, entries))
    return Judged(expected, consideration, tuple(faults), helped, _step(expected, consideration) if faults else None)


def _step(expected: Expected, consideration: Consideration) -> str:
    """Not found, wrongly decided, or badly composed."""
    answer = consideration.answer
    if not consideration.composed:
        return "wrongly screened"
    if answer.status.value not in expected.statuses:
        return "wrongly decided"
    evidence = [c.verdict.evidence for c in consideration.composed]
    told = [t for e in evidence for c in e.candidates[:10] if c.hit.entry for t in c.hit.entry.answer.values()]
    told += [h.passage.text for e in evidence for h in e.passages[:10]]
    if any(all(re.search(p, t, re.IGNORECASE) for p in expected.must) for t in told):
        return "badly composed" if answer.mode.value == "quoted" else "wrongly decided"
    return "not found"


def run_questions(
    assistant: Assistant, rows: Iterable[Expected], progress: Callable[[], None] = lambda: None
) -> list[Judged]:
    """Every row judged."""
    judged: list[Judged] = []
    for row in rows:
        judged.append(judge(row, ask_in_turn(assistant, row.turns)[-1], assistant.search.entries))
        progress()
    return judged


def figures(judged: Sequence[Judged]) -> dict[str, Any]:
    """The shares of quality.md section 3."""

    def share(rows: Sequence[Judged]) -> float | None:
        return round(sum(j.right for j in rows) / len(rows), 4) if rows else None

    languages = sorted({j.expected.language for j in judged})
    by_language = {lang: [j for j in judged if j.expected.language == lang] for lang in languages}
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
    shares = [value for value in right.values() if value is not None]
    times = sorted(j.consideration.answer.timings_ms.get("total", 0.0) for j in judged)
    return {
        "questions": len(judged),
        "median_ms": times[len(times) // 2] if times else None,
        "right": share(judged),
        "helped": round(sum(j.helped for j in judged) / max(1, len(judged)), 4),
        "right_by_language": right,
        "language_difference": round(max(shares, default=0.0) - min(shares, default=0.0), 4),
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
