"""Snapshot -> search among what people ask: curated entries and figures, by phrasings, answers and words."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors
from index.lexical import Coverage, terms
from index.question_space import QuestionSpace, StoredSpace, best_of, owner_means, runs, shrunk_mean, unit
from index.ranking import Weights
from index.snapshot import Content
from index.units import asked_units, claim_questions, entry_terms
from index.values import AskedClaim, AskedHit, CuratedEntry, Figure

ANSWER_SHARE = 0.5
"""In the centre of an entry its answer counts as much as half a phrasing: with no phrasing it is the centre."""
DETAILED = 12
"""Of so many of the best the sentences and claims are compared too."""
LOOKED_AT = 200
"""The nearest phrasings are found among so many of the best by whitened similarity."""
NEAREST = 3
"""Of so many questions, inside or outside, the mean similarity counts: one alone may be near by chance."""
ROLES = ("phrasing", "answer", "sentence", "claim")


@dataclass(frozen=True, slots=True)
class _Units:
    """The units of one role and language, in the order of their owners."""

    vectors: Vectors
    owners: NDArray[np.int64]
    starts: NDArray[np.int64]

    def best(self, question: Vectors, count: int) -> Vectors:
        """The similarity of each owner's best unit (count,); NaN where it has none."""
        return best_of(self.vectors @ question, self.owners, self.starts, count)

    def of(self, owner: int) -> slice:
        """The rows of an owner."""
        run = int(np.searchsorted(self.owners, owner))
        if run == len(self.owners) or self.owners[run] != owner:
            return slice(0, 0)
        return slice(int(self.starts[run]), int(self.starts[run + 1]) if run + 1 < len(self.starts) else None)


