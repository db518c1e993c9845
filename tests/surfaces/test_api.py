"""The HTTP API keeps its contract, and every surface gives the same answer."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.requests import Request
from support import ROOT, Command, apart, events, json_lines

import app as commands
from assistant.answering.answer import Answer
from assistant.answering.values import LONGEST_QUESTION, Turn
from assistant.evaluation.question_sets import load_questions
from assistant.records.store import Records, open_engine
from assistant.settings import Settings
from assistant.surfaces.api import Metrics
from assistant.surfaces.chat_window import Conversation, Talk
from assistant.surfaces.service import AnswerService
from assistant.surfaces.web import build_web_app
from index.search import SnapshotSearch

IDENTITY = ("status", "mode", "language", "text", "more", "missing", "sources", "as_of", "options")


class Overheard(Records):
    """Records that also keep what was answered, in order, on whichever surface."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.answers: list[Answer] = []

    def remember(self, conversation: str | None, turn: Turn, answer: Answer) -> Answer:
        kept = super().remember(conversation, turn, answer)
        self.answers.append(kept)
        return kept


@dataclass
class Served:
    client: TestClient
    opened: list[Any]
    records: Overheard
    app: FastAPI


@pytest.fixture(scope="module")
def served(shipped_search: SnapshotSearch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    del shipped_search
    settings = Settings(data=ROOT / "var", corpus=ROOT / "corpus", rate_per_minute=100_000)
    opened = [commands.open_index(settings, ROOT / "var" / "index")]
    records = Overheard(open_engine(None, tmp_path_factory.mktemp("records")))
    application = build_web_app(settings, lambda: opened[0], records)
    with TestClient(application) as client:
        yield Served(client, opened, records, application)


def ask(served: Served, question: str, **more: Any) -> Any:
    response = served.client.post("/api/v1/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    return response.json()


def test_a_conversation_lives_on_the_server(served: Served) -> None:
    first = ask(served, "Wie viele Mitglieder gab es 2015?")
    assert "101" in first["text"]
    second = ask(served, "Und 2019?", conversation=first["conversation"])
    assert "87" in second["text"]
    assert (second["conversation"], second["code"]) == (first["conversation"], first["code"])
    fresh = ask(served, "Und 2019?", conversation="made-up-by-the-client-000000000000")
    assert fresh["conversation"] != "made-up-by-the-client-000000000000"
    assert "87" not in fresh["text"]
    assert fresh["status"] == "clarify"


def test_the_stream_ends_with_the_whole_answer(served: Served) -> None:
    response = served.client.post(
        "/api/v1/ask",
        json={"question": "Wie viele Indikatoren hat das Gold-Label?"},
        headers={"Accept": "text/event-stream"},
    )
    assert response.headers["content-type"].startswith("text/event-stream")
    received = events(response.text)
    names = [name for name, _ in received]
    assert names[0] == "step"
    assert "sentence" in names
    assert names[-1] == "answer"
    sentences = [data for name, data in received if name == "sentence"]
    assert sentences[0]["markers"]
    assert "[1]" not in sentences[0]["text"]


def test_what_is_folded_away_comes_with_the_whole_answer_only(served: Served) -> None:
    question = "Was ist das Bronze-Label?"
    answer = ask(served, question, language="de")
    assert answer["more"]
    assert answer["entry"]
    body = {"question": question, "language": "de"}
    streamed = served.client.post("/api/v1/ask", json=body, headers={"Accept": "text/event-stream"}).text
    said = "".join(data["text"] for name, data in events(streamed) if name == "sentence")
    plain = re.sub(r"\s|\[\d+\]", "", answer["text"])
    assert re.sub(r"\s", "", said) == plain
    assert events(streamed)[-1][1]["more"] == answer["more"]


def test_the_description_names_the_longest_question(served: Served) -> None:
    described = served.client.get("/api/v1/openapi.json").json()
    field = described["components"]["schemas"]["AskBody"]["properties"]["question"]
    assert field["description"] == f"The question, at most {LONGEST_QUESTION} characters."
    assert field["maxLength"] == LONGEST_QUESTION
    refused = described["paths"]["/api/v1/ask"]["post"]["responses"]["413"]
    assert refused["description"] == f"Longer than {LONGEST_QUESTION} characters"
    assert {"more", "entry"} <= set(described["components"]["schemas"]["AnswerJson"]["properties"])


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"question": " "}, 400),
        ({"question": "x" * (LONGEST_QUESTION + 1)}, 413),
        ({"question": "x" * 30_000}, 413),
        ({}, 422),
        ({"question": "Was?", "language": "fr"}, 422),
        ({"question": "Was?", "turns": []}, 422),
    ],
)
def test_errors_are_problem_details(served: Served, body: dict[str, Any], status: int) -> None:
    response = served.client.post("/api/v1/ask", json=body)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_feedback_is_taken_for_known_answers_only(served: Served) -> None:
    answer = ask(served, "Wer kann Mitglied werden?")
    url = f"/api/v1/answers/{answer['answer_id']}/feedback"
    assert served.client.post(url, json={"rating": "down", "reason": "incomplete"}).status_code == 204
    assert served.client.post("/api/v1/answers/unknown/feedback", json={"rating": "up"}).status_code == 404
    assert served.client.post(url, json={"rating": "sideways"}).status_code == 422


