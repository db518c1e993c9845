"""Parses files in processes of their own, so that a file can neither hang, fill the memory, nor take others with it."""

import contextlib
import json
import logging
import os
import queue
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from functools import cache
from pathlib import Path
from typing import IO, Any

from pydantic import TypeAdapter

from index.readers.blocks import Hints, ReadFile, Unreadable

LOG = logging.getLogger(__name__)
SECONDS = 20.0
"""Time for one file."""
START = 60.0
"""Time for a process to start, on a machine that is busy."""
PROCESSES = 2
_ROOT = Path(__file__).parents[2]
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TESSDATA_PREFIX", "LD_LIBRARY_PATH", "VIRTUAL_ENV", "TMPDIR")
_READ = TypeAdapter(ReadFile)


class FileParser:
    """Parses files in at most `processes` child processes, which are used again until one of them is stopped."""

    def __init__(self, processes: int = PROCESSES, seconds: float = SECONDS) -> None:
        if processes < 1:
            raise ValueError(f"processes must be at least 1, got {processes}")
        self.processes, self._seconds = processes, seconds
        self._idle: queue.SimpleQueue[_Child | None] = queue.SimpleQueue()
        for _ in range(processes):
            self._idle.put(None)
        self._lock = threading.Lock()
        self._started: set[_Child] = set()

    def parse(self, raw: bytes, ending: str, hints: Hints) -> tuple[str, ReadFile]:
        """The format of a file, as the ending that it should have, and its content. Raises Unreadable."""
        answer = self._asked(raw, ending, hints, "read")
        return answer["kind"], _READ.validate_python(answer["read"])

    def rows(self, raw: bytes, ending: str, hints: Hints) -> list[list[str]]:
        """The rows of a table with a question list. Raises Unreadable."""
        return self._asked(raw, ending, hints, "rows")["rows"]

    def lists(self, raw: bytes, ending: str, hints: Hints) -> list[dict[str, Any]]:
        """The lists of questions in a file, each with `name`, `rows` and `as_of`. Raises Unreadable."""
        return self._asked(raw, ending, hints, "lists")["lists"]

    def _asked(self, raw: bytes, ending: str, hints: Hints, wanted: str) -> dict[str, Any]:
        with self._child() as child:
            answer = child.ask(raw, ending, hints, self._seconds, wanted)
        if reason := answer.get("reason"):
            if detail := answer.get("detail"):
                LOG.info("%s (%s)", reason, detail)
            raise Unreadable(reason)
        return answer

    def close(self) -> None:
        """Ends the processes."""
        with self._lock:
            for child in self._started:
                child.stop()
            self._started.clear()

    @contextlib.contextmanager
    def _child(self) -> Generator["_Child"]:
        child = self._idle.get()
        try:
            if child is None or not child.usable:
                child = _Child()
                with self._lock:
                    self._started = {c for c in self._started if c.usable} | {child}
            yield child
        finally:
            self._idle.put(child if child is not None and child.usable else None)


@cache
def file_parser() -> FileParser:
    """The parser of this process; its children end with it."""
    import atexit

    parser = FileParser()
    atexit.register(parser.close)
    return parser


class _Child:
    """One process; `usable` until it was stopped or has said that it ends."""

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        environment |= {
            "PYTHONPATH": str(_ROOT),
            "OMP_NUM_THREADS": "1",
            "OPENBLAS_NUM_THREADS": "1",
            "MALLOC_ARENA_MAX": "2",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "index.readers.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd=_ROOT,
            start_new_session=True,
        )
        self.usable = True
        self._rest = b""
        self._line(time.monotonic() + START)

    def ask(self, raw: bytes, ending: str, hints: Hints, seconds: float, wanted: str) -> dict[str, Any]:
        """What the process answers; a reason where it does not in time."""
        head = {
            "size": len(raw),
            "ending": ending,
            "language": hints.language,
            "languages": hints.languages,
            "wanted": wanted,
        }
        until = time.monotonic() + seconds
        try:
            self._send(json.dumps(head).encode() + b"\n" + raw, until)
            answer: dict[str, Any] = json.loads(self._line(until))
        except TimeoutError:
            self.stop()
            return {"reason": f"takes longer than {seconds:.0f} seconds to read"}
        except (OSError, EOFError, ValueError):
            self.stop()
            return {"reason": "breaks the programme that reads it (damaged, too large, or made to do harm)"}
        if answer.get("last"):
            self.stop()
        return answer

    def stop(self) -> None:
        """Ends the process and what it started."""
        self.usable = False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _send(self, data: bytes, until: float) -> None:
        pipe = _given(self._process.stdin)
        os.set_blocking(pipe.fileno(), False)
        view = memoryview(data)
        while view:
            _, ready, _ = select.select([], [pipe], [], max(until - time.monotonic(), 0))
            if not ready:
                raise TimeoutError
            with contextlib.suppress(BlockingIOError):
                view = view[os.write(pipe.fileno(), view[: 1 << 20]) :]

    def _line(self, until: float) -> bytes:
        pipe = _given(self._process.stdout)
        parts = [self._rest]
        while b"\n" not in parts[-1]:
            ready, _, _ = select.select([pipe], [], [], max(until - time.monotonic(), 0))
            if not ready:
                raise TimeoutError
            part = os.read(pipe.fileno(), 1 << 20)
            if not part:
                raise EOFError
            parts.append(part)
        line, _, self._rest = b"".join(parts).partition(b"\n")
        return line


def _given(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EOFError
    return pipe