@dataclass(frozen=True, slots=True)
class _Question:
    """The vector (dimension,) of a question, whitened and centred."""

    whitened: Vectors
    centred: Vectors


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near a question is to what the corpus answers, and to what it names as outside: mean cosines of the
    nearest, -1..1."""

    inside: float
    outside: float | None


class AskedSearch:
    """Ranks the entries and figures of one snapshot."""

    def __init__(
        self,
        values: Sequence[CuratedEntry | Figure],
        rows: Sequence[tuple[int, str, str]],
        vectors: Vectors,
        stored: StoredSpace,
        languages: Sequence[str],
    ) -> None:
        """`rows` are owner, role and language of each of `vectors` (n, dimension), in the order of `asked_units`."""
        self._values = list(values)
        self._languages = tuple(languages)
        owners = np.asarray([row[0] for row in rows], np.int64)
        roles = np.asarray([row[1] for row in rows], np.str_)
        tongues = np.asarray([row[2] for row in rows], np.str_)
        vectors = vectors.reshape(len(rows), len(stored.question_mean))
        phrased = roles == "phrasing"
        self.space = QuestionSpace(vectors[phrased], owners[phrased], len(self._values), stored)
        self._whitened = self.space.whitened(vectors[phrased])
        answers = vectors[roles == "answer"]
        answer_mean = shrunk_mean(answers, stored.passage_mean)
        sentence_mean = shrunk_mean(vectors[roles == "sentence"], stored.passage_mean)
        spaces = {
            "phrasing": lambda part: self.space.whitened(part),
            "answer": lambda part: unit(part - answer_mean),
            "sentence": lambda part: unit(part - sentence_mean),
        }
        spaces["claim"] = spaces["phrasing"]
        spelt = [u.unit.text for u in asked_units(*_by_kind(self._values), {})]
        self._units: dict[tuple[str, str], _Units] = {}
        self._texts: dict[tuple[str, str], list[str]] = {}
        for role in ROLES:
            for language in self._languages:
                wanted = (roles == role) & (tongues == language)
                part = vectors[wanted] if role != "phrasing" else vectors[:0]  # compared with all phrasings at once
                self._units[role, language] = _Units(spaces[role](part), *runs(owners[wanted]))
                self._texts[role, language] = [spelt[n] for n in np.flatnonzero(wanted)]
        tongue_of_phrasing = tongues[phrased]
        self._rows = {c: np.flatnonzero(tongue_of_phrasing == c) for c in self._languages}
        self._plain = [_Units(vectors[roles == role], *runs(owners[roles == role])) for role in ("phrasing", "answer")]
        centres = _sums(self._whitened, owners[phrased], len(self._values))
        told = self.space.whitened_passages(answers, answer_mean)
        centres += ANSWER_SHARE * _sums(told, owners[roles == "answer"], len(self._values))
        self._centres = unit(centres)
        self._inside = (
            unit(vectors[phrased] - stored.question_mean) if phrased.any() else unit(answers - stored.passage_mean)
        )
        self._outside = unit(vectors[roles == "outside"] - stored.question_mean)
        self._question_mean = stored.question_mean
        self._phrasings, owners_of_phrasings = _phrasings(self._values)
        self._rows_of_phrasings = np.searchsorted(owners_of_phrasings, np.arange(len(self._values) + 1))
        self.coverage = {
            language: Coverage([frozenset(entry_terms(value, language)) for value in self._values])
            for language in self._languages
        }
        """How much of a question each entry holds, by language."""
        self.vocabulary: Mapping[str, frozenset[str]] = _vocabulary(self._values, self._languages)
        """Lower-case words of the phrasings and answers, by language."""
        self._identical = {
            _identity(text): owner for text, owner in zip(self._phrasings, owners_of_phrasings.tolist(), strict=True)
        }
        for owner, value in enumerate(self._values):
            asked = [claim_questions(value, c) for c in value.answer] if isinstance(value, CuratedEntry) else []
            for _, _, text in (one for listed in asked for one in listed):
                self._identical.setdefault(_identity(text), owner)

    def look(
        self, question: str, vector: Vectors, language: str, weights: Weights, count: int
    ) -> tuple[list[AskedHit], Nearness]:
        """The `count` best, best first, and how near the question is to what is asked at all; `vector` (dimension,)
        is that of the question, which is in `language`."""
        if not self._values:
            return [], self.nearness(vector)
        inside = _Question(self.space.whitened(vector[None])[0], self.space.centred(vector[None])[0])
        phrased = self._whitened @ inside.whitened
        signals = self._signals(question, inside, phrased, language)
        score = weights.of_entries(signals)
        order = np.argsort(-score, kind="stable")[:count]
        identical = self._identical.get(_identity(question))
        hits: list[AskedHit] = []
        for place, owner in enumerate(int(o) for o in order):
            value = self._values[owner]
            first, end = (int(row) for row in self._rows_of_phrasings[owner : owner + 2])
            near = place < DETAILED or owner == identical
            hits.append(
                AskedHit(
                    entry=value if isinstance(value, CuratedEntry) else None,
                    figure=value if isinstance(value, Figure) else None,
                    score=float(score[owner]),
                    signals={name: float(column[owner]) for name, column in signals.items()},
                    matched=self._phrasings[first + int(np.argmax(phrased[first:end]))] if end > first else "",
                    identical=owner == identical,
                    sentences=self._near_sentences(owner, language, inside.centred) if near else {},
                    claims=self._near_claims(owner, language, inside.whitened) if near else (),
                )
            )
        return hits, self.nearness(vector, phrased)

    def best(self, question: str, vector: Vectors, language: str, weights: Weights, count: int) -> list[AskedHit]:
        """The hits of `look` alone."""
        return self.look(question, vector, language, weights, count)[0]

    def signals(self, question: str, vector: Vectors, language: str) -> dict[str, Vectors]:
        """What is measured of each entry and figure, by name (n,): see `AskedHit.signals`."""
        inside = _Question(self.space.whitened(vector[None])[0], self.space.centred(vector[None])[0])
        return self._signals(question, inside, self._whitened @ inside.whitened, language)

    def _signals(self, question: str, inside: "_Question", phrased: Vectors, language: str) -> dict[str, Vectors]:
        count = len(self._values)
        centred = inside.centred
        own = self._own(language)
        others = [code for code in self._languages if code != own]
        phrasing = self._best_phrasing(phrased, own)
        foreign = _largest([self._best_phrasing(phrased, code) for code in others], count)
        answer = self._told("answer", centred, own, others)
        sentence = self._told("sentence", centred, own, others)
        centre = self._centres @ inside.whitened
        phrasing = np.where(np.isnan(phrasing), foreign, phrasing)
        phrasing = np.where(np.isnan(phrasing), answer, phrasing)
        answer = np.where(np.isnan(answer), centre, answer)
        phrasing = np.where(np.isnan(phrasing), answer, phrasing)
        return {
            "phrasing": phrasing,
            "other": np.where(np.isnan(foreign), phrasing, foreign),
            "centre": centre,
            "answer": answer,
            "sentence": np.where(np.isnan(sentence), answer, sentence),
            "coverage": self.coverage[own].scores(terms(question, own)),
        }

    def _best_phrasing(self, phrased: Vectors, language: str) -> Vectors:
        """The largest similarity of each owner's phrasings in a language (count,); NaN where it has none."""
        runs_of = self._units["phrasing", language]
        return best_of(phrased[self._rows[language]], runs_of.owners, runs_of.starts, len(self._values))

    def _own(self, language: str) -> str:
        """The language of the texts that a question in a language is compared with first."""
        return language if language in self._languages else self._languages[0]

    def _near_sentences(self, owner: int, language: str, question: Vectors) -> dict[str, float]:
        units = self._units["sentence", self._own(language)]
        rows = units.of(owner)
        texts = self._texts["sentence", self._own(language)][rows]
        return dict(zip(texts, (units.vectors[rows] @ question).tolist(), strict=True))

    def _near_claims(self, owner: int, language: str, question: Vectors) -> tuple[AskedClaim, ...]:
        value = self._values[owner]
        if isinstance(value, Figure) or not value.claims:
            return ()
        units = self._units["claim", self._own(language)]
        similarities = (units.vectors[units.of(owner)] @ question).tolist()
        asked = claim_questions(value, self._own(language))
        near = [AskedClaim(*one, s) for one, s in zip(asked, similarities, strict=True)]
        return tuple(sorted(near, key=lambda claim: -claim.similarity))

    def nearness(self, vector: Vectors, phrased: Vectors | None = None) -> Nearness:
        """How near a question is to the nearest of what is answered, and to the nearest outside; where `phrased`
        (whitened similarities of all phrasings) is known, the nearest are looked for among the best by it."""
        asked = unit((vector - self._question_mean)[None])[0]
        known = self._inside
        if phrased is not None and len(known) == len(phrased) > LOOKED_AT:
            known = known[np.argpartition(-phrased, LOOKED_AT)[:LOOKED_AT]]
        inside = _nearest_mean(known @ asked)
        return Nearness(inside, _nearest_mean(self._outside @ asked) if len(self._outside) else None)

    def plain_cosine(self, vector: Vectors) -> Vectors:
        """What a plain vector search would rank by (n,): the cosine of the nearest phrasing, of the answer without
        one."""
        count = len(self._values)
        phrasing, answer = (best_of(plain.vectors @ vector, plain.owners, plain.starts, count) for plain in self._plain)
        told = np.where(np.isnan(phrasing), answer, phrasing)
        return np.where(np.isnan(told), np.float32(-1), told)

    def _told(self, role: str, question: Vectors, own: str, others: Sequence[str]) -> Vectors:
        """The best unit of a role in the question's language, else in any other."""
        count = len(self._values)
        first = self._units[role, own].best(question, count)
        if not np.isnan(first).any():
            return first
        return np.where(
            np.isnan(first), _largest([self._units[role, c].best(question, count) for c in others], count), first
        )


