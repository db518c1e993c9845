"""The vector store: the only importer of chromadb.

Chroma keeps vectors, texts and their metadata as ordinary collections. Below `EXACT_BELOW` vectors a search is an
exact scan of
the same vectors, memory-mapped: it is as fast as the approximate graph and cannot miss (docs/decisions/0003).
"""

import atexit
import logging
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors
from index.exact_scan import ExactScan, PlainScan

LOG = logging.getLogger(__name__)
EXACT_BELOW = 500_000
"""Up to here the exact scan takes no longer than the graph at a width that loses little."""
SCANNED_FROM = 10_000
"""Fewer vectors are faster compared one by one than with a coarse pass before."""
SEARCH_WIDTH = 800
WIDEST = 4000
"""Up to so many vectors the graph is searched as wide as it is large, which misses none; above, at `SEARCH_WIDTH`."""
BATCH = 5000
STORE_FILE = "chroma.sqlite3"


class StoreError(Exception):
    """The store cannot be opened or does not hold what the manifest says."""


def _reason(error: Exception) -> str:
    return " ".join(str(error).split())[:160]


def _client(folder: Path | None, url: str | None) -> Any:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.config import Settings

    settings = Settings(anonymized_telemetry=False)
    if url:
        from urllib.parse import urlsplit

        parts = urlsplit(url)
        return chromadb.HttpClient(
            host=parts.hostname or "127.0.0.1", port=parts.port or 8000, ssl=parts.scheme == "https", settings=settings
        )
    return chromadb.PersistentClient(str(folder), settings=settings)


class PassageIndexWriter:
    """Writes the collections of a new snapshot. Raises StoreError where the store cannot be reached."""

    def __init__(self, folder: Path, url: str | None = None, prefix: str = "") -> None:
        try:
            self._client = _client(folder, url)
        except Exception as error:  # chromadb raises its own, httpx's and Rust's errors
            raise StoreError(f"the vector store at {url or folder} cannot be reached: {_reason(error)}") from error
        self._prefix = prefix

    def write(
        self,
        name: str,
        model_id: str,
        ids: Sequence[str],
        vectors: Vectors,
        texts: Sequence[str],
        metadatas: Sequence[dict[str, Any]],
    ) -> None:
        """One collection: distance is the inner product, since all vectors have length one. Raises StoreError."""
        try:
            self._write(name, model_id, ids, vectors, texts, metadatas)
        except Exception as error:
            raise StoreError(f"the vector store cannot be written: {_reason(error)}") from error

    def _write(
        self,
        name: str,
        model_id: str,
        ids: Sequence[str],
        vectors: Vectors,
        texts: Sequence[str],
        metadatas: Sequence[dict[str, Any]],
    ) -> None:
        large = len(ids) >= EXACT_BELOW
        graph = {
            "space": "ip",
            "ef_construction": 200 if large else 100,
            "max_neighbors": 32 if large else 16,
            "ef_search": max(SEARCH_WIDTH, len(ids)) if len(ids) <= WIDEST else SEARCH_WIDTH,
        }
        if f"{self._prefix}{name}" in _names(self._client):  # of a build that was ended in between
            self._client.delete_collection(f"{self._prefix}{name}")
        collection = self._client.create_collection(
            f"{self._prefix}{name}",
            metadata={"model": model_id},
            configuration={"hnsw": graph},
            embedding_function=None,
        )
        for start in range(0, len(ids), BATCH):
            part = slice(start, start + BATCH)
            collection.add(
                ids=list(ids[part]),
                embeddings=vectors[part],
                documents=list(texts[part]),
                metadatas=list(metadatas[part]),
            )
        if (held := collection.count()) != len(ids):
            raise StoreError(f"it holds {held} of {len(ids)} vectors")

    def close(self) -> None:
        """Flushes and releases the files."""
        self._client.clear_system_cache() if hasattr(self._client, "clear_system_cache") else None


