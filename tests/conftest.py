"""What the tests share: the real model, the shipped index, small corpora, the commands."""

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk_server import DeskServer
from support import DATA, ROOT, Command, SmallCorpus

from assistant.answering.assistant import Assistant
from index.build import build_snapshot
from index.embedder import Embedder, load_embedder
from index.search import SnapshotSearch, open_search

os.environ.setdefault("HF_HUB_OFFLINE", "1")


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


@pytest.fixture
def small_corpus(tmp_path: Path, embedder: Embedder) -> SmallCorpus:
    """An empty corpus with a programme."""
    return SmallCorpus(tmp_path, embedder)


@pytest.fixture(scope="session")
def command(shipped: Assistant) -> Command:
    """Runs `python app.py …` as a person would."""
    del shipped

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "app.py", *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            env={**os.environ, **environment},
            check=False,
        )

    return run


@pytest.fixture
def chance() -> random.Random:
    """What a torture test does by chance; `TORTURE_SEED` does it again."""
    seed = int(os.environ.get("TORTURE_SEED") or random.SystemRandom().randrange(10**9))
    print(f"TORTURE_SEED={seed}")
    return random.Random(seed)


@pytest.fixture
def torture_server(shipped_search: SnapshotSearch, tmp_path: Path) -> Iterator[DeskServer]:
    """A real server with data of its own and no limit of questions."""
    del shipped_search
    running = DeskServer(tmp_path / "server")
    running.prepare()
    running.environment["CLUSTERLOTSE_RATE_PER_MINUTE"] = "1000000"
    running.start()
    yield running
    running.stop()
