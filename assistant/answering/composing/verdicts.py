"""Yes or no: only where an approved claim carries it for what was asked, and turned round by an opposite word."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from assistant.answering.naming import NamedThings
from assistant.answering.scoring.features import Held, Near, claim_features
from assistant.answering.scoring.scorer import Linear
from assistant.answering.search import Search
from assistant.answering.values import Candidate, Interpretation
from assistant.languages import pack, pattern, words
from assistant.languages.statements import numbers_in, verdict_opening
from index.values import AskedClaim, AskedHit, Claim, CuratedEntry, Holds

COMPARED, LEAST_SHARE = 5, 0.05
"""So many of the best candidates are looked at for a claim, with at least so much of the best one's share."""
IMPLIED = 0.5
"""An approved answer that itself begins with yes or no was chosen for the question already: so much is enough."""
LEAST_ALIKE = 0.45
"""Cosine (whitened) below which shared words alone do not make a claim's question the one that was asked."""
MOST_READ = 20_000
"""So many questions are remembered as they were read."""
UNIT = 4
"""Letters by which units are told apart."""
_COUNTED = re.compile(r"(\d[\d.,]*)\s+([^\W\d_]{2,})")
HARDLY_FARTHER = 0.2
"""Cosine (whitened)."""
_ABBREVIATION = re.compile(r"\b[A-ZÄÖÜ]{2,}\b")
_OPPOSITE: Mapping[Holds, Holds] = {"yes": "no", "no": "yes", "unknown": "unknown"}


