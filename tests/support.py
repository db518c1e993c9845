"""What tests import: paths, a corpus that a test fills, and small helpers."""

import asyncio
import json
import subprocess
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from assistant.answering.assistant import Assistant
from index.build import Built, build_snapshot
from index.embedder import Embedder
from index.search import SnapshotSearch, open_search

ROOT = Path(__file__).parents[1]
DATA = ROOT / "var"
Command = Callable[..., subprocess.CompletedProcess[str]]
PROGRAMME = {
    "name": "Probe",
    "hotline": {"phone": "+49 30 1234567", "email": "hilfe@example.org"},
    "languages": ["de", "en"],
}


class SmallCorpus:
    """A corpus in a temporary folder that a test fills."""

    def __init__(self, folder: Path, embedder: Embedder) -> None:
        self.folder, self.index, self.embedder = folder / "corpus", folder / "index", embedder
        self.embedded: list[int] = []
        self.programme()

    def programme(self, **more: Any) -> None:
        self.write("programme.yaml", yaml.safe_dump({**PROGRAMME, **more}, allow_unicode=True))

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def entries(self, rows: Iterable[Mapping[str, Any]], name: str = "curated/entries.yaml") -> None:
        self.write(name, yaml.safe_dump(list(rows), allow_unicode=True))

    def build(self) -> Built:
        built = build_snapshot(self.folder, self.index, model_id=self.embedder.model_id, embedder=lambda: self.embedder)
        self.embedded.append(built.report["embeddings_computed"])
        return built

    def search(self) -> SnapshotSearch:
        return open_search(self.index, self.build().folder, self.embedder)

    def assistant(self, **options: Any) -> Assistant:
        search = self.search()
        return Assistant(search, search.content.programme, search.manifest.model, **options)


def json_lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


def events(text: str) -> list[tuple[str, Any]]:
    """The server-sent events of a response, with their data."""
    return [
        (block.split("\n")[0].removeprefix("event: "), json.loads(block.split("\ndata: ")[1]))
        for block in text.strip().split("\n\n")
    ]


def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs a coroutine in a thread of its own: the browser's tests keep a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
