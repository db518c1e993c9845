"""Real faults of a SQLite records file, each with its end: what an administrator meets, without root and without
patching."""

import os
import resource
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

Fault = Callable[[Path], "Generator[None]"]


def full_disk(path: Path) -> Generator[None]:
    """No byte can be written to any file."""
    del path
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def table_gone(path: Path) -> Generator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("ALTER TABLE turn RENAME TO gone")
    yield
    other.execute("ALTER TABLE gone RENAME TO turn")
    other.close()


def locked(path: Path) -> Generator[None]:
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


def moved(path: Path) -> Generator[None]:
    """Away and back."""
    elsewhere = path.rename(path.with_suffix(".elsewhere"))
    yield
    elsewhere.rename(path)


def deleted(path: Path) -> Generator[None]:
    """With its write-ahead log; then a backup comes back."""
    backup = _backup(path)
    for name in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)
    yield
    backup.rename(path)


def overwritten(path: Path) -> Generator[None]:
    """By random bytes in place; then a backup comes back."""
    backup = _backup(path)
    other = sqlite3.connect(path)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # or SQLite mends the file from its log
    other.close()
    with path.open("r+b") as file:
        file.write(os.urandom(max(path.stat().st_size, 100_000)))
    yield
    for name in (Path(f"{path}-wal"), Path(f"{path}-shm")):
        name.unlink(missing_ok=True)
    backup.replace(path)


PASSING, LASTING = (full_disk, table_gone, locked, moved), (deleted, overwritten)
"""Those that a server gets over by itself, and those after which it is started again."""


def _backup(path: Path) -> Path:
    backup = path.with_suffix(".backup")
    source, target = sqlite3.connect(path), sqlite3.connect(backup)
    source.backup(target)
    source.close()
    target.close()
    return backup


@contextmanager
def broken(path: Path, fault: Fault) -> Generator[None]:
    """While it lasts the records have the fault."""
    steps = fault(path)
    next(steps)
    try:
        yield
    finally:
        next(steps, None)
