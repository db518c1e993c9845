"""Approved entries answer at once, in every process; what no longer holds is suspended; what is exported passes the
corpus check."""

import datetime
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from desk_server import ROOT, DeskServer
from support import SmallCorpus

import app as commands
from assistant.answering.answer import AnswerMode, AnswerStatus
from assistant.answering.values import Question
from assistant.commands.desk import desk_questions, open_desk
from assistant.desk.desk import Desk
from assistant.desk.drafting import SOURCE_ROWS, evaluation_questions, form_of, row_of
from assistant.evaluation.answers import run_questions
from assistant.records.database import open_engine
from assistant.records.entries import EntryBook
from assistant.records.store import Records
from assistant.settings import Settings
from index.corpus_check import check

DOCUMENT = "---\ntitle: Haus\nlanguage: de\npublisher: Amt\nas_of: 2026-01-01\n---\n# Anfahrt\n\nDas Haus hat 12 Stellplätze hinter dem Hof. Die Schranke öffnet um 7 Uhr.\n"
QUOTE = "Das Haus hat 12 Stellplätze hinter dem Hof."
ROW: dict[str, Any] = {
    "id": "desk-parking",
    "topic": "house",
    "questions": {"de": ["Gibt es Parkplätze am Haus?", "Wo kann ich parken?", "Parken am Haus"]},
    "answer": {"de": "Es gibt 12 Stellplätze hinter dem Hof. [1]"},
    "sources": [{"document": "house", "quote": {"de": QUOTE}}],
}


class Served:
    """A process as `serve` makes one, without the web."""

    def __init__(self, corpus: SmallCorpus, data: Path, database: str | None = None) -> None:
        self.settings = Settings(data=data, corpus=corpus.folder, database_url=database)
        self.live = commands.LiveIndex(self.settings, self.settings.index_folder)
        self.live._embedder = corpus.embedder
        self.live.refresh()
        engine = open_engine(database, data)
        self.records = Records(engine)
        self.desk: Desk = open_desk(self.settings, engine, self.live)

    def ask(self, question: str) -> Any:
        opened = self.live.current()
        assert opened is not None
        return opened.assistant.consider(Question(question, "de"))


@pytest.fixture
def corpus(small_corpus: SmallCorpus) -> SmallCorpus:
    small_corpus.programme(languages=["de"])
    small_corpus.write("documents/house.md", DOCUMENT)
    return small_corpus


@pytest.fixture
def served(corpus: SmallCorpus, tmp_path: Path) -> Served:
    found = Served(corpus, tmp_path / "data")
    found.desk.publisher.wake(force=True)
    assert found.desk.publisher.publish()
    return found


def approve(desk: Desk, row: dict[str, Any] = ROW, **more: Any) -> None:
    content = {"row": row, "kept": [], **more}
    version = desk.entries.save(row["id"], content, "anna")
    desk.entries.submit(row["id"], "anna")
    desk.entries.approve(row["id"], version, "bert", evaluation_questions(content))


def test_an_approved_entry_answers_without_a_restart_and_nothing_is_embedded_twice(served: Served) -> None:
    assert served.ask("Wo kann ich parken?").turn.entry is None
    approve(served.desk, kept=[{"language": "de", "text": "Parkplatz da?"}])
    assert served.desk.publisher.publish()
    considered = served.ask("Wo kann ich parken?")
    assert considered.turn.entry == "desk-parking"
    assert considered.answer.sources[0].quote == QUOTE
    assert served.desk.publisher.progress.report["embeddings_computed"] <= 5
    again = served.desk.entries.asked_again("desk-parking", 1)
    assert {a.text for a in again} == {"Parkplatz da?", *ROW["questions"]["de"]}
    assert all(a.answered_by == "desk-parking" for a in again if a.text in ROW["questions"]["de"])


def test_another_process_with_its_own_index_takes_it_over(served: Served, corpus: SmallCorpus, tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'data' / 'records.sqlite'}"
    other = Served(corpus, tmp_path / "other", database)
    other.desk.publisher.wake(force=True)
    other.desk.publisher.publish()
    approve(served.desk)
    assert served.desk.publisher.publish()
    assert other.desk.publisher.publish()
    assert other.ask("Wo kann ich parken?").turn.entry == "desk-parking"


def test_an_index_run_on_the_command_line_keeps_what_was_approved(served: Served) -> None:
    from assistant.commands.desk import desk_rows

    approve(served.desk)
    assert [row["id"] for row in desk_rows(served.settings)] == ["desk-parking"]


