"""A real server whose records break and mend at random moments (`make torture`)."""

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from desk_server import DeskServer
from record_faults import broken, deleted, locked, moved, overwritten, table_gone

pytestmark = pytest.mark.torture
SECONDS = 60
QUESTION = "Was kostet das Silber-Label?"


def test_a_server_answers_everybody_while_its_records_break_and_mend(
    torture_server: DeskServer, chance: random.Random
) -> None:
    server = torture_server
    path = Path(server.environment["CLUSTERLOTSE_DATA"]) / "records.sqlite"
    until = time.monotonic() + SECONDS
    slowest, recorded, unrecorded = 0.0, 0, 0

    def ask() -> None:
        nonlocal slowest, recorded, unrecorded
        token: str | None = None
        with httpx.Client(base_url=server.address, timeout=30) as client:
            while time.monotonic() < until:
                began = time.monotonic()
                streams = random.random() < 0.3
                response = client.post(
                    "/api/v1/ask",
                    json={"question": QUESTION, "language": "de", "conversation": token},
                    headers={"Accept": "text/event-stream" if streams else "application/json"},
                )
                slowest = max(slowest, time.monotonic() - began)
                assert response.status_code == 200, response.text
                body: Any = json.loads(response.text.rsplit("data: ", 1)[1]) if streams else response.json()
                assert "3.620" in body["text"]
                recorded, unrecorded = recorded + bool(body["code"]), unrecorded + (not body["code"])
                token = body["conversation"]

    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(ask) for _ in range(4)]
        while time.monotonic() < until - 5:
            with broken(path, chance.choice((locked, table_gone, moved))):
                time.sleep(chance.uniform(0.2, 4))
            time.sleep(chance.uniform(0.5, 3))
        for done in asking:
            done.result()
    assert recorded > 50
    assert unrecorded > 50
    assert slowest < 4, "two seconds, and what four visitors at once cost each other on a busy machine"
    assert server.ask(QUESTION)["code"]
    assert httpx.get(f"{server.address}/readyz").status_code == 200
    for fault in (deleted, overwritten):
        with broken(path, fault):
            assert server.ask(QUESTION)["code"] is None
            server.stop()
        server.start()
        assert server.ask(QUESTION)["code"]
    log = (server.folder / "log").read_text(encoding="utf-8")
    assert "the records fail" in log
    assert "the records work again" in log
    assert "Traceback" not in log
    assert QUESTION not in log
    assert "3.620" not in log
    assert len(log.splitlines()) < 500