def open_asked_search(folder: Path, content: Content, stored: StoredSpace, languages: Sequence[str]) -> AskedSearch:
    """The search of a snapshot's folder."""
    rows: list[tuple[int, str, str]] = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    vectors: Vectors = np.load(folder / "asked.npy")
    return AskedSearch(content.asked, rows, vectors, stored, languages)


def _by_kind(values: Sequence[CuratedEntry | Figure]) -> tuple[list[CuratedEntry], list[Figure]]:
    return [v for v in values if isinstance(v, CuratedEntry)], [v for v in values if isinstance(v, Figure)]


def _sums(vectors: Vectors, owners: NDArray[np.int64], count: int) -> Vectors:
    sizes = np.bincount(owners, minlength=count)[:, None].astype(np.float32)
    return owner_means(vectors, owners, count) * sizes


def _largest(columns: Sequence[Vectors], count: int) -> Vectors:
    """The largest of several columns, NaN where all are."""
    return np.fmax.reduce(list(columns)) if columns else np.full(count, np.nan, np.float32)


def _nearest_mean(similarities: Vectors) -> float:
    """The mean of the largest few."""
    few = min(NEAREST, len(similarities))
    return float(np.partition(similarities, len(similarities) - few)[len(similarities) - few :].mean()) if few else 0.0


def _phrasings(values: Sequence[CuratedEntry | Figure]) -> tuple[list[str], NDArray[np.int64]]:
    """All phrasings in the order of their units, and whose they are."""
    texts: list[str] = []
    owners: list[int] = []
    for number, value in enumerate(values):
        for language in value.answer if isinstance(value, CuratedEntry) else value.questions:
            own = value.questions.get(language, ())
            texts += own
            owners += [number] * len(own)
    return texts, np.asarray(owners, np.int64)


def _vocabulary(values: Sequence[CuratedEntry | Figure], languages: Sequence[str]) -> dict[str, frozenset[str]]:
    words: dict[str, set[str]] = {language: set() for language in languages}
    for value in values:
        told = value.answer if isinstance(value, CuratedEntry) else value.title
        for language in languages:
            for text in (*value.questions.get(language, ()), told.get(language, "")):
                words[language].update(re.findall(r"[^\W\d_]{3,}", text.lower()))
    return {language: frozenset(found) for language, found in words.items()}


def _identity(text: str) -> str:
    """A question without case, marks and spacing: what is asked in exactly an editor's words."""
    return " ".join(re.findall(r"\w+", text.lower()))
