"""Opens the records database and brings its tables up to date."""

import datetime
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.orm import Session, sessionmaker

MIGRATIONS = Path(__file__).parent / "migrations"
BEFORE_MIGRATIONS = "0001"
"""The revision that describes the tables of databases made before there were migrations."""
_LOCK_KEY = 7_301_955
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=15000", "foreign_keys=ON", "secure_delete=ON")


def now_utc() -> datetime.datetime:
    """The clock."""
    return datetime.datetime.now(datetime.UTC)


def open_engine(url: str | None, data: Path, *, revision: str = "head") -> Engine:
    """The database of the settings with its tables up to date; by default SQLite below the data folder.

    Several processes may open one database at once: the first brings the tables up to date, the others wait for it.
    """
    if url is None:
        data.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{data / 'records.sqlite'}"
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine)
    with _alone(engine), engine.connect() as connection:
        _upgrade(connection, revision)
    return engine


def writing(engine: Engine) -> sessionmaker[Session]:
    """Sessions that write. On SQLite they wait for their turn at the beginning, where waiting is possible."""
    return sessionmaker(engine)


def reading(engine: Engine) -> sessionmaker[Session]:
    """Sessions that only read and never wait for a writer."""
    return sessionmaker(engine.execution_options(reads=True))


def one_at_a_time(session: Session, subject: str) -> None:
    """Until the end of the transaction no other one of this subject runs; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT pg_advisory_xact_lock(:key, hashtext(:subject))"), {"key": _LOCK_KEY, "subject": subject}
        )


def _prepare_sqlite(engine: Engine) -> None:
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own transactions begin late and cannot wait for a lock
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reads") else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)


@contextmanager
def _alone(engine: Engine) -> Generator[None]:
    """Only one process changes the tables at a time."""
    database = engine.url.database
    if engine.dialect.name == "sqlite":
        with FileLock(f"{database}.lock", timeout=120) if database and database != ":memory:" else nullcontext():
            yield
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _LOCK_KEY})
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    names = set(inspect(connection).get_table_names())
    connection.rollback()
    if "alembic_version" not in names and "conversation" in names:
        command.stamp(config, BEFORE_MIGRATIONS)
        connection.commit()
    command.upgrade(config, revision)
    connection.commit()


__all__ = ["BEFORE_MIGRATIONS", "Engine", "now_utc", "one_at_a_time", "open_engine", "reading", "writing"]
