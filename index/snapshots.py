"""The snapshots that an index keeps: which there are, whether one is whole, going back to one, removing old ones."""

import contextlib
import json
import os
import secrets
import shutil
import sqlite3
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock, Timeout

from index.passage_index import open_passage_index, remove_replaced
from index.snapshot import (
    FORMAT,
    Content,
    Manifest,
    SnapshotError,
    current_snapshot,
    point_to,
    read_manifest,
    sync_folder,
)

COUNTED = ("documents", "passages", "sentences", "entries", "figures")


@dataclass(frozen=True, slots=True)
class Kept:
    """A snapshot on disk, of whatever format."""

    folder: Path
    created: str
    model: str
    format: int
    store_prefix: str
    in_use: bool
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its name."""
        return self.folder.name

    @property
    def readable(self) -> bool:
        """Whether this version can serve its format; another version of the product may."""
        return self.format == FORMAT


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed: names of snapshots, and how many half-built or half-removed ones."""

    removed: tuple[str, ...]
    leftovers: int


@contextlib.contextmanager
def only_writer(index: Path) -> Generator[None]:
    """Holds the lock of an index. Raises SnapshotError when another process builds or prunes."""
    try:
        with FileLock(index / ".lock", timeout=0):
            yield
    except Timeout as error:
        raise SnapshotError(f"another build of {index} is running; wait for it to end") from error


def kept_snapshots(index: Path) -> list[Kept]:
    """All snapshots with a manifest, the newest first."""
    used = _used(index)
    room = index / "snapshots"
    found = [_kept(folder, used) for folder in (room.iterdir() if room.is_dir() else ())]
    return sorted((kept for kept in found if kept), key=_age, reverse=True)


def _used(index: Path) -> str:
    try:
        return current_snapshot(index).name
    except SnapshotError:
        return ""


def _age(kept: Kept) -> tuple[str, int]:
    return kept.created, (kept.folder / "manifest.json").stat().st_mtime_ns


def _kept(folder: Path, used: str) -> Kept | None:
    try:
        fields: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        counts = {name: int(fields[name]) for name in COUNTED if name in fields}
        return Kept(
            folder,
            str(fields["created"]),
            str(fields["model"]),
            int(fields["format"]),
            str(fields.get("store_prefix", "")),
            folder.name == used,
            counts,
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def verify_snapshot(folder: Path) -> Manifest:
    """Reads a snapshot again from disk and holds it against its manifest. Raises SnapshotError."""
    manifest = read_manifest(folder)
    try:
        faults = list(_faults(folder, manifest))
    except (OSError, ValueError, sqlite3.Error, EOFError) as error:
        raise SnapshotError(f"the snapshot {manifest.id} cannot be read: {type(error).__name__}") from error
    if faults:
        raise SnapshotError(f"the snapshot {manifest.id} is not whole: {'; '.join(faults)}")
    return manifest


def _faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    rows = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("passages", "sentences", "asked")}
    asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    first = np.load(folder / "first_sentence.npy")
    content = Content(folder / "content.sqlite")
    try:
        held = {
            "documents": len(content.documents),
            "entries": len(content.entries),
            "figures": len(content.figures),
            "passages": content.passage_count(),
        }
    finally:
        content.close()
    for what, count, wanted in [
        *((f"{name} in content.sqlite", count, getattr(manifest, name)) for name, count in held.items()),
        ("vectors of passages", len(rows["passages"]), manifest.passages),
        ("vectors of sentences", len(rows["sentences"]), manifest.sentences),
        ("vectors of questions", len(rows["asked"]), len(asked)),
        ("sentences by passage", int(first[-1]), manifest.sentences),
        ("passages with sentences", len(first) - 1, manifest.passages),
        ("passages with a document", len(np.load(folder / "passage_document.npy")), manifest.passages),
    ]:
        if count != wanted:
            yield f"{count} {what}, not {wanted}"
    for name, vectors in rows.items():
        if vectors.ndim != 2 or vectors.shape[1] != manifest.dimension:
            yield f"{name}.npy has the shape {vectors.shape}, not (n, {manifest.dimension})"
    if not manifest.store_prefix and not (folder / "chroma" / "chroma.sqlite3").is_file():
        yield "no vector store"


def activate(index: Path, name: str, model_id: str, chroma_url: str | None = None) -> Manifest:
    """Puts a kept snapshot to use once it is verified. Raises SnapshotError or StoreError."""
    chosen = next((kept for kept in kept_snapshots(index) if kept.id == name), None)
    if chosen is None:
        raise SnapshotError(f"no snapshot {name!r} in {index}; `python app.py snapshots list` names them")
    with only_writer(index):
        manifest = verify_snapshot(chosen.folder)
        if manifest.model != model_id:
            raise SnapshotError(f"the snapshot was built with the model {manifest.model}, the settings name {model_id}")
        if bool(manifest.store_prefix) != bool(chroma_url):
            place = "on a Chroma server" if manifest.store_prefix else "in its folder"
            raise SnapshotError(f"the vectors of the snapshot are {place}; set CLUSTERLOTSE_CHROMA_URL accordingly")
        if chroma_url:
            vectors = np.load(chosen.folder / "passages.npy", mmap_mode="r")
            prefix = manifest.store_prefix
            open_passage_index(chosen.folder, vectors, model_id=model_id, url=chroma_url, prefix=prefix)
        point_to(index, name)
    return manifest


def prune(index: Path, keep: int, chroma_url: str | None = None) -> Pruned:
    """Removes all but the newest `keep` snapshots, and leftovers. Raises SnapshotError when another process writes,
    StoreError when collections of removed ones cannot be deleted from the server."""
    if not index.is_dir():
        raise SnapshotError(f"no index at {index}")
    with only_writer(index):
        return prune_locked(index, keep, chroma_url)


def prune_locked(index: Path, keep: int, chroma_url: str | None = None) -> Pruned:
    """The same for who holds the lock."""
    leftovers = remove_leftovers(index)
    present = kept_snapshots(index)
    used = [kept for kept in present if kept.in_use]
    others = [kept for kept in present if not kept.in_use]
    staying = [*used, *others[: max(0, keep - len(used))]]
    going = [kept for kept in others if kept not in staying]
    for kept in going:
        _remove(kept.folder)
    if chroma_url:
        prefixes = [kept.store_prefix for kept in staying if kept.store_prefix]
        remove_replaced(chroma_url, store_owner(index), prefixes, [kept.store_prefix for kept in going])
    return Pruned(tuple(kept.id for kept in going), leftovers)


def remove_leftovers(index: Path) -> int:
    """Removes what builds and prunings that were killed left; gives how many folders."""
    room = index / "snapshots"
    used = _used(index)
    present = [folder for folder in (room.iterdir() if room.is_dir() else ()) if folder.name != used]
    half = [folder for folder in present if _kept(folder, used) is None]
    left = [*index.glob(".building-*"), *half]
    for folder in left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _remove(folder: Path) -> None:
    """Removes a snapshot, its manifest first: what a kill leaves of it is known as a leftover."""
    (folder / "manifest.json").unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def sync_tree(folder: Path) -> None:
    """Brings all files and folders of a snapshot to the disk."""
    for place, _, names in os.walk(folder):
        for name in names:
            with (Path(place) / name).open("rb") as handle:
                os.fsync(handle.fileno())
        sync_folder(Path(place))


def store_owner(index: Path) -> str:
    """What the collections of this index begin with on a server that others use too."""
    path = index / "store-owner"
    if not path.is_file():
        path.write_text(f"i{secrets.token_hex(6)}\n", encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()
