"""Tables as rows that can be understood alone: each cell with the heading of its column, labels carried along."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.readers.blocks import Item

Row = Sequence[str]
_NUMBER = re.compile(r"\d")
_SENTENCE_END = (".", "!", "?", ";", ":")
LONGEST_LABEL = 80
"""Characters of a lone cell that can be the label of the rows below it."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its merged cells filled in: `rows` of equal width; `wide` are numbers of rows that one merged cell
    fills; `heads` how many rows are known to be headings (None: unknown); `split` numbers of rows with cells that are
    merged over some columns."""

    rows: Sequence[Row]
    wide: frozenset[int] = frozenset()
    heads: int | None = None
    split: frozenset[int] = frozenset()


def table_items(grid: Grid, page: int | None = None, headed: bool = False) -> list[Item]:
    """A block a row: `heading: cell; heading: cell`. Lone cells above the headings and short ones between the rows
    become the heading of what follows.

    `headed`: the first row of two columns is taken for headings too, where nothing tells.
    """
    items: list[Item] = []
    label: str | None = None
    names: Row | None = None
    filled = [number for number, row in enumerate(grid.rows) if any(row)]
    width = max((sum(1 for c in grid.rows[n] if c) for n in filled if n not in grid.wide), default=1)
    first = next((n for n in filled if not _alone(grid, n, width)), None)
    number = 0
    while number < len(grid.rows):
        row = grid.rows[number]
        if not any(row):
            number += 1
            continue
        if _alone(grid, number, width):
            text = next(cell for cell in row if cell)
            if len(text) <= LONGEST_LABEL and not text.endswith(_SENTENCE_END) and any(n > number for n in filled):
                label = text
            else:
                items.append(Item(text, 0, page, label if number >= (first or 0) else None))
            number += 1
            continue
        if number == first:
            heads = _head_rows(grid, number, filled, headed)
            if heads:
                names = _names(grid.rows[number : number + heads])
                number += heads
                continue
        items.append(Item(_line(row, names), 0, page, label))
        number += 1
    return items


def _alone(grid: Grid, number: int, width: int) -> bool:
    """Whether a row of a table with several columns has one cell alone."""
    cells = [cell for cell in grid.rows[number] if cell]
    return number in grid.wide or (width > 1 and len(cells) == 1 and bool(grid.rows[number][0]))


def _head_rows(grid: Grid, first: int, filled: Sequence[int], headed: bool) -> int:
    """How many rows from `first` are headings."""
    body = [grid.rows[n] for n in filled if n > first and n not in grid.wide]
    if not body:
        return 0
    if grid.heads is not None:
        return max(grid.heads - first, 0) if grid.heads > first else 0
    row = grid.rows[first]
    cells = [cell for cell in row if cell]
    if any(
        _NUMBER.search(c) and not re.search(r"[^\W\d_]{2}", c) and not re.fullmatch(r"(?:19|20)\d\d", c) for c in cells
    ):
        return 0
    if any(c.endswith((".", "!", ";")) and " " in c and len(c) > 25 for c in cells) or any(len(c) > 90 for c in cells):
        return 0
    if len(row) == 2 and not headed and not all(any(map(str.isdigit, r[1])) for r in body if r[1]):
        return 0
    if first in grid.split and first + 1 in filled:
        return 2
    return 1


def _names(rows: Sequence[Row]) -> Row:
    """The headings of the columns; of several rows the words of all, each once."""
    return [" ".join(dict.fromkeys(cell.rstrip(" :") for cell in column if cell)) for column in zip(*rows, strict=True)]


def _line(row: Row, names: Row | None) -> str:
    if names is None:
        cells = [cell for cell in row if cell]
        if len(row) == 2 and len(cells) == 2 and len(cells[0]) <= LONGEST_LABEL:
            return f"{cells[0].rstrip(' :')}: {cells[1]}"
        return " | ".join(cells)
    told = zip(names, row, strict=False)
    return "; ".join(f"{name}: {cell}" if name and name != cell else cell for name, cell in told if cell)
