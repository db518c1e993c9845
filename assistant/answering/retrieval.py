"""Candidates for a question: passages, curated entries and figures that hold today, neighbours and homonyms told apart."""

import datetime
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from assistant.answering.answer_type import answer_type, holds_type
from assistant.answering.search import Search
from index.values import AskedHit, CuratedEntry, Figure, Found, NamedScope, PassageHit, Programme

NEIGHBOUR_PENALTY = 0.06
"""Taken from an entry about a neighbour programme that the question does not name."""
CONTRAST = 0.04
"""Taken from an entry about other names than the question's, where the programme sets these names against each other (half of it where one of several lacks)."""
WHOLE_ANSWER = 0.008
"""Given to an entry that answers wholly: near a tie it serves better than one that says what is not known. Fitted on every second own question."""
YEAR_ABSENT = 0.03
"""Taken from an entry that answers wholly and speaks of none of the years that the question names."""
YEAR_ASKED = 0.03
"""Given to a figure when the question names a year: its values are dated, an entry's text seldom is."""
OTHER_TYPE = 0.015
"""Taken from an entry none of whose phrasings asks for the type of answer (amount, date, number …) that the question asks for."""
OWN_WEIGHT = 0.35
"""Weight of what a follow-up says by itself, against the question completed from the turns before."""
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
Patterns = Sequence[re.Pattern[str] | None]
"""Patterns of names by number; None where the programme gives no name."""


@dataclass(frozen=True, slots=True)
class AskedCandidate:
    """A curated entry or figure; `score` is the search's score after neighbours were told apart."""

    hit: AskedHit
    score: float
    about: frozenset[str] = frozenset()
    """The contrasted names and neighbour programmes that it is about."""

    @property
    def id(self) -> str:
        """Id of the entry or figure."""
        return self.hit.id


@dataclass(frozen=True, slots=True)
class Candidates:
    """Everything a decision looks at, best first."""

    question: str
    language: str
    found: Found
    asked: tuple[AskedCandidate, ...]
    passages: tuple[PassageHit, ...]
    neighbours: tuple[NamedScope, ...]
    """Neighbour programmes that the question names."""
    named: frozenset[str]
    """The contrasted names and neighbour programmes that the question names, in the terms of `AskedCandidate.about`."""
    homonym: NamedScope | None
    """A homonym that the question names."""


class Retriever:
    """Finds candidates; `today` decides what is valid."""

    def __init__(
        self, search: Search, programme: Programme, today: Callable[[], datetime.date] = datetime.date.today
    ) -> None:
        self._search, self._programme, self._today = search, programme, today
        self._neighbours = [(scope, name_pattern(scope.terms)) for scope in programme.neighbours]
        self._homonyms = [(scope, name_pattern(scope.terms)) for scope in programme.homonyms]
        self._contrasts = [name_pattern(names) for names in programme.contrasts]
        self._traits: dict[str, _Traits] = {}

    def retrieve(self, question: str, language: str) -> Candidates:
        """The candidates for a self-contained question in `language`."""
        today = self._today().isoformat()
        found = self._search.search(
            calm(question), language, count=20, usable=lambda d: is_valid(d.valid_from, d.valid_until, today)
        )
        neighbours = [n for n, (_, pattern) in enumerate(self._neighbours) if pattern and pattern.search(question)]
        homonym = next((scope for scope, pattern in self._homonyms if pattern and pattern.search(question)), None)
        kind = answer_type(question)
        named = frozenset(n for n, pattern in enumerate(self._contrasts) if pattern and pattern.search(question))
        years = frozenset(_YEAR.findall(question))
        asked: list[AskedCandidate] = []
        for hit in found.asked:
            if hit.entry is not None and not is_valid(None, hit.entry.valid_until, today):
                continue
            traits = self._traits_of(hit)
            score = hit.score - CONTRAST * traits.contrast(named)
            if traits.scopes and traits.scopes.isdisjoint(neighbours):
                score -= NEIGHBOUR_PENALTY
            if neighbours and traits.scopes.isdisjoint(neighbours) and traits.mentions.isdisjoint(neighbours):
                score -= NEIGHBOUR_PENALTY
            if kind is not None and kind not in traits.types:
                score -= OTHER_TYPE
            if hit.entry is not None and hit.entry.status == "answered":
                score += WHOLE_ANSWER
                if years and not years & traits.years:
                    score -= YEAR_ABSENT
            if years and hit.figure is not None:
                score += YEAR_ASKED
            asked.append(AskedCandidate(hit, score, traits.about))
        asked.sort(key=lambda c: -c.score)
        return Candidates(
            question=question,
            language=language,
            found=found,
            asked=tuple(asked),
            passages=tuple(found.passages),
            neighbours=tuple(self._neighbours[n][0] for n in neighbours),
            named=_about(named, neighbours),
            homonym=homonym,
        )

    def _traits_of(self, hit: AskedHit) -> "_Traits":
        if hit.id not in self._traits:
            self._traits[hit.id] = _Traits(hit, [pattern for _, pattern in self._neighbours], self._contrasts)
        return self._traits[hit.id]


def _about(names: Iterable[int], scopes: Iterable[int]) -> frozenset[str]:
    return frozenset([*(f"name {n}" for n in names), *(f"scope {n}" for n in scopes)])


