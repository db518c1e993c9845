"""What is made in the background is waited for, and its failure is told."""

import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from assistant.surfaces.late_application import LateApplication


def served_with(late: LateApplication) -> FastAPI:
    app = FastAPI(lifespan=lambda _: late.lifespan())

    @app.get("/early")
    async def early() -> str:
        return "early"

    app.mount("/", late)
    return app


def test_neighbours_are_served_while_it_is_made_and_requests_to_it_wait() -> None:
    release = threading.Event()

    def make() -> FastAPI:
        assert release.wait(20)
        made = FastAPI()

        @made.get("/late")
        async def late() -> str:
            return "late"

        return made

    with TestClient(served_with(LateApplication(make))) as client:
        assert client.get("/early").json() == "early"
        answers: list[str] = []
        asking = threading.Thread(target=lambda: answers.append(client.get("/late").json()))
        asking.start()
        asking.join(0.3)
        assert not answers
        release.set()
        asking.join(20)
        assert answers == ["late"]


def test_what_cannot_be_made_fails_its_own_requests_alone(caplog: pytest.LogCaptureFixture) -> None:
    def make() -> FastAPI:
        raise ValueError("no window")

    with TestClient(served_with(LateApplication(make))) as client:
        with pytest.raises(ValueError, match="no window"):
            client.get("/late")
        assert client.get("/early").json() == "early"
    assert "could not be made" in caplog.text


def test_one_that_cannot_begin_is_waited_for_by_nobody() -> None:
    @asynccontextmanager
    async def broken(_: FastAPI) -> AsyncGenerator[None]:
        raise ValueError("no queue")
        yield

    with (
        TestClient(served_with(LateApplication(lambda: FastAPI(lifespan=broken)))) as client,
        pytest.raises(ValueError, match="no queue"),
    ):
        client.get("/late")


def test_outside_of_a_running_server_there_is_nothing_to_wait_for() -> None:
    with pytest.raises(RuntimeError, match="has not begun"):
        TestClient(served_with(LateApplication(FastAPI))).get("/late")
