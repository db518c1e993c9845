"""What is measured of a question and a candidate. Each feature means the same in every language and programme.

Of a candidate (the head of the right entry):
`phrasing`, `other`, `centre`, `answer`, `sentence` and `coverage` as `AskedHit.signals` has them, and
`type` (-1 or 0): none of its phrasings asks for the kind of answer (amount, date …) that the question asks for;
`name` (-3 to 0): it is about other names than the question, where the programme sets these against each other;
`year` (-1 or 0): the question names a year of which it does not speak (a series of dated values speaks of any);
`dated` (0 or 1): the question names a year, and it is a series of dated values.

Of a question (the head of the programme's business):
the best candidate's `centre`, `other`, `answer`, `sentence` and `coverage`, and
`lead`: how far its linear value is above the mean of the next five;
`inside` (-1..1): how near the nearest phrasings of any entry are; `outside`: how much nearer those than the nearest
questions outside;
`unknown` (0..1): share of the question's words, weighted by rarity, that nothing in the index has;
`length` (0..1): its words that carry meaning, of eight at most: short questions look alike.

Of a claim's question beside the one that was asked (the head of verdicts):
`similarity` (-1..1): their cosine, whitened; `lead` (0..2): how much nearer it is than the questions of the entry's
other claims and those that are answered differently; `entry`, `claim` (0..1): share of the question's words, weighted
by rarity, that the entry and the claim hold; `back` (0..1): share of the claim's question that the question holds.

Of the best passage (the head of quoting): `similarity`, `sentence` (of its best sentence), `lead` and `margin` over
the next five
and the next, `sentence_lead`, `above_mean` (sentence over the mean of all that were compared), `terms` (0..1) and
`unknown`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from assistant.answering.naming import NamedThings
from assistant.answering.values import Candidate, Evidence
from assistant.languages import answer_type, holds_type
from index.values import AskedHit, PassageHit

YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
ENTRY = ("other", "centre", "answer", "sentence", "coverage", "type", "name", "year", "dated")
BUSINESS = ("centre", "other", "answer", "sentence", "coverage", "lead", "inside", "unknown", "length")
WITH_OUTSIDE = (*BUSINESS, "outside")
"""For a corpus that names questions outside of the programme."""
QUOTING = ("similarity", "sentence", "lead", "margin", "sentence_lead", "above_mean", "terms", "unknown")
CLAIM = ("similarity", "lead", "entry", "claim", "back")
NEXT = 5
"""So many candidates after the best are what it is compared with."""
MOST_WORDS = 8
OTHER_SCOPE = -1.5
"""`name` of an entry about a neighbour programme that the question does not name, and the other way round."""
USUAL_COVERAGE = 0.7
"""`coverage` for a question in a language that the programme does not speak: its words say nothing."""


SHORTEST_PART = 5
"""Letters of a part of a compound that counts."""


@dataclass(frozen=True, slots=True)
class Near:
    """How near a claim's question is to the one asked, and how much nearer than those that lead elsewhere."""

    similarity: float
    lead: float


@dataclass(frozen=True, slots=True)
class Held:
    """Stems of a claim's question, of all of the claim, and of its whole entry."""

    question: tuple[str, ...]
    claim: frozenset[str]
    entry: frozenset[str]


