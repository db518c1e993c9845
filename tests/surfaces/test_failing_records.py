"""The records fail: everybody is still answered, quickly and honestly, nothing that was written leaks, and it mends
itself."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from record_faults import LASTING, PASSING, Fault, broken, deleted, full_disk, locked, table_gone
from support import ROOT, events

import app as commands
from assistant.answering.replies import reply
from assistant.commands.desk import open_desk
from assistant.faults import OneLineFormatter
from assistant.records.store import Records, open_engine
from assistant.records.switch import Switch
from assistant.settings import Settings
from assistant.surfaces.web import build_web_app
from index.search import SnapshotSearch

QUESTION = "Wer kann Mitglied werden?"
MOST_SECONDS = 2.0


@dataclass
class Served:
    client: TestClient
    path: Path
    log: StringIO

    def ask(self, question: str = QUESTION, **more: Any) -> Any:
        began = time.perf_counter()
        response = self.client.post("/api/v1/ask", json={"question": question, "language": "de", **more})
        assert time.perf_counter() - began < MOST_SECONDS
        assert response.status_code == 200, response.text
        return response.json()

    def eventually_recorded(self) -> Any:
        """It works again within moments, without anybody's help."""
        for _ in range(30):
            if (answer := self.ask())["code"]:
                return answer
            time.sleep(0.1)
        pytest.fail("the records are whole again, but nothing is recorded")


class Live:
    """The index of a server, as the desk wants it."""

    def __init__(self, opened: Any, embedder: Any, folder: Path) -> None:
        self.embedder, self.folder, self.current = embedder, folder, lambda: opened


@pytest.fixture
def served(shipped_search: SnapshotSearch, embedder: Any, tmp_path: Path) -> Iterator[Served]:
    del shipped_search
    settings = Settings(data=ROOT / "var", corpus=ROOT / "corpus", rate_per_minute=100_000)
    opened = commands.open_index(settings, ROOT / "var" / "index", embedder)
    engine = open_engine(None, tmp_path)
    desk = open_desk(settings, engine, Live(opened, embedder, tmp_path / "index"))
    log, root = StringIO(), logging.getLogger()
    handler = logging.StreamHandler(log)
    handler.setFormatter(OneLineFormatter("%(name)s: %(message)s"))
    root.addHandler(handler)
    application = build_web_app(settings, lambda: opened, Records(engine), desk)
    with TestClient(application, raise_server_exceptions=False) as client:
        client.get("/")  # the chat window is made; a disk that is full before that keeps it from being made
        yield Served(client, tmp_path / "records.sqlite", log)
    root.removeHandler(handler)
    engine.dispose()


@pytest.mark.parametrize("fault", [*PASSING, *LASTING])
def test_whatever_fails_everybody_is_answered_and_told(served: Served, fault: Fault) -> None:
    before = served.ask()
    assert before["code"]
    assert served.client.get("/readyz").json()["records"] == "working"
    secrets = (QUESTION, before["code"], before["conversation"], before["text"][:40], "unbekanntes-token")
    with broken(served.path, fault):
        for more in ({}, {"conversation": before["conversation"]}, {"conversation": "unbekanntes-token"}):
            answer = served.ask(**more)
            assert (answer["status"], answer["text"], answer["code"]) == ("answered", before["text"], None)
            assert answer["notice"].startswith(reply("not_recorded", "de"))
            assert answer["notice"].endswith(before["notice"])
        streamed = served.client.post(
            "/api/v1/ask", json={"question": QUESTION}, headers={"Accept": "text/event-stream"}
        )
        name, last = events(streamed.text)[-1]
        assert (name, last["code"]) == ("answer", None)
        shown = served.client.post(
            "/embed?lang=de", data={"question": QUESTION, "conversation": before["conversation"]}
        )
        assert shown.status_code == 200
        assert reply("not_recorded", "de") in shown.text
        assert 'class="rate"' not in shown.text
        assert served.client.get("/healthz").status_code == 200
        ready = served.client.get("/readyz")
        assert ready.status_code == 503
        assert "records: failing" in ready.json()["detail"]
        metrics = served.client.get("/metrics").text
        assert "clusterlotse_records_failing 1.0" in metrics
        assert "clusterlotse_answers_unrecorded_total 5.0" in metrics
    if fault in LASTING:
        starts_again(served, before["conversation"])
    else:
        mends_itself(served, before["notice"])
    written = served.log.getvalue()
    assert "the records fail: " in written
    assert "Traceback" not in written
    assert not [secret for secret in secrets if secret in written]
    assert len(written.splitlines()) < 10, written


