"""The snapshots that stay: how many, whole or not, back and forth, and what of a withdrawn text is left."""

import errno
import json
import tempfile
from pathlib import Path

import numpy as np
import pytest
import yaml
from filelock import FileLock
from numpy.typing import NDArray
from typer.testing import CliRunner

from assistant.commands import CommandError
from index import build as building
from index import passage_index
from index.build import BuildError, Built, build_snapshot
from index.report_page import write_report
from index.search import SnapshotSearch, open_search
from index.snapshot import SnapshotError, current_snapshot
from index.snapshots import activate, kept_snapshots, prune, verify_snapshot


class Tiny:
    """An embedder without a model: letters by chance, always the same."""

    model_id, dimension = "tiny", 16

    def embed_questions(self, texts: list[str]) -> NDArray[np.float32]:
        rows = [np.random.default_rng(list(text.encode())).normal(size=self.dimension) for text in texts]
        return np.asarray([row / np.linalg.norm(row) for row in rows], np.float32).reshape(-1, self.dimension)

    def embed_passages(self, texts: list[str], heard: object = None) -> NDArray[np.float32]:
        del heard
        return self.embed_questions(texts)


class Place:
    """A corpus of one changing document, and its index."""

    def __init__(self, folder: Path) -> None:
        self.corpus, self.data, self.index = folder / "corpus", folder / "data", folder / "data" / "index"
        (self.corpus / "documents").mkdir(parents=True)
        (self.corpus / "programme.yaml").write_text(
            "name: Probe\nhotline: {phone: '+49 30 1', email: hilfe@example.org}\nlanguages: [de, en]\n"
        )

        self.said = ""
        self.environment = {
            "CLUSTERLOTSE_CORPUS": str(self.corpus),
            "CLUSTERLOTSE_DATA": str(self.data),
            "CLUSTERLOTSE_EMBEDDING_MODEL": "tiny",
        }

    def write(self, name: str, text: str) -> Path:
        path = self.corpus / "documents" / f"{name}.md"
        path.write_text(f"---\nlanguage: de\ntitle: {name.title()}\n---\n{text}\n", encoding="utf-8")
        return path

    def fee(self, euros: int) -> Built:
        self.write("fee", f"Die Gebühr beträgt {euros} Euro im Jahr.")
        return self.build()

    def build(self, kept: int = 3) -> Built:
        return build_snapshot(self.corpus, self.index, model_id="tiny", embedder=Tiny, kept=kept)  # type: ignore[arg-type]

    def open(self, **options: int) -> SnapshotSearch:
        return open_search(self.index, current_snapshot(self.index), Tiny(), **options)  # type: ignore[arg-type]

    def text(self) -> str:
        return self.open().content.passage(0).text


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_newest_stay_and_always_the_one_in_use(place: Place) -> None:
    built = [place.fee(euros).folder.name for euros in range(10, 15)]
    kept = kept_snapshots(place.index)
    assert [k.id for k in kept] == built[:1:-1]
    assert [k.in_use for k in kept] == [True, False, False]
    assert kept[0].counts["documents"] == 1
    activate(place.index, built[2], "tiny")
    assert "12 Euro" in place.text()
    assert prune(place.index, 2).removed == (built[3],)
    assert [k.id for k in kept_snapshots(place.index)] == [built[4], built[2]]
    assert prune(place.index, 1).removed == (built[4],)
    assert "12 Euro" in place.text()


def test_a_return_to_an_earlier_text_is_a_snapshot_of_its_own(place: Place) -> None:
    names = {place.fee(euros).folder.name for euros in (10, 11, 10)}
    assert len(names) == 3
    assert "10 Euro" in place.text()


def test_leftovers_go_and_the_one_in_use_never(place: Place) -> None:
    used = place.fee(10).folder
    for left in (place.index / ".building-killed", place.index / "snapshots" / "20200101T000000-half"):
        left.mkdir()
        (left / "passages.npy").write_bytes(b"half")
    assert prune(place.index, 1).leftovers == 2
    assert [p.name for p in (place.index / "snapshots").iterdir()] == [used.name]
    (used / "manifest.json").write_bytes(b"broken")
    assert prune(place.index, 1).leftovers == 0
    assert used.is_dir()


def test_one_that_is_not_whole_is_not_put_to_use(place: Place) -> None:
    first, second = place.fee(10).folder, place.fee(11).folder
    np.save(first / "sentences.npy", np.zeros((7, 16), np.float32))
    with pytest.raises(SnapshotError, match="7 vectors of sentences, not"):
        activate(place.index, first.name, "tiny")
    (first / "content.sqlite").write_bytes(b"broken")
    with pytest.raises(SnapshotError, match="damaged"):
        activate(place.index, first.name, "tiny")
    with pytest.raises(SnapshotError, match=r"no snapshot '\.\./x'"):
        activate(place.index, "../x", "tiny")
    with pytest.raises(SnapshotError, match="model"):
        activate(place.index, second.name, "another")
    assert current_snapshot(place.index) == second