def test_sources_and_starter_questions(served: Served) -> None:
    source = served.client.get("/api/v1/sources/membership").json()
    assert source["passages"][0]["text"]
    assert served.client.get("/api/v1/sources/none").status_code == 404
    groups = served.client.get("/api/v1/starter-questions?language=en").json()
    assert sum(len(g["questions"]) for g in groups) == 6


def test_state_is_told_and_a_missing_index_is_503(served: Served) -> None:
    assert served.client.get("/healthz").status_code == 200
    ready = served.client.get("/readyz")
    assert ready.json()["entries"] > 100
    assert "clusterlotse_answers" in served.client.get("/metrics").text
    kept = served.opened[0]
    served.opened[0] = None
    try:
        assert served.client.get("/readyz").status_code == 503
        response = served.client.post("/api/v1/ask", json={"question": "Was?"})
        assert response.status_code == 503
        assert response.json()["answer_status"] == "error_index"
        assert response.headers["retry-after"]
    finally:
        served.opened[0] = kept


def test_metrics_and_openapi_hold_no_question(served: Served) -> None:
    ask(served, "Rumpelstilzchen fragt nach dem Silber-Label")
    assert "Rumpelstilzchen" not in served.client.get("/metrics").text
    described = served.client.get("/api/v1/openapi.json").json()
    assert {"/api/v1/ask", "/api/v1/sources/{document}", "/api/v1/starter-questions"} <= set(described["paths"])


class ChatVisitor:
    """Asks the chat window's own handler, with the page's language and nothing else of the client."""

    def __init__(self, served: Served, language: str) -> None:
        self._window = Conversation(
            AnswerService(lambda: served.opened[0], served.records, lambda: served.opened[0].assistant.programme),
            Metrics(),
        )
        self._request: Any = gr.Request(
            Request({"type": "http", "query_string": f"lang={language}".encode(), "headers": []})
        )
        self._talk = Talk()

    def ask(self, question: str) -> None:
        async def last() -> Any:
            return [state async for _, _, state in self._window.respond(question, self._talk, self._request)][-1]

        self._talk = apart(last())


def test_forty_questions_get_the_identical_answer_on_every_surface(
    served: Served, command: Command, tmp_path: Path
) -> None:
    rows = [
        r
        for r in load_questions(ROOT / "corpus" / "questions" / "own.jsonl")
        if "personal-data" not in r.tags and all(0 < len(t) <= LONGEST_QUESTION for t in r.turns)
    ]
    chosen = rows[:: max(1, len(rows) // 40)][:40]
    assert len(chosen) == 40
    assert sum(len(r.turns) > 1 for r in chosen) >= 3
    batch = tmp_path / "batch.jsonl"
    batch.write_text(
        "".join(json.dumps({"id": r.id, "turns": list(r.turns), "language": r.language}) + "\n" for r in chosen),
        encoding="utf-8",
    )
    by_batch = {row["id"]: row["answers"][-1] for row in json_lines(command("ask", "--batch", str(batch)).stdout)}
    for row in chosen:
        given: dict[str, Any] = {"batch": by_batch[row.id]}
        chat = ChatVisitor(served, row.language)
        tokens: dict[str, str] = {}
        for question in row.turns:
            body = {"question": question, "language": row.language}
            given["api"] = ask(served, **body, **({"conversation": tokens["api"]} if tokens else {}))
            streamed = served.client.post(
                "/api/v1/ask",
                json={**body, **({"conversation": tokens["stream"]} if tokens else {})},
                headers={"Accept": "text/event-stream"},
            )
            given["stream"] = events(streamed.text)[-1][1]
            form = {"question": question, "lang": row.language, "conversation": tokens.get("plain page", "")}
            assert served.client.post("/embed", data=form, headers={"Accept": "text/html-fragment"}).status_code == 200
            given["plain page"] = served.records.answers[-1].as_json()
            chat.ask(question)
            given["chat window"] = served.records.answers[-1].as_json()
            tokens = {surface: given[surface]["conversation"] for surface in ("api", "stream", "plain page")}
        for surface, answer in given.items():
            for name in IDENTITY:
                assert answer[name] == given["api"][name], f"{row.id}, {surface}: {name}"
