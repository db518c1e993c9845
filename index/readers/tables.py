"""Tables of curated entries (.csv with commas or semicolons, .xlsx): rows become the fields of an entry.

Columns: `id`, `question`, `answer`, `language`, `source`, `as_of`. Question and answer may name their language
(`question_de`, `answer_en`), and further
phrasings stand in `question_2` (`question_de_2`) and so on, or below each other in one cell. Rows with the same
`id` are one entry in several languages.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.languages import codes
from index.readers.blocks import Unreadable
from index.readers.dates import iso_of

_PLAIN = ("id", "language", "source", "as_of")
_TEXT = re.compile(rf"(?P<kind>question|answer)(?:_(?P<language>{'|'.join(codes())}))?(?:_(?P<number>\d+))?")


@dataclass(slots=True)
class _Row:
    """What the cells of an entry say so far."""

    questions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    answer: dict[str, str] = field(default_factory=dict[str, str])
    sources: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    as_of: str | None = None

    def fields(self, identity: str) -> dict[str, Any]:
        """The fields of contracts.md that have a value."""
        given = {"questions": self.questions, "answer": self.answer, "sources": self.sources, "as_of": self.as_of}
        return {"id": identity, **{name: value for name, value in given.items() if value}}


def read_table(
    rows: Sequence[Sequence[str]], path: str, languages: Sequence[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Id and fields of each entry of a table; a text whose language neither column nor row names is in the
    first of `languages`. Dates may be written the way of a language.

    Raises Unreadable for a table without rows, with an unknown column or without a question or an answer.
    """
    language = languages[0]
    if not rows:
        raise Unreadable("holds no rows")
    head = [name.strip().lower() for name in rows[0]]
    texts = {name: match for name in head if (match := _TEXT.fullmatch(name))}
    if unknown := sorted(set(head) - set(texts) - {*_PLAIN, ""}):
        raise Unreadable(
            f"{unknown[0]}: unknown column; known are {', '.join(_PLAIN)}, question and answer, "
            f"also with a language (question_{language}) and a number (question_2)"
        )
    for kind in ("question", "answer"):
        if not any(match["kind"] == kind for match in texts.values()):
            raise Unreadable(f"{kind}: mandatory column is missing")
    entries: dict[str, _Row] = {}
    for number, row in enumerate(rows[1:], 1):
        cells = {name: value.strip() for name, value in zip(head, row, strict=False) if name and value.strip()}
        if cells:
            if "as_of" in cells:
                cells["as_of"] = iso_of(cells["as_of"], languages) or cells["as_of"]
            identity = cells.get("id") or f"{Path(path).stem}-{number}"
            _add(entries.setdefault(identity, _Row()), cells, texts, language)
    yield from ((identity, row.fields(identity)) for identity, row in entries.items())


def _add(row: _Row, cells: Mapping[str, str], texts: Mapping[str, re.Match[str]], language: str) -> None:
    spoken = cells.get("language", language).lower()
    for name, match in texts.items():
        if not (text := cells.get(name)):
            continue
        tongue = match["language"] or spoken
        if match["kind"] == "answer":
            row.answer[tongue] = text
        else:
            row.questions.setdefault(tongue, []).extend(line.strip() for line in text.splitlines() if line.strip())
    row.as_of = row.as_of or cells.get("as_of")
    if source := cells.get("source"):
        named = {"url" if source.startswith(("http://", "https://")) else "title": source}
        if "as_of" in cells:
            named["as_of"] = cells["as_of"]
        if named not in row.sources:
            row.sources.append(named)
