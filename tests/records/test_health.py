"""A fault of the records: found, not waited for again and again, over by itself, and told before a start."""

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from record_faults import broken, locked
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DataError, OperationalError

from assistant.records.database import open_engine
from assistant.records.faults import RecordsFault, RecordsUnusable
from assistant.records.health import PAUSE_SECONDS, SLOW_SECONDS, Health
from assistant.records.store import Records


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def fail(health: Health, error: Exception, clock: Clock, seconds: float = 0.0) -> None:
    def attempt() -> None:
        with health.watched():
            clock.now += seconds
            raise error

    with pytest.raises(RecordsFault):
        attempt()


def sqlite_error(code: str) -> OperationalError:
    origin = sqlite3.OperationalError("text of a person")
    origin.sqlite_errorname = code
    return OperationalError("INSERT", {"question": "text of a person"}, origin)


def test_a_quick_fault_is_tried_again_at_once_and_a_slow_one_after_a_pause() -> None:
    clock = Clock()
    health = Health(clock)
    fail(health, sqlite_error("SQLITE_FULL"), clock)
    assert health.fault == "OperationalError (SQLITE_FULL)"
    with health.watched():
        pass
    assert health.fault is None
    fail(health, sqlite_error("SQLITE_BUSY"), clock, SLOW_SECONDS)
    with pytest.raises(RecordsFault, match="SQLITE_BUSY"), health.watched():
        pytest.fail("nothing is tried during the pause")
    clock.now += PAUSE_SECONDS
    with health.watched():
        pass
    assert health.fault is None


def test_reading_does_not_end_a_fault_of_writing() -> None:
    clock = Clock()
    health = Health(clock)
    fail(health, sqlite_error("SQLITE_FULL"), clock)
    with health.watched(writes=False):
        pass
    assert health.fault is not None


def test_one_row_that_does_not_fit_is_no_fault_of_the_records() -> None:
    clock = Clock()
    health = Health(clock)
    fail(health, DataError("INSERT", {}, Exception("text of a person")), clock)
    assert health.fault is None


def test_looks_are_at_most_one_a_second() -> None:
    clock, looks = Clock(), list[int]()
    health = Health(clock)
    clock.now = 10
    for _ in range(5):
        health.looked_at(lambda: looks.append(1))
    assert len(looks) == 1
    clock.now += 1
    health.looked_at(lambda: looks.append(1))
    assert len(looks) == 2


def test_no_error_of_the_database_holds_what_was_written(address: str, tmp_path: Path) -> None:
    engine = open_engine(address, tmp_path)
    with pytest.raises(Exception, match="hidden") as caught, engine.begin() as connection:
        connection.execute(text("INSERT INTO nothing VALUES (:secret)"), {"secret": "Rumpelstilzchen"})
    assert "Rumpelstilzchen" not in str(caught.value)
    engine.dispose()


def test_a_server_that_is_busy_with_a_lock_is_not_waited_for(address: str, tmp_path: Path) -> None:
    engine = open_engine(address, tmp_path)
    records = Records(engine)
    assert records.fault() is None
    if engine.dialect.name == "sqlite":
        with broken(Path(str(engine.url.database)), locked), pytest.raises(RecordsFault, match="SQLITE_BUSY"):
            records.rate("unknown", "up", None, None)
        engine.dispose()
        return
    other = create_engine(address)
    with other.connect() as connection:
        connection.execute(text("LOCK TABLE turn IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(RecordsFault, match="57014"):
            records.rate("unknown", "up", None, None)
    time.sleep(PAUSE_SECONDS)
    assert records.rate("unknown", "up", None, None) is False
    other.dispose()
    engine.dispose()


def garbage(path: Path) -> None:
    path.write_bytes(os.urandom(8192))


def damaged(path: Path) -> None:
    open_engine(None, path.parent).dispose()
    content = bytearray(path.read_bytes())
    content[4096 - 3000 : 4096] = os.urandom(3000)
    content[100:200] = os.urandom(100)
    path.write_bytes(content)


def folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (garbage, "is not a SQLite database; move it away to begin anew, or restore a backup"),
        (damaged, "is damaged; restore a backup"),
        (folder, "cannot be opened; make the file"),
    ],
)
def test_what_cannot_be_opened_is_named_with_the_remedy(
    tmp_path: Path, spoil: Callable[[Path], Any], told: str
) -> None:
    path = tmp_path / "records.sqlite"
    spoil(path)
    with pytest.raises(RecordsUnusable) as caught:
        open_engine(None, tmp_path)
    assert str(caught.value).startswith(f"the records database {path} {told}")
    assert "\n" not in str(caught.value)


def test_a_database_that_may_only_be_read_is_named_with_the_remedy(tmp_path: Path) -> None:
    inner = tmp_path / "data"
    open_engine(None, inner).dispose()
    (inner / "records.sqlite").chmod(0o444)
    outer = [tmp_path, *tmp_path.parents]
    modes = {part: part.stat().st_mode for part in outer}
    root = os.geteuid() == 0
    if root:  # to whom everything may be written
        for part in outer[:3]:
            part.chmod(0o755)
        (inner / "records.sqlite.lock").chmod(0o666)
        os.seteuid(65534)
    else:
        inner.chmod(0o555)
    try:
        with pytest.raises(RecordsUnusable, match=r"records\.sqlite cannot be (written|opened); make the file"):
            open_engine(None, inner)
    finally:
        if root:
            os.seteuid(0)
        inner.chmod(0o755)
        for part in outer[:3]:
            part.chmod(modes[part])


def test_an_address_that_is_none_and_a_server_that_is_not_there_are_told_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(RecordsUnusable, match="is no address of a database"):
        open_engine("nonsense", tmp_path)
    with pytest.raises(RecordsUnusable, match="check that it runs") as caught:
        open_engine("postgresql://anna:geheim@127.0.0.1:1/records", tmp_path)
    assert "geheim" not in str(caught.value)
