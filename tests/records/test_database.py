"""Migrations, append-only tables, and many writers at once, on both databases."""

import datetime
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus
from assistant.answering.values import Turn
from assistant.records import desk_tables
from assistant.records.audit import AuditLog
from assistant.records.database import open_engine
from assistant.records.entries import EntryBook
from assistant.records.store import Records
from assistant.records.tables import Base

WRITERS = 50


def answer() -> Answer:
    return Answer(AnswerStatus.ANSWERED, AnswerMode.FIXED, "de", "Text", "Hinweis")


def test_migrations_make_the_tables_that_the_code_describes(engine: Engine) -> None:
    assert desk_tables.StaffRow.__table__ in Base.metadata.tables.values()
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_a_database_from_before_the_migrations_keeps_its_conversations(address: str, tmp_path: Path) -> None:
    old = open_engine(address, tmp_path, revision="0001")
    with old.begin() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        connection.execute(
            text("INSERT INTO conversation (token, code, created) VALUES ('t', 'AAAA-BBBB', '2026-11-01 12:00:00')")
        )
        connection.execute(
            text(
                "INSERT INTO turn (answer_id, conversation, number, asked, question, standalone, language, status, mode, answer) "
                "VALUES ('a', 't', 0, '2026-11-01 12:00:00', 'Frage', 'Frage', 'de', 'answered', 'fixed', '{}')"
            )
        )
    old.dispose()
    opened = open_engine(address, tmp_path)
    with opened.connect() as connection:
        assert connection.execute(text("SELECT question, examined FROM turn")).one()[0] == "Frage"
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "0004"
    assert "desk_entry" in inspect(opened).get_table_names()
    opened.dispose()


def test_processes_that_start_at_once_upgrade_once(address: str, tmp_path: Path) -> None:
    faults: list[BaseException] = []

    def start() -> None:
        try:
            open_engine(address, tmp_path).dispose()
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'x'",
        "DELETE FROM audit",
        "UPDATE desk_step SET action = 'x'",
        "DELETE FROM desk_version",
    ],
)
def test_the_database_refuses_to_change_what_is_append_only(engine: Engine, statement: str) -> None:
    AuditLog(engine).note("anna", "test")
    EntryBook(engine).save("e", {"x": 1}, "anna")
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    assert [e.actor for e in AuditLog(engine).newest()] == ["anna", "anna"]


def test_fifty_writers_at_once_lose_nothing(engine: Engine) -> None:
    records, entries, audit = Records(engine, patience_ms=60_000), EntryBook(engine), AuditLog(engine)

    def write(number: int) -> None:
        kept = records.remember(
            None, Turn(f"Frage {number}", f"Frage {number}", "de", "answered", None, None), answer()
        )
        records.remember(kept.conversation, Turn("noch eine", "noch eine", "de", "answered", None, None), answer())
        assert records.rate(kept.answer_id, "up", None, None)
        entries.save(f"entry-{number % 5}", {"number": number}, f"writer {number}")
        audit.note(f"writer {number}", "test")

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(write, range(WRITERS)))
    with engine.connect() as connection:
        counts = [
            connection.execute(text(f"SELECT count(*) FROM {t}")).scalar()
            for t in ("conversation", "turn", "feedback", "desk_version", "desk_entry")
        ]
    assert counts == [WRITERS, 2 * WRITERS, WRITERS, WRITERS, 5]
    assert sum(e.newest for e in entries.entries()) == WRITERS
    assert audit.count("test", datetime.timedelta(hours=1)) == WRITERS


def test_wal_is_on_for_sqlite(tmp_path: Path) -> None:
    engine = open_engine(None, tmp_path)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()
    plain = create_engine(f"sqlite:///{tmp_path / 'records.sqlite'}")
    assert "conversation" in inspect(plain).get_table_names()
    plain.dispose()
