"""The question sets of a corpus: `questions/*.jsonl` below its folder.

`own.jsonl` is listed row by row. Every other set is kept apart: only its totals are shown, so that nobody tunes to
its rows.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.settings import Settings

OWN = "own"
IN_SCOPE = frozenset({"answered", "partial"})


@dataclass(frozen=True, slots=True)
class Expected:
    """One row of a question set; the answer to the last turn is judged."""

    id: str
    topic: str
    language: str
    turns: tuple[str, ...]
    statuses: frozenset[str]
    must: tuple[str, ...]
    never: tuple[str, ...]
    tags: frozenset[str]

    @property
    def answerable(self) -> bool:
        """Whether the documents hold at least a part of the answer."""
        return bool(self.statuses & IN_SCOPE)

    @property
    def single(self) -> bool:
        """Whether it is one question by itself."""
        return len(self.turns) == 1 and "multi" not in self.tags


def question_sets(corpus: Path) -> dict[str, list[Expected]]:
    """The sets of a corpus folder by name, its own first; empty where it has none."""
    files = sorted((corpus / "questions").glob("*.jsonl"), key=lambda path: (path.stem != OWN, path.stem))
    return {path.stem: load_questions(path) for path in files}


def own_rows(corpus: Path | None = None) -> list[Expected]:
    """The own set of a corpus, by default of the one that is served."""
    return load_questions((corpus or Settings().corpus) / "questions" / f"{OWN}.jsonl")


def load_questions(path: Path) -> list[Expected]:
    """The rows of a JSONL file."""
    rows: list[Expected] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        rows.append(
            Expected(
                id=row["id"],
                topic=row["topic"],
                language=row["language"],
                turns=tuple(row["turns"]),
                statuses=frozenset(row["statuses"]),
                must=tuple(row.get("must", ())),
                never=tuple(row.get("never", ())),
                tags=frozenset(row.get("tags", ())),
            )
        )
    return rows
