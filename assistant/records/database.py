"""Opens the records database and brings its tables up to date."""

import datetime
import shutil
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from filelock import FileLock
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, InvalidatePoolError, SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from assistant.faults import cause
from assistant.records.faults import RecordsFault, RecordsUnusable, remedy

MIGRATIONS = Path(__file__).parent / "migrations"
BEFORE_MIGRATIONS = "0001"
"""The revision that describes the tables of databases made before there were migrations."""
_LOCK_KEY = 7_301_955
_PATIENCE_MS = 15_000
_PRAGMAS = (
    f"busy_timeout={_PATIENCE_MS}",
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "secure_delete=ON",
)
_POOL = {"pool_size": 5, "max_overflow": 45, "pool_timeout": 1, "pool_pre_ping": True}
"""More connections than a server has threads: an answer never waits until the desk gives one back."""
_POSTGRES = {"connect_timeout": 2, "tcp_user_timeout": 2000, "keepalives_idle": 5, "keepalives_interval": 2}
_HEADER = b"SQLite format 3\0"
LEAST_FREE = 1 << 20
"""Bytes free on the disk of a SQLite file, below which the next answer may not fit."""


def now_utc() -> datetime.datetime:
    """The clock."""
    return datetime.datetime.now(datetime.UTC)


class SqliteFile:
    """The file of a SQLite database. SQLite goes on writing into one that was deleted or replaced, so it is looked
    at each time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def identity(self) -> tuple[int, int] | None:
        """Device and number of the file; None where there is none."""
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    def is_database(self) -> bool:
        """Whether it begins as a database does; an empty one may become one, and of one that cannot be read SQLite
        says why."""
        try:
            with self.path.open("rb", buffering=0) as file:
                begin = file.read(len(_HEADER))
        except OSError:
            return True
        return begin in (b"", _HEADER)

    def has_room(self) -> bool:
        """Whether something can still be written."""
        return shutil.disk_usage(self.path.parent).free >= LEAST_FREE


def sqlite_file(engine: Engine) -> SqliteFile | None:
    """The file of an engine; None for a database in memory or on a server."""
    database = engine.url.database
    if engine.dialect.name != "sqlite" or not database or database == ":memory:" or database.startswith("file:"):
        return None
    return SqliteFile(Path(database).absolute())


def open_engine(url: str | None, data: Path, *, revision: str = "head") -> Engine:
    """The database of the settings with its tables up to date; by default SQLite below the data folder. Raises
    RecordsUnusable.

    Several processes may open one database at once: the first brings the tables up to date, the others wait for it.
    """
    name = url or str(data / "records.sqlite")
    try:
        if url is None:
            data.mkdir(parents=True, exist_ok=True)
            url = f"sqlite:///{data / 'records.sqlite'}"
        if url.startswith("postgresql://"):
            url = url.replace("postgresql://", "postgresql+psycopg://", 1)
        settings = _POSTGRES if url.startswith("postgresql") else {}
        # what is written is what people wrote: no error message may hold it
        engine = create_engine(url, hide_parameters=True, connect_args=dict(settings), **_POOL)
        file = sqlite_file(engine)
        name = str(file.path) if file else engine.url.render_as_string(hide_password=True)
        if engine.dialect.name == "sqlite":
            _prepare_sqlite(engine, file)
        else:
            event.listen(engine, "begin", _begin_on_server)
        with _alone(engine), engine.connect() as connection:
            _upgrade(connection, revision)
    except ArgumentError as error:
        raise RecordsUnusable(
            "CLUSTERLOTSE_DATABASE_URL is no address of a database: sqlite:///… or postgresql://…"
        ) from error
    except (SQLAlchemyError, OSError, RecordsFault) as error:
        code = getattr(getattr(error, "orig", None), "sqlite_errorname", None)
        if isinstance(error, OSError):
            code = "SQLITE_CANTOPEN"
        raise RecordsUnusable(f"the records database {name} {remedy(code)} ({cause(error)})") from error
    return engine


def writing(engine: Engine, patience_ms: int | None = None) -> sessionmaker[Session]:
    """Sessions that write. On SQLite they wait for their turn at the beginning, where waiting is possible; at most
    `patience_ms`."""
    return sessionmaker(engine.execution_options(patience_ms=patience_ms) if patience_ms is not None else engine)


def reading(engine: Engine, patience_ms: int | None = None) -> sessionmaker[Session]:
    """Sessions that only read and never wait for a writer."""
    return sessionmaker(engine.execution_options(reads=True, patience_ms=patience_ms))


def one_at_a_time(session: Session, subject: str) -> None:
    """Until the end of the transaction no other one of this subject runs; SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(
            text("SELECT pg_advisory_xact_lock(:key, hashtext(:subject))"), {"key": _LOCK_KEY, "subject": subject}
        )


def _prepare_sqlite(engine: Engine, file: SqliteFile | None) -> None:
    def prepare(connection: Any, _: Any) -> None:
        connection.isolation_level = None  # the driver's own transactions begin late and cannot wait for a lock
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def begin(connection: Connection) -> None:
        options, known = connection.get_execution_options(), connection.info
        patience = options.get("patience_ms")
        patience = _PATIENCE_MS if patience is None else patience
        if known.get("patience_ms", _PATIENCE_MS) != patience:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={patience}")
            known["patience_ms"] = patience
        connection.exec_driver_sql("BEGIN" if options.get("reads") else "BEGIN IMMEDIATE")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    if file is not None:
        _watch_file(engine, file)


def _watch_file(engine: Engine, file: SqliteFile) -> None:
    """A connection to a file that is gone or replaced is not used; nor is a new file made in its place, because
    that loses what staff wrote.

    Another file under the name is not opened until a restart: write-ahead logs of both would mix, which destroys
    the database.
    """
    file.path.touch()
    original = file.identity()

    def connect(*_: Any) -> None:
        identity = file.identity()
        if identity is None:
            raise _named(sqlite3.OperationalError("the file is missing"), "SQLITE_CANTOPEN")
        if identity != original:
            raise _named(sqlite3.OperationalError("the file was replaced"), "FILE_REPLACED: restart")
        if not file.is_database():
            raise _named(sqlite3.DatabaseError("the file is no database"), "SQLITE_NOTADB")

    def checkout(*_: Any) -> None:
        if file.identity() != original or not file.is_database():
            raise InvalidatePoolError

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "checkout", checkout)


def _named(error: sqlite3.Error, code: str) -> sqlite3.Error:
    """The error with the name that SQLite gives to its kind."""
    error.sqlite_errorname = code
    return error


def _begin_on_server(connection: Connection) -> None:
    if (patience := connection.get_execution_options().get("patience_ms")) is not None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {patience}")


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


__all__ = [
    "BEFORE_MIGRATIONS",
    "Engine",
    "now_utc",
    "one_at_a_time",
    "open_engine",
    "reading",
    "sqlite_file",
    "writing",
]
