"""Chroma above its threshold, in the process and as a server: the same as the exact scan, and nothing left behind."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import ROOT, SmallCorpus

from index.build import BuildError, Built, build_snapshot
from index.embedder import Embedder
from index.passage_index import WIDEST, PassageIndexWriter, StoreError, open_passage_index
from index.search import SnapshotSearch, open_search
from index.snapshot import SnapshotError, read_manifest
from index.snapshots import activate, prune

QUESTIONS = 300


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Chroma server of our own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("chroma")
    program = Path(sys.executable).with_name("chroma")
    process = subprocess.Popen(
        [str(program), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(folder)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            assert process.poll() is None, "the server ended"
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def questions() -> list[str]:
    rows = [json.loads(r) for r in (ROOT / "corpus/questions/own.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [row["turns"][0] for row in rows if row["turns"][0].strip()]
    return texts[:: len(texts) // QUESTIONS][:QUESTIONS]


def collections(server: str) -> list[str]:
    import chromadb

    client = chromadb.HttpClient(port=int(server.rsplit(":", 1)[1]), host="127.0.0.1")
    return sorted(collection.name for collection in client.list_collections())


def build(corpus: SmallCorpus | Path, index: Path, embedder: Embedder, server: str, kept: int = 1) -> Built:
    folder = corpus.folder if isinstance(corpus, SmallCorpus) else corpus
    return build_snapshot(
        folder, index, model_id=embedder.model_id, embedder=lambda: embedder, chroma_url=server, kept=kept
    )


def small(corpus: SmallCorpus, text: str = "Die Gebühr beträgt 12 Euro.") -> SmallCorpus:
    corpus.write("documents/fee.md", f"---\nlanguage: de\ntitle: Gebühren\n---\n{text}\n")
    corpus.write("documents/seat.md", "---\nlanguage: de\n---\nDer Verein hat seinen Sitz in Leipzig.\n")
    return corpus


def equal(one: SnapshotSearch, other: SnapshotSearch, texts: list[str]) -> None:
    for text in texts:
        ours, theirs = one.search(text), other.search(text)
        assert [(r.kind, r.document, r.passage) for r in ours.ranked] == [
            (r.kind, r.document, r.passage) for r in theirs.ranked
        ], text
        assert np.allclose([r.score for r in ours.ranked], [r.score for r in theirs.ranked], atol=1e-6)


def test_a_server_gives_the_same_results_as_the_exact_scan(
    shipped_search: SnapshotSearch, embedder: Embedder, server: str, questions: list[str], tmp_path: Path
) -> None:
    assert len(questions) == QUESTIONS
    index = tmp_path / "index"
    shutil.copytree(shipped_search.folder.parents[1], index)  # nothing has to be embedded again
    folder = build(ROOT / "corpus", index, embedder, server).folder
    assert not (folder / "chroma" / "chroma.sqlite3").exists(), "the vectors are on the server"
    asked = open_search(index, folder, embedder, chroma_url=server, exact_below=0)
    equal(shipped_search, asked, questions)
    exact = open_search(index, folder, embedder, chroma_url=server)
    equal(shipped_search, exact, questions[:20])


def test_chroma_in_the_process_gives_the_same_results_as_the_exact_scan(
    shipped_search: SnapshotSearch, embedder: Embedder, questions: list[str]
) -> None:
    asked = open_search(shipped_search.folder.parents[1], shipped_search.folder, embedder, exact_below=0)
    equal(shipped_search, asked, questions)


@pytest.mark.parametrize("place", ["process", "server"])
def test_the_graph_misses_nothing_up_to_its_widest_search(
    place: str, shipped_search: SnapshotSearch, embedder: Embedder, questions: list[str], server: str, tmp_path: Path
) -> None:
    parts = [np.load(shipped_search.folder / f"{name}.npy") for name in ("passages", "sentences", "asked")]
    vectors = np.unique(np.concatenate(parts), axis=0)[:WIDEST]
    assert len(vectors) > 2000
    url, prefix = (server, f"wide-{tmp_path.name}-") if place == "server" else (None, "")
    writer = PassageIndexWriter(tmp_path, url, prefix)
    names = [str(n) for n in range(len(vectors))]
    writer.write("passages", "model", names, vectors, names, [{"n": n} for n in range(len(vectors))])
    opening: dict[str, Any] = {"model_id": "model", "url": url, "prefix": prefix}
    graph = open_passage_index(tmp_path, vectors, **opening, exact_below=0)
    exact = open_passage_index(tmp_path, vectors, **opening)
    for vector in embedder.embed_questions(questions):
        ours, near = exact.nearest(vector, 200)
        theirs, similar = graph.nearest(vector, 200)
        assert np.allclose(near, similar, atol=1e-6)
        # two that are equally far may stand for each other
        surely = {int(row) for row, similarity in zip(ours, near, strict=True) if similarity > near[-1] + 1e-6}
        assert surely <= set(map(int, theirs))


def test_moving_to_a_server_and_back_builds_again_and_embeds_nothing(
    small_corpus: SmallCorpus, embedder: Embedder, server: str
) -> None:
    small(small_corpus).build()
    moved = build(small_corpus, small_corpus.index, embedder, server)
    open_search(small_corpus.index, moved.folder, embedder, chroma_url=server)
    back = small_corpus.build()
    open_search(small_corpus.index, back.folder, embedder)
    assert moved.report["embeddings_computed"] == back.report["embeddings_computed"] == 0


def test_replaced_snapshots_leave_nothing_on_the_server(
    small_corpus: SmallCorpus, embedder: Embedder, server: str, tmp_path: Path
) -> None:
    others = collections(server)
    neighbour = build(small(SmallCorpus(tmp_path / "b", embedder)), tmp_path / "b" / "index", embedder, server)
    first = build(small(small_corpus), small_corpus.index, embedder, server)
    serving = open_search(small_corpus.index, first.folder, embedder, chroma_url=server, exact_below=0)
    second = build(small(small_corpus, "Die Gebühr beträgt 15 Euro."), small_corpus.index, embedder, server)
    kept = [read_manifest(built.folder).store_prefix + "passages" for built in (neighbour, second)]
    assert sorted(set(collections(server)) - set(others)) == sorted(kept)
    fresh = open_search(small_corpus.index, second.folder, embedder, chroma_url=server, exact_below=0)
    assert "15 Euro" in fresh.search("Wie hoch ist die Gebühr?").passages[0].passage.text
    # who still serves the old snapshot for a moment compares its vectors one by one
    rows, _ = serving.nearest(embedder.embed_questions(["Wo sitzt der Verein?"])[0], 1)
    assert len(rows) == 1


def test_kept_snapshots_keep_their_vectors_on_the_server(
    small_corpus: SmallCorpus, embedder: Embedder, server: str
) -> None:
    others, built = collections(server), []
    for euros in (12, 15, 18):
        small(small_corpus, f"Die Gebühr beträgt {euros} Euro.")
        built.append(build(small_corpus, small_corpus.index, embedder, server, kept=2).folder)
    kept = [read_manifest(folder).store_prefix + "passages" for folder in built[1:]]
    assert sorted(set(collections(server)) - set(others)) == sorted(kept)
    activate(small_corpus.index, built[1].name, embedder.model_id, server)
    again = open_search(small_corpus.index, built[1], embedder, chroma_url=server, exact_below=0)
    assert "15 Euro" in again.search("Wie hoch ist die Gebühr?").passages[0].passage.text
    with pytest.raises(SnapshotError, match="on a Chroma server"):
        activate(small_corpus.index, built[2].name, embedder.model_id)
    prune(small_corpus.index, 1, server)
    assert sorted(set(collections(server)) - set(others)) == kept[:1]


def test_what_a_build_that_was_ended_left_goes_with_the_next(
    small_corpus: SmallCorpus, embedder: Embedder, server: str
) -> None:
    before = collections(server)
    build(small(small_corpus), small_corpus.index, embedder, server)
    owner = (small_corpus.index / "store-owner").read_text(encoding="utf-8").strip()
    left = PassageIndexWriter(small_corpus.index, server, f"{owner}-20200101T000000-00000000-")
    left.write("passages", "model", ["0"], np.eye(1, 4, dtype=np.float32), ["x"], [{"n": 0}])
    build(small(small_corpus, "Die Gebühr beträgt 16 Euro."), small_corpus.index, embedder, server)
    assert len(collections(server)) == len(before) + 1


def test_a_corpus_without_documents_works_with_a_server(
    small_corpus: SmallCorpus, embedder: Embedder, server: str
) -> None:
    entry = {"id": "who", "questions": {"de": ["Wer darf mitmachen?"]}, "answer": {"de": "Alle Vereine. [1]"}}
    small_corpus.entries([{**entry, "sources": [{"url": "https://example.org", "title": "Satzung"}]}])
    folder = build(small_corpus, small_corpus.index, embedder, server).folder
    search = open_search(small_corpus.index, folder, embedder, chroma_url=server)
    assert search.search("Wer darf mitmachen?").ranked[0].document == "who"


def test_a_server_that_is_not_there_is_one_clear_line(small_corpus: SmallCorpus, embedder: Embedder) -> None:
    nowhere = "http://127.0.0.1:1"
    with pytest.raises(BuildError, match=r"vector store at http://127\.0\.0\.1:1 cannot be reached") as caught:
        build(small(small_corpus), small_corpus.index, embedder, nowhere)
    assert "\n" not in str(caught.value)
    built = small_corpus.build()
    with pytest.raises(StoreError, match="cannot be opened"):
        open_search(small_corpus.index, built.folder, embedder, chroma_url=nowhere)
