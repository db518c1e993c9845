"""Corpus -> snapshot: sync by digest into a new folder, then swap. One writer at a time."""

import datetime
import json
import logging
import secrets
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from assistant.languages import codes
from index.build_report import build_report
from index.desk_entries import joined_digest, with_desk_entries
from index.embedder import Embedder
from index.itself import entries_about_itself
from index.lexical import TermRanking, terms
from index.passage_index import PassageIndexWriter, StoreError
from index.passages import split_passages
from index.readers import corpus_digest, read_corpus
from index.snapshot import (
    FORMAT,
    ContentWriter,
    Manifest,
    SnapshotError,
    current_snapshot,
    point_to,
    read_manifest,
    sync_folder,
    write_manifest,
)
from index.snapshots import only_writer, prune_locked, remove_leftovers, store_owner, sync_tree, verify_snapshot
from index.units import AskedUnit, Unit, asked_units, passage_unit, sentence_units
from index.values import Corpus, CorpusError, CuratedEntry, Figure, Page, Passage, Programme, SourceDocument

LOG = logging.getLogger(__name__)
Vectors = NDArray[np.float32]


class BuildError(Exception):
    """Nothing could be built; the message says why."""


class BuildWatcher(Protocol):
    """Hears how far a build is."""

    def step(self, name: str) -> None:
        """A new step begins."""
        ...

    def embedding(self, done: int, total: int) -> None:
        """So many of so many texts are embedded."""
        ...


class SilentWatcher:
    """Hears and says nothing."""

    def step(self, name: str) -> None:
        """A new step begins."""

    def embedding(self, done: int, total: int) -> None:
        """So many of so many texts are embedded."""


@dataclass(frozen=True, slots=True)
class Built:
    """The snapshot in use after a build, and the report of contracts.md."""

    folder: Path
    report: dict[str, Any]
    language: str
    """The programme's first."""

    @property
    def rejected(self) -> int:
        """How many files and entries were not taken."""
        return sum(
            row["status"] == "rejected" for room in ("documents", "entries", "figures") for row in self.report[room]
        )


def build_snapshot(
    corpus_folder: Path,
    index: Path,
    *,
    model_id: str,
    embedder: Callable[[], Embedder],
    watcher: BuildWatcher | None = None,
    chroma_url: str | None = None,
    desk: Sequence[Mapping[str, Any]] = (),
    changed: Callable[[Corpus], Corpus] = lambda corpus: corpus,
    vectors_of: Path | None = None,
    finish: Callable[[Path], None] = lambda _: None,
    kept: int = 1,
) -> Built:
    """Builds or updates the index; `embedder` is called only when something must be embedded; `desk` are the
    entries approved at the desk.

    `changed` makes another corpus of the one that was read (a measurement leaves phrasings out), `vectors_of` is
    another index
    whose vectors are taken over, `finish` adds to the folder of the snapshot before it is put to use. So many
    snapshots are `kept`, the new one among them.

    Raises CorpusError when the corpus cannot be read at all, BuildError when nothing in it can be indexed or
    another build runs.
    """
    watcher = watcher or SilentWatcher()
    started = time.perf_counter()
    if not corpus_folder.is_dir():
        raise CorpusError(f"no corpus folder at {corpus_folder}; name one with --corpus or CLUSTERLOTSE_CORPUS")
    index.mkdir(parents=True, exist_ok=True)
    try:
        with only_writer(index):
            remove_leftovers(index)
            return _build(
                corpus_folder,
                index,
                model_id,
                embedder,
                watcher,
                chroma_url,
                desk,
                started,
                changed,
                vectors_of,
                finish,
                kept,
            )
    except (SnapshotError, StoreError) as error:
        raise BuildError(str(error)) from error