@dataclass(frozen=True, slots=True)
class Given:
    """The claim that a question is about and its verdict; None where what is claimed is the fact, but which of yes
    and no it means for this question is not sure."""

    claim: Claim
    holds: Holds | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A question for yes or no: its own words, and the whole with what it refers to."""

    own: str
    whole: str


class Verdicts:
    """Matches questions to the claims of an entry; `languages` are those of the programme, `least` are the least
    probabilities for stating a claim and for a verdict on it."""

    def __init__(
        self, search: Search, named: NamedThings, languages: Sequence[str], head: Linear, least: tuple[float, float]
    ) -> None:
        self._search, self._head, (self._stated, self._sure) = search, head, least
        self.polarity = Polarity(named, languages)
        self._languages = tuple(languages)

    def of(self, asked: Interpretation, hit: AskedHit, language: str) -> Given | None:
        """What the claims of an entry say to a question; None where it is no question for yes or no, or no claim is
        about it."""
        question = Claimed(asked.asks, asked.text)
        if hit.entry is None or not hit.claims or not self.asks_yes_or_no(question.own, language):
            return None
        top = nearest_claim(question, hit.claims, language, self.polarity)
        read = self.polarity.verdict(question, top.question, top.holds, language)
        if top.similarity < LEAST_ALIKE:
            return None
        sure = self.probability(question, hit, language)
        implied = hit.entry.claims[top.number].implied
        if sure < (IMPLIED if implied else self._stated):
            return None
        if sure < self._sure and not implied:
            read = None
        return None if read is None and top.holds == "unknown" else Given(hit.entry.claims[top.number], read)

    def best(self, asked: Interpretation, candidates: Sequence[Candidate], language: str) -> Candidate | None:
        """Of the best candidates that whose claim gives a verdict, where the first has none: of entries that are near
        alike the one that was asked for yes or no."""
        own = asked.asks
        if not pattern("question_verb", (language,), r"^\W*%s\b").match(own) or not own.endswith("?"):
            return None
        question = Claimed(asked.asks, asked.text)
        sure: list[tuple[float, Candidate]] = []
        for candidate in (c for c in candidates[:COMPARED] if c.share >= LEAST_SHARE * candidates[0].share):
            given = self.of(asked, candidate.hit, language)
            if given is not None and given.holds is not None:
                sure.append((self.probability(question, candidate.hit, language), candidate))
        return max(sure, key=lambda one: one[0])[1] if sure else None

    def probability(self, question: Claimed, hit: AskedHit, language: str) -> float:
        """That the nearest question of a claim means the same as the one asked, 0..1."""
        if hit.entry is None or not hit.claims:
            return 0.0
        find, rarity = self._search.terms, self._search.rarity
        return self._head.probability(claim_features_of(question, hit, language, self.polarity, find, rarity))

    def with_verdict(self, holds: Holds, says: str, language: str) -> str:
        """What a claim says behind yes or no; a whole sentence stays one."""
        spoken = pack(language)
        first = re.match(r"[^\W\d_]+", says)
        whole = bool(first) and first.group()[:1].isupper() and first.group().lower() in spoken.stop_words
        return f"{spoken.verdicts[holds]}{'. ' if whole else ', '}{says}"

    def without_verdict(self, text: str, language: str) -> str:
        """An answer without the yes or no that it begins with: that was said to another question."""
        opening = verdict_opening(text, pack(language).verdicts)
        return text if opening is None or not opening[1] else self.as_sentence(opening[1])

    def as_sentence(self, clause: str) -> str:
        """What a claim says, standing alone; a name of the programme keeps its first letter."""
        return clause if self.polarity.begins_with_name(clause) else clause[:1].upper() + clause[1:]

    def asks_yes_or_no(self, question: str, language: str) -> bool:
        """Whether a question wants yes or no: it asks whether, or has no question word at its beginning."""
        if pattern("whether", (language,), r"\b%s\b").search(question):
            return True
        last = [s for s in re.split(r"(?<=[.!?])\s+", question.strip()) if s][-1:]
        opening = " ".join(" ".join(last).split()[:4])
        return not pattern("question_word", (language,), r"\b%s\b").search(opening)


class Polarity:
    """Which of yes and no a claim's verdict means for another question; `named` are the names that the programme
    tells apart."""

    def __init__(self, named: NamedThings, languages: Sequence[str]) -> None:
        self._named, self._languages = named, tuple(languages)
        self._either = pattern("either", self._languages, r"\b%s")
        self._denies = pattern("denies", self._languages, r"\b%s\b")
        self._than = pattern("than", self._languages, r"\b%s\b")
        self._superlative = pattern("superlative", self._languages, r"\b%s")
        common = frozenset().union(*(pack(code).stop_words for code in self._languages))
        self._common, self._focus = (
            frozenset(map(_spelt_alike, listed)) for listed in (common, words("focus", self._languages))
        )
        self._read: dict[tuple[str, str], _Read] = {}

    def begins_with_name(self, text: str) -> bool:
        """Whether a text begins with the programme's own name."""
        return bool(self._named.own and self._named.own.match(text))

    def verdict(self, asked: Claimed, claimed: str, holds: Holds, language: str) -> Holds | None:
        """The verdict on a question that is nearest to a claim's (`claimed`), which `holds`; None where it is not
        sure: one of them denies, restricts, counts, compares or names otherwise than the other."""
        if holds == "unknown":
            return "unknown"
        one, other = self._traits(asked.own, language), self._traits(claimed, language)
        names = one.names or self._traits(asked.whole, language).names
        alike = (one.denies, one.focus, one.numbers, one.superlatives, names)
        if alike != (other.denies, other.focus, other.numbers, other.superlatives, other.names):
            return None
        if (one.either and not other.either) or not self._compare_alike(one, other):
            return None
        if any(unit != other.counted.get(number, unit) for number, unit in one.counted.items()):
            return None
        if tuple(short for short in other.shorts if short in one.shorts) != one.shorts:
            return None
        pairs = list(zip(one.sides, other.sides, strict=True))
        if any(any(own) and not any(theirs) for own, theirs in pairs):
            return None
        turns = sum(own != theirs and sum(own) == 1 and sum(theirs) == 1 for own, theirs in pairs)
        return _OPPOSITE[holds] if turns % 2 else holds

    def _compare_alike(self, one: "_Read", other: "_Read") -> bool:
        """Whether two comparisons have the same on the side of what is compared with."""
        if not (one.compared and other.compared):
            return True
        crossed = one.compared & other.before - other.compared - self._common
        return not crossed and bool(one.compared & other.compared)

    def _traits(self, text: str, language: str) -> "_Read":
        key = (text, language)
        if key not in self._read:
            if len(self._read) > MOST_READ:
                self._read.clear()
            self._read[key] = self._traits_of(text, language)
        return self._read[key]

    def _traits_of(self, text: str, language: str) -> "_Read":
        # "ein" and "one" are articles more often than numbers
        spelt = {word: n for word, n in pack(language).number_words.items() if n != 1}
        digits = re.sub(r"[^\W\d_]+", lambda m: str(spelt.get(m.group().lower(), m.group())), text)
        before, *compared = self._than.split(text, maxsplit=1)
        spellings = " ".join([text, _with_umlauts(text), _without_marks(text)])
        counted = ((m[1], m[2].lower()) for m in _COUNTED.finditer(digits))
        return _Read(
            denies=bool(self._denies.search(text)),
            either=bool(self._either.search(text)),
            focus=frozenset(_words(text) & self._focus),
            numbers=tuple(sorted(numbers_in(text, spelt))),
            counted={n: unit[:UNIT] for n, unit in counted if unit not in pack(language).stop_words},
            superlatives=frozenset(_spelt_alike(m.group()).rstrip("emnrs") for m in self._superlative.finditer(text)),
            names=tuple(dict.fromkeys(self._named.in_order(text))),
            shorts=tuple(_ABBREVIATION.findall(text)),
            sides=tuple(tuple(bool(side.search(spellings)) for side in pair) for pair in _opposites(language)),
            before=frozenset(_words(before)),
            compared=frozenset(_words(compared[0])) if compared else frozenset[str](),
        )


