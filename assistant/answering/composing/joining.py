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


def join_drafts(drafts: Sequence[Draft], unknown: Sequence[str], language: str, asked: Sequence[str] = ()) -> Draft:
    """One draft of several parts, each under the question that `asked` names for it; what nobody knows stands last, with
    the parts of the question (`unknown`) that have no answer. No statement and no source comes twice; markers are
    renumbered."""
    texts: list[str] = []
    folded: list[str] = []
    missing: list[str] = []
    sources: list[Source] = []
    named = [*asked] if len(asked) == len(drafts) > 1 else ["" for _ in drafts]
    alone = all(draft.status is AnswerStatus.NO_EVIDENCE for draft in drafts)
    parts = _without_repetition([_statements(draft.text) for draft in drafts])
    for draft, statements, name in zip(drafts, parts, named, strict=True):
        text = _renumbered("".join(statements).strip(), draft.sources, sources)
        if text and draft.status is AnswerStatus.NO_EVIDENCE and not alone:
            missing.append(text)
        elif text:
            gap = "\n\n" if text.lstrip().startswith("- ") else " "
            texts.append(f"**{name}**{gap}{text}" if name else text)
        if draft.more:
            folded.append(_renumbered(draft.more, draft.sources, sources))
    missing = [d.missing for d in drafts if d.missing] + missing
    lacking = [reply("part_unknown", language, part=part.rstrip(" ?.!")) for part in unknown]
    if alone:  # nothing is known: what has no answer is said like the rest
        texts += lacking
    else:
        missing += lacking
    modes = {d.mode for d in drafts}
    mode = modes.pop() if len(modes) == 1 else AnswerMode.CURATED
    status = AnswerStatus.NO_EVIDENCE if alone else AnswerStatus.PARTIAL if missing else AnswerStatus.ANSWERED
    if all(draft.status is AnswerStatus.SMALLTALK for draft in drafts) and not missing:
        status = AnswerStatus.SMALLTALK
    dates = [d.as_of for d in drafts if d.as_of]
    as_of = min(dates) if dates and len(drafts) > 1 else drafts[0].as_of if drafts else oldest(sources)
    return Draft(
        mode,
        status,
        "\n\n".join(texts),
        tuple(sources),
        as_of,
        missing=" ".join(missing) or None,
        more="\n\n".join(folded) or None,
        entry=drafts[0].entry,
    )


def folded_behind(first: Draft, second: Draft) -> Draft:
    """A draft with another one folded away behind it: what may have been meant as well."""
    sources = list(first.sources)
    behind = _renumbered(second.text, second.sources, sources)
    return replace(first, more="\n\n".join(filter(None, (first.more, behind))), sources=tuple(sources))


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