def starts_again(served: Served, conversation: str) -> None:
    """Another file under the name is refused, and works after a restart."""
    time.sleep(1.1)
    assert served.ask()["code"] is None
    assert "FILE_REPLACED: restart" in served.client.get("/readyz").json()["detail"]
    engine = open_engine(None, served.path.parent)
    records = Records(engine)
    assert records.turns(conversation)
    assert records.fault() is None
    engine.dispose()


def mends_itself(served: Served, notice: str) -> None:
    """Answers are recorded again, and everything says so."""
    assert served.eventually_recorded()["notice"] == notice
    for _ in range(30):
        if (again := served.client.get("/readyz")).status_code == 200:
            break
        time.sleep(0.1)
    assert again.json()["records"] == "working"
    assert "clusterlotse_records_failing 0.0" in served.client.get("/metrics").text
    assert "the records work again" in served.log.getvalue()


def test_readiness_recovers_when_nobody_asks(served: Served) -> None:
    with broken(served.path, table_gone):
        served.ask()
        assert served.client.get("/readyz").status_code == 503
    time.sleep(1.1)
    assert served.client.get("/readyz").status_code == 200


def test_a_deleted_file_is_noticed_before_anybody_asks(served: Served) -> None:
    assert served.client.get("/readyz").status_code == 200
    with broken(served.path, deleted):
        time.sleep(1.1)
        assert served.client.get("/readyz").status_code == 503
        assert not served.path.exists(), "no empty file takes the place of what staff wrote"


def test_a_conversation_goes_on_after_the_fault(served: Served) -> None:
    first = served.ask("Wie viele Mitglieder gab es 2015?")
    with broken(served.path, locked):
        during = served.ask("Und 2019?", conversation=first["conversation"])
        assert "87" in during["text"]
        assert during["conversation"] == first["conversation"]
    served.eventually_recorded()
    after = served.ask("Und 2019?", conversation=during["conversation"])
    assert "87" in after["text"]
    assert after["code"] == first["code"]


def test_a_rating_that_cannot_be_kept_is_503(served: Served) -> None:
    answer = served.ask()
    with broken(served.path, table_gone):
        url = f"/api/v1/answers/{answer['answer_id']}/feedback"
        refused = served.client.post(url, json={"rating": "up"})
        assert (refused.status_code, refused.headers["content-type"]) == (503, "application/problem+json")
        form = {"answer": answer["answer_id"], "rating": "up"}
        shown = served.client.post("/embed/feedback?lang=de", data=form, headers={"Accept": "text/html-fragment"})
        assert (shown.status_code, shown.text) == (503, reply("not_recorded", "de"))


def test_the_desk_says_politely_that_it_is_disturbed(served: Served) -> None:
    with broken(served.path, deleted):
        page = served.client.get("/desk/", headers={"Accept": "text/html", "Cookie": "desk_session=abc"})
        plain = served.client.get("/desk/", headers={"Cookie": "desk_session=abc"})
    assert (page.status_code, page.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert reply("error_model", "de") in page.text
    assert page.headers["content-security-policy"]
    assert (plain.status_code, plain.headers["content-type"]) == (503, "application/problem+json")
    assert "GET desk failed: OperationalError (SQLITE_CANTOPEN) > " in served.log.getvalue()
    assert "Traceback" not in served.log.getvalue()


def test_many_who_ask_at_once_do_not_wait_for_a_lock_one_after_another(served: Served) -> None:
    with broken(served.path, locked):
        began = time.perf_counter()
        for _ in range(20):
            assert served.ask()["code"] is None
        assert time.perf_counter() - began < 2 * MOST_SECONDS


def test_a_pause_holds_while_the_records_fail(served: Served) -> None:
    desk_paused = {"de": "Wir sind gleich zurück.", "en": "Back soon."}
    engine = open_engine(None, served.path.parent)
    switch = Switch(engine)
    switch.turn(True, desk_paused, "anna")
    assert switch.notice("de") == desk_paused["de"]
    with broken(served.path, deleted):
        time.sleep(1.1)
        assert switch.notice("de") == desk_paused["de"]
    engine.dispose()


def test_a_full_disk_before_the_first_question_is_no_fault_of_the_answer(served: Served) -> None:
    with broken(served.path, full_disk):
        assert served.ask()["status"] == "answered"