@pytest.mark.parametrize(
    "damage", ["content.sqlite", "passages.npy", "asked.json", "manifest.json", "first_sentence.npy"]
)
def test_a_build_reads_again_what_it_wrote(place: Place, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.fee(10).folder

    def spoil(folder: Path) -> None:
        (folder / damage).write_bytes((folder / damage).read_bytes()[:20])

    place.write("fee", "Die Gebühr beträgt 11 Euro im Jahr.")
    with pytest.raises(BuildError):
        build_snapshot(place.corpus, place.index, model_id="tiny", embedder=Tiny, finish=spoil)  # type: ignore[arg-type]
    assert current_snapshot(place.index) == before
    assert not list(place.index.glob(".building-*"))
    assert "10 Euro" in place.text()
    order: list[str] = []
    for step in ("verify_snapshot", "sync_tree", "point_to"):
        work = getattr(building, step)

        def heard(*given: object, step: str = step, work: object = work) -> object:
            order.append(step)
            return work(*given)  # type: ignore[operator]

        monkeypatch.setattr(building, step, heard)
    verify_snapshot(place.build().folder)
    assert order == ["verify_snapshot", "sync_tree", "point_to"]


def test_who_finds_another_writer_says_so(place: Place) -> None:
    name = place.fee(10).folder.name
    with FileLock(place.index / ".lock"):
        for work in (lambda: activate(place.index, name, "tiny"), lambda: prune(place.index, 1)):
            with pytest.raises(SnapshotError, match="another build"):
                work()


def run(place: Place, *arguments: str) -> None:
    """Runs a command in this process, with the settings of a place."""
    import app

    done = CliRunner(env=place.environment).invoke(app.cli, arguments)
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    place.said = done.stdout


def test_the_commands_list_go_back_and_prune(place: Place) -> None:
    first, second = place.fee(10).folder.name, place.fee(11).folder.name
    run(place, "snapshots", "list", "--json")
    rows = json.loads(place.said)
    assert [(row["id"], row["in_use"], row["documents"]) for row in rows] == [(second, True, 1), (first, False, 1)]
    run(place, "snapshots", "activate", first)
    run(place, "snapshots", "list")
    lines = [line.split("\t") for line in place.said.splitlines()]
    assert [(line[0], line[-1] == "in use") for line in lines] == [(second, False), (first, True)]
    assert "1 documents" in lines[0][2]
    with pytest.raises(CommandError, match="no snapshot 'x'"):
        run(place, "snapshots", "activate", "x")
    run(place, "snapshots", "prune", "--keep", "1")
    assert [k.id for k in kept_snapshots(place.index)] == [first]
    with pytest.raises(CommandError, match="no index"):
        run(place, "snapshots", "prune", "--index", str(place.data / "nowhere"))


def test_a_withdrawn_text_leaves_no_byte_and_its_entries_are_rejected(place: Place) -> None:
    place.fee(10)
    secret = place.write("secret", "Das Kennwort lautet Rumpelstilzchen.\n\n## Überschrift Rumpelstilzchen")
    entry = {
        "id": "word",
        "questions": {"de": ["Wie lautet das Kennwort?"]},
        "answer": {"de": "Es steht im Papier. [1]"},
        "sources": [{"document": "secret", "quote": {"de": "Das Kennwort lautet Rumpelstilzchen."}}],
    }
    (place.corpus / "curated").mkdir()
    (place.corpus / "curated" / "entries.yaml").write_text(yaml.safe_dump([entry], allow_unicode=True))

    def index() -> Built:
        built = place.build()
        write_report(place.data / "reports", built.report, "de")
        return built

    def holding() -> list[Path]:
        return [p for p in place.data.rglob("*") if p.is_file() and b"umpelstilzchen" in p.read_bytes()]

    before = index()
    assert {row["id"]: row["status"] for row in before.report["entries"]} == {"word": "indexed"}
    assert {"content.sqlite", "chroma.sqlite3"} <= {p.name for p in holding()}
    assert any(p.parent.name == "reports" for p in holding()), "a remark quotes the heading"
    secret.unlink()
    after = index()
    assert {row["id"]: row["status"] for row in after.report["documents"]}["secret"] == "withdrawn"
    (row,) = after.report["entries"]
    assert (row["id"], row["status"]) == ("word", "rejected")
    assert "secret" in row["reason"]
    assert place.open().content.entries == ()
    assert holding(), "the snapshot before is kept"
    run(place, "snapshots", "prune", "--keep", "1")
    assert holding() == []
    assert place.text() == "Die Gebühr beträgt 10 Euro im Jahr."


def state(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """All that is in a folder: names, times, sizes, bytes."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.stat().st_size, path.read_bytes())
        if path.is_file()
        else (path.stat().st_mtime_ns, 0, b"")
        for path in [folder, *folder.rglob("*")]
    }


def test_serving_changes_nothing_in_a_snapshot(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = place.fee(10).folder
    before = state(folder)

    def no_client(*_: object) -> None:
        raise AssertionError("the vector store is opened")

    monkeypatch.setattr(passage_index, "_client", no_client)
    assert place.open().search("Wie hoch ist die Gebühr?").passages[0].document.id == "fee"
    assert state(folder) == before


def test_a_store_that_cannot_be_written_is_opened_as_a_copy(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = place.fee(10).folder
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = state(folder)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.setattr(passage_index, "writable", lambda _: False)  # root may write everywhere
    search = place.open(exact_below=0)
    assert search.search("Wie hoch ist die Gebühr?").passages[0].document.id == "fee"
    assert state(folder) == before
    (copy,) = scratch.iterdir()
    assert (copy / "chroma.sqlite3").is_file()


@pytest.mark.parametrize("step", ["write_manifest", "ContentWriter", "sync_tree", "sync_folder", "point_to"])
def test_a_full_disk_is_one_line_and_changes_nothing(place: Place, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = place.fee(10).folder
    place.write("fee", "Die Gebühr beträgt 11 Euro im Jahr.")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(building, step, full)
        with pytest.raises(
            BuildError, match=r"cannot be written \(No space left on device\); the snapshot before stays"
        ):
            place.build()
    assert current_snapshot(place.index) == before
    assert "10 Euro" in place.text()
    assert not list(place.index.glob(".building-*"))
    place.build()
    assert "11 Euro" in place.text()
