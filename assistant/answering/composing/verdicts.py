"""Yes or no: only where an approved claim carries it for what was asked, and turned round by an opposite word."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.naming import NamedThings
from assistant.languages import pack, pattern, words
from assistant.languages.statements import numbers_in
from index.values import AskedClaim, AskedHit, Claim

LEAST = 0.5
"""Cosine (whitened) below which a claim's question is not taken for the question asked."""
RIVAL = 0.02
"""A claim's question so near to the nearest one (cosine) must lead to the same verdict."""
COVERED, SURELY_COVERED = 0.6, 0.9
"""So much of the question (words by rarity) the entry holds for a claim to be stated, and for a verdict on it."""
_ABBREVIATION = re.compile(r"\b[A-ZÄÖÜ]{2,}\b")
_OPPOSITE = {"yes": "no", "no": "yes", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Given:
    """The claim that a question is about and its verdict; None where what is claimed is the fact, but which of yes
    and no it means for this question is not sure."""

    claim: Claim
    holds: str | None


class Verdicts:
    """Matches questions to the claims of an entry; `languages` are those of the programme."""

    def __init__(self, named: NamedThings, languages: Sequence[str]) -> None:
        self._named, self._languages = named, tuple(languages)
        self._either = pattern("or", self._languages, r"\b%s\b")
        self._denies = pattern("denies", self._languages, r"\b%s\b")
        self._asks = pattern("question_word", self._languages, r"\b%s\b")
        self._whether = pattern("whether", self._languages, r"\b%s\b")

    def of(self, question: str, hit: AskedHit, language: str) -> Given | None:
        """What the claims of an entry say to a question; None where it is no question for yes or no, or no claim is
        about it."""
        if hit.entry is None or not hit.claims or not self.asks_yes_or_no(question):
            return None
        top = hit.claims[0]
        covered = hit.signals["coverage"]
        if top.similarity < LEAST or covered < COVERED:
            return None
        claim = hit.entry.claims[top.number]
        read = self._verdict(question, top, language) if covered >= SURELY_COVERED else None
        if read is None and top.holds == "unknown":
            return None
        rivals = [c for c in hit.claims[1:] if c.similarity >= top.similarity - RIVAL]
        if read is not None and any(self._verdict(question, c, language) not in (read, None) for c in rivals):
            read = None
        return Given(claim, read)

    def asks_yes_or_no(self, question: str) -> bool:
        """Whether a question wants yes or no: it asks whether, or has no question word at its beginning."""
        if self._whether.search(question):
            return True
        last = [s for s in re.split(r"(?<=[.!?])\s+", question.strip()) if s][-1:]
        opening = " ".join(" ".join(last).split()[:4])
        return not self._asks.search(opening)

    def _verdict(self, question: str, asked: AskedClaim, language: str) -> str | None:
        """The verdict on a question that is nearest to a claim's; None where its polarity is not sure."""
        if asked.holds == "unknown":
            return "unknown"
        if self._either.search(question) and not self._either.search(asked.question):
            return None
        if bool(self._denies.search(question)) != bool(self._denies.search(asked.question)):
            return None
        focus = words("focus", self._languages)
        if (_words(question) & focus) ^ (_words(asked.question) & focus):
            return None
        spelt = pack(language).number_words
        if sorted(numbers_in(question, spelt)) != sorted(numbers_in(asked.question, spelt)):
            return None
        # who is compared with whom: the names in their order
        if self._named.in_order(question) != self._named.in_order(asked.question):
            return None
        shorts, others = (_ABBREVIATION.findall(text) for text in (question, asked.question))
        if [short for short in others if short in shorts] != shorts:
            return None
        turns = sum(_opposed(question, asked.question, pair) for pair in pack(language).opposites)
        return _OPPOSITE[asked.holds] if turns % 2 else asked.holds


def _words(text: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", text.lower()))


def _opposed(one: str, other: str, pair: Sequence[str]) -> bool:
    """Whether one text has a word of a pair, and the other has its opposite."""
    first, second = (
        [bool(re.search(rf"\b(?:{side})\b", text, re.IGNORECASE)) for side in pair] for text in (one, other)
    )
    return first != second and sum(first) == 1 and sum(second) == 1