def test_an_entry_whose_passage_changed_is_suspended_and_never_answers(served: Served, corpus: SmallCorpus) -> None:
    approve(served.desk)
    served.desk.publisher.publish()
    corpus.write("documents/house.md", DOCUMENT.replace("12 Stellplätze", "keine Stellplätze"))
    served.desk.publisher.wake(force=True)
    assert served.desk.publisher.publish()
    entry = served.desk.entries.entries()[0]
    assert (entry.state, entry.live) == ("suspended", None)
    assert "these words do not stand" in (entry.note or "")
    assert served.ask("Wo kann ich parken?").turn.entry is None
    assert desk_questions(served.settings) == []


@pytest.mark.parametrize("how", ["entry", "document"])
def test_what_expires_is_suspended(served: Served, corpus: SmallCorpus, how: str) -> None:
    yesterday = (datetime.date.today() - datetime.timedelta(days=1)).isoformat()
    if how == "entry":
        approve(served.desk, {**ROW, "valid_until": yesterday})
    else:
        approve(served.desk)
        served.desk.publisher.publish()
        corpus.write("documents/house.md", DOCUMENT.replace("as_of", f"valid_until: {yesterday}\nas_of"))
        served.desk.publisher.wake(force=True)
        served.desk.publisher.publish()
        served.desk.publisher.expire()
    assert served.desk.publisher.publish()
    assert served.desk.entries.entries()[0].state == "suspended"
    assert served.ask("Wo kann ich parken?").turn.entry is None


