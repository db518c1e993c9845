"""Several drafts become one; what is certain and what is not stand under their labels."""

import re
from collections.abc import Sequence
from dataclasses import replace

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft, Source
from assistant.answering.checking import MARKER
from assistant.answering.composing.sources import oldest
from assistant.answering.replies import reply
from assistant.languages import codes, pattern

FEWEST_WORDS = 5
"""A shorter statement counts as a repetition only of its like."""


def join_drafts(drafts: Sequence[Draft], unknown: Sequence[str], language: str) -> Draft:
    """One draft of several parts; `unknown` are the parts of the question without an answer. No statement and no
    source comes twice; markers are renumbered."""
    texts: list[str] = []
    sources: list[Source] = []
    parts = _without_repetition([_statements(draft.text) for draft in drafts])
    for draft, statements in zip(drafts, parts, strict=True):
        if text := "".join(statements).strip():
            texts.append(_renumbered(text, draft.sources, sources))
    missing = [d.missing for d in drafts if d.missing] + [
        reply("part_unknown", language, part=part.rstrip(" ?.!")) for part in unknown
    ]
    modes = {d.mode for d in drafts}
    mode = modes.pop() if len(modes) == 1 else AnswerMode.QUOTED if modes == {AnswerMode.QUOTED} else AnswerMode.CURATED
    status = AnswerStatus.PARTIAL if missing else AnswerStatus.ANSWERED
    dates = [d.as_of for d in drafts if d.as_of]
    as_of = min(dates) if dates and len(drafts) > 1 else drafts[0].as_of if drafts else oldest(sources)
    return Draft(
        mode,
        status,
        "\n\n".join(texts),
        tuple(sources),
        as_of,
        missing=" ".join(missing) or None,
        entry=drafts[0].entry,
    )


def _statements(text: str) -> list[str]:
    """A text cut behind each marker that ends a statement; joined they are the text again."""
    return re.split(r"(?<=\])(?=\s+[^\s\[])", text)


def _without_repetition(parts: Sequence[Sequence[str]]) -> list[list[str]]:
    """The statements of each part, without those whose words all stand, in their order, in one statement of another
    part (the first of two alike stays)."""
    words = [[re.findall(r"\w+", MARKER.sub("", s).lower()) for s in part] for part in parts]

    def repeats(part: int, number: int) -> bool:
        own = words[part][number]
        return any(
            _within(own, other) and (own != other or n < part)
            for n, others in enumerate(words)
            if n != part
            for other in others
        )

    return [[s for number, s in enumerate(part) if not repeats(n, number)] for n, part in enumerate(parts)]


def _within(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether a statement says nothing beyond another: its words follow each other there too, and neither denies
    what the other says."""
    following = iter(others)
    alike = words == others or len(words) >= FEWEST_WORDS
    return alike and all(word in following for word in words) and _denies(words) == _denies(others)


def _denies(words: Sequence[str]) -> bool:
    return bool(pattern("denies", codes(), r"\b%s\b").search(" ".join(words)))


def _renumbered(text: str, own: Sequence[Source], sources: list[Source]) -> str:
    """A text with the markers that its sources have among all; a source that is not among them yet is appended."""
    numbers: dict[int, int] = {}
    for marker in dict.fromkeys(int(m) for m in MARKER.findall(text)):
        source = next((s for s in own if s.marker == marker), None)
        if source is None:
            continue
        known = next((s for s in sources if replace(s, marker=marker) == source), None)
        if known is None:
            known = replace(source, marker=len(sources) + 1)
            sources.append(known)
        numbers[marker] = known.marker
    return MARKER.sub(lambda m: f"[{numbers.get(int(m.group(1)), m.group(1))}]", text)


def shown_text(draft: Draft, language: str) -> str:
    """The text as people see it: a partial answer says last what is not known."""
    if draft.status is not AnswerStatus.PARTIAL or not draft.missing:
        return draft.text
    return f"{draft.text}\n\n**{reply('not_known', language)}:** {draft.missing}"
