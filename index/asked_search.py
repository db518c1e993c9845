"""Snapshot -> search among what people ask: curated entries and figures, by phrasings, answers and terms."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from index.embedder import Vectors
from index.lexical import PIECE, PhrasingIndex, TermRanking, pieces
from index.query import Query
from index.ranking import Weights
from index.snapshot import Content
from index.units import entry_terms
from index.values import AskedHit, CuratedEntry, Figure

ROLES = ("phrasing", "answer", "sentence")
NEAREST_OUTSIDE = 3
"""Of so many questions outside the mean similarity counts: one alone may be near by chance."""
USUALLY_UNCOVERED = 0.3


class AskedSearch:
    """Ranks the entries and figures of one snapshot."""

    def __init__(self, folder: Path, content: Content) -> None:
        self._values: list[CuratedEntry | Figure] = [*content.entries, *content.figures]
        self.lexical = {
            lang: TermRanking.load(path) for lang in ("de", "en") if (path := folder / f"lexical-asked-{lang}").is_dir()
        }
        """The terms of entries and figures by language."""
        rows: list[tuple[int, str, str]] = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
        vectors: Vectors = np.load(folder / "asked.npy")
        inside = sum(row[1] in ROLES for row in rows)
        self._vectors, self._outside = vectors[:inside], vectors[inside:]
        owners = np.asarray([row[0] for row in rows], np.int64)
        self._roles = {
            role: np.asarray([i for i, row in enumerate(rows) if row[1] == role], np.int64) for role in ROLES
        }
        # the units stand in the order of their owners, so each owner's units of a role are one run
        self._groups = {role: np.unique(owners[units], return_index=True) for role, units in self._roles.items()}
        self._phrasings_of = np.searchsorted(owners[self._roles["phrasing"]], np.arange(len(self._values) + 1)).tolist()
        self._held: dict[tuple[int, str], frozenset[str]] = {}
        self._phrasings: list[str] = []
        languages: list[str] = []
        for value in self._values:
            for language in value.answer if isinstance(value, CuratedEntry) else value.questions:
                own = value.questions.get(language, ())
                self._phrasings += own
                languages += [language] * len(own)
        self._phrasing_words = PhrasingIndex(self._phrasings, languages)
        words: dict[str, set[str]] = {"de": set(), "en": set()}
        for text, language in zip(self._phrasings, languages, strict=True):
            words.setdefault(language, set()).update(re.findall(r"[^\W\d_]{3,}", text.lower()))
        self.vocabulary: Mapping[str, frozenset[str]] = {
            language: frozenset(found) for language, found in words.items()
        }
        """Lower-case words of the phrasings, by language."""

    def best(
        self, query: Query, vector: Vectors, weights: Weights, rarity: Callable[[str], float], count: int
    ) -> list[AskedHit]:
        """The `count` best, best first; `vector` (dimension,) is that of the question, `rarity` the inverse document frequency of a stem."""
        if not self._values:
            return []
        similarities = self._vectors @ vector
        words = self._phrasing_words.scores(query.question, query.shared)
        best: dict[str, Vectors] = {}
        for role, units in self._roles.items():
            column = np.full(len(self._values), -1.0, np.float32)
            if len(units):
                owners, starts = self._groups[role]
                column[owners] = np.maximum.reduceat(similarities[units], starts)
            best[role] = column
        answer = best["answer"]
        phrasing = np.where(best["phrasing"] > -1, best["phrasing"], answer)
        sentence = np.where(best["sentence"] > -1, best["sentence"], answer)
        by_terms = np.zeros(len(self._values), np.float32)
        for language, spelt in query.terms.items():
            index = self.lexical.get(language)
            if index is not None and spelt:
                by_terms[index.rows] = np.maximum(
                    by_terms[index.rows], query.scores(index, language, weights.foreign_share)
                )
        shared_words = np.zeros(len(self._values), np.float32)
        if len(words):
            owners, starts = self._groups["phrasing"]
            shared_words[owners] = np.maximum.reduceat(words, starts)
        w = weights
        total = w.phrasing + w.answer + w.answer_sentence
        score = (
            (w.phrasing * phrasing + w.answer * answer + w.answer_sentence * sentence) / total
            + w.entry_terms * by_terms
            + w.entry_words * shared_words
            + w.entry_offset
        )
        order = np.argsort(-score, kind="stable")[:count]
        phrasings = self._roles["phrasing"]
        asked = [
            (tongue, [(stem, pieces([stem]), rarity(stem)) for stem in dict.fromkeys(query.terms[tongue])])
            for tongue in query.shared
        ]
        hits: list[AskedHit] = []
        for owner in (int(o) for o in order):
            value = self._values[owner]
            start, end = self._phrasings_of[owner], self._phrasings_of[owner + 1]
            matched = self._phrasings[start + int(np.argmax(similarities[phrasings[start:end]]))] if end > start else ""
            hits.append(
                AskedHit(
                    value if isinstance(value, CuratedEntry) else None,
                    value if isinstance(value, Figure) else None,
                    float(score[owner]),
                    float(phrasing[owner]),
                    float(answer[owner]),
                    float(sentence[owner]),
                    float(by_terms[owner]),
                    matched,
                    partial(self._uncovered, owner, asked),
                )
            )
        return hits

    def outside(self, vector: Vectors) -> float | None:
        """Mean similarity of the nearest questions that are outside of the programme; None where the corpus names none."""
        return float(np.sort(self._outside @ vector)[-NEAREST_OUTSIDE:].mean()) if len(self._outside) else None

    def _uncovered(self, owner: int, asked: Sequence[tuple[str, Sequence[tuple[str, Sequence[str], float]]]]) -> float:
        """The least over the languages that a question may be in (stems with their pieces and rarity); a stem counts as covered by as much of its pieces as the entry holds."""
        value = self._values[owner]
        shares: list[float] = []
        for language, stems in asked:
            total = sum(weight for _, _, weight in stems)
            if language not in value.questions or not total:
                continue
            held = self._held.get((owner, language))
            if held is None:
                words = entry_terms(value, language)
                held = self._held[owner, language] = frozenset(words) | frozenset(pieces(words))
            lacking = 0.0
            for stem, parts, weight in stems:
                if stem not in held:
                    lacking += weight * (
                        1 - sum(part in held for part in parts) / len(parts) if len(stem) >= PIECE else 1
                    )
            shares.append(lacking / total)
        return min(shares, default=USUALLY_UNCOVERED)
