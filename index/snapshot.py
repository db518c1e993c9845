"""A snapshot: one complete, immutable built index on disk.

INDEX/current                    the name of the snapshot in use, replaced atomically
INDEX/snapshots/NAME/manifest.json   model, counts, digests, date
                     content.sqlite  programme, documents, passages, entries, figures, pages
                     *.npy           vectors (float32, unit length) and where each passage's sentences begin
                     lexical-LANGUAGE/  term ranking, by stems and by pieces of them
                     chroma/         the same passage vectors as a Chroma collection
"""

import json
import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from index.values import CuratedEntry, Figure, Page, Passage, Programme, SourceDocument

FORMAT = 7
Value = TypeVar("Value")


class SnapshotError(Exception):
    """There is no snapshot, or it cannot be read; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a snapshot was made from and holds."""

    format: int
    id: str
    created: str
    model: str
    dimension: int
    corpus_digest: str
    passages: int
    sentences: int
    entries: int
    figures: int
    documents: int
    languages: tuple[str, ...]
    store_prefix: str = ""


def current_snapshot(index: Path) -> Path:
    """The folder of the snapshot in use. Raises SnapshotError."""
    pointer = index / "current"
    try:
        name = pointer.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SnapshotError(f"no index at {index}; build one with `python app.py index`") from error
    folder = index / "snapshots" / name
    if not name or "/" in name or not (folder / "manifest.json").is_file():
        raise SnapshotError(
            f"the index at {index} names a snapshot that is not there; build it again with `python app.py index`"
        )
    return folder


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot folder. Raises SnapshotError."""
    try:
        fields: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        manifest = TypeAdapter(Manifest).validate_python(fields)
    except (OSError, ValueError) as error:
        raise SnapshotError(
            f"{folder / 'manifest.json'} is unreadable; build the index again with `python app.py index`"
        ) from error
    if manifest.format != FORMAT:
        raise SnapshotError(
            f"the snapshot has format {manifest.format}, this version reads {FORMAT}; build it again with `python app.py index`"
        )
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes manifest.json."""
    (folder / "manifest.json").write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")


def point_to(index: Path, name: str) -> None:
    """Swaps the snapshot in use in one step."""
    scratch = index / ".current.new"
    with scratch.open("w", encoding="utf-8") as handle:
        handle.write(name + "\n")
        handle.flush()
        os.fsync(handle.fileno())
    scratch.replace(index / "current")
    sync_folder(index)


def sync_folder(folder: Path) -> None:
    """Brings the names in a folder to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@lru_cache(maxsize=16)
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


class ContentWriter:
    """Writes content.sqlite: one row a value, as JSON."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path)
        self._connection.execute(
            "create table item (kind text, number integer, id text, value blob, primary key (kind, number)) without rowid"
        )
        self._connection.execute("create index item_id on item (kind, id)")

    def write(self, kind: str, type_: Any, rows: Iterable[tuple[str, Any]]) -> None:
        """`rows` are ids and values; numbers count from 0 in their order."""
        dump = _adapter(type_).dump_json
        self._connection.executemany(
            "insert into item values (?, ?, ?, ?)",
            ((kind, n, identity, dump(value)) for n, (identity, value) in enumerate(rows)),
        )

    def close(self) -> None:
        """Commits."""
        self._connection.commit()
        self._connection.close()


class Content:
    """Reads content.sqlite; passages one by one, everything small at once. Safe to use from several threads."""

    def __init__(self, path: Path, cached_passages: int = 20_000) -> None:
        if not path.is_file():
            raise SnapshotError(f"{path} is missing; build the index again with `python app.py index`")
        self._connection = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True, check_same_thread=False)
        self._lock = threading.Lock()
        self._passages: dict[int, Passage] = {}
        self._cached = cached_passages
        try:
            self.programme: Programme = next(self._all("programme", Programme))
            self.documents: dict[str, SourceDocument] = {d.id: d for d in self._all("document", SourceDocument)}
            self.entries: tuple[CuratedEntry, ...] = tuple(self._all("entry", CuratedEntry))
            self.itself: tuple[CuratedEntry, ...] = tuple(self._all("itself", CuratedEntry))
            self.figures: tuple[Figure, ...] = tuple(self._all("figure", Figure))
            self.pages: tuple[Page, ...] = tuple(self._all("page", Page))
            self.outside: dict[str, tuple[str, ...]] = next(self._all("outside", dict[str, tuple[str, ...]]), {})
        except (sqlite3.Error, ValueError, StopIteration) as error:
            raise SnapshotError(f"{path} is damaged; build the index again with `python app.py index`") from error

    @property
    def asked(self) -> list[CuratedEntry | Figure]:
        """All that people ask for, in the order of its units: entries, questions about the assistant, figures."""
        return [*self.entries, *self.itself, *self.figures]

    def _all(self, kind: str, type_: Any) -> Iterator[Any]:
        load = _adapter(type_).validate_json
        with self._lock:
            rows = self._connection.execute("select value from item where kind = ? order by number", (kind,)).fetchall()
        return (load(value) for (value,) in rows)

    def passage_count(self) -> int:
        """How many passages there are."""
        with self._lock:
            return self._connection.execute("select count(*) from item where kind = 'passage'").fetchone()[0]

    def close(self) -> None:
        """Ends the reading."""
        with self._lock:
            self._connection.close()

    def passage(self, number: int) -> Passage:
        """The passage of a row number."""
        return self.passages_at((number,))[0]

    def passages_at(self, numbers: Sequence[int]) -> list[Passage]:
        """The passages of several row numbers, in their order."""
        cache = self._passages
        found = {n: cache[n] for n in numbers if n in cache}
        wanted = [n for n in dict.fromkeys(numbers) if n not in found]
        if wanted:
            load = _adapter(Passage).validate_json
            marks = ",".join("?" * len(wanted))
            with self._lock:
                query = f"select number, value from item where kind = 'passage' and number in ({marks})"  # noqa: S608
                rows = self._connection.execute(query, wanted).fetchall()  # the query holds only question marks
            found.update((int(number), load(value)) for number, value in rows)
            if len(cache) > self._cached:
                self._passages = cache = {}
            cache.update(found)
        return [found[n] for n in numbers]

    def passage_numbers(self, document: str) -> list[int]:
        """Row numbers of a document's passages in reading order."""
        with self._lock:
            rows = self._connection.execute(
                "select number from item where kind = 'passage' and id >= ? and id < ? order by number",
                (f"{document}#", f"{document}$"),
            ).fetchall()
        return [int(number) for (number,) in rows]