def test_a_server_with_a_foreign_index_does_not_build_it(corpus: SmallCorpus, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", corpus=corpus.folder)
    live = commands.LiveIndex(settings, corpus.build().folder.parents[1])
    assert not open_desk(settings, open_engine(None, settings.data), live).publisher.enabled


def exported(served: Served, folder: Path) -> None:
    """What was approved, written to the folder `out`."""
    environment = {
        **os.environ,
        "CLUSTERLOTSE_DATA": str(served.settings.data),
        "CLUSTERLOTSE_CORPUS": str(served.settings.corpus),
    }
    done = subprocess.run(
        [sys.executable, "app.py", "corpus", "export", "--to", str(folder / "out")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_what_is_exported_passes_the_corpus_check_and_its_questions_are_right(
    served: Served, corpus: SmallCorpus, tmp_path: Path
) -> None:
    approve(served.desk)
    served.desk.publisher.publish()
    exported(served, tmp_path)
    rows = yaml.safe_load((tmp_path / "out" / "curated" / "desk.yaml").read_text(encoding="utf-8"))
    assert [row["id"] for row in rows] == ["desk-parking"]
    questions = [
        json.loads(line)
        for line in (tmp_path / "out" / "questions" / "desk.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert {q["turns"][0] for q in questions} == set(ROW["questions"]["de"])
    corpus.write("curated/desk.yaml", (tmp_path / "out" / "curated" / "desk.yaml").read_text(encoding="utf-8"))
    assert [f.code for f in check(corpus.folder) if f.id == "desk-parking"] == []
    opened = served.live.current()
    assert opened is not None
    assert all(judged.right for judged in run_questions(opened.assistant, desk_questions(served.settings)))
    served.desk.publisher.wake(force=True)
    assert served.desk.publisher.publish(), "an entry that the corpus has taken over is not refused"
    assert served.desk.entries.entries()[0].state == "approved"


def test_the_editors_form_and_the_entry_are_the_same_thing() -> None:
    row = {
        **ROW,
        "status": "partial",
        "missing": {"de": "Wie lange."},
        "must_state": [{"de": "hinter dem Hof"}],
        "review_by": "2027-01-01",
    }
    assert row_of(form_of(row)) == row


CLAIMS: list[dict[str, Any]] = [
    {
        "says": {"de": "es gibt 12 Stellplätze hinter dem Hof. [1]"},
        "yes_to": {"de": ["Hat das Haus Stellplätze?", "Kann man am Haus parken?"]},
        "no_to": {"de": ["Fehlen Stellplätze am Haus?"]},
    },
    {
        "says": {"de": "Ob es Ladesäulen gibt, steht nicht in meinen Unterlagen."},
        "unknown_to": {"de": ["Gibt es am Haus Ladesäulen?"]},
    },
]
WHOLE = {**ROW, "status": "answered", "short": {"de": "Hinter dem Hof ist Platz. [1]"}, "claims": CLAIMS}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"plain": {"de": "Sie können parken."}},
        {"claims": CLAIMS * 4},
        {"status": "unknown", "answer": {"de": "Ob man parken kann, steht nirgends. [1]"}},
        {
            "questions": {"de": ["Wo?"], "en": ["Where?"]},
            "answer": {"de": "Dort. [1]", "en": "There. [1]"},
            "short": {"de": "Da. [1]", "en": "There. [1]"},
            "claims": [{"says": {"de": "ja", "en": "yes"}, "yes_to": {"de": ["Da?"], "en": ["There?", "Here?"]}}],
        },
    ],
)
def test_short_answers_claims_and_what_nobody_knows_stay_when_an_entry_is_edited(change: dict[str, Any]) -> None:
    row = {**WHOLE, **change}
    assert row_of(form_of(row)) == row


def test_an_empty_claim_of_the_form_is_none() -> None:
    form = form_of(ROW) | {"claim_2_says_de": " ", "claim_2_yes_de": "\n", "claim_x_says_de": "?", "status": "secret"}
    assert row_of(form) == {**ROW, "status": "answered"}


def test_what_the_corpus_holds_comes_back_as_fields_that_an_entry_accepts() -> None:
    from index.desk_entries import entry_row, read_desk_entries
    from index.readers import read_corpus

    told = read_corpus(ROOT / "corpus")
    assert any(e.claims for e in told.entries)
    assert any(e.status == "unknown" for e in told.entries)
    for entry in told.entries:
        row = entry_row(entry)
        entries, rejections = read_desk_entries([row], told.programme)
        assert rejections == []
        assert replace(entries[0], path=entry.path) == entry
        assert json.loads(json.dumps(row)) == row, "it goes into the records as JSON"
        if len(entry.sources) <= SOURCE_ROWS:
            assert row_of(form_of(row)) == row


def test_an_approved_entry_gives_its_verdicts_and_is_exported_whole(
    served: Served, corpus: SmallCorpus, tmp_path: Path
) -> None:
    approve(served.desk, WHOLE)
    assert served.desk.publisher.publish()
    answer = served.ask("Hat das Haus Stellplätze?").answer
    assert answer.text == "Ja, es gibt 12 Stellplätze hinter dem Hof. [1]"
    assert served.ask("Gibt es am Haus Ladesäulen?").answer.status is AnswerStatus.NO_EVIDENCE
    again = served.desk.entries.asked_again("desk-parking", 1)
    assert all(a.answered_by == "desk-parking" for a in again)
    opened = served.live.current()
    assert opened is not None
    assert all(judged.right for judged in run_questions(opened.assistant, desk_questions(served.settings)))
    exported(served, tmp_path)
    rows = yaml.safe_load((tmp_path / "out" / "curated" / "desk.yaml").read_text(encoding="utf-8"))
    assert rows == [WHOLE]
    corpus.write("curated/desk.yaml", (tmp_path / "out" / "curated" / "desk.yaml").read_text(encoding="utf-8"))
    assert [f.code for f in check(corpus.folder) if f.id == "desk-parking"] == []


def test_an_approved_nobody_knows_is_said_first_and_leaves_no_gap(served: Served) -> None:
    told = "Ob das Haus Ladesäulen hat, steht nicht in meinen Unterlagen. [1]"
    row = {**ROW, "status": "unknown", "questions": {"de": ["Hat das Haus Ladesäulen?"]}, "answer": {"de": told}}
    approve(served.desk, row)
    assert served.desk.publisher.publish()
    considered = served.ask("Hat das Haus Ladesäulen?")
    assert (considered.answer.status, considered.answer.mode) == (AnswerStatus.NO_EVIDENCE, AnswerMode.CURATED)
    assert considered.answer.text == told
    opened = served.live.current()
    assert opened is not None
    assert all(judged.right for judged in run_questions(opened.assistant, desk_questions(served.settings)))
    served.records.remember(None, considered.turn, considered.answer)
    assert served.desk.gaps.collect(served.desk.corpus.embed) == 1
    assert served.desk.gaps.gaps() == []
    unanswered = replace(considered.turn, standalone="Hat das Haus einen Aufzug?", probability=0.2)
    served.records.remember(None, unanswered, replace(considered.answer, mode=AnswerMode.FIXED, answer_id="another"))
    assert served.desk.gaps.collect(served.desk.corpus.embed) == 1
    assert len(served.desk.gaps.gaps()) == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"answer": {"de": "Es gibt 99 Stellplätze. [1]"}}, "99 stands in no quoted passage"),
        ({"must_state": [{"de": "nur mit Ausweis"}]}, "is not said in one sentence"),
        ({"sources": [{"document": "house", "quote": {"de": "Das steht dort nicht."}}]}, "these words do not stand"),
        ({"answer": {"de": "Es gibt 12 Stellplätze hinter dem Hof. [2]"}}, "has no source"),
        ({"sources": []}, "sources"),
    ],
)
def test_the_checks_stop_what_the_corpus_check_would_stop(served: Served, change: dict[str, Any], fault: str) -> None:
    assert served.desk.corpus.check(ROW).faults == ()
    assert any(fault in line for line in served.desk.corpus.check({**ROW, **change}).faults)


