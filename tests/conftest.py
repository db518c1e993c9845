"""What the tests share: the real model, the shipped index, small corpora."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from assistant.answering.assistant import Assistant  # noqa: E402
from index.build import Built, build_snapshot  # noqa: E402
from index.embedder import Embedder, load_embedder  # noqa: E402
from index.search import SnapshotSearch, open_search  # noqa: E402

DATA = ROOT / "var"


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The bundled model as it serves questions."""
    return load_embedder("bundled", DATA, questions_only=True)


@pytest.fixture(scope="session")
def shipped_search(embedder: Embedder) -> SnapshotSearch:
    """The shipped corpus, built (or found unchanged) below var/."""
    built = build_snapshot(ROOT / "corpus", DATA / "index", model_id=embedder.model_id, embedder=lambda: embedder)
    return open_search(DATA / "index", built.folder, embedder)


@pytest.fixture(scope="session")
def shipped(shipped_search: SnapshotSearch) -> Assistant:
    """The assistant of the shipped corpus."""
    return Assistant(shipped_search, shipped_search.content.programme, shipped_search.manifest.model)


PROGRAMME = {"name": "Probe", "hotline": {"phone": "+49 30 1234567", "email": "hilfe@example.org"}, "languages": ["de", "en"]}


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


@pytest.fixture
def small_corpus(tmp_path: Path, embedder: Embedder) -> SmallCorpus:
    """An empty corpus with a programme."""
    return SmallCorpus(tmp_path, embedder)


Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def command(shipped: Assistant) -> Command:
    """Runs `python app.py …` as a person would."""
    del shipped

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "app.py", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=300, env={**os.environ, **environment}, check=False)

    return run


def json_lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]
