"""Every statement against its source; what is not carried is not shown. Fails closed."""

from dataclasses import dataclass

from assistant.answering.answer import AnswerMode, Draft, Source
from assistant.languages.statements import (
    MARKER,
    Evidence,
    SentenceTerms,
    conditions_not_said,
    loose_tokens,
    marked_sentences,
    markers_without_source,
)

__all__ = ["MARKER", "Check", "SentenceTerms", "check_draft", "marked_sentences"]


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found: its name, whether it holds, and the words that broke it."""

    name: str
    holds: bool
    detail: str = ""


def check_draft(draft: Draft, words: SentenceTerms) -> list[Check]:
    """All checks of a draft; it may be shown when every one holds."""
    checks = [
        Check("has a source", bool(draft.sources) or draft.mode is AnswerMode.FIXED),
        _markers(draft),
    ]
    if draft.mode in (AnswerMode.QUOTED, AnswerMode.SELECTED):
        checks.append(_verbatim(draft))
    elif draft.mode in (AnswerMode.CURATED, AnswerMode.FIGURES):
        checks.append(_numbers(draft))
    if draft.conditions:
        lacking = conditions_not_said(draft.whole, draft.conditions, draft.language, words)
        checks.append(Check("conditions are stated", not lacking, ", ".join(lacking[:3])))
    return checks


def _markers(draft: Draft) -> Check:
    lacking = markers_without_source(draft.whole, (s.marker for s in draft.sources))
    return Check("markers have sources", not lacking, f"without source: {lacking}" if lacking else "")


def _verbatim(draft: Draft) -> Check:
    quotes = {s.marker: _plain(s.quote or "") for s in draft.sources}
    for line in draft.whole.split("\n"):
        for sentence, markers in marked_sentences(line):
            if sentence and not any(_plain(sentence) in quotes.get(m, "") for m in markers):
                return Check("sentences stand in their source", False, sentence[:80])
    return Check("sentences stand in their source", True)


def _numbers(draft: Draft) -> Check:
    """Numbers and abbreviations of each sentence stand in a source that it cites; without a marker, in any source
    of the draft."""
    loose = loose_tokens(draft.whole, {s.marker: _evidence(s) for s in draft.sources})
    return Check("numbers and names stand in their source", not loose, ", ".join(loose[:5]))


def _evidence(source: Source) -> Evidence | None:
    """The quote and the passage around it, title, publisher, heading and date; None for an address alone."""
    if source.quote is None:
        return None
    words = (source.quote, source.context, source.title, source.publisher, source.heading)
    return Evidence("\n".join(filter(None, words)), source.as_of)


def _plain(text: str) -> str:
    return " ".join(MARKER.sub("", text).split()).strip(" -•*")
