"""Slow answers, too many questions and hostile strings: the server stays responsive and says what is the matter."""

import asyncio
import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support import ROOT, apart

import app as commands
from assistant.answering.assistant import Assistant, Consideration
from assistant.answering.values import Question
from assistant.records.store import Records, open_engine
from assistant.settings import Settings
from assistant.surfaces.api import Metrics, add_api
from assistant.surfaces.service import AnswerService
from assistant.surfaces.web import build_web_app
from index.search import SnapshotSearch

PLACES = 6


class Held:
    """The real assistant, whose answers wait until a gate opens."""

    def __init__(self, assistant: Assistant, gate: threading.Event) -> None:
        self._assistant, self._gate, self.programme = assistant, gate, assistant.programme

    def consider(self, question: Question, announce: Any = None) -> Consideration:
        assert self._gate.wait(60)
        return self._assistant.consider(question, announce)


@pytest.fixture
def settings(shipped_search: SnapshotSearch) -> Settings:
    del shipped_search
    return Settings(data=ROOT / "var", corpus=ROOT / "corpus", rate_per_minute=1_000_000)


def test_while_answers_are_slow_the_server_lives_and_the_surplus_is_sent_away(
    settings: Settings, tmp_path: Path
) -> None:
    gate = threading.Event()
    opened = commands.open_index(settings, settings.index_folder)
    held: Any = replace(opened, assistant=Held(opened.assistant, gate))
    records = Records(open_engine(None, tmp_path))
    service = AnswerService(lambda: held, records, lambda: opened.assistant.programme, waiting=PLACES)
    application = FastAPI()
    add_api(application, service, records, Metrics())

    async def crowd() -> tuple[list[httpx.Response], httpx.Response]:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(application), base_url="http://test", timeout=60
        ) as client:
            asked = [
                asyncio.create_task(
                    client.post("/api/v1/ask", json={"question": f"Was kostet das Silber-Label? ({n})"})
                )
                for n in range(2 * PLACES)
            ]
            while sum(task.done() for task in asked) < PLACES:
                await asyncio.sleep(0.01)
            alive = await client.get("/healthz")
            assert sum(task.done() for task in asked) == PLACES, "the places are still taken while the server answers"
            gate.set()
            return list(await asyncio.gather(*asked)), alive

    answers, alive = apart(crowd())
    assert alive.status_code == 200
    refused = [response for response in answers if response.status_code != 200]
    assert len(refused) == PLACES
    assert all(
        r.status_code == 503 and r.headers["retry-after"] and r.json()["answer_status"] == "error_busy" for r in refused
    )
    assert all("3.620" in r.json()["text"] for r in answers if r.status_code == 200)


@pytest.fixture
def client(settings: Settings, tmp_path: Path) -> Iterator[TestClient]:
    opened = commands.open_index(settings, settings.index_folder)
    with TestClient(build_web_app(settings, lambda: opened, Records(open_engine(None, tmp_path)))) as served:
        yield served


def test_hostile_strings_break_nothing(client: TestClient) -> None:
    folder = os.environ.get("CLUSTERLOTSE_BENCHMARKS")
    if not folder:
        pytest.skip("CLUSTERLOTSE_BENCHMARKS names no folder with the hostile strings")
    strings: list[str] = json.loads((Path(folder) / "naughty_strings.json").read_text(encoding="utf-8"))
    answer = client.post("/api/v1/ask", json={"question": "Wer kann Mitglied werden?"}).json()
    for text in strings:
        asked = client.post(
            "/api/v1/ask", content=json.dumps({"question": text}), headers={"Content-Type": "application/json"}
        )
        assert asked.status_code in (200, 400, 413), text
        shown = client.post(
            "/embed",
            data={"question": text.encode("utf-8", "replace"), "lang": "de"},
            headers={"Accept": "text/html-fragment"},
        )
        assert shown.status_code == 200, text
        assert "<script" not in shown.text.lower(), text
    for text in strings[::5]:
        begun = client.post(
            "/api/v1/ask",
            content=json.dumps({"question": "Was ist Bronze?", "conversation": text}),
            headers={"Content-Type": "application/json"},
        )
        assert begun.status_code in (200, 422), text
        rated = client.post(
            f"/api/v1/answers/{answer['answer_id']}/feedback",
            content=json.dumps({"rating": "down", "comment": text}),
            headers={"Content-Type": "application/json"},
        )
        assert rated.status_code in (204, 422), text
