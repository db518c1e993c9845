"""Joins the desk with the index and the records."""

import datetime
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from assistant.desk.desk import Desk
from assistant.desk.gap_rules import gap_rules
from assistant.desk.opened import BuildBusy, BuildFailed, BuildOutcome, Findings, Row, Vectors
from assistant.desk.publishing import Publisher
from assistant.desk.rounds import Rounds
from assistant.evaluation.answers import Expected
from assistant.records.audit import AuditLog
from assistant.records.counting import CountBook
from assistant.records.database import Engine, open_engine
from assistant.records.entries import EntryBook
from assistant.records.forgetting import forget_daily
from assistant.records.gaps import GapBook
from assistant.records.staff import StaffBook
from assistant.records.switch import Switch
from assistant.records.takeover import TakeOver
from assistant.settings import Settings
from index.build import BuildError, build_snapshot
from index.desk_entries import PATH, DraftChecker, entry_row
from index.readers import READERS
from index.search import SnapshotSearch
from index.snapshot import SnapshotError, current_snapshot
from index.values import CorpusError, CuratedEntry

LARGEST_DOCUMENT = 20 * 1024 * 1024
_NAME = re.compile(r"[\w][\w .()-]{0,118}\.[A-Za-z]{2,5}")


class IndexDesk:
    """What the desk does with corpus and index. `live` gives the open index and its embedder."""

    def __init__(self, settings: Settings, live: Any) -> None:
        self._settings, self._live = settings, live
        self._checker: tuple[str, DraftChecker] | None = None
        self._phrasings: tuple[str, list[tuple[str, str]], Vectors] | None = None

    def embed(self, texts: Sequence[str]) -> Vectors:
        """A vector a question."""
        return self._live.embedder.embed_questions(list(texts))

    def check(self, row: Row) -> Findings:
        """What the checks of the corpus say of a draft."""
        search = self._search()
        if search is None:
            return Findings(("index: none is open",))
        if self._checker is None or self._checker[0] != search.manifest.id:
            self._checker = (search.manifest.id, DraftChecker(search.content))
        faults, warnings = self._checker[1].check(row)
        return Findings(tuple(faults), tuple(warnings))

    def nearest_phrasings(self, texts: Sequence[str], *, exclude: str) -> list[list[tuple[str, str, float]]]:
        """For each text the nearest phrasings of other entries."""
        search = self._search()
        if search is None or not texts:
            return [[] for _ in texts]
        if self._phrasings is None or self._phrasings[0] != search.manifest.id:
            names = [
                (e.id, phrasing)
                for e in search.content.entries
                for language in e.answer
                for phrasing in e.questions.get(language, ())
            ]
            names += [
                (f.id, phrasing)
                for f in search.content.figures
                for phrasings in f.questions.values()
                for phrasing in phrasings
            ]
            self._phrasings = (search.manifest.id, names, _phrasing_vectors(search, names))
        _, names, vectors = self._phrasings
        if not len(vectors):
            return [[] for _ in texts]
        own = np.asarray([identity == exclude for identity, _ in names])
        found: list[list[tuple[str, str, float]]] = []
        for vector in self.embed(texts):
            similar = np.where(own, -1.0, vectors @ vector)
            best = np.argsort(-similar)[:3]
            found.append([(*names[int(i)], float(similar[i])) for i in best])
        return found

    def entries(self) -> Sequence[CuratedEntry]:
        """All entries of the open index, as values."""
        search = self._search()
        return search.content.entries if search else ()

    def entry_rows(self) -> list[Row]:
        """All entries of the open index."""
        search = self._search()
        return [{**entry_row(e), "path": e.path} for e in search.content.entries] if search else []

    def build(self, rows: Sequence[Row], hear: Any) -> BuildOutcome:
        """Builds the index with these entries and opens it."""
        settings = self._settings
        try:
            embedder = self._live.embedder
            built = build_snapshot(
                settings.corpus,
                settings.index_folder,
                model_id=embedder.model_id,
                embedder=lambda: embedder,
                watcher=hear,
                chroma_url=settings.chroma_url,
                desk=rows,
                kept=settings.snapshots_kept,
            )
        except BuildError as error:
            if "another build" in str(error):
                raise BuildBusy from error
            raise BuildFailed(str(error)) from error
        except (CorpusError, OSError) as error:
            raise BuildFailed(str(error)) from error
        self._live.refresh()
        return BuildOutcome(refused_entries(built.report), built.report)

    def report(self) -> Mapping[str, Any]:
        """The report of the last build."""
        try:
            return json.loads((current_snapshot(self._live.folder) / "report.json").read_text(encoding="utf-8"))
        except (SnapshotError, OSError, ValueError):
            return {}

    def _search(self) -> SnapshotSearch | None:
        opened = self._live.current()
        return opened.search if opened else None


def kept_records(settings: Settings) -> Engine | None:
    """The records of the settings; None where nothing was ever recorded."""
    if settings.database_url is None and not (settings.data / "records.sqlite").exists():
        return None
    return open_engine(settings.database_url, settings.data)


