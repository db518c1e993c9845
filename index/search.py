"""Snapshot -> search: one ranking from passages, their best sentences, terms, curated entries and figures."""

import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from index.embedder import Embedder
from index.language import ENGLISH_WORDS, GERMAN_WORDS, language_weights
from index.lexical import PIECE, PhrasingIndex, TermRanking, fold, pieces, terms
from index.passage_index import PassageIndex, StoreError, open_passage_index
from index.passages import normalised, split_sentences
from index.ranking import Weights, load_weights
from index.snapshot import Content, Manifest, SnapshotError, read_manifest
from index.sources import CuratedEntry, Figure, Passage, SourceDocument
from index.units import entry_terms

DEPTH = 200
"""So many of the nearest passages are compared sentence by sentence; more changed no first hit on any measured set."""
ASKED_COUNT = 40
"""So many curated entries and figures are given back at least."""
USUALLY_UNCOVERED = 0.3
TERM_DEPTH = 40
"""So many of the best by terms alone are compared too."""

Vectors = NDArray[np.float32]
Rerank = Callable[[str, Sequence[str]], Sequence[float]]
Kind = Literal["passage", "entry", "figure"]


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage with its scores; `sentence_similarities` are in the order of its sentences."""

    passage: Passage
    document: SourceDocument
    score: float
    similarity: float
    sentence_similarities: tuple[float, ...]
    terms: float

    @property
    def best_sentence(self) -> int:
        """Number of the most similar sentence."""
        return int(np.argmax(self.sentence_similarities)) if self.sentence_similarities else 0


@dataclass(frozen=True, slots=True)
class AskedHit:
    """A curated entry or figure with its scores."""

    entry: CuratedEntry | None
    figure: Figure | None
    score: float
    phrasing: float
    answer: float
    sentence: float
    terms: float
    matched: str
    lacking: Callable[[], float] = field(repr=False, compare=False)
    """Computes `uncovered`: few of the hits are asked for it."""

    @property
    def uncovered(self) -> float:
        """Share of the question's terms, weighted by rarity, that no phrasing and no answer of it holds (0.3, the usual, where it has no text in the question's language)."""
        return self.lacking()

    @property
    def id(self) -> str:
        """Id of the entry or figure."""
        return self.entry.id if self.entry else self.figure.id if self.figure else ""


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place in the one ranking: translations of a content are one."""

    kind: Kind
    document: str
    passage: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first, and statistics that a decision needs."""

    question: str
    language: str
    passages: tuple[PassageHit, ...]
    asked: tuple[AskedHit, ...]
    ranked: tuple[Ranked, ...]
    mean_similarity: float
    mean_sentence_similarity: float
    rarity: dict[str, float]
    embed_ms: float
    search_ms: float


class SnapshotSearch:
    """Searches one opened snapshot. `embedder` must be the one that the snapshot was built with."""

    def __init__(self, folder: Path, manifest: Manifest, content: Content, passages: PassageIndex, embedder: Embedder, weights: Weights, *, rerank: Rerank | None = None) -> None:
        self.depth = DEPTH
        """How many of the nearest passages are compared sentence by sentence."""
        self.folder, self.manifest, self.content = folder, manifest, content
        self._index, self._embedder, self.weights, self._rerank = passages, embedder, weights, rerank
        self._passages: Vectors = mapped(folder / "passages.npy")
        self._sentences: Vectors = mapped(folder / "sentences.npy")
        self._first: NDArray[np.int64] = np.load(folder / "first_sentence.npy")
        self._asked: Vectors = np.load(folder / "asked.npy")
        self._document_of: NDArray[np.int32] = np.load(folder / "passage_document.npy")
        self._documents = list(content.documents.values())
        self._lexical = {lang: TermRanking.load(path) for lang in ("de", "en") if (path := folder / f"lexical-{lang}").is_dir()}
        self._lexical_asked = {lang: TermRanking.load(path) for lang in ("de", "en") if (path := folder / f"lexical-asked-{lang}").is_dir()}
        rows: list[tuple[int, str, str]] = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
        self._owners = len(content.entries) + len(content.figures)
        self._roles = {role: np.asarray([i for i, row in enumerate(rows) if row[1] == role], np.int64) for role in ("phrasing", "answer", "sentence")}
        self._owner_of = np.asarray([row[0] for row in rows], np.int64)
        # The units stand in the order of their owners, so each owner's units of a role are one run.
        self._groups = {role: np.unique(self._owner_of[units], return_index=True) for role, units in self._roles.items()}
        self._phrasings_of = np.searchsorted(self._owner_of[self._roles["phrasing"]], np.arange(self._owners + 1)).tolist()
        self._versions = {(d.translation_of or d.id, d.language): d for d in self._documents}
        self._held: dict[tuple[int, str], frozenset[str]] = {}
        self._quoted: dict[tuple[str, str], Passage | None] = {}
        self._phrasings: list[str] = []
        languages: list[str] = []
        values: list[CuratedEntry | Figure] = [*content.entries, *content.figures]
        for value in values:
            for language in value.answer if isinstance(value, CuratedEntry) else value.questions:
                own = value.questions.get(language, ())
                self._phrasings += own
                languages += [language] * len(own)
        self._phrasing_words = PhrasingIndex(self._phrasings, languages)
        words: dict[str, set[str]] = {"de": set(), "en": set()}
        for text, language in zip(self._phrasings, languages, strict=True):
            words.setdefault(language, set()).update(re.findall(r"[^\W\d_]{3,}", text.lower()))
        self.vocabulary: Mapping[str, frozenset[str]] = {language: frozenset(found) for language, found in words.items()}
        """Lower-case words of the phrasings, by language; they tell languages apart and what a mistyped word may have meant."""

    def search(self, question: str, language: str | None = None, *, count: int = 20, usable: Callable[[SourceDocument], bool] | None = None) -> Found:
        """The `count` best passages and entries for a question; `language` is a hint; `usable` filters documents (validity)."""
        begin = time.perf_counter()
        vector = self._embedder.embed_questions([question])[0]
        embedded = time.perf_counter()
        found = self.search_vector(question, vector, language, count=count, usable=usable)
        return _timed(found, (embedded - begin) * 1e3, (time.perf_counter() - embedded) * 1e3)

    def search_vector(self, question: str, vector: Vectors, language: str | None = None, *, count: int = 20, usable: Callable[[SourceDocument], bool] | None = None) -> Found:
        """The same for a question that is embedded already; `vector` is (dimension,)."""
        language, shared = question_languages(question, language)
        query = {tongue: terms(question, tongue) if tongue in shared else foreign_terms(question, tongue) for tongue in ("de", "en")}
        weight = {tongue: (1.0 if tongue in shared else self.weights.foreign_terms / (self.weights.terms or 1)) for tongue in query}
        passages, mean, sentence_mean = self._best_passages(vector, query, weight, shared, count, usable)
        if self._rerank and passages:
            scores = self._rerank(question, [hit.passage.text for hit in passages])
            order = sorted(range(len(passages)), key=lambda i: -scores[i])
            passages = [passages[i] for i in order]
        asked = self._best_asked(vector, query, weight, shared, self._phrasing_words.scores(question, shared), max(count, ASKED_COUNT))
        rarity = {t: self.rarity(t) for tongue in shared for t in query[tongue]}
        return Found(question, language, tuple(passages), tuple(asked), self._one_ranking(passages, asked, language), mean, sentence_mean, rarity, 0.0, 0.0)

    def nearest(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """Row numbers and similarities of the nearest passages, as the vector search finds them."""
        return self._index.nearest(vector, count)

    def version(self, document: str, language: str) -> SourceDocument | None:
        """The version of a document in a language, if there is one."""
        given = self.content.documents.get(document)
        if given is None or given.language == language:
            return given
        return self._versions.get((given.translation_of or given.id, language))

    def quoted_passage(self, document: str, quote: str) -> Passage | None:
        """The passage of a document that holds the beginning of a quote (white space and marks aside)."""
        key = (document, quote)
        if key not in self._quoted:
            wanted = normalised(quote)
            passages = self.content.passages_at(self.content.passage_numbers(document))
            whole = next((p for p in passages if wanted in normalised(p.text)), None)
            begins = next((p for p in passages for s in p.sentences if wanted.startswith(normalised(s.text))), None)
            self._quoted[key] = whole or begins
        return self._quoted[key]

    def terms(self, text: str, language: str) -> list[str]:
        """Stems of the words that carry meaning."""
        return terms(text, language)

    def sentences(self, text: str, language: str) -> list[str]:
        """The sentences of a paragraph."""
        return split_sentences(text, language)

    def rarity(self, term: str) -> float:
        """Inverse document frequency over passages and entries; larger is rarer."""
        indexes = [*self._lexical.values(), *self._lexical_asked.values()]
        return min((index.idf(term) for index in indexes), default=0.0)

    def _best_passages(
        self, vector: Vectors, query: dict[str, list[str]], weight: dict[str, float], shared: Sequence[str], count: int, usable: Callable[[SourceDocument], bool] | None
    ) -> tuple[list[PassageHit], float, float]:
        if not len(self._passages):
            return [], 0.0, 0.0
        rows, similarities = self._index.nearest(vector, self.depth)
        term_scores: dict[int, float] = {}
        extra: set[int] = set()
        for language, words in query.items():
            index = self._lexical.get(language)
            if index is None or not words:
                continue
            scores = index.scores(words, foreign=language not in shared) * np.float32(weight[language])
            near = np.flatnonzero(scores > 0)
            if len(near) > TERM_DEPTH:
                near = near[np.argpartition(-scores[near], TERM_DEPTH)[:TERM_DEPTH]]
            extra.update(int(row) for row in index.rows[near])
            wanted = np.searchsorted(index.rows, rows)
            inside = (wanted < len(index.rows)) & (index.rows[np.minimum(wanted, len(index.rows) - 1)] == rows)
            term_scores.update(zip((int(r) for r in rows[inside]), (float(s) for s in scores[wanted[inside]]), strict=True))
            term_scores.update((int(index.rows[i]), float(scores[i])) for i in near)
        missing = np.asarray(sorted(extra.difference(map(int, rows))), np.int64)
        if len(missing):
            rows = np.concatenate([rows, missing])
            similarities = np.concatenate([similarities, self._passages[missing] @ vector])
        starts, ends = self._first[rows], self._first[rows + 1]
        lengths = ends - starts
        flat = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(int(lengths.sum()))
        sentences = self._sentences[flat] @ vector if len(flat) else np.zeros(0, np.float32)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        best = np.where(lengths > 0, np.maximum.reduceat(np.append(sentences, np.float32(-1)), np.minimum(offsets[:-1], len(sentences))), similarities)
        by_terms = np.asarray([term_scores.get(int(row), 0.0) for row in rows], np.float32)
        w = self.weights
        score = (w.passage * similarities + w.sentence * best) / (w.passage + w.sentence) + w.terms * by_terms
        order = np.argsort(-score, kind="stable")
        chosen: list[int] = []
        for i in order:
            if usable is None or usable(self._documents[int(self._document_of[rows[i]])]):
                chosen.append(int(i))
                if len(chosen) == count:
                    break
        loaded = self.content.passages_at([int(rows[i]) for i in chosen])
        hits = [
            PassageHit(
                passage=passage,
                document=self._documents[int(self._document_of[rows[i]])],
                score=float(score[i]),
                similarity=float(similarities[i]),
                sentence_similarities=tuple(float(s) for s in sentences[offsets[i] : offsets[i + 1]]),
                terms=float(by_terms[i]),
            )
            for i, passage in zip(chosen, loaded, strict=True)
        ]
        return hits, float(similarities.mean()), float(best.mean())

    def _best_asked(self, vector: Vectors, query: dict[str, list[str]], weight: dict[str, float], shared: Sequence[str], words: Vectors, count: int) -> list[AskedHit]:
        if not self._owners:
            return []
        similarities = self._asked @ vector
        best: dict[str, Vectors] = {}
        for role, units in self._roles.items():
            column = np.full(self._owners, -1.0, np.float32)
            if len(units):
                owners, starts = self._groups[role]
                column[owners] = np.maximum.reduceat(similarities[units], starts)
            best[role] = column
        answer = best["answer"]
        phrasing = np.where(best["phrasing"] > -1, best["phrasing"], answer)
        sentence = np.where(best["sentence"] > -1, best["sentence"], answer)
        by_terms = np.zeros(self._owners, np.float32)
        for language, spelt in query.items():
            index = self._lexical_asked.get(language)
            if index is not None and spelt:
                by_terms[index.rows] = np.maximum(by_terms[index.rows], index.scores(spelt, foreign=language not in shared) * np.float32(weight[language]))
        shared_words = np.zeros(self._owners, np.float32)
        if len(words):
            owners, starts = self._groups["phrasing"]
            shared_words[owners] = np.maximum.reduceat(words, starts)
        w = self.weights
        total = w.phrasing + w.answer + w.answer_sentence
        score = (w.phrasing * phrasing + w.answer * answer + w.answer_sentence * sentence) / total + w.entry_terms * by_terms + w.entry_words * shared_words + w.entry_offset
        order = np.argsort(-score, kind="stable")[:count]
        phrasings = self._roles["phrasing"]
        asked = [(tongue, [(stem, pieces([stem]), self.rarity(stem)) for stem in dict.fromkeys(query[tongue])]) for tongue in shared]
        hits: list[AskedHit] = []
        for owner in (int(o) for o in order):
            entry = self.content.entries[owner] if owner < len(self.content.entries) else None
            figure = None if entry else self.content.figures[owner - len(self.content.entries)]
            start, end = self._phrasings_of[owner], self._phrasings_of[owner + 1]
            matched = self._phrasings[start + int(np.argmax(similarities[phrasings[start:end]]))] if end > start else ""
            hits.append(
                AskedHit(
                    entry,
                    figure,
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

    def _uncovered(self, owner: int, asked: Sequence[tuple[str, Sequence[tuple[str, Sequence[str], float]]]]) -> float:
        """The least over the languages that a question may be in (stems with their pieces and rarity); a stem counts as covered by as much of its pieces as the entry holds."""
        value: CuratedEntry | Figure = self.content.entries[owner] if owner < len(self.content.entries) else self.content.figures[owner - len(self.content.entries)]
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
                    lacking += weight * (1 - sum(part in held for part in parts) / len(parts) if len(stem) >= PIECE else 1)
            shares.append(lacking / total)
        return min(shares, default=USUALLY_UNCOVERED)

    def _one_ranking(self, passages: Sequence[PassageHit], asked: Sequence[AskedHit], language: str) -> tuple[Ranked, ...]:
        """Passages by document (translations are one, shown in the language of the question), entries and figures, best first."""
        groups: dict[str, list[PassageHit]] = {}
        for hit in passages:
            groups.setdefault(hit.document.translation_of or hit.document.id, []).append(hit)
        ranked: list[Ranked] = []
        for hits in groups.values():
            shown = next((h for h in hits if h.passage.language == language), hits[0])
            ranked.append(Ranked("passage", shown.document.id, shown.passage.id, hits[0].score))
        ranked += [Ranked("entry" if hit.entry else "figure", hit.id, None, hit.score) for hit in asked]
        best: dict[str, Ranked] = {}
        for place in sorted(ranked, key=lambda r: -r.score):
            best.setdefault(place.document, place)
        return tuple(best.values())


def foreign_terms(question: str, language: str) -> list[str]:
    """The terms of a question as a text in another language would spell them: without the function words of both languages."""
    words = [w for w in question.split() if w.lower().strip("?!.,;:") not in GERMAN_WORDS | ENGLISH_WORDS]
    return terms(" ".join(words), language)


def mapped(path: Path) -> Vectors:
    """A memory-mapped array as a plain one: indexing a `memmap` costs ten times as much."""
    return np.load(path, mmap_mode="r").view(np.ndarray)


def question_languages(question: str, hint: str | None) -> tuple[str, tuple[str, ...]]:
    """The language of a question, and the languages whose terms it may share (both when a few keywords do not tell)."""
    german, english = language_weights(question)
    if german == english:
        return hint or "de", ("de", "en")
    language = "de" if german > english else "en"
    return language, (language,)


def open_search(index: Path, folder: Path, embedder: Embedder, *, chroma_url: str | None = None, exact_below: int | None = None, rerank: Rerank | None = None) -> SnapshotSearch:
    """Opens a snapshot for searching. Raises SnapshotError, or StoreError when the vector store does not match the manifest."""
    manifest = read_manifest(folder)
    if manifest.model != embedder.model_id:
        raise SnapshotError(f"the index at {index} was built with the model {manifest.model}, the settings name {embedder.model_id}; build it again with `python app.py index`")
    try:
        vectors = mapped(folder / "passages.npy")
        limits = {} if exact_below is None else {"exact_below": exact_below}
        passages = open_passage_index(folder / "chroma", vectors, model_id=manifest.model, url=chroma_url, prefix=manifest.store_prefix, **limits)
        return SnapshotSearch(folder, manifest, Content(folder / "content.sqlite"), passages, embedder, load_weights(manifest.model), rerank=rerank)
    except (OSError, ValueError) as error:
        raise SnapshotError(f"the snapshot {folder.name} is damaged ({type(error).__name__}); build it again with `python app.py index`") from error


def _timed(found: Found, embed_ms: float, search_ms: float) -> Found:
    return replace(found, embed_ms=embed_ms, search_ms=search_ms)


__all__ = ["AskedHit", "Found", "PassageHit", "Ranked", "SnapshotSearch", "StoreError", "fold", "open_search", "question_languages"]
