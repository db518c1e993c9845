"""Fits the weights of the one ranking: few of them, one after the other, each from a handful of values, kept as data with the model's id."""

import dataclasses
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.evaluation.answers import Expected, load_questions
from assistant.evaluation.benchmarks import faq_corpus, opened_search, rows, xquad_corpus

PASSAGE_GRID: Mapping[str, Sequence[float]] = {
    "passage": (0.4, 0.5, 0.6),
    "terms": (0.06, 0.08, 0.1, 0.12),
    "foreign_terms": (0.0, 0.04, 0.06, 0.08, 0.1),
}
ENTRY_GRID: Mapping[str, Sequence[float]] = {
    "entry_terms": (0.04, 0.08, 0.12),
    "entry_words": (0.03, 0.06, 0.09),
}
"""How much the answer counts beside the phrasings is not fitted: on questions worded like the phrasings less is always better, on lay wording it is not."""
LEAST_GAIN = 0.0005
"""A value changes only for a gain of this much mean reciprocal rank: what is smaller is chance on sets of this size."""

Asked = tuple[str, Any, str, frozenset[str]]
"""Question, its vector, its language, and the documents or entries that are right."""


def fit_weights(questions: Path, benchmarks: Path, own: Any, embedder: Any, say: Callable[[str], None]) -> Any:
    """The weights fitted on XQuAD (passages), the federal FAQ and every second own question (entries); `own` is the search of the own corpus."""
    passages, queries, faq = (
        rows(benchmarks, f"{name}.jsonl") for name in ("xquad_passages", "xquad_queries", "federal_faq_parallel")
    )
    vectors = {lang: embedder.embed_questions([q[f"q_{lang}"] for q in queries]) for lang in ("de", "en")}
    faq_vectors = {lang: embedder.embed_questions([f[f"q_{lang}"] for f in faq]) for lang in ("de", "en")}
    listed = own_asked(questions, own, every=2)
    own_embedded = [
        (q, v, lang, right)
        for (q, lang, right), v in zip(listed, embedder.embed_questions([q for q, _, _ in listed]), strict=True)
    ]
    with tempfile.TemporaryDirectory() as scratch:
        passage_sets: list[tuple[Any, list[Asked]]] = []
        entry_sets: list[tuple[Any, list[Asked]]] = [(own, own_embedded)]
        for text in ("de", "en"):
            search = opened_search(
                xquad_corpus(Path(scratch) / f"x{text}", passages, text), Path(scratch) / f"x{text}-index", embedder
            )
            search_faq = opened_search(
                faq_corpus(Path(scratch) / f"f{text}", faq, text), Path(scratch) / f"f{text}-index", embedder
            )
            for asked in ("de", "en"):
                passage_sets.append(
                    (
                        search,
                        [
                            (q[f"q_{asked}"], v, asked, frozenset((q["pid"],)))
                            for q, v in zip(queries, vectors[asked], strict=True)
                        ],
                    )
                )
                entry_sets.append(
                    (
                        search_faq,
                        [
                            (f[f"q_{asked}"], v, asked, frozenset((f["anchor"],)))
                            for f, v in zip(faq, faq_vectors[asked], strict=True)
                        ],
                    )
                )
        weights = coordinate_search(own.weights, PASSAGE_GRID, lambda w: mean_rank(passage_sets, w), say)
        return coordinate_search(weights, ENTRY_GRID, lambda w: mean_rank(entry_sets, w), say)


def coordinate_search(
    weights: Any,
    grid: Mapping[str, Sequence[float]],
    quality: Callable[[Any], float],
    say: Callable[[str], None] = lambda _: None,
) -> Any:
    """One pass over the fields of a grid: each takes the value of the best quality, unless the gain is below LEAST_GAIN."""
    best = quality(weights)
    for name, values in grid.items():
        for value in values:
            tried = dataclasses.replace(weights, **{name: value})
            found = quality(tried)
            if found > best + LEAST_GAIN:
                weights, best = tried, found
        say(f"weight {name}: {getattr(weights, name)} (mean reciprocal rank {best:.4f})")
    return weights


def mean_rank(sets: Sequence[tuple[Any, Sequence[Asked]]], weights: Any) -> float:
    """Mean over the sets of the mean reciprocal rank of the first right document, entry or figure."""
    shares: list[float] = []
    for search, asked in sets:
        before, search.weights = search.weights, weights
        reciprocal = 0.0
        for question, vector, language, right in asked:
            ranked = search.search_vector(question, vector, language, count=10).ranked
            reciprocal += next((1 / n for n, place in enumerate(ranked, 1) if place.document in right), 0.0)
        search.weights = before
        shares.append(reciprocal / max(1, len(asked)))
    return sum(shares) / max(1, len(shares))


def own_asked(questions: Path, search: Any, *, every: int = 1) -> list[tuple[str, str, frozenset[str]]]:
    """Own single questions, their language, and the entries that answer them: of an allowed status, with all that must be said and nothing that must not."""
    rows_ = [
        r
        for r in load_questions(questions)[::every]
        if len(r.turns) == 1 and r.answerable and r.must and "multi" not in r.tags
    ]
    return [(r.turns[0], r.language, right) for r in rows_ if (right := right_entries(r, search.content.entries))]


def right_entries(row: Expected, entries: Sequence[Any]) -> frozenset[str]:
    """Ids of the entries that would answer a row rightly."""

    def fits(entry: Any) -> bool:
        text = " ".join((entry.answer.get(row.language, ""), (entry.missing or {}).get(row.language, "")))
        said = all(re.search(p, text, re.IGNORECASE) for p in row.must) and not any(
            re.search(p, text, re.IGNORECASE) for p in row.never
        )
        return entry.status in row.statuses and said

    return frozenset(entry.id for entry in entries if fits(entry))
