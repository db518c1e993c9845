"""What the desk needs of an opened index; `app.py` joins them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.answering.assistant import Assistant
from index.values import CuratedEntry, Passage, SourceDocument

Vectors = NDArray[np.float32]
Row = Mapping[str, Any]
"""A curated entry with the fields of contracts.md."""


class Shelf(Protocol):
    """The documents of an opened index."""

    def document(self, identity: str) -> SourceDocument | None:
        """A document by id."""
        ...

    def document_passages(self, identity: str) -> Sequence[Passage]:
        """Its passages in reading order."""
        ...


class OpenedState(Protocol):
    """Which snapshot is open, and what it holds."""

    @property
    def snapshot(self) -> str:
        """Its id."""
        ...

    @property
    def created(self) -> str:
        """When it was built."""
        ...

    @property
    def counts(self) -> dict[str, int]:
        """Documents, passages, sentences, entries, figures."""
        ...


class OpenedIndex(Protocol):
    """An opened index with its assistant."""

    @property
    def assistant(self) -> Assistant:
        """Answers from it."""
        ...

    @property
    def library(self) -> Shelf:
        """Its documents."""
        ...

    @property
    def state(self) -> OpenedState:
        """Which it is."""
        ...


@dataclass(frozen=True, slots=True)
class Findings:
    """What the checks say of a draft: faults stop it, warnings do not. One line each, with the field."""

    faults: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """What a build made of the entries of the desk: those it refused, with the reason; and its report."""

    refused: Mapping[str, str] = field(default_factory=dict[str, str])
    report: Mapping[str, Any] = field(default_factory=dict[str, Any])


class BuildBusy(Exception):
    """Another build is running; try again."""


class BuildFailed(Exception):
    """Nothing could be built; the message says why."""


class CorpusDesk(Protocol):
    """What the desk does with corpus and index: embed, check, build, and keep its documents."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A vector a question, of unit length."""
        ...

    def check(self, row: Row) -> Findings:
        """What the checks of the corpus say of a draft."""
        ...

    def nearest_phrasings(self, texts: Sequence[str], *, exclude: str) -> Sequence[Sequence[tuple[str, str, float]]]:
        """For each text the nearest phrasings of other entries: id, phrasing, cosine."""
        ...

    def entries(self) -> Sequence[CuratedEntry]:
        """The same as values."""
        ...

    def entry_rows(self) -> Sequence[Row]:
        """All entries of the opened index; those of the desk have a `path` that begins with `desk/`."""
        ...

    def build(self, rows: Sequence[Row], hear: Any) -> BuildOutcome:
        """Builds the index of the corpus with these entries and opens it. Raises BuildBusy or BuildFailed."""
        ...

    def report(self) -> Mapping[str, Any]:
        """The report of the last build."""
        ...
