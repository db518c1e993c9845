"""The vector store: the only importer of chromadb.

Chroma keeps vectors, texts and their metadata as ordinary collections. Below `EXACT_BELOW` vectors a search is an exact scan of
the same vectors, memory-mapped: it is as fast as the approximate graph and cannot miss (docs/decisions/0003).
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors
from index.exact_scan import ExactScan, PlainScan

EXACT_BELOW = 500_000
"""Up to here the exact scan takes no longer than the graph at a width that loses little."""
SCANNED_FROM = 10_000
"""Fewer vectors are faster compared one by one than with a coarse pass before."""
SEARCH_WIDTH = 800
BATCH = 5000


class StoreError(Exception):
    """The store cannot be opened or does not hold what the manifest says."""


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
    """Writes the collections of a new snapshot."""

    def __init__(self, folder: Path, url: str | None = None, prefix: str = "") -> None:
        self._client = _client(folder, url)
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
        """One collection: distance is the inner product, since all vectors have length one."""
        large = len(ids) >= EXACT_BELOW
        graph = {
            "space": "ip",
            "ef_construction": 200 if large else 100,
            "max_neighbors": 32 if large else 16,
            "ef_search": SEARCH_WIDTH,
        }
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

    def close(self) -> None:
        """Flushes and releases the files."""
        self._client.clear_system_cache() if hasattr(self._client, "clear_system_cache") else None


class PassageIndex:
    """Searches the passages of a finished snapshot."""

    def __init__(self, collection: Any, vectors: Vectors, exact_below: int = EXACT_BELOW) -> None:
        self._collection, self._count = collection, len(vectors)
        scan = PlainScan if len(vectors) < SCANNED_FROM else ExactScan
        self._scan = scan(vectors) if len(vectors) < exact_below else None

    def nearest(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """Row numbers of the nearest passages and their similarities, best first. `vector` is (dimension,)."""
        if self._scan is not None:
            return self._scan.nearest(vector, count)
        found = self._collection.query(
            query_embeddings=[vector], n_results=min(count, self._count), include=["distances"]
        )
        rows = np.fromiter((int(i) for i in found["ids"][0]), np.int64)
        return rows, 1 - np.asarray(found["distances"][0], np.float32)


def open_passage_index(
    folder: Path,
    vectors: Vectors,
    *,
    model_id: str,
    url: str | None = None,
    prefix: str = "",
    exact_below: int = EXACT_BELOW,
) -> PassageIndex:
    """Opens a finished collection and holds it against the manifest. Raises StoreError."""
    if not url and not (folder / "chroma.sqlite3").is_file():
        raise StoreError(f"{folder} holds no vector store")
    try:
        collection = _client(folder, url).get_collection(f"{prefix}passages", embedding_function=None)
        count, model = collection.count(), (collection.metadata or {}).get("model")
    except Exception as error:  # chromadb raises its own, sqlite's and Rust's errors
        raise StoreError(f"the vector store cannot be opened: {' '.join(str(error).split())[:160]}") from error
    if count != len(vectors) or model != model_id:
        raise StoreError(
            f"the vector store holds {count} passages of {model}, the manifest says {len(vectors)} of {model_id}"
        )
    return PassageIndex(collection, vectors, exact_below)
