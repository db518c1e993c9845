"""Tables of web pages: cells that reach over several rows or columns stand in each of them."""

import re
from collections.abc import Iterator
from typing import Any

from index.readers.blocks import Item
from index.readers.grid import Grid, table_items
from index.readers.repair import flat

MOST_SPAN = 500
"""Rows or columns that one cell may reach over."""


def is_layout(table: Any) -> bool:
    """Tables that only place things: one cell, or other tables within."""
    cells = table.xpath(".//td | .//th")
    return len(cells) < 2 or table.get("role") == "presentation" or table.find(".//table") is not None


def table_rows(table: Any) -> Iterator[Item]:
    """The rows, with cells that reach over several rows or columns in each of them."""
    rows: list[dict[int, str]] = []
    reaching: dict[int, tuple[int, str]] = {}
    wide: set[int] = set()
    split: set[int] = set()
    heads = 0
    caption = table.find("caption")
    for number, row in enumerate(table.iter("tr")):
        cells: dict[int, str] = {c: text for c, (left, text) in reaching.items() if left > 0}
        reaching = {c: (left - 1, text) for c, (left, text) in reaching.items() if left > 1}
        own = [c for c in row if c.tag in ("td", "th")]
        column = 0
        for cell in own:
            while column in cells:
                column += 1
            text = flat(" ".join(cell.itertext()))
            over, down = _span(cell, "colspan"), _span(cell, "rowspan")
            for _ in range(over):
                cells[column] = text
                if down > 1:
                    reaching[column] = (down - 1, text)
                column += 1
            if over > 1:
                (wide if len(own) == 1 else split).add(number)
        if own and all(c.tag == "th" for c in own) and heads == len(rows) and number not in wide:
            heads += 1
        rows.append(cells)
    width = max((max(r, default=-1) + 1 for r in rows), default=0)
    grid = [[row.get(c, "") for c in range(width)] for row in rows]
    if caption is not None and (text := flat(caption.text_content())):
        yield Item(text)
    yield from table_items(Grid(grid, frozenset(wide), heads or None, frozenset(split)))


def _span(cell: Any, name: str) -> int:
    given = re.match(r"\s*(\d{1,5})", cell.get(name) or "1")
    return min(max(int(given.group(1)) if given else 1, 1), MOST_SPAN)
