"""Builds that are killed at random moments (`make torture`)."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from desk_server import DeskServer
from support import ROOT

from index.embedder import Embedder
from index.search import open_search
from index.snapshot import current_snapshot

pytestmark = pytest.mark.torture
SECONDS = 120
QUESTION = "Was kostet das Silber-Label?"


def note(server: DeskServer, number: int) -> None:
    """A document that says another number each time, with enough sentences that embedding them takes a while."""
    sentences = " ".join(f"Die Probezahl {number} hat den Zusatz {n}." for n in range(40))
    path = server.folder / "corpus" / "documents" / "torture.md"
    path.write_text(f"---\nlanguage: de\ntitle: Probe\n---\n{sentences}\n", encoding="utf-8")


def test_builds_killed_at_any_moment_leave_an_answering_index(
    torture_server: DeskServer, embedder: Embedder, chance: random.Random
) -> None:
    server = torture_server
    index = Path(server.environment["CLUSTERLOTSE_DATA"]) / "index"
    until, kills = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        note(server, kills)
        building = subprocess.Popen(
            [sys.executable, "app.py", "index"],
            cwd=ROOT,
            env=server.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(chance.uniform(0.3, 9))
        building.send_signal(signal.SIGKILL)
        building.wait(30)
        kills += 1
        assert "3.620" in server.ask(QUESTION)["text"]
        whole = open_search(index, current_snapshot(index), embedder)
        assert whole.search(QUESTION).ranked
    assert kills >= 10
    note(server, 4711)
    done = server.command("index")
    assert done.returncode == 0
    assert not list(index.glob(".building-*")), "what the killed builds left is gone"
    assert len(list((index / "snapshots").iterdir())) <= 3
    found = open_search(index, current_snapshot(index), embedder).search("Welchen Zusatz hat die Probezahl 4711?")
    assert "4711" in found.passages[0].passage.text
    assert "3.620" in server.ask(QUESTION)["text"]