@dataclass(frozen=True, slots=True)
class _Read:
    """What of a question for yes or no changes what it claims: whether it denies or asks for one of two, words that
    restrict, numbers and what they count, superlatives, names and abbreviations in their order, the sides of opposites
    that it has, and what is compared with what."""

    denies: bool
    either: bool
    focus: frozenset[str]
    numbers: tuple[str, ...]
    counted: Mapping[str, str]
    superlatives: frozenset[str]
    names: tuple[str, ...]
    shorts: tuple[str, ...]
    sides: tuple[tuple[bool, ...], ...]
    before: frozenset[str]
    compared: frozenset[str]


@cache
def _opposites(language: str) -> tuple[tuple[re.Pattern[str], ...], ...]:
    return tuple(
        tuple(re.compile(rf"\b(?:{side}|{_without_marks(side)})\b", re.IGNORECASE) for side in pair)
        for pair in pack(language).opposites
    )


def nearest_claim(question: Claimed, claims: Sequence[AskedClaim], language: str, polarity: Polarity) -> AskedClaim:
    """The nearest question of a claim; of the same claim's next ones that whose polarity is sure, where it is hardly
    farther."""
    top = claims[0]
    alike = (c for c in claims if c.number == top.number and c.similarity >= top.similarity - HARDLY_FARTHER)
    return next((c for c in alike if polarity.verdict(question, c.question, c.holds, language) is not None), top)


def claim_features_of(
    question: Claimed,
    hit: AskedHit,
    language: str,
    polarity: Polarity,
    terms: Callable[[str, str], Sequence[str]],
    rarity: Callable[[str], float],
) -> dict[str, float]:
    """The features of the nearest claim's question of an entry that has claims."""
    if hit.entry is None:
        raise ValueError("a figure has no claims")
    top = nearest_claim(question, hit.claims, language, polarity)
    verdict = polarity.verdict(question, top.question, top.holds, language)
    others = [
        c.similarity
        for c in hit.claims
        if c.number != top.number or polarity.verdict(question, c.question, c.holds, language) != verdict
    ]
    near = Near(top.similarity, top.similarity - max(others, default=0.0))
    stems = tuple(dict.fromkeys(terms(question.whole, language)))
    return claim_features(stems, near, held_by(hit.entry, top, language, terms), rarity)


def held_by(entry: CuratedEntry, asked: AskedClaim, language: str, terms: Callable[[str, str], Sequence[str]]) -> Held:
    """The stems of a claim's question, of all its questions that are answered like that one, and of its entry."""

    def stems(texts: Iterable[str]) -> frozenset[str]:
        return frozenset(stem for text in texts for stem in terms(text, language))

    claim = entry.claims[asked.number]
    own = claim.asked[asked.holds].get(language, ())
    whole = [claim.says.get(language, ""), *own, *entry.questions.get(language, ()), entry.answer.get(language, "")]
    return Held(tuple(dict.fromkeys(terms(asked.question, language))), stems(own), stems(whole))


def _words(text: str) -> set[str]:
    return {_spelt_alike(word) for word in re.findall(r"[^\W\d_]+", text)}


def _with_umlauts(text: str) -> str:
    """A text whose umlauts were written as two letters, with umlauts."""
    return text.replace("ae", "ä").replace("oe", "ö").replace("ue", "ü")


def _without_marks(text: str) -> str:
    """A text without umlauts and accents."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _spelt_alike(word: str) -> str:
    """A word in the one form of all its spellings: "größer", "groesser", "grosser"."""
    return _without_marks(_with_umlauts(word.lower())).replace("ß", "ss")
