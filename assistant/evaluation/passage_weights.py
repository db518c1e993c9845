"""Fits the weights by which passages are ranked: one after the other, each from a handful of values, on XQuAD in
all directions."""

import dataclasses
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from assistant.evaluation.benchmarks import opened_search, rows, xquad_corpus
from index.ranking import Weights

GRID: Mapping[str, Sequence[float]] = {
    "passage": (0.4, 0.5, 0.6),
    "terms": (0.06, 0.08, 0.1, 0.12),
    "foreign_terms": (0.0, 0.04, 0.06, 0.08, 0.1),
}
LEAST_GAIN = 0.0005
"""A value changes only for a gain of this much mean reciprocal rank: what is smaller is chance on sets of this size."""

Asked = tuple[str, Any, str, frozenset[str]]
"""Question, its vector, its language, and the documents that are right."""


def fit_passage_weights(benchmarks: Path, weights: Weights, embedder: Any, say: Callable[[str], None]) -> Weights:
    """The weights with those of passages fitted anew."""
    passages, queries = rows(benchmarks, "xquad_passages.jsonl"), rows(benchmarks, "xquad_queries.jsonl")
    vectors = {lang: embedder.embed_questions([q[f"q_{lang}"] for q in queries]) for lang in ("de", "en")}
    with tempfile.TemporaryDirectory() as scratch:
        sets: list[tuple[Any, list[Asked]]] = []
        for text in ("de", "en"):
            folder = Path(scratch) / text
            search = opened_search(xquad_corpus(folder, passages, text), folder.with_name(f"{text}-index"), embedder)
            for asked in ("de", "en"):
                pairs = zip(queries, vectors[asked], strict=True)
                sets.append((search, [(q[f"q_{asked}"], v, asked, frozenset((q["pid"],))) for q, v in pairs]))
        return coordinate_search(weights, GRID, lambda w: mean_rank(sets, w), say)


def coordinate_search(
    weights: Any,
    grid: Mapping[str, Sequence[float]],
    quality: Callable[[Any], float],
    say: Callable[[str], None] = lambda _: None,
) -> Any:
    """One pass over the fields of a grid: each takes the value of the best quality, unless the gain is below
    LEAST_GAIN."""
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
    """Mean over the sets of the mean reciprocal rank of the first right document."""
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
