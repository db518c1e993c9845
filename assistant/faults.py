"""Faults in one line for the log: class, code and place, and never a message, because messages quote what people
wrote."""

import errno
import logging
import traceback
from pathlib import Path
from types import TracebackType

from typing_extensions import override

ROOT = Path(__file__).parents[1]
PLACES = 3
"""So many of the innermost places of our own code are named."""
_CODES = ("fault", "sqlite_errorname", "sqlstate")


def cause(error: BaseException) -> str:
    """The class of an error and, where it has one, its code: `OperationalError (SQLITE_FULL)`."""
    for part in (error, getattr(error, "orig", None)):
        for name in _CODES:
            if isinstance(code := getattr(part, name, None), str) and code:
                return f"{type(error).__name__} ({code})"
        if isinstance(part, OSError) and (code := errno.errorcode.get(part.errno or 0)):
            return f"{type(error).__name__} ({code})"
    return type(error).__name__


def in_one_line(error: BaseException) -> str:
    """Cause and the places in our own code, the innermost last; of a group its first error."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _ours(Path(frame.filename))]
    places = [f"{Path(f.filename).relative_to(ROOT)}:{f.lineno} {f.name}" for f in frames[-PLACES:]]
    return " > ".join([cause(error), *places])


class OneLineFormatter(logging.Formatter):
    """Formats a record as one line, an exception with it as `in_one_line`."""

    @override
    def formatException(
        self, ei: tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
    ) -> str:
        """Without message and stack."""
        return in_one_line(ei[1]) if ei[1] is not None else ""

    @override
    def format(self, record: logging.LogRecord) -> str:
        """Line breaks become blanks: what is logged cannot forge a line."""
        return " ".join(super().format(record).split())


def _ours(path: Path) -> bool:
    return path.is_relative_to(ROOT) and ".venv" not in path.parts
