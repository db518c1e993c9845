"""What a text states: its sentences with their markers, and the numbers and abbreviations that have to stand in its
sources.

The check of a corpus and the check of an answer both ask here, so that what passes the one is not withheld by the
other.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

MARKER = re.compile(r"\[(\d+)\]")
_GROUPED = r"[1-9]\d{0,2}(?P<mark>[.,'’ \u00a0\u2009\u202f])\d{3}(?:(?P=mark)\d{3})*(?!\d)(?:[.,]\d+)?"
"""Thousands apart by one mark, whatever the language: `5.400`, `5,400`, `5 400`, `12'345.5`."""
_NUMBER = re.compile(rf"(?<![\w.,])(?:{_GROUPED}|\d[\d.,]*\d)|\b\d\b")
_CAPITALS = re.compile(r"\b[A-ZÀ-ÖØ-Þ]{2,}(?:[/-][A-ZÀ-ÖØ-Þ]+)*\b")
_AROUND = " -•*"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one source says: `words` are its quote, the passage around it, title, publisher and heading; `as_of` is
    its date."""

    words: str
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A number or abbreviation as it is written, and in the form in which all spellings of it agree."""

    written: str
    canonical: str


class SentenceTerms(Protocol):
    """Sentences of a text, and the stems of their meaning-carrying words."""

    def sentences(self, text: str, language: str) -> Sequence[str]:
        """In reading order."""
        ...

    def terms(self, text: str, language: str) -> Sequence[str]:
        """Stems."""
        ...


def marked_sentences(line: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a line with the markers that follow each; one without markers takes those of the next, what
    stands after the last has none."""
    parts: list[tuple[str, tuple[int, ...]]] = []
    position = 0
    for match in re.finditer(r"(?:\s*\[\d+\])+", line):
        sentence = line[position : match.start()].strip(_AROUND)
        parts.append((sentence, tuple(int(m) for m in MARKER.findall(match.group()))))
        position = match.end()
    if rest := line[position:].strip(_AROUND):
        parts.append((rest, ()))
    return parts


def verdict_opening(text: str, verdicts: Mapping[str, str]) -> tuple[str, str] | None:
    """`yes` or `no`, where a text begins with the word for it, and the text without that; None for others."""
    for holds, word in verdicts.items():
        if match := re.match(rf"\W*{re.escape(word)}\b\s*[,.:;!–-]*\s*", text, re.IGNORECASE):
            return holds, text[match.end() :]
    return None


def markers_without_source(text: str, given: Iterable[int]) -> list[int]:
    """The numbers of markers that no source has."""
    return sorted({int(m) for m in MARKER.findall(text)} - set(given))


def statement_tokens(text: str) -> list[Token]:
    """The numbers and abbreviations of a statement."""
    numbers = [Token(match.group(), _canonical(match)) for match in _NUMBER.finditer(text)]
    return [*numbers, *(Token(word, word) for word in _CAPITALS.findall(text))]


def numbers_in(text: str, words: Mapping[str, int]) -> list[str]:
    """The numbers of a text in canonical form, in their order; `words` are numbers as words."""
    spelt = re.sub(r"[^\W\d_]+", lambda m: str(words.get(m.group().lower(), m.group())), text)
    return [_canonical(match) for match in _NUMBER.finditer(spelt)]


def carried_tokens(evidence: Iterable[Evidence]) -> set[str]:
    """The numbers and abbreviations that sources carry, in canonical form, with the parts of their dates."""
    tokens: set[str] = set()
    for source in evidence:
        for token in statement_tokens(source.words):
            # thousands apart by a blank may as well be two numbers that follow each other
            tokens.update({token.canonical, *token.written.split()})
        for part in (source.as_of or "").split("-"):
            tokens.update({part, part.lstrip("0")})
    return tokens


def loose_tokens(text: str, evidence: Mapping[int, Evidence | None]) -> list[str]:
    """Numbers and abbreviations, as written, that stand in no source that their sentence cites; without a marker,
    in no source at all.

    `evidence` is that of each marker; None marks a source without a quote, whose words nobody can look up: its
    sentences pass.
    """
    loose: list[str] = []
    for line in text.split("\n"):
        for sentence, markers in marked_sentences(line):
            cited = [evidence[m] for m in markers if m in evidence] or list(evidence.values())
            quoted = [source for source in cited if source is not None]
            if not quoted or len(quoted) < len(cited):
                continue
            carried = carried_tokens(quoted)
            loose += [token.written for token in statement_tokens(sentence) if token.canonical not in carried]
    return list(dict.fromkeys(loose))


def conditions_not_said(text: str, conditions: Iterable[str], language: str, words: SentenceTerms) -> list[str]:
    """The conditions whose words do not stand together in one sentence of the text."""
    stated = [
        set(words.terms(sentence, language))
        for line in text.split("\n")
        for sentence in words.sentences(MARKER.sub("", line), language)
    ]
    return [c for c in conditions if not any(set(words.terms(c, language)) <= sentence for sentence in stated)]


def _canonical(match: re.Match[str]) -> str:
    number = match.group()
    if mark := match.group("mark"):
        number = number.replace(mark, "")
    return number.replace(",", ".")