def test_a_question_of_another_entry_or_of_none_is_told_in_the_readers_language(
    served: Served, corpus: SmallCorpus
) -> None:
    from assistant.surfaces.desk.rendering import Words

    corpus.entries([{**ROW, "id": "parking", "questions": {"de": ["Wo kann ich parken?"]}}])
    corpus.write("outside.yaml", "de: [Parken am Haus]\n")
    served.desk.publisher.wake(force=True)
    assert served.desk.publisher.publish()
    told = [Words("de").finding(line) for line in served.desk.corpus.check(ROW).faults]
    assert told == [
        "„Wo kann ich parken?“ ist schon eine Formulierung von „parking“",
        "„Parken am Haus“ steht in der Liste der Fragen, die nicht zum Programm gehören",
    ]
    one = {**ROW, "questions": {"de": ["Gibt es Parkplätze?"]}}
    assert [Words("de").finding(line) for line in served.desk.corpus.check(one).warnings] == [
        "Nur eine Formulierung (Deutsch)"
    ]


def test_too_long_answers_and_near_duplicates_are_pointed_out(served: Served) -> None:
    from assistant.desk.drafting import near_duplicates

    approve(served.desk)
    served.desk.publisher.publish()
    long = {
        **ROW,
        "id": "desk-other",
        "answer": {"de": "Das Haus liegt am Hof " * 40 + "[1]"},
        "questions": {"de": ["Wo kann man parken?"]},
    }
    assert any("longer than 130 words" in line for line in served.desk.corpus.check(long).warnings)
    assert [d.id for d in near_duplicates(long, served.desk.corpus)] == ["desk-parking"]
    same = {**long, "questions": {"de": ["Wo kann ich parken?"]}}
    assert any("is asked by" in line for line in served.desk.corpus.check(same).faults)


def test_a_killed_server_leaves_approvals_whole(tmp_path: Path) -> None:
    server = DeskServer(tmp_path / "server")
    server.prepare()
    server.start()
    assert server.process is not None
    engine = open_engine(None, server.folder / "data")
    entries = EntryBook(engine)
    quote = "Ein Cluster ist"
    passages = yaml.safe_load((server.folder / "corpus" / "curated" / "cluster.yaml").read_text(encoding="utf-8"))
    source = next(e for e in passages if e["id"] == "cluster-what-is-cluster")["sources"][0]
    assert quote in source["quote"]["de"]
    client = server.client("bert")
    try:
        for n in range(6):
            row = {
                "id": f"desk-kill-{n}",
                "questions": {"de": [f"Was ist Probe Nummer {n} vom Auskunftsplatz?"]},
                "answer": {"de": "Siehe Quelle. [1]"},
                "sources": [source],
            }
            entries.save(row["id"], {"row": row, "kept": []}, "anna")
            entries.submit(row["id"], "anna")
            client.post(f"/desk/answers/{row['id']}/approve", version="1")
            if n % 2:
                time.sleep(0.3 * n)
                os.kill(server.process.pid, signal.SIGKILL)
                server.process.wait(10)
                server.start()
                client = server.client("bert")
        until = time.monotonic() + 60
        while time.monotonic() < until and not all(entries.asked_again(e.id, e.live or 0) for e in entries.entries()):
            time.sleep(0.5)
        for entry in entries.entries():
            assert (entry.state, entry.live) == ("approved", 1)
            assert [s.action for s in entries.steps(entry.id)] == ["approved", "submitted", "draft"]
            assert server.ask(f"Was ist Probe Nummer {entry.id[-1]} vom Auskunftsplatz?")["text"] == "Siehe Quelle. [1]"
        assert len(entries.evaluation_questions()) == 6
        assert len(list((server.folder / "data" / "index" / "snapshots").iterdir())) <= 3
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    finally:
        server.stop()
        engine.dispose()