def remove_replaced(url: str, owner: str, kept: Sequence[str], further: Sequence[str] = ()) -> list[str]:
    """Deletes from a server what an index wrote there (names that begin with `owner`) but for the prefixes `kept`,
    and `further` prefixes; returns the names. Raises StoreError."""
    try:
        client = _client(None, url)
        gone = [
            name
            for name in _names(client)
            if not name.startswith(tuple(kept))
            and name.startswith((f"{owner}-", *(prefix for prefix in further if prefix)))
        ]
        for name in gone:
            client.delete_collection(name)
    except Exception as error:
        raise StoreError(f"replaced collections cannot be deleted from {url}: {_reason(error)}") from error
    return gone


def _names(client: Any) -> list[str]:
    """The names of all collections; servers give them in parts."""
    names: list[str] = []
    while part := [collection.name for collection in client.list_collections(limit=100, offset=len(names))]:
        names += part
    return names


class PassageIndex:
    """Searches the passages of a finished snapshot. Where the store fails meanwhile, the vectors of the snapshot
    are compared one by one."""

    def __init__(self, collection: Any, vectors: Vectors, exact_below: int = EXACT_BELOW) -> None:
        """`collection` is None where it is never asked: fewer than `exact_below` vectors."""
        self._collection, self._vectors, self._count = collection, vectors, len(vectors)
        scan = PlainScan if len(vectors) < SCANNED_FROM else ExactScan
        self._scan = scan(vectors) if len(vectors) < exact_below else None

    def nearest(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """Row numbers of the nearest passages and their similarities, best first. `vector` is (dimension,)."""
        if self._scan is not None:
            return self._scan.nearest(vector, count)
        try:
            found = self._collection.query(
                query_embeddings=[vector], n_results=min(count, self._count), include=["distances"]
            )
        except Exception as error:  # a server that is away, or a snapshot that was replaced a moment ago
            LOG.warning("the vector store fails, the vectors are compared one by one: %s", type(error).__name__)
            return PlainScan(self._vectors).nearest(vector, count)
        rows = np.fromiter((int(i) for i in found["ids"][0]), np.int64)
        # the store rounds its distances otherwise; the same rows have the same similarities everywhere
        products = self._vectors[rows] @ vector
        order = np.lexsort((rows, -products))
        return rows[order], products[order]


def writable(folder: Path) -> bool:
    """Whether Chroma can open the files in a folder."""
    return os.access(folder, os.W_OK) and os.access(folder / STORE_FILE, os.W_OK)


def _copied(folder: Path) -> Path:
    """A private copy of a folder; it is removed when the process ends."""
    place = Path(tempfile.mkdtemp(prefix="clusterlotse-chroma-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for path in sorted(folder.rglob("*")):  # the content without the permissions
        target = place / path.relative_to(folder)
        if path.is_dir():
            target.mkdir()
        else:
            shutil.copyfile(path, target)
    return place


def open_passage_index(
    folder: Path,
    vectors: Vectors,
    *,
    model_id: str,
    url: str | None = None,
    prefix: str = "",
    exact_below: int = EXACT_BELOW,
) -> PassageIndex:
    """Opens a finished collection and holds it against the manifest. Raises StoreError.

    A collection beside the snapshot that no search would ask stays closed, because Chroma writes where it opens; one
    in a folder that cannot be written is opened as a copy, which goes with the process.
    """
    if not url and not (folder / STORE_FILE).is_file():
        raise StoreError(f"{folder} holds no vector store")
    if not url and len(vectors) < exact_below:
        return PassageIndex(None, vectors, exact_below)
    try:
        collection = _client(folder if url or writable(folder) else _copied(folder), url).get_collection(
            f"{prefix}passages", embedding_function=None
        )
        count, model = collection.count(), (collection.metadata or {}).get("model")
    except Exception as error:  # chromadb raises its own, sqlite's and Rust's errors
        raise StoreError(f"the vector store cannot be opened: {_reason(error)}") from error
    if count != len(vectors) or model != model_id:
        raise StoreError(
            f"the vector store holds {count} passages of {model}, the manifest says {len(vectors)} of {model_id}"
        )
    return PassageIndex(collection, vectors, exact_below)
