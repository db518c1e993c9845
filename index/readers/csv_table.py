"""Tables in text (.csv): commas, semicolons or tabs; UTF-8 or Windows-1252."""

import csv
import io

from index.readers.blocks import Hints, ReadFile, Unreadable, assembled, decode
from index.readers.grid import Grid, table_items
from index.readers.repair import flat

DELIMITERS = (",", ";", "\t")
MOST_CHARACTERS = 1_000_000
"""Of one cell."""


def read_csv(raw: bytes, hints: Hints) -> ReadFile:
    """A table, each row a block."""
    rows = [[flat(cell) for cell in row] for row in csv_rows(decode(raw))]
    width = max((len(row) for row in rows), default=0)
    if width < 1:
        raise Unreadable("holds no rows")
    even = [[*row, *[""] * (width - len(row))] for row in rows]
    sections, _, warnings = assembled(table_items(Grid(even), headed=True))
    return ReadFile(sections, warnings=warnings)


def csv_rows(text: str) -> list[list[str]]:
    """The rows; they are parted by the mark that the head has most of (spreadsheets of some countries write
    semicolons). A first line `sep=;` names it."""
    csv.field_size_limit(MOST_CHARACTERS)
    text = text.lstrip()
    head, _, rest = text.partition("\n")
    if head.lower().startswith("sep=") and len(head.strip()) == 5:
        return _parted(rest, head.strip()[-1])
    bare = "".join(head.split('"')[::2])
    return _parted(text, max(DELIMITERS, key=bare.count))


def _parted(text: str, mark: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=mark))
    except csv.Error as error:
        raise Unreadable("is no table that can be read (a cell is never closed, or far too long)") from error
