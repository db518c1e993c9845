"""Which column of a list holds what: by the words of its heading, in the language packs; else by what stands in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from assistant.languages import codes, language_of, pack

KINDS = ("question", "answer", "source", "date", "id", "language")
LATEST_HEAD = 30
"""Rows of a sheet among which the headings are looked for."""
LONGEST_HEAD = 60
"""Characters of a heading."""
ENOUGH = 20
"""Characters of a column's texts that tell its language."""


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds; `language` is None where nothing tells."""

    place: int
    kind: str
    language: str | None = None
    number: int = 1
    heading: str = ""
    sure: bool = True
    """Whether the heading says this and nothing else."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a sheet with its columns: `rows` below the headings, `above` the texts before them, `unused` the
    headings that say nothing."""

    columns: tuple[Column, ...]
    rows: Sequence[Sequence[str]]
    above: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def languages(self) -> set[str]:
        """The languages of its questions and answers."""
        return {c.language for c in self.columns if c.language and c.kind in ("question", "answer")}


def blocks_of(rows: Sequence[Sequence[str]], languages: Sequence[str]) -> list[Block]:
    """The lists in the rows of a sheet, each below its headings; empty where there is none."""
    heads = [n for n, row in enumerate(rows) if _is_head(row)]
    if not heads or heads[0] > LATEST_HEAD:
        guessed = _without_head(rows)
        return [_with_languages(Block(guessed, rows), languages)] if guessed else []
    found: list[Block] = []
    for number, (head, end) in enumerate(zip(heads, [*heads[1:], len(rows)], strict=True)):
        above = [cell for row in rows[: head if number == 0 else 0] for cell in row if cell]
        columns = _surest([column for place, cell in enumerate(rows[head]) if (column := _column(place, cell))])
        used = {column.place for column in columns}
        unused = [cell for place, cell in enumerate(rows[head]) if cell and place not in used]
        while number + 1 < len(heads) and end > head + 1 and _is_label(rows[end - 1]):
            end -= 1
        block = Block(tuple(columns), rows[head + 1 : end], tuple(above), tuple(unused))
        found.append(_with_languages(block, languages))
    return found


def _surest(columns: Sequence[Column]) -> list[Column]:
    """Without columns that may hold something other where another one surely holds it ("Antwort geprüft von")."""
    kept: list[Column] = []
    for column in columns:
        same = [c for c in columns if c.kind == column.kind and (c.sure or c.place < column.place)]
        if column.sure or not any(c.language in (None, column.language) or not column.language for c in same):
            kept.append(column)
    return kept


def _is_label(row: Sequence[str]) -> bool:
    """Whether a row above the headings of a list is empty or its title."""
    filled = [cell for cell in row if cell]
    return not filled or (len(filled) == 1 and not filled[0].endswith("?"))


def _is_head(row: Sequence[str]) -> bool:
    kinds = {column.kind for place, cell in enumerate(row) if (column := _column(place, cell))}
    return {"question", "answer"} <= kinds


def _column(place: int, cell: str) -> Column | None:
    """What a heading says: kind, language and number ("Frage (deutsch) 2", "answer_en")."""
    if not cell or len(cell) > LONGEST_HEAD or cell.strip().endswith("?"):
        return None
    parts = [p for p in re.split(r"[\W_]+", cell.lower()) if p]
    number = next((int(p) for p in parts if p.isdigit() and len(p) < 3), 1)
    words = [p for p in parts if not p.isdigit()]
    language = next((code for p in reversed(words) if (code := _named(p)) and len(words) > 1), None)
    rest = [p for p in words if not (language and _named(p) == language)]
    for text in (" ".join(rest), " ".join(p for p in rest if not any(p in pack(c).stop_words for c in codes()))):
        if kind := _kind(text):
            return Column(place, kind, language, number, text)
    kinds = {_kind(p) for p in rest}
    first = _kind(rest[0]) if rest else None
    if first is None or kinds - {first, None}:
        return None
    return Column(place, first, language, number, rest[0], kinds == {first})


def _kind(text: str) -> str | None:
    return next((kind for kind in KINDS if _heading(kind).fullmatch(text)), None)


@cache
def _heading(kind: str) -> re.Pattern[str]:
    return re.compile("|".join(pack(code).question_lists[kind] for code in codes()), re.IGNORECASE)


@cache
def _named(word: str) -> str | None:
    """The language that a word is the code or a name of."""
    if word in codes():
        return word
    named = ((code, name) for by in codes() for code, names in pack(by).language_names.items() for name in names)
    return next((code for code, name in named if name == word and code in codes()), None)


def language_named(text: str) -> str | None:
    """The language that a cell names ("DE", "English", "de-DE")."""
    word = re.split(r"[\W_]+", text.strip().lower())[0]
    return _named(word) if word else None


def _heading_language(column: Column, languages: Sequence[str]) -> str | None:
    """The only language of the programme in which a heading is a word for what the column holds."""
    known = [c for c in languages if re.fullmatch(pack(c).question_lists[column.kind], column.heading, re.IGNORECASE)]
    return known[0] if len(known) == 1 else None


def _without_head(rows: Sequence[Sequence[str]]) -> tuple[Column, ...]:
    """The first column that asks, and the next one."""
    filled = [row for row in rows if any(row)]
    for place in range(min(max(map(len, filled), default=0), 5)):
        asking = sum(1 for row in filled if len(row) > place + 1 and row[place].endswith("?") and row[place + 1])
        if asking and 2 * asking >= len(filled):
            return Column(place, "question"), Column(place + 1, "answer")
    return ()


def _with_languages(block: Block, languages: Sequence[str]) -> Block:
    """Questions and answers whose heading names no language get the one that they are written in, unless a column
    names it row by row. An answer is in the language of the question before it."""
    if any(column.kind == "language" for column in block.columns):
        return block
    told: list[Column] = []
    asked: str | None = None
    several = sum(1 for column in block.columns if column.kind == "question" and column.number == 1) > 1
    for column in block.columns:
        if column.kind in ("question", "answer") and column.language is None:
            places = [column.place] if several else [c.place for c in block.columns if c.kind in ("question", "answer")]
            texts = " ".join(row[p] for row in block.rows for p in places if len(row) > p)[:4000]
            found = _heading_language(column, languages) if several or len(texts) < ENOUGH else None
            found = found or (language_of(texts, languages) if len(texts) >= ENOUGH else None)
            if column.kind == "question":
                # further phrasings are too few to tell
                first = next((c for c in told if c.kind == "question" and c.number == 1), None)
                found = first.language if column.number > 1 and first and column.place - first.place < 4 else found
            elif asked and sum(1 for c in block.columns if c.kind == "answer") > 1:
                found = found or asked
            elif asked and not several:
                found = asked
            column = replace(column, language=found or asked or languages[0])
        if column.kind == "question":
            asked = column.language
        told.append(column)
    return replace(block, columns=tuple(told))
