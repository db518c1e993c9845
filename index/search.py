"""Snapshot -> search: one ranking from passages, their best sentences, terms, curated entries and figures."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from assistant.languages import codes
from index.asked_search import open_asked_search
from index.embedder import Embedder, Vectors
from index.lexical import TermRanking, pieces, terms
from index.passage_index import PassageIndex, StoreError, open_passage_index
from index.passages import split_sentences
from index.query import Query, query_of
from index.question_space import shrunk_mean, stored_space, unit
from index.quoted import quoted_passage
from index.ranking import Weights, load_weights
from index.snapshot import Content, Manifest, SnapshotError, read_manifest
from index.values import AskedHit, Found, Passage, PassageHit, Ranked, SourceDocument

DEPTH = 200
"""So many of the nearest passages are compared sentence by sentence; more changed no first hit on any measured set."""
ASKED_COUNT = 40
"""So many curated entries and figures are given back at least."""
TOLD = 3
"""Of so many of the best passages the signals are taken that entries have."""
SAMPLE = 5000
"""So many vectors tell the mean of all."""
TERM_DEPTH = 40
"""So many of the best by terms alone are compared too."""

Rerank = Callable[[str, Sequence[str]], Sequence[float]]


class SnapshotSearch:
    """Searches one opened snapshot. `embedder` must be the one that the snapshot was built with."""

    def __init__(
        self,
        folder: Path,
        manifest: Manifest,
        content: Content,
        passages: PassageIndex,
        embedder: Embedder,
        weights: Weights,
        *,
        rerank: Rerank | None = None,
    ) -> None:
        self.depth = DEPTH
        """How many of the nearest passages are compared sentence by sentence."""
        self.folder, self.manifest, self.content = folder, manifest, content
        self._index, self._embedder, self.weights, self._rerank = passages, embedder, weights, rerank
        self._passages: Vectors = mapped(folder / "passages.npy")
        self._sentences: Vectors = mapped(folder / "sentences.npy")
        self._first: NDArray[np.int64] = np.load(folder / "first_sentence.npy")
        self._document_of: NDArray[np.int32] = np.load(folder / "passage_document.npy")
        self._documents = list(content.documents.values())
        self.languages = tuple(content.programme.languages)
        self._lexical = {
            lang: TermRanking.load(path) for lang in codes() if (path := folder / f"lexical-{lang}").is_dir()
        }
        stored = stored_space(manifest.model, manifest.dimension)
        self.asked = open_asked_search(folder, content, stored, self.languages)
        """The search among entries and figures alone."""
        self._versions = {(d.translation_of or d.id, d.language): d for d in self._documents}
        every = max(1, len(self._passages) // SAMPLE)
        self._passage_mean = shrunk_mean(self._passages[::every], stored.passage_mean)
        every = max(1, len(self._sentences) // SAMPLE)
        self._sentence_mean = shrunk_mean(self._sentences[::every], stored.passage_mean)
        self._held: dict[str, frozenset[str]] = {}
        self._quoted: dict[tuple[str, str], Passage | None] = {}
        self.entries = content.entries
        """All curated entries."""
        self.names_outside = bool(content.outside)
        """Whether the corpus names questions outside of the programme."""
        self.vocabulary = self.asked.vocabulary
        """Lower-case words of phrasings and answers, by language; they tell languages apart and what a mistyped
        word may have meant."""

    def search(
        self,
        question: str,
        language: str | None = None,
        *,
        count: int = 20,
        usable: Callable[[SourceDocument], bool] | None = None,
    ) -> Found:
        """The `count` best passages and entries for a question; `language` is a hint; `usable` filters documents
        (validity)."""
        return self.search_vector(question, self.embed([question])[0], language, count=count, usable=usable)

    def embed(self, questions: Sequence[str]) -> Vectors:
        """The vectors of questions (n, dimension), for `search_vector`."""
        return self._embedder.embed_questions(questions)

    def search_vector(
        self,
        question: str,
        vector: Vectors,
        language: str | None = None,
        *,
        count: int = 20,
        usable: Callable[[SourceDocument], bool] | None = None,
    ) -> Found:
        """The same for a question that is embedded already; `vector` is (dimension,)."""
        query = query_of(question, language, self.languages)
        passages, mean, sentence_mean = self._best_passages(query, vector, count, usable)
        if self._rerank and passages:
            scores = self._rerank(question, [hit.passage.text for hit in passages])
            order = sorted(range(len(passages)), key=lambda i: -scores[i])
            passages = [passages[i] for i in order]
        asked, nearness = self.asked.look(question, vector, query.language, self.weights, max(count, ASKED_COUNT))
        stems = query.terms[query.language]
        rarity = {stem: self.rarity(stem) for stem in stems}
        return Found(
            question=question,
            language=query.language,
            passages=tuple(passages),
            asked=tuple(asked),
            ranked=self._one_ranking(passages, asked, query.language),
            mean_similarity=mean,
            mean_sentence_similarity=sentence_mean,
            rarity=rarity,
            unknown=self._unknown_share(stems, rarity),
            inside=nearness.inside,
            outside=nearness.outside,
        )

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
            passages = self.content.passages_at(self.content.passage_numbers(document))
            self._quoted[key] = quoted_passage(passages, quote)
        return self._quoted[key]

    def terms(self, text: str, language: str) -> list[str]:
        """Stems of the words that carry meaning."""
        return terms(text, language)

    def sentences(self, text: str, language: str) -> list[str]:
        """The sentences of a paragraph."""
        return split_sentences(text, language)

    def rarity(self, term: str) -> float:
        """Inverse document frequency over passages and entries; larger is rarer."""
        known = [ranking.idf(term) for ranking in self._lexical.values()]
        known += [coverage.rarity(term) for coverage in self.asked.coverage.values()]
        return min(known, default=0.0)

    def _unknown_share(self, stems: Sequence[str], rarity: Mapping[str, float]) -> float:
        """Share of the stems, weighted by rarity, that neither a passage nor an entry has."""
        total = sum(rarity.values())
        unknown = [stem for stem in rarity if not self._knows(stem)]
        return sum(rarity[stem] for stem in unknown) / total if total and stems else 0.0

    def _knows(self, stem: str) -> bool:
        return any(stem in r for r in self._lexical.values()) or any(stem in c for c in self.asked.coverage.values())

    def _best_passages(
        self, query: Query, vector: Vectors, count: int, usable: Callable[[SourceDocument], bool] | None
    ) -> tuple[list[PassageHit], float, float]:
        if not len(self._passages):
            return [], 0.0, 0.0
        rows, similarities = self._index.nearest(vector, self.depth)
        term_scores: dict[int, float] = {}
        extra: set[int] = set()
        for language, words in query.terms.items():
            index = self._lexical.get(language)
            if index is None or not words:
                continue
            scores = query.scores(index, language, self.weights.foreign_share)
            near = np.flatnonzero(scores > 0)
            if len(near) > TERM_DEPTH:
                near = near[np.argpartition(-scores[near], TERM_DEPTH)[:TERM_DEPTH]]
            extra.update(int(row) for row in index.rows[near])
            wanted = np.searchsorted(index.rows, rows)
            inside = (wanted < len(index.rows)) & (index.rows[np.minimum(wanted, len(index.rows) - 1)] == rows)
            term_scores.update(
                zip((int(r) for r in rows[inside]), (float(s) for s in scores[wanted[inside]]), strict=True)
            )
            term_scores.update((int(index.rows[i]), float(scores[i])) for i in near)
        missing = np.asarray(sorted(extra.difference(map(int, rows))), np.int64)
        if len(missing):
            rows = np.concatenate([rows, missing])
            similarities = np.concatenate([similarities, self._passages[missing] @ vector])
        starts, ends = self._first[rows], self._first[rows + 1]
        lengths = ends - starts
        flat = np.repeat(starts - np.concatenate([[0], np.cumsum(lengths)[:-1]]), lengths) + np.arange(
            int(lengths.sum())
        )
        sentences = self._sentences[flat] @ vector if len(flat) else np.zeros(0, np.float32)
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        best = np.where(
            lengths > 0,
            np.maximum.reduceat(np.append(sentences, np.float32(-1)), np.minimum(offsets[:-1], len(sentences))),
            similarities,
        )
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
        told = [
            (int(rows[i]), flat[offsets[i] : offsets[i + 1]], p) for i, p in zip(chosen[:TOLD], loaded, strict=False)
        ]
        signals = [self._as_entry(query, vector, *one) for one in told]
        hits = [
            PassageHit(
                passage=passage,
                document=self._documents[int(self._document_of[rows[i]])],
                score=float(score[i]),
                similarity=float(similarities[i]),
                sentence_similarities=tuple(float(s) for s in sentences[offsets[i] : offsets[i + 1]]),
                terms=float(by_terms[i]),
                signals=signals[n] if n < len(signals) else {},
            )
            for n, (i, passage) in enumerate(zip(chosen, loaded, strict=True))
        ]
        return hits, float(similarities.mean()), float(best.mean())

    def _as_entry(
        self, query: Query, vector: Vectors, row: int, sentences: NDArray[np.int64], passage: Passage
    ) -> dict[str, float]:
        """The signals of a passage, as of an entry without phrasings whose answer it is."""
        space, own = self.asked.space, self._passages[row][None]
        whitened, centred = space.whitened(vector[None])[0], space.centred(vector[None])[0]
        answer = float((unit(own - self._passage_mean) @ centred)[0])
        parts = unit(self._sentences[sentences] - self._sentence_mean) @ centred if len(sentences) else ()
        return {
            "phrasing": answer,
            "other": answer,
            "centre": float((space.whitened_passages(own, self._passage_mean) @ whitened)[0]),
            "answer": answer,
            "sentence": max((float(s) for s in parts), default=answer),
            "coverage": self._coverage(query, passage),
        }

    def _coverage(self, query: Query, passage: Passage) -> float:
        """Share of the question's stems, weighted by rarity, that a passage holds; a stem counts by as many of its
        pieces."""
        held = self._held.get(passage.id)
        if held is None:
            stems = terms(" ".join([*passage.heading, passage.text]), passage.language)
            held = self._held[passage.id] = frozenset(stems).union(pieces(stems))
        weights = {stem: self.rarity(stem) for stem in query.terms.get(passage.language, ())}
        total = sum(weights.values())
        shares = (w * sum(p in held for p in parts) / len(parts) for s, w in weights.items() if (parts := pieces([s])))
        return sum(shares) / total if total else 0.0

    def _one_ranking(
        self, passages: Sequence[PassageHit], asked: Sequence[AskedHit], language: str
    ) -> tuple[Ranked, ...]:
        """Passages by document (translations are one, shown in the language of the question), entries and figures,
        best first."""
        groups: dict[str, list[PassageHit]] = {}
        for hit in passages:
            groups.setdefault(hit.document.translation_of or hit.document.id, []).append(hit)
        ranked: list[Ranked] = []
        for hits in groups.values():
            shown = next((h for h in hits if h.passage.language == language), hits[0])
            ranked.append(Ranked("passage", shown.document.id, shown.passage.id, hits[0].score))
        own = [hit for hit in asked if not hit.about_itself]
        ranked += [Ranked("entry" if hit.entry else "figure", hit.id, None, hit.score) for hit in own]
        best: dict[str, Ranked] = {}
        for place in sorted(ranked, key=lambda r: -r.score):
            best.setdefault(place.document, place)
        return tuple(best.values())


def mapped(path: Path) -> Vectors:
    """A memory-mapped array as a plain one: indexing a `memmap` costs ten times as much."""
    return np.load(path, mmap_mode="r").view(np.ndarray)


def open_search(
    index: Path,
    folder: Path,
    embedder: Embedder,
    *,
    chroma_url: str | None = None,
    exact_below: int | None = None,
    rerank: Rerank | None = None,
) -> SnapshotSearch:
    """Opens a snapshot for searching. Raises SnapshotError, or StoreError when the vector store does not match the
    manifest."""
    manifest = read_manifest(folder)
    if manifest.model != embedder.model_id:
        raise SnapshotError(
            f"the index at {index} was built with the model {manifest.model}, the settings name {embedder.model_id}; build it again with `python app.py index`"
        )
    try:
        vectors = mapped(folder / "passages.npy")
        if len(vectors) != manifest.passages:
            raise ValueError(f"{len(vectors)} vectors of {manifest.passages} passages")
        limits = {} if exact_below is None else {"exact_below": exact_below}
        passages = open_passage_index(
            folder / "chroma", vectors, model_id=manifest.model, url=chroma_url, prefix=manifest.store_prefix, **limits
        )
        return SnapshotSearch(
            folder,
            manifest,
            Content(folder / "content.sqlite"),
            passages,
            embedder,
            load_weights(manifest.model),
            rerank=rerank,
        )
    except (OSError, ValueError) as error:
        raise SnapshotError(
            f"the snapshot {folder.name} is damaged ({type(error).__name__}); build it again with `python app.py index`"
        ) from error


__all__ = ["SnapshotSearch", "StoreError", "open_search"]
