"""What a search finds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from index.sources import CuratedEntry, Figure, Passage, SourceDocument

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
    outside: float | None
    """Mean similarity of the nearest questions that are known to be outside of the programme; None where none are known."""
    embed_ms: float
    search_ms: float
