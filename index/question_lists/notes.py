"""What an import tells an editor: at most one line a kind, with a count and two examples."""

from collections import defaultdict
from functools import cache
from pathlib import Path

import yaml

EXAMPLES = 2
LONGEST = 70
"""Characters of an example."""


class Notes:
    """Collects what an editor should know."""

    def __init__(self) -> None:
        self._found: dict[str, list[str]] = defaultdict(list)

    def add(self, kind: str, example: str) -> None:
        """One finding of a kind that notes.yaml holds."""
        if kind not in _texts():
            raise KeyError(f"no kind {kind!r} of note is known")
        self._found[kind].append(" ".join(example.split()))

    def count(self, kind: str) -> int:
        """How many findings of a kind there are."""
        return len(self._found.get(kind, ()))

    def lines(self) -> list[str]:
        """A line a kind, in the order of notes.yaml."""
        lines: list[str] = []
        for kind, text in _texts().items():
            if found := self._found.get(kind):
                shown = [e if len(e) <= LONGEST else f"{e[:LONGEST]}…" for e in dict.fromkeys(found)]
                more = "; …" if len(shown) > EXAMPLES else ""
                lines.append(f"{len(found)} × {text} ({'; '.join(shown[:EXAMPLES])}{more})")
        return lines


@cache
def _texts() -> dict[str, str]:
    return yaml.safe_load(Path(__file__).with_name("notes.yaml").read_text(encoding="utf-8"))
