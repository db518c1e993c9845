"""The process that parses files: started by `index.readers.sandbox`, with limits, without network.

It reads requests from stdin (a line of JSON, then the bytes of the file) and answers each with a line of JSON.
"""

import contextlib
import ctypes
import json
import os
import resource
import sys
from dataclasses import asdict
from importlib import import_module
from typing import Any

MEMORY = 2 * 2**30
"""Bytes that the process may use."""
FULL = 600 * 2**20
"""Bytes after which a process is not used again: what a file left in it stays."""
_NEW_NETWORK = 0x40000000
_NEW_USER = 0x10000000
_FORBIDDEN = ("socket.", "os.system", "os.fork", "os.posix_spawn", "os.remove", "os.rename", "os.rmdir", "shutil.", "urllib.", "ftplib.", "smtplib.", "webbrowser.")  # fmt: skip


def main() -> None:
    """Answers requests until stdin ends."""
    from index.readers import formats
    from index.readers.blocks import Hints

    import_module("lxml.etree")  # before the limits: nearly every format needs it
    _limit()
    source, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    print(json.dumps({"ready": True}), file=answers, flush=True)
    while line := source.readline():
        request = json.loads(line)
        raw = source.read(request["size"])
        hints = Hints(request["language"], tuple(request["languages"]))
        answer = _answer(formats, raw, request["ending"], hints, request["wanted"])
        answer["last"] = _used() > FULL
        print(json.dumps(answer, default=str), file=answers, flush=True)
        if answer["last"]:
            return


def _used() -> int:
    """Most bytes that this process has used so far; 0 where the system does not tell. The usual measure (getrusage)
    would count what the process that started it had used."""
    with contextlib.suppress(OSError), open("/proc/self/status", encoding="ascii") as status:
        return next((int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM")), 0)
    return 0


def _answer(formats: Any, raw: bytes, ending: str, hints: Any, wanted: str) -> dict[str, Any]:
    from index.readers.blocks import Unreadable

    try:
        kind = formats.kind_of(raw, ending)
    except Unreadable as error:
        return {"reason": str(error)}
    name = formats.name_of(kind)
    try:
        if wanted == "rows":
            return {"rows": formats.rows_as(kind, raw, hints)}
        if wanted == "lists":
            return {"lists": formats.lists_as(kind, raw, hints)}
        return {"kind": kind, "read": asdict(formats.read_as(kind, raw, hints))}
    except Unreadable as error:
        return {"reason": str(error)}
    except MemoryError:
        return {"reason": f"needs more than {MEMORY >> 30} GB of memory to be read as {name}"}
    except RecursionError:
        return {"reason": f"cannot be read as {name}: its parts are nested too deep"}
    except Exception as error:  # the format libraries raise whatever they like on damaged files
        if "memory" in str(error).lower() or _used() > 0.7 * MEMORY:
            return {"reason": f"needs more than {MEMORY >> 30} GB of memory to be read as {name}"}
        detail = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        return {"reason": f"cannot be read as {name}: the file is damaged or incomplete", "detail": detail}


def _limit() -> None:
    """Memory, files, no network: by the system where it lets us, and by Python's own audit in any case."""
    for kind, most in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0)):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).unshare(_NEW_USER | _NEW_NETWORK)
    sys.addaudithook(_audit)


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not allowed while a file is read")
    if (
        event == "open"
        and not isinstance(arguments[0], int)
        and isinstance(arguments[1], str)
        and set(arguments[1]) & set("wax+")
    ):
        raise PermissionError("no file is written while another is read")


if __name__ == "__main__":
    main()
