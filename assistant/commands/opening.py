"""Opens an index with its model and assistant, and follows the swap to a newer one."""

import logging
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.commands import CommandError
from assistant.commands.lines import say
from assistant.settings import Settings

RELOAD_SECONDS = 3.0


@dataclass(frozen=True, slots=True)
class SnapshotState:
    """What `/readyz` tells of the index in use."""

    snapshot: str
    created: str
    counts: dict[str, int]
    newest: str | None = None
    """The newest date that a document or one of its origins states."""


class SnapshotLibrary:
    """The documents of an opened snapshot."""

    def __init__(self, content: Any) -> None:
        self._content = content

    def document(self, identity: str) -> Any:
        """A document by id."""
        return self._content.documents.get(identity)

    def document_passages(self, identity: str) -> Any:
        """Its passages in reading order."""
        return self._content.passages_at(self._content.passage_numbers(identity))


@dataclass(frozen=True, slots=True)
class OpenedIndex:
    """A snapshot with the assistant that answers from it."""

    assistant: Any
    library: SnapshotLibrary
    state: SnapshotState
    pages: Any
    search: Any


class LiveIndex:
    """The index in use; follows the swap to a newer snapshot without a restart."""

    def __init__(self, settings: Settings, index: Path) -> None:
        self._settings, self.folder = settings, index
        self._lock = threading.Lock()
        self._opened: OpenedIndex | None = None
        self._embedder: Any = None
        self.fault = ""

    def current(self) -> OpenedIndex | None:
        """The opened index, or None."""
        return self._opened

    @property
    def embedder(self) -> Any:
        """The embedding model, loaded once."""
        with self._lock:
            self._embedder = self._embedder or question_embedder(self._settings)
            return self._embedder

    def refresh(self) -> None:
        """Opens the snapshot that `current` names, if it is another one."""
        from index.snapshot import SnapshotError, current_snapshot

        try:
            folder = current_snapshot(self.folder)
            if self._opened is None or self._opened.state.snapshot != folder.name:
                self._opened = open_index(self._settings, self.folder, self.embedder)
        except (CommandError, SnapshotError) as error:
            self.fault = str(error)
            if self._opened is None:
                logging.getLogger(__name__).warning("%s", error)

    def watch(self) -> None:
        """Looks for a newer snapshot every few seconds, in the background."""

        def look() -> None:
            while True:
                time.sleep(RELOAD_SECONDS)
                self.refresh()

        threading.Thread(target=look, daemon=True, name="snapshot-watch").start()


def question_embedder(settings: Settings, *, building: bool = False) -> Any:
    """The embedding model of the settings. Raises CommandError."""
    from index.embedder import ModelError, load_embedder

    try:
        return load_embedder(
            settings.embedding_model,
            settings.data,
            questions_only=not building,
            progress=lambda step: say(f"model: {step}"),
            warn=lambda text: say(f"warning: {text}"),
        )
    except ModelError as error:
        raise CommandError(str(error)) from error


def open_index(settings: Settings, index: Path, embedder: Any = None) -> OpenedIndex:
    """The snapshot in use with its assistant. Raises CommandError."""
    from assistant.answering.assistant import Assistant, Facts
    from assistant.evaluation.calibrate import read_thresholds
    from index.reranker import load_reranker
    from index.search import StoreError, open_search
    from index.snapshot import SnapshotError, current_snapshot

    try:
        folder = current_snapshot(index)
        embedder = embedder or question_embedder(settings)
        rerank = load_reranker(settings.reranker) if settings.reranker else None
        search = open_search(index, folder, embedder, chroma_url=settings.chroma_url, rerank=rerank)
    except (SnapshotError, StoreError) as error:
        raise CommandError(str(error)) from error
    manifest = search.manifest
    counts = {
        name: int(getattr(manifest, name)) for name in ("documents", "passages", "sentences", "entries", "figures")
    }
    dates = [
        date
        for d in search.content.documents.values()
        for date in (d.as_of, *(r.as_of for r in d.references.values()))
        if date
    ]
    state = SnapshotState(manifest.id, manifest.created, counts, max(dates, default=None))
    assistant = Assistant(
        search,
        search.content.programme,
        manifest.model,
        thresholds=read_thresholds(folder),
        facts=Facts(state.newest, settings.retention_days),
    )
    return OpenedIndex(assistant, SnapshotLibrary(search.content), state, search.content.pages, search)


def build_other(settings: Settings, other: Settings) -> None:
    """Builds (or finds unchanged) the index of a corpus that is not the one served, with the model of `settings`."""
    from assistant.evaluation.calibrate import write_thresholds
    from index.build import BuildError, build_snapshot
    from index.embedder import model_id
    from index.values import CorpusError

    embedder = question_embedder(settings)
    try:
        build_snapshot(
            other.corpus,
            other.index_folder,
            model_id=model_id(settings.embedding_model),
            embedder=lambda: embedder,
            finish=lambda folder: write_thresholds(folder, embedder.embed_questions, settings.error_budget),
        )
    except (BuildError, CorpusError) as error:
        raise CommandError(str(error)) from error
