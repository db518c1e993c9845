"""Every statement against its source; what is not carried is not shown. Fails closed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from assistant.answering.answer import AnswerMode, Draft, Source

MARKER = re.compile(r"\[(\d+)\]")
_NUMBER = re.compile(r"(?<![\w.,])\d[\d.,]*\d|\b\d\b")
_CAPITALS = re.compile(r"\b[A-ZÄÖÜ]{2,}(?:[/-][A-ZÄÖÜ]+)*\b")
_SENTENCE_END = re.compile(r"(?<=[.!?])(?P<marks>(?:\s*\[\d+\])*)(?=\s|$)")


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found: its name, whether it holds, and the words that broke it."""

    name: str
    holds: bool
    detail: str = ""


class SentenceTerms(Protocol):
    """Sentences of a text, and the stems of their meaning-carrying words."""

    def sentences(self, text: str, language: str) -> Sequence[str]:
        """In reading order."""
        ...

    def terms(self, text: str, language: str) -> Sequence[str]:
        """Stems."""
        ...


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
        checks.append(_conditions(draft, words))
    return checks


def _markers(draft: Draft) -> Check:
    used = {int(m) for m in MARKER.findall(draft.text)}
    given = {s.marker for s in draft.sources}
    return Check(
        "markers have sources", used <= given, f"without source: {sorted(used - given)}" if used - given else ""
    )


def _verbatim(draft: Draft) -> Check:
    quotes = {s.marker: _plain(s.quote or "") for s in draft.sources}
    for line in draft.text.split("\n"):
        for sentence, markers in marked_sentences(line):
            if sentence and not any(_plain(sentence) in quotes.get(m, "") for m in markers):
                return Check("sentences stand in their source", False, sentence[:80])
    return Check("sentences stand in their source", True)


def _numbers(draft: Draft) -> Check:
    """Numbers and abbreviations of each sentence stand in the quote, title or date of a source it cites; without a marker, of any source of the draft."""
    by_marker = {s.marker: s for s in draft.sources}
    for line in draft.text.split("\n"):
        for sentence, markers in marked_sentences(line):
            cited = [by_marker[m] for m in markers if m in by_marker] or list(draft.sources)
            if not cited or any(s.quote is None for s in cited):
                continue
            carried = carried_tokens(cited)
            if loose := [t for t in statement_tokens(sentence) if t not in carried]:
                return Check("numbers and names stand in their source", False, ", ".join(loose[:5]))
    return Check("numbers and names stand in their source", True)


def _conditions(draft: Draft, words: SentenceTerms) -> Check:
    """Each condition that must be stated: its words stand together in one sentence."""
    stated = [
        set(words.terms(s, draft.language))
        for line in draft.text.split("\n")
        for s in words.sentences(MARKER.sub("", line), draft.language)
    ]
    lacking = [
        c for c in draft.conditions if not any(set(words.terms(c, draft.language)) <= sentence for sentence in stated)
    ]
    return Check("conditions are stated", not lacking, ", ".join(lacking[:3]))


def marked_sentences(line: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a line with the markers that follow each; one without markers takes those of the next, what stands after the last has none."""
    parts: list[tuple[str, tuple[int, ...]]] = []
    position = 0
    for match in re.finditer(r"(?:\s*\[\d+\])+", line):
        sentence = line[position : match.start()].strip(" -•*")
        parts.append((sentence, tuple(int(m) for m in MARKER.findall(match.group()))))
        position = match.end()
    if rest := line[position:].strip(" -•*"):
        parts.append((rest, ()))
    return parts


def statement_tokens(text: str) -> list[str]:
    """Numbers (thousands marks removed) and abbreviations of a statement."""
    numbers = [_canonical(n) for n in _NUMBER.findall(text)]
    return [*numbers, *_CAPITALS.findall(text)]


def carried_tokens(sources: Sequence[Source]) -> set[str]:
    """What the sources carry: the tokens of the quote and the passage around it, of title, publisher, heading and date."""
    tokens: set[str] = set()
    for s in sources:
        tokens.update(statement_tokens(" ".join(filter(None, (s.quote, s.context, s.title, s.publisher, s.heading)))))
        for part in (s.as_of or "").split("-"):
            tokens.update({part, part.lstrip("0")})
    return tokens


def _canonical(number: str) -> str:
    number = number.rstrip(".,")
    return re.sub(r"(?<=\d)[.,](?=\d{3}(?:\D|$))", "", number).replace(",", ".")


def _plain(text: str) -> str:
    return " ".join(MARKER.sub("", text).split()).strip(" -•*")
