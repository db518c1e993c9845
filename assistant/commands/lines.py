"""Lines that commands read and write."""

import json
import sys
from pathlib import Path
from typing import Any

from assistant.commands import CommandError


def say(text: str) -> None:
    """One line for people, on stderr."""
    print(text, file=sys.stderr, flush=True)


def read_batch(path: Path, needed: str) -> list[dict[str, Any]]:
    """The rows of a JSONL file. Raises CommandError with the line's number."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(
            f"{path} cannot be read: {error.strerror if isinstance(error, OSError) else 'is not UTF-8'}"
        ) from error
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row: Any = json.loads(line)
        except json.JSONDecodeError as error:
            raise CommandError(f"{path}, line {number}: is not JSON") from error
        if not isinstance(row, dict) or "id" not in row or needed not in row:
            raise CommandError(f"{path}, line {number}: needs the fields id and {needed}")
        rows.append(row)
    return rows


def emit(row: Any) -> None:
    """One JSON line on stdout."""
    sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
