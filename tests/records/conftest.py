"""The records on both databases: SQLite in a temporary folder, and a PostgreSQL that the tests start for themselves."""

import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from assistant.records.database import open_engine

BINARIES = Path("/usr/lib/postgresql/15/bin")
Opening = Callable[..., Engine]


def run_as_postgres(*command: str) -> None:
    """PostgreSQL refuses to run as root."""
    prefix = ("runuser", "-u", "postgres", "--") if getpass.getuser() == "root" else ()
    subprocess.run([*prefix, *command], check=True, capture_output=True, cwd="/", timeout=120)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a private cluster."""
    if not (BINARIES / "initdb").exists():
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(f"no PostgreSQL 15 in {BINARIES}")
        pytest.skip(f"no PostgreSQL 15 in {BINARIES}")
    folder = Path(tempfile.mkdtemp(prefix="records-pg-"))
    folder.chmod(0o777)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off -c max_connections=120"
    run_as_postgres(
        str(BINARIES / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"
    )
    run_as_postgres(
        str(BINARIES / "pg_ctl"), "-D", str(folder / "data"), "-o", options, "-l", str(folder / "log"), "-w", "start"
    )
    try:
        yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    finally:
        run_as_postgres(str(BINARIES / "pg_ctl"), "-D", str(folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'records.sqlite'}"
        return
    cluster = request.getfixturevalue("postgres")
    name = f"t{os.urandom(6).hex()}"
    admin = create_engine(cluster, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    admin.dispose()
    yield cluster.rsplit("/", 1)[0] + f"/{name}"


@pytest.fixture
def engine(address: str, tmp_path: Path) -> Iterator[Engine]:
    """The database with its tables up to date."""
    opened = open_engine(address, tmp_path)
    yield opened
    opened.dispose()