def desk_rows(settings: Settings) -> list[Row]:
    """The entries approved at the desk, for a build."""
    engine = kept_records(settings)
    return [content["row"] for content in EntryBook(engine).live().values()] if engine else []


def suspend_refused(settings: Settings, report: Mapping[str, Any], rows: Sequence[Row]) -> None:
    """Suspends the entries that a build of these rows refused; what was approved meanwhile goes on answering."""
    refused = refused_entries(report)
    engine = kept_records(settings) if refused else None
    if engine is not None:
        entries = EntryBook(engine)
        for identity, (version, content) in entries.answering().items():
            if identity in refused and content["row"] in rows:
                entries.suspend(identity, version, refused[identity])


def desk_questions(settings: Settings) -> list[Expected]:
    """The questions that approved entries must answer, as the evaluation asks them."""
    engine = kept_records(settings)
    questions = EntryBook(engine).evaluation_questions() if engine else []
    return [
        Expected(
            f"{q.entry}-{number}",
            q.topic,
            q.language,
            (q.text,),
            frozenset(q.statuses),
            q.must,
            (),
            frozenset({"desk"}),
        )
        for number, q in enumerate(questions, 1)
    ]


def _phrasing_vectors(search: SnapshotSearch, names: Sequence[tuple[str, str]]) -> Vectors:
    """The stored vectors of the phrasings, in the order of the snapshot's owners."""
    rows: list[tuple[int, str, str]] = json.loads((search.folder / "asked.json").read_text(encoding="utf-8"))
    first = len(search.content.entries)
    itself = range(first, first + len(search.content.itself))
    picked = [n for n, row in enumerate(rows) if row[1] == "phrasing" and row[0] not in itself]
    vectors = np.load(search.folder / "asked.npy")[picked]
    return vectors if len(vectors) == len(names) else np.zeros((0, vectors.shape[1]), np.float32)


def refused_entries(report: Mapping[str, Any]) -> dict[str, str]:
    """The desk's entries that a build refused, with the reason."""
    return {
        row["id"]: row["reason"] or ""
        for row in report.get("entries", ())
        if row["status"] == "rejected" and str(row["path"]).startswith(f"{PATH}/")
    }


class UploadedDocuments:
    """The folder `documents/desk` of the corpus."""

    def __init__(self, corpus: Path, *, most: int = LARGEST_DOCUMENT) -> None:
        self._folder, self._most = corpus / "documents" / PATH, most

    def names(self) -> list[str]:
        """File names, without the sidecars."""
        if not self._folder.is_dir():
            return []
        return sorted(p.name for p in self._folder.iterdir() if p.suffix.lower() in READERS)

    def fault(self, name: str, size: int) -> str | None:
        """Why a file would be refused."""
        if Path(name).suffix.lower() not in READERS:
            return "ending"
        if not _NAME.fullmatch(name) or ".." in name:
            return "name"
        return "size" if not 0 < size <= self._most else None

    def keep(self, name: str, content: bytes, fields: Mapping[str, Any]) -> None:
        """Writes the file in one step, with a sidecar for what is known about it."""
        if fault := self.fault(name, len(content)):
            raise ValueError(fault)
        self._folder.mkdir(parents=True, exist_ok=True)
        known = {key: value for key, value in fields.items() if value}
        if known:
            _write(self._folder / f"{name}.yaml", yaml.safe_dump(known, allow_unicode=True, sort_keys=False).encode())
        else:
            (self._folder / f"{name}.yaml").unlink(missing_ok=True)
        _write(self._folder / name, content)

    def withdraw(self, name: str) -> bool:
        """Deletes the file and its sidecar."""
        if name not in self.names():
            return False
        (self._folder / name).unlink(missing_ok=True)
        (self._folder / f"{name}.yaml").unlink(missing_ok=True)
        return True


def _write(path: Path, content: bytes) -> None:
    scratch = path.with_name(f".{path.name}.new")
    scratch.write_bytes(content)
    scratch.replace(path)


def open_desk(settings: Settings, engine: Engine, live: Any) -> Desk:
    """The desk of a server. `live` is the open index: `current()`, `refresh()`, `embedder` and `folder`."""
    rules = gap_rules()
    corpus = IndexDesk(settings, live)
    gaps = GapBook(engine, cause=rules.cause, alike=rules.alike)
    entries = EntryBook(engine)
    # a server that was pointed at another index than that of its settings must not rebuild it from their corpus
    own = Path(live.folder).resolve() == settings.index_folder.resolve()
    publisher = Publisher(entries, gaps, corpus, live.current, enabled=own)

    def forget(today: datetime.date) -> object:
        return forget_daily(engine, today, settings.retention_days)

    return Desk(
        current=live.current,
        corpus=corpus,
        documents=UploadedDocuments(settings.corpus),
        publisher=publisher,
        rounds=Rounds(gaps, corpus, publisher, forget, lambda: live.current() is not None),
        staff=StaffBook(engine),
        gaps=gaps,
        entries=entries,
        take_over=TakeOver(engine),
        counts=CountBook(engine),
        audit=AuditLog(engine),
        switch=Switch(engine),
        signature=settings.signature,
    )
