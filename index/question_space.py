"""Where questions are compared: e5's cosines live in a narrow band, so vectors are centred, and directions in which
phrasings of one entry differ anyway count less.

The second is within-class covariance normalisation (Hatch et al. 2006). A corpus knows little of its own
covariance, so it is
shrunk towards the one that `app.py fit` stored for the model, from several sets; docs/decisions/0008 has the figures.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors

PRIOR_MEAN = 50
"""The stored mean counts as much as so many texts of the corpus."""
PRIOR_COVARIANCE = 100
"""The stored covariance counts as much as so many phrasings of the corpus."""
RIDGE = 3.0
"""Added to each variance, in mean variances: the smaller, the more the directions of small variance count."""
SPACE_FILE = Path(__file__).parent / "question_space.npz"


@dataclass(frozen=True, slots=True)
class StoredSpace:
    """What is known of a model's vectors before a corpus: means of questions and of passages (dimension,), and the
    covariance of phrasings within an entry (dimension, dimension)."""

    question_mean: Vectors
    passage_mean: Vectors
    covariance: Vectors


def stored_space(model_id: str, dimension: int, path: Path = SPACE_FILE) -> StoredSpace:
    """The space that was fitted for a model; for others centred on nothing, with all directions alike."""
    known = dict(np.load(path)) if path.is_file() else {}
    if f"{model_id}/covariance" in known:
        parts = (known[f"{model_id}/{name}"].astype(np.float32) for name in ("question", "passage", "covariance"))
        return StoredSpace(*parts)
    zero = np.zeros(dimension, np.float32)
    return StoredSpace(zero, zero, np.eye(dimension, dtype=np.float32) / np.float32(dimension))


def store_space(model_id: str, space: StoredSpace, path: Path = SPACE_FILE) -> None:
    """Keeps a fitted space beside those of other models, in half precision."""
    known = dict(np.load(path)) if path.is_file() else {}
    for name, part in (
        ("question", space.question_mean),
        ("passage", space.passage_mean),
        ("covariance", space.covariance),
    ):
        known[f"{model_id}/{name}"] = part.astype(np.float16)
    np.savez_compressed(path, **known)


def shrunk_mean(vectors: Vectors, prior: Vectors) -> Vectors:
    """The mean of (n, dimension) vectors, shrunk towards a stored one."""
    return (vectors.sum(axis=0) + PRIOR_MEAN * prior) / np.float32(len(vectors) + PRIOR_MEAN)


def scatter_within(vectors: Vectors, owners: NDArray[np.int64], count: int) -> tuple[Vectors, int]:
    """Sum of products of deviations from each owner's mean (dimension, dimension), and its degrees of freedom."""
    sizes = np.bincount(owners, minlength=count)
    deviations = (vectors - owner_means(vectors, owners, count)[owners])[sizes[owners] > 1]
    return np.asarray(deviations.T @ deviations, np.float32), max(0, len(deviations) - int((sizes > 1).sum()))


def owner_means(vectors: Vectors, owners: NDArray[np.int64], count: int) -> Vectors:
    """The mean vector of each of `count` owners (count, dimension); zero where it has none."""
    sums = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(sums, owners, vectors)
    return sums / np.maximum(np.bincount(owners, minlength=count), 1)[:, None].astype(np.float32)


def whitening(covariance: Vectors) -> Vectors:
    """The matrix (dimension, dimension) after which phrasings of one entry differ alike in all directions."""
    variances, directions = np.linalg.eigh(covariance.astype(np.float64))
    mean = max(float(variances.mean()), 1e-12)
    scaled = directions / np.sqrt(np.maximum(variances, 0) / mean + RIDGE)
    return (scaled @ directions.T).astype(np.float32)


class QuestionSpace:
    """Centres and whitens the questions of one corpus."""

    def __init__(self, phrasings: Vectors, owners: NDArray[np.int64], count: int, stored: StoredSpace) -> None:
        """`phrasings` (n, dimension) belong to `owners` (n,), of which there are `count`."""
        self.stored = stored
        self.mean = shrunk_mean(phrasings, stored.question_mean)
        scatter, freedom = scatter_within(phrasings, owners, count)
        shrunk = (scatter + PRIOR_COVARIANCE * stored.covariance) / (freedom + PRIOR_COVARIANCE)
        self._matrix: Vectors = whitening(np.asarray(shrunk, np.float32))

    def centred(self, vectors: Vectors) -> Vectors:
        """Questions (n, dimension) without their mean, of length one."""
        return unit(vectors - self.mean)

    def whitened(self, vectors: Vectors) -> Vectors:
        """Questions (n, dimension) without their mean, whitened, of length one."""
        return unit(np.asarray((vectors - self.mean) @ self._matrix, np.float32))

    def whitened_passages(self, vectors: Vectors, mean: Vectors) -> Vectors:
        """Passages (n, dimension) without their mean, whitened, of length one: comparable with whitened questions."""
        return unit(np.asarray((vectors - mean) @ self._matrix, np.float32))


def unit(vectors: Vectors) -> Vectors:
    """Each of (n, dimension) scaled to length one."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), np.float32(1e-9))


def best_of(similarities: Vectors, owners: NDArray[np.int64], starts: NDArray[np.int64], count: int) -> Vectors:
    """The largest value of each owner's run (count,); NaN for owners without one. `owners` and `starts` name the
    runs."""
    best = np.full(count, np.nan, np.float32)
    if len(owners):
        best[owners] = np.maximum.reduceat(similarities, starts)
    return best


def runs(owners: Sequence[int] | NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of units that stand in the order of their owners: each owner once, and where its run begins."""
    found, starts = np.unique(np.asarray(owners, np.int64), return_index=True)
    return found, starts.astype(np.int64)
