"""Building: nothing twice, nothing lost, nothing left behind."""

import json
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock
from support import SmallCorpus

from index.build import BuildError, build_snapshot
from index.corpus_check import check
from index.embedder import Embedder
from index.passage_index import PassageIndex, open_passage_index
from index.search import SnapshotSearch, StoreError, open_search
from index.snapshot import SnapshotError, current_snapshot, read_manifest


def fill(corpus: SmallCorpus) -> None:
    corpus.write(
        "documents/fee.md",
        "---\nlanguage: de\ntitle: Gebühren\n---\n## Höhe\n\nDie Gebühr beträgt 12 Euro im Jahr.\n\n## Frist\n\nSie ist im März fällig.\n",
    )
    corpus.write("documents/seat.md", "---\nlanguage: de\ntitle: Sitz\n---\nDer Verein hat seinen Sitz in Leipzig.\n")
    corpus.entries(
        [
            {
                "id": "who",
                "questions": {"de": ["Wer darf mitmachen?"]},
                "answer": {"de": "Alle Vereine. [1]"},
                "sources": [{"url": "https://example.org", "title": "Satzung"}],
            }
        ]
    )


def test_unchanged_content_costs_no_embedding(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    first = small_corpus.build()
    assert first.report["embeddings_computed"] > 5
    again = small_corpus.build()
    assert (again.report["embeddings_computed"], again.folder) == (0, first.folder)
    assert {row["status"] for row in again.report["documents"]} == {"unchanged"}
    small_corpus.write("documents/new.md", "---\nlanguage: de\ntitle: Neu\n---\nEin neuer Satz steht hier.\n")
    third = small_corpus.build()
    assert third.report["embeddings_computed"] == 2
    assert {row["id"]: row["status"] for row in third.report["documents"]} == {
        "fee": "unchanged",
        "new": "indexed",
        "seat": "unchanged",
    }


def test_the_snapshot_holds_everything_needed(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    search = small_corpus.search()
    manifest = search.manifest
    assert (manifest.documents, manifest.passages, manifest.entries, manifest.model) == (
        2,
        3,
        1,
        small_corpus.embedder.model_id,
    )
    small_corpus.folder.rename(small_corpus.folder.with_name("gone"))
    found = search.search("Wo sitzt der Verein?")
    assert found.passages[0].document.id == "seat"
    assert "seat" in [place.document for place in found.ranked[:2]]
    assert search.content.programme.hotline.phone == "+49 30 1234567"


def test_questions_outside_are_part_of_the_corpus(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    assert small_corpus.search().search("Wo lasse ich ein Auto zu?").outside is None
    small_corpus.write("outside.yaml", "de: [Wo lasse ich ein Auto zu?]\nen: [Where do I register a car?]\n")
    search = small_corpus.search()
    assert small_corpus.embedded[-1] == 2
    near, far = (search.search(q).outside for q in ("Wo lasse ich ein Auto zu?", "Wie hoch ist die Gebühr?"))
    assert near is not None
    assert far is not None
    assert near > far + 0.02
    small_corpus.write("outside.yaml", "de: [Wer darf mitmachen?]\n")
    asked = [f for f in check(small_corpus.folder) if f.code == "asked_outside"]
    assert [(f.path, f.field, f.values["other"]) for f in asked] == [("outside.yaml", "de", "who")]


def test_withdrawn_documents_leave_no_bytes_behind(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    small_corpus.write("documents/secret.md", "---\nlanguage: de\n---\nDas Kennwort lautet Rumpelstilzchen.\n")
    small_corpus.build()
    (small_corpus.folder / "documents" / "secret.md").unlink()
    built = small_corpus.build()
    assert [r["id"] for r in built.report["documents"] if r["status"] == "withdrawn"] == ["secret"]
    left = [p for p in small_corpus.index.rglob("*") if p.is_file() and b"Rumpelstilzchen" in p.read_bytes()]
    assert left == []
    assert len(list((small_corpus.index / "snapshots").iterdir())) == 1


def test_only_one_writer_at_a_time(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    small_corpus.index.mkdir()
    with FileLock(small_corpus.index / ".lock"), pytest.raises(BuildError, match="another build"):
        small_corpus.build()


def test_what_a_killed_build_left_goes_with_the_next(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    left = small_corpus.index / ".building-killed"
    left.mkdir(parents=True)
    (left / "passages.npy").write_bytes(b"half")
    small_corpus.build()
    assert not left.exists()


def test_an_empty_corpus_builds_nothing(small_corpus: SmallCorpus) -> None:
    small_corpus.write("documents/bad.pdf", b"%PDF-1.4")
    with pytest.raises(BuildError, match=r"nothing that can be indexed; first fault: documents/bad\.pdf"):
        small_corpus.build()


def test_a_failed_build_leaves_the_old_snapshot_in_use(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    before = small_corpus.build().folder

    def no_model() -> Embedder:
        raise RuntimeError("no model")

    small_corpus.write("documents/new.md", "---\nlanguage: de\n---\nEin neuer Satz.\n")
    with pytest.raises(RuntimeError):
        build_snapshot(
            small_corpus.folder, small_corpus.index, model_id=small_corpus.embedder.model_id, embedder=no_model
        )
    assert current_snapshot(small_corpus.index) == before
    assert not list(small_corpus.index.glob(".building-*"))


def test_another_model_is_refused_with_the_remedy(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    folder = small_corpus.build().folder

    class Other:
        model_id, dimension = "other-model", 384

    with pytest.raises(SnapshotError, match=r"built with the model .* build it again"):
        open_search(small_corpus.index, folder, Other())  # type: ignore[arg-type] - as much of an embedder as is looked at


@pytest.mark.parametrize("damage", ["content.sqlite", "passages.npy", "manifest.json"])
def test_a_damaged_snapshot_is_one_clear_error(small_corpus: SmallCorpus, damage: str) -> None:
    fill(small_corpus)
    folder = small_corpus.build().folder
    (folder / damage).write_bytes(b"broken")
    with pytest.raises((SnapshotError, StoreError)) as caught:
        open_search(small_corpus.index, folder, small_corpus.embedder)
    assert "\n" not in str(caught.value)


def test_the_store_is_held_against_the_manifest(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    folder = small_corpus.build().folder
    vectors, model = np.zeros((7, 384), np.float32), read_manifest(folder).model
    with pytest.raises(StoreError, match="the manifest says 7"):
        open_passage_index(folder / "chroma", vectors, model_id=model, exact_below=0)
    np.save(folder / "passages.npy", np.zeros((7, 384), np.float32))
    with pytest.raises(SnapshotError, match="damaged"):
        open_search(small_corpus.index, folder, small_corpus.embedder)
    with pytest.raises(StoreError, match="holds no vector store"):
        open_passage_index(Path("nowhere"), np.zeros((1, 384), np.float32), model_id="x")


def test_exact_scan_and_chroma_find_the_same(shipped_search: SnapshotSearch) -> None:
    folder, manifest = shipped_search.folder, shipped_search.manifest
    vectors = np.load(folder / "passages.npy")
    chroma: PassageIndex = open_passage_index(folder / "chroma", vectors, model_id=manifest.model, exact_below=0)
    exact: PassageIndex = open_passage_index(folder / "chroma", vectors, model_id=manifest.model)
    for row in range(0, len(vectors), 7):
        ours, near = exact.nearest(vectors[row], 20)
        theirs, similar = chroma.nearest(vectors[row], 20)
        assert ours[0] == row
        assert set(map(int, ours)) == set(map(int, theirs))
        assert np.allclose(near, similar, atol=1e-4)


def test_report_names_every_file(small_corpus: SmallCorpus) -> None:
    fill(small_corpus)
    small_corpus.write("documents/odd.md", "---\nodd: 1\n---\nText.\n")
    report = json.loads((small_corpus.build().folder / "report.json").read_text(encoding="utf-8"))
    by_path = {row["path"]: row for row in report["documents"]}
    assert by_path["documents/odd.md"]["status"] == "rejected"
    assert by_path["documents/fee.md"]["passages"] == 2
    assert by_path["documents/fee.md"]["sentences"] == 2
    assert {"snapshot", "seconds", "embeddings_computed", "entries", "figures"} <= set(report)
