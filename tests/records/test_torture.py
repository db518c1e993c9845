"""Many writers while statements fail at random (`make torture`)."""

import random
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import OperationalError

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus
from assistant.answering.values import Turn
from assistant.records.entries import EntryBook
from assistant.records.faults import RecordsFault
from assistant.records.store import Records

pytestmark = pytest.mark.torture
SECONDS, WRITERS = 25, 16


def answer() -> Answer:
    return Answer(AnswerStatus.ANSWERED, AnswerMode.FIXED, "de", "Text", "Hinweis")


def test_many_writers_with_faults_at_random_statements_lose_and_invent_nothing(
    engine: Engine, chance: random.Random
) -> None:
    if engine.dialect.name == "sqlite":
        broken_statement: type[Exception] = sqlite3.OperationalError
    else:
        import psycopg

        broken_statement = psycopg.OperationalError
    breaking = True

    def fail(*_: Any) -> None:
        if breaking and chance.random() < 0.04:
            raise OperationalError("a statement", {}, broken_statement("disk I/O error"))

    event.listen(engine, "before_cursor_execute", fail)
    event.listen(engine, "commit", fail)
    records, entries = Records(engine, patience_ms=60_000), EntryBook(engine)
    until = time.monotonic() + SECONDS

    def write(writer: int) -> tuple[dict[str, int], int, int]:
        kept: dict[str, int] = {}
        faults = saved = 0
        token: str | None = None
        while time.monotonic() < until:
            try:
                known = token if token and records.turns(token) is not None else None
                turn = Turn(f"Frage {writer}", "Frage", "de", "answered", None, None)
                done = records.remember(known, turn, answer())
                token = done.conversation
                kept[done.answer_id] = kept.get(done.answer_id, 0) + 1
                records.rate(done.answer_id, "up", None, None)
            except RecordsFault:
                faults += 1
            try:
                entries.save(f"entry-{writer}", {"number": saved}, "anna")
                saved += 1
            except OperationalError:
                faults += 1
        return kept, faults, saved

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(write, range(WRITERS)))
    breaking = False
    told = {identity for kept, _, _ in results for identity in kept}
    assert sum(faults for _, faults, _ in results) > 50
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT answer_id, conversation, number FROM turn")).all()
        orphans = connection.execute(
            text("SELECT count(*) FROM turn WHERE conversation NOT IN (SELECT token FROM conversation)")
        ).scalar()
        versions = connection.execute(text("SELECT count(*) FROM desk_version")).scalar()
    assert {row[0] for row in rows} == told, "what was told is kept, and nothing else"
    assert orphans == 0
    numbers: dict[str, list[int]] = {}
    for _, conversation, number in rows:
        numbers.setdefault(conversation, []).append(number)
    assert all(sorted(found) == list(range(len(found))) for found in numbers.values())
    assert versions == sum(saved for _, _, saved in results)
    assert records.remember(None, Turn("Frage", "Frage", "de", "answered", None, None), answer()).code
    assert records.fault() is None
    assert engine.pool.status().endswith("Current Checked out connections: 0"), engine.pool.status()