class _Traits:
    """What an entry or figure is about, read from its phrasings and answers; each is computed at the first look."""

    def __init__(self, hit: AskedHit, neighbours: Patterns, contrasts: Patterns) -> None:
        self._neighbours, self._contrasts = neighbours, contrasts
        asked = hit.entry or hit.figure
        self._phrasings = [p for texts in (asked.questions if asked else {}).values() for p in texts]
        self._answers = "\n".join(hit.entry.answer.values()) if hit.entry else ""

    @cached_property
    def scopes(self) -> frozenset[int]:
        """The neighbour programmes that it is about: those named in at least half of its phrasings."""
        return frozenset(
            n
            for n, count in self._counts(self._neighbours).items()
            if self._phrasings and count * 2 >= len(self._phrasings)
        )

    @cached_property
    def mentions(self) -> frozenset[int]:
        """The neighbour programmes that it names at all."""
        text = "\n".join([self._answers, *self._phrasings])
        return frozenset(n for n, pattern in enumerate(self._neighbours) if pattern and pattern.search(text))

    @cached_property
    def types(self) -> frozenset[str]:
        """The types of answer that its phrasings ask for."""
        return frozenset(kind for p in self._phrasings if (kind := answer_type(p)))

    @cached_property
    def years(self) -> frozenset[str]:
        """The years that it speaks of."""
        return frozenset(_YEAR.findall("\n".join([self._answers, *self._phrasings])))

    @cached_property
    def about(self) -> frozenset[str]:
        """Both kinds of names, as `AskedCandidate.about` has them."""
        return _about(self.names, self.scopes)

    def contrast(self, named: frozenset[int]) -> float:
        """1 where it is about other names than the question's, 0.5 where it lacks one of several, else 0."""
        return 0.0 if not named or not self.names or named <= self.names else 0.5 if named & self.names else 1.0

    @cached_property
    def names(self) -> frozenset[int]:
        """The contrasted names that it is about: those of many of its phrasings, or of some and of its answer."""
        counts = self._counts(self._contrasts).items()
        return frozenset(
            n
            for n, count in counts
            if count * 3 >= len(self._phrasings)
            or (count and (pattern := self._contrasts[n]) and pattern.search(self._answers))
        )

    def _counts(self, patterns: Patterns) -> dict[int, int]:
        return {
            n: sum(bool(pattern.search(p)) for p in self._phrasings) for n, pattern in enumerate(patterns) if pattern
        }


ALREADY_GIVEN = 0.03
"""Taken from an entry that the last turns gave already: a follow-up asks for something else."""
STILL_MEANT = 0.03
"""Given instead to the entry of the last turn where a bare "Since when?" asks for what its answer holds; half of it where the question has words of its own."""


def in_view_of(
    candidates: Candidates, alone: Candidates | None, given: frozenset[str], still: str | None = None
) -> Candidates:
    """Candidates of a completed follow-up, ranked also by what the follow-up says by itself.

    Entries of `given` were said already and lose, except `still`, whose answer holds what a follow-up without words of its own asks for.
    """
    own = {c.id: c.hit.score for c in alone.asked} if alone is not None else {}
    least = min(own.values(), default=0.0)

    def score(candidate: AskedCandidate) -> float:
        mixed = (
            (1 - OWN_WEIGHT) * candidate.score + OWN_WEIGHT * own.get(candidate.id, least) if own else candidate.score
        )
        return (
            mixed + STILL_MEANT / (2 if own else 1)
            if candidate.id == still
            else mixed - ALREADY_GIVEN * (candidate.id in given)
        )

    return replace(
        candidates, asked=tuple(sorted((replace(c, score=score(c)) for c in candidates.asked), key=lambda c: -c.score))
    )


def holds_what_is_asked(entry: CuratedEntry | Figure | None, question: str, language: str, *, sure: bool) -> bool:
    """Whether the answer of an entry holds a thing of the type that a question asks for; False where the type does not show.

    `sure` leaves out persons and places, which have no sure sign in a text.
    """
    kind = answer_type(question)
    answers: Mapping[str, str] | None = getattr(entry, "answer", None)
    if kind is None or (sure and kind in ("person", "place")) or answers is None:
        return False
    return holds_type(kind, [answers.get(language, "")])


def is_valid(valid_from: str | None, valid_until: str | None, today: str) -> bool:
    """Whether something holds on a day; dates may be years or months and count whole."""
    return (valid_from is None or valid_from <= today) and (
        valid_until is None or valid_until >= today[: len(valid_until)]
    )


def calm(question: str) -> str:
    """A question shouted in capitals is embedded in ordinary letters: the model tells them apart."""
    letters = [c for c in question if c.isalpha()]
    shouted = len(letters) > 8 and sum(c.isupper() for c in letters) > 0.8 * len(letters)
    return question.lower() if shouted else question


def phrasing_of(asked: CuratedEntry | Figure, language: str) -> str:
    """The first phrasing in a language, else in any."""
    texts = asked.questions.get(language) or next(iter(asked.questions.values()), [""])
    return texts[0]


def name_pattern(terms: Sequence[str]) -> re.Pattern[str] | None:
    """Any of several names as a whole word, with hyphen or blank and the usual endings; None for no names."""
    if not terms:
        return None
    joined = "|".join(
        re.escape(term).replace(r"\-", "[- ]?").replace(r"\ ", "[- ]") for term in sorted(terms, key=len, reverse=True)
    )
    return re.compile(rf"(?<![^\W_])(?:{joined})(?:s|es|en|n|e|er)?(?![^\W_])", re.IGNORECASE)