def _build(
    corpus_folder: Path,
    index: Path,
    model_id: str,
    embedder: Callable[[], Embedder],
    watcher: BuildWatcher,
    chroma_url: str | None,
    desk: Sequence[Mapping[str, Any]],
    started: float,
    changed: Callable[[Corpus], Corpus],
    vectors_of: Path | None,
    finish: Callable[[Path], None],
    kept: int,
) -> Built:
    digest = joined_digest(corpus_digest(corpus_folder), desk)
    previous = _previous(index)
    # the collection of a snapshot lies either on a server or beside it
    if previous and (
        (previous[1].corpus_digest, previous[1].model, previous[1].format, bool(previous[1].store_prefix))
        == (digest, model_id, FORMAT, bool(chroma_url))
    ):
        report: dict[str, Any] = json.loads((previous[0] / "report.json").read_text(encoding="utf-8"))
        for row in (row for room in ("documents", "entries", "figures") for row in report[room]):
            row["status"] = "unchanged" if row["status"] == "indexed" else row["status"]
        still = {
            room: [row for row in report[room] if row["status"] != "withdrawn"]
            for room in ("documents", "entries", "figures")
        }
        return Built(
            previous[0],
            {**report, **still, "seconds": round(time.perf_counter() - started, 2), "embeddings_computed": 0},
            previous[1].languages[0],
        )
    watcher.step("reading")
    corpus = changed(with_desk_entries(read_corpus(corpus_folder), desk))
    if not (corpus.documents or corpus.entries or corpus.figures):
        reason = (
            f"; first fault: {corpus.rejections[0].path}: {corpus.rejections[0].reason}" if corpus.rejections else ""
        )
        raise BuildError(f"{corpus_folder} holds nothing that can be indexed{reason}")
    passages = [(passage, document) for document in corpus.documents for passage in split_passages(document)]
    sentences = [sentence_units(passage) for passage, _ in passages]
    corpus = replace(corpus, itself=entries_about_itself(corpus.programme.languages))
    asked = asked_units((*corpus.entries, *corpus.itself), corpus.figures, corpus.outside)
    units = [passage_unit(p, d) for p, d in passages] + [u for row in sentences for u in row] + [a.unit for a in asked]
    known = _previous(vectors_of) if vectors_of else previous
    vectors, computed = _vectors(units, known, model_id, embedder, watcher)
    watcher.step("writing")
    name = f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%S}-{digest[:8]}"
    scratch = index / f".building-{secrets.token_hex(6)}"
    scratch.mkdir()
    while (index / "snapshots" / name).exists():  # one of the same second
        name += "x"
    owner = store_owner(index) if chroma_url else ""
    prefix = f"{owner}-{name}-" if owner else ""
    try:
        chosen = [p for p, _ in passages]
        write_parts(scratch, name, digest, model_id, corpus, chosen, asked, vectors, chroma_url, prefix)
        np.save(
            scratch / "digests.npy",
            np.frombuffer(b"".join(u.digest(model_id) for u in units), np.uint8).reshape(-1, 16),
        )
        finish(scratch)
        report = build_report(corpus, passages, previous)
        report = {
            "snapshot": name,
            "seconds": round(time.perf_counter() - started, 2),
            "embeddings_computed": computed,
            **report,
        }
        (scratch / "report.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
        folder = index / "snapshots" / name
        folder.parent.mkdir(exist_ok=True)
        verify_snapshot(scratch)
        sync_tree(scratch)
        scratch.rename(folder)
        sync_folder(folder.parent)
        point_to(index, name)
    except (OSError, sqlite3.Error) as error:
        told = getattr(error, "strerror", None) or error
        raise BuildError(f"{index} cannot be written ({told}); the snapshot before stays in use") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    try:
        prune_locked(index, kept, chroma_url)
    except StoreError as error:
        LOG.warning("%s; the next build tries again", error)
    return Built(folder, report, corpus.programme.languages[0])


def _previous(index: Path) -> tuple[Path, Manifest] | None:
    try:
        folder = current_snapshot(index)
        return folder, read_manifest(folder)
    except SnapshotError:
        return None


def _vectors(
    units: Sequence[Unit],
    previous: tuple[Path, Manifest] | None,
    model_id: str,
    embedder: Callable[[], Embedder],
    watcher: BuildWatcher,
) -> tuple[Vectors, int]:
    """A vector a unit; those of the previous snapshot are taken over, equal texts are embedded once."""
    digests = [unit.digest(model_id) for unit in units]
    known: dict[bytes, int] = {}
    stored: Vectors | None = None
    if previous and previous[1].model == model_id:
        stored = np.concatenate([np.load(previous[0] / f"{part}.npy") for part in ("passages", "sentences", "asked")])
        known = {bytes(row): number for number, row in enumerate(np.load(previous[0] / "digests.npy"))}
    first_at: dict[bytes, int] = {}
    for number, digest in enumerate(digests):
        if digest not in known:
            first_at.setdefault(digest, number)
    fresh = list(first_at.values())
    made: dict[bytes, int] = {}
    computed: Vectors | None = None
    if fresh:
        model = embedder()
        done = 0

        def heard(count: int) -> None:
            nonlocal done
            done += count
            watcher.embedding(done, len(fresh))

        watcher.embedding(0, len(fresh))
        parts: list[Vectors] = []
        for manner, embed in (
            ("question", lambda t: model.embed_questions(t)),
            ("passage", lambda t: model.embed_passages(t, heard)),
        ):
            rows = [n for n in fresh if units[n].manner == manner]
            if rows:
                parts.append(embed([units[n].text for n in rows]))
                made.update({digests[n]: len(made) + i for i, n in enumerate(rows)})
                if manner == "question":
                    heard(len(rows))
        computed = np.concatenate(parts)
    dimension = computed.shape[1] if computed is not None else stored.shape[1] if stored is not None else 0
    vectors = np.zeros((len(units), dimension), np.float32)
    for number, digest in enumerate(digests):
        if digest in known and stored is not None:
            vectors[number] = stored[known[digest]]
        elif computed is not None:
            vectors[number] = computed[made[digest]]
    return vectors, len(fresh)


def write_parts(
    folder: Path,
    name: str,
    digest: str,
    model_id: str,
    corpus: Corpus,
    passages: Sequence[Passage],
    asked: Sequence[AskedUnit],
    vectors: Vectors,
    chroma_url: str | None = None,
    prefix: str = "",
) -> None:
    """Writes everything that a search needs into a folder, the collection of passages with a prefix on a server if
    there is one.

    `vectors` (n, dimension) are those of the passages, then of their sentences, then of the units asked.
    """
    counts = [len(passage.sentences) for passage in passages]
    first_sentence = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    n, m = len(passages), int(first_sentence[-1])
    np.save(folder / "passages.npy", vectors[:n])
    np.save(folder / "sentences.npy", vectors[n : n + m])
    np.save(folder / "asked.npy", vectors[n + m :])
    np.save(folder / "first_sentence.npy", first_sentence)
    (folder / "asked.json").write_text(json.dumps([[a.owner, a.role, a.language] for a in asked]), encoding="utf-8")
    documents = {d.id: i for i, d in enumerate(corpus.documents)}
    np.save(folder / "passage_document.npy", np.asarray([documents[p.document] for p in passages], np.int32))
    _write_content(folder, corpus, passages)
    for language in codes():
        rows = [i for i, p in enumerate(passages) if p.language == language]
        if rows:
            # headings count for the terms of a passage too
            texts = [terms(" ".join([*passages[i].heading, passages[i].text]), language) for i in rows]
            TermRanking.build(texts, rows).save(folder / f"lexical-{language}")
    writer = PassageIndexWriter(folder / "chroma", chroma_url, prefix)
    metadatas = [
        {"document": p.document, "language": p.language, "heading": " › ".join(p.heading), "passage": p.id}
        for p in passages
    ]
    writer.write("passages", model_id, [str(i) for i in range(n)], vectors[:n], [p.text for p in passages], metadatas)
    writer.close()
    manifest = Manifest(
        format=FORMAT,
        id=name,
        created=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        model=model_id,
        dimension=vectors.shape[1],
        corpus_digest=digest,
        passages=n,
        sentences=m,
        entries=len(corpus.entries),
        figures=len(corpus.figures),
        documents=len(corpus.documents),
        languages=corpus.programme.languages,
        store_prefix=prefix,
    )
    write_manifest(folder, manifest)


def _write_content(folder: Path, corpus: Corpus, passages: Sequence[Passage]) -> None:
    writer = ContentWriter(folder / "content.sqlite")
    writer.write("programme", Programme, [("programme", corpus.programme)])
    # the text of a document lives in its passages; its sections need not be stored twice
    slim = [replace(d, sections=()) for d in corpus.documents]
    writer.write("document", SourceDocument, [(d.id, d) for d in slim])
    writer.write("passage", Passage, [(p.id, p) for p in passages])
    writer.write("entry", CuratedEntry, [(e.id, e) for e in corpus.entries])
    writer.write("itself", CuratedEntry, [(e.id, e) for e in corpus.itself])
    writer.write("figure", Figure, [(f.id, f) for f in corpus.figures])
    writer.write("outside", dict[str, tuple[str, ...]], [("outside", dict(corpus.outside))] if corpus.outside else [])
    writer.write("page", Page, [(f"{p.name}.{p.language}", p) for p in corpus.pages])
    writer.close()