class Traits:
    """What an entry or figure is about, read from its phrasings and answers; each is computed at the first look."""

    def __init__(self, hit: AskedHit, named: NamedThings, languages: Sequence[str]) -> None:
        self._named, self._languages = named, tuple(languages)
        self._phrasings = [p for texts in hit.questions.values() for p in texts]
        self._answers = "\n".join(hit.entry.answer.values()) if hit.entry else ""
        self._dated = hit.figure is not None and any(value.as_of for value in hit.figure.values)

    @cached_property
    def about(self) -> frozenset[str]:
        """Names that it is about: neighbours of at least half of its phrasings; contrasted names of a third, or of
        one and of its answer."""
        counts = self._counts()
        total = len(self._phrasings)
        told = self._named.in_text(self._answers)
        names = {k for k, n in counts.items() if k.startswith("name") and (n * 3 >= total or k in told)}
        return frozenset(names | {k for k, n in counts.items() if k.startswith("scope") and n * 2 >= total})

    @cached_property
    def mentions(self) -> frozenset[str]:
        """Names that it holds at all."""
        return self._named.in_text("\n".join([self._answers, *self._phrasings]))

    @cached_property
    def types(self) -> frozenset[str]:
        """The kinds of answer that its phrasings ask for."""
        return frozenset(kind for p in self._phrasings if (kind := answer_type(p, self._languages)))

    @cached_property
    def years(self) -> frozenset[str]:
        """The years that it speaks of."""
        return frozenset(YEAR.findall("\n".join([self._answers, *self._phrasings])))

    @property
    def dated(self) -> bool:
        """Whether it is a series of dated values, which speaks of any year."""
        return self._dated

    @property
    def phrased(self) -> bool:
        """Whether it has phrasings, so that they can lack a kind of answer."""
        return bool(self._phrasings)

    def _counts(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        for phrasing in self._phrasings:
            for key in self._named.in_text(phrasing):
                found[key] = found.get(key, 0) + 1
        return found


def entry_features(
    hit: AskedHit, traits: Traits, question: str, kind: str | None, named: frozenset[str]
) -> dict[str, float]:
    """The features of one candidate for one question that asks for a `kind` of answer; `named` are the names in it."""
    years = frozenset(YEAR.findall(question))
    return {
        **hit.signals,
        "type": -1.0 if kind is not None and traits.phrased and kind not in traits.types else 0.0,
        "name": _other_names(named, traits),
        "dated": 1.0 if years and traits.dated else 0.0,
        "year": -1.0 if years and not traits.dated and not years & traits.years else 0.0,
    }


def passage_features(
    hit: PassageHit,
    question: str,
    kind: str | None,
    named: frozenset[str],
    names: NamedThings,
    languages: tuple[str, ...],
) -> dict[str, float]:
    """The same features of a passage, as of an entry without phrasings whose answer it is."""
    text = " ".join([*hit.passage.heading, hit.passage.text])
    sentences = [sentence.text for sentence in hit.passage.sentences]
    years = frozenset(YEAR.findall(question))
    asked = frozenset(n for n in named if n.startswith("name"))
    return {
        **hit.signals,
        "type": -1.0 if kind is not None and not holds_type(kind, sentences, languages) else 0.0,
        "name": -1.0 if asked and not asked & names.in_text(text) else 0.0,
        "dated": 0.0,
        "year": -1.0 if years and not years & frozenset(YEAR.findall(text)) else 0.0,
    }


def _other_names(named: frozenset[str], traits: Traits) -> float:
    names, scopes = _parted(named)
    own_names, own_scopes = _parted(traits.about)
    value = 0.0
    if names and own_names and not names <= own_names:
        value -= 0.5 if names & own_names else 1.0
    if own_scopes and not own_scopes & scopes:
        value += OTHER_SCOPE
    if scopes and not scopes & (own_scopes | traits.mentions):
        value += OTHER_SCOPE
    return value


def _parted(keys: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    names = frozenset(k for k in keys if k.startswith("name"))
    return names, keys - names


def business_features(evidence: Evidence, candidates: Sequence[Candidate], terms: Sequence[str]) -> dict[str, float]:
    """The features of a question whose `candidates` are weighed, best first; `terms` are its stems."""
    if not candidates:
        return {}
    top, found = candidates[0], evidence.found
    rest = [c.weight for c in candidates[1 : NEXT + 1]]
    features = {name: top.features[name] for name in ("centre", "other", "answer", "sentence", "coverage")}
    features |= {
        "lead": top.weight - sum(rest) / len(rest) if rest else 0.0,
        "inside": found.inside,
        "unknown": found.unknown,
        "length": min(1.0, len(terms) / MOST_WORDS),
    }
    if evidence.foreign:
        features |= {"coverage": USUAL_COVERAGE, "unknown": 0.0}
    if found.outside is not None:
        features["outside"] = found.inside - found.outside
    return features


def claim_features(question: Sequence[str], near: Near, held: Held, rarity: Callable[[str], float]) -> dict[str, float]:
    """The features of a claim's question `near` the one whose stems are `question`; `held` are the stems beside it."""
    return {
        "similarity": near.similarity,
        "lead": near.lead,
        "entry": _share(question, held.entry, rarity),
        "claim": _share(question, held.claim, rarity),
        "back": _share(held.question, frozenset(question), rarity),
    }


def _share(stems: Sequence[str], held: frozenset[str], rarity: Callable[[str], float]) -> float:
    """Share of stems, weighted by rarity, that are among others; a part of a long compound counts half."""
    weights = {stem: rarity(stem) for stem in stems}
    total = sum(weights.values())
    if not total:
        return 1.0
    return sum(w * (1.0 if stem in held else 0.5 * _part_of(stem, held)) for stem, w in weights.items()) / total


def _part_of(stem: str, held: frozenset[str]) -> bool:
    return any(min(len(stem), len(h)) >= SHORTEST_PART and (stem in h or h in stem) for h in held)


def quoting_features(evidence: Evidence) -> dict[str, float]:
    """The features of the best passage and its best sentence."""
    passages = evidence.passages
    if not passages:
        return {}
    scores = [p.score for p in passages]
    sentences = [max(p.sentence_similarities, default=0.0) for p in passages]
    return {
        "similarity": passages[0].similarity,
        "sentence": sentences[0],
        "lead": _lead(scores),
        "margin": scores[0] - scores[1] if len(scores) > 1 else 0.05,
        "sentence_lead": _lead(sentences),
        "above_mean": sentences[0] - evidence.found.mean_sentence_similarity,
        "terms": passages[0].terms,
        "unknown": 0.0 if evidence.foreign else evidence.found.unknown,
    }


def _lead(values: Sequence[float]) -> float:
    """The first of values over the mean of the next; a usual lead where it is alone."""
    rest = values[1 : NEXT + 1]
    return values[0] - sum(rest) / len(rest) if rest else 0.05
