"""Finds entries of desk and corpus by words and state."""

import datetime
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.desk.opened import Row
from assistant.records.entries import DeskEntry

STATES = ("active", "suspended", "draft", "due")
"""What a list can be narrowed to: what answers, what was stopped, what is being written, what is to be reviewed."""
SOON = datetime.timedelta(days=30)
_IN_WORK = ("draft", "submitted", "rejected")


@dataclass(frozen=True, slots=True)
class EntryList:
    """Entries written at the desk, and rows of the corpus."""

    own: tuple[DeskEntry, ...]
    corpus: tuple[Row, ...]


def narrowed(
    own: Sequence[DeskEntry], corpus: Sequence[Row], query: str, state: str, today: datetime.date
) -> EntryList:
    """Those whose texts hold all words of the query (of any length, without regard to case and accents), in a state
    of `STATES` or in any.

    Of the corpus those come first whose questions hold the words.
    """
    words = _folded(query).split()
    soon = (today + SOON).isoformat()

    def holds(row: Row) -> bool:
        text = _folded(_text(row))
        return all(word in text for word in words)

    def asks(row: Row) -> bool:
        text = _folded(_questions(row))
        return all(word in text for word in words)

    return EntryList(
        tuple(e for e in own if holds(e.content["row"]) and (not state or _is(e, state, soon))),
        tuple(
            sorted(
                (r for r in corpus if holds(r) and (state in ("", "active") or (state == "due" and _due(r, soon)))),
                key=lambda r: not asks(r),
            )
        ),
    )


def _is(entry: DeskEntry, state: str, soon: str) -> bool:
    if state == "active":
        return entry.live is not None
    if state == "draft":
        return entry.state in _IN_WORK
    if state == "due":
        return entry.state != "withdrawn" and _due(entry.content["row"], soon)
    return entry.state == state


def _due(row: Row, soon: str) -> bool:
    return bool(row.get("review_by")) and str(row["review_by"]) < soon


def _text(row: Row) -> str:
    local: list[Any] = [text for name in ("answer", "missing") for text in (row.get(name) or {}).values()]
    return "\n".join([str(row.get("id", "")), str(row.get("topic") or ""), _questions(row), *map(str, local)])


def _questions(row: Row) -> str:
    questions: Mapping[str, Sequence[str]] = row.get("questions") or {}
    return "\n".join(text for texts in questions.values() for text in texts)


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
