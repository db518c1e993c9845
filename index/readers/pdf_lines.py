"""Lines of a page put together: paragraphs, headings, list items and rows of tables."""

import itertools
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.readers.blocks import Item
from index.readers.grid import Grid, table_items
from index.readers.pdf_columns import Region, Rules, rows_of
from index.readers.pdf_glyphs import Piece
from index.readers.repair import HYPHENS, bulleted, flat, joined_lines, together, without_leader

LARGER = 1.1
"""So much larger than the running text is the type of a heading."""
LONGEST_HEADING = 140
LOWEST = 7
"""The level of headings that are only bold."""
_END = re.compile(r"[.!?:][\"'”“»’)\]⁰¹²³⁴-⁹]*$")
_NUMBERED = re.compile(r"^(?:\d{1,2}[.)]|[a-z]\)|\(\d{1,2}\))\s+\S")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a region, with the region's left and right edge."""

    text: str
    x0: float
    x1: float
    base: float
    size: float
    bold: bool
    left: float
    right: float


@dataclass(slots=True)
class Paragraph:
    """Lines that belong together; `table` holds the rows of a table instead."""

    lines: list[Line]
    page: int
    table: list[Item] | None = None

    @property
    def size(self) -> float:
        """The size of its type."""
        return statistics.median(line.size for line in self.lines)

    @property
    def bold(self) -> bool:
        """Whether all of it is bold."""
        return all(line.bold for line in self.lines)


def paragraphs(parts: Sequence[Region], page: int, rules: Rules) -> Iterator[Paragraph]:
    """The paragraphs of the regions of a page, in their order."""
    for region in parts:
        if region.table:
            yield Paragraph([], page, table_items(_grid(region.pieces, rules), page, headed=True))
            continue
        lines = _lines(region.pieces)
        leading = _leading(lines)
        group: list[Line] = []
        for line in lines:
            if group and _begins(group, line, leading):
                yield Paragraph(group, page)
                group = []
            group.append(line)
        if group:
            yield Paragraph(group, page)


def joined_over_breaks(given: Sequence[Paragraph], body: float) -> list[Paragraph]:
    """With paragraphs that a column or page break cut put together again."""
    made: list[Paragraph] = []
    for paragraph in given:
        before = made[-1] if made else None
        if before is not None and _unfinished(before, paragraph, body):
            made[-1] = Paragraph([*before.lines, *paragraph.lines], before.page)
        else:
            made.append(paragraph)
    return made


def items_of(given: Sequence[Paragraph], body: float, vocabulary: frozenset[str]) -> list[Item]:
    """Headings (their levels by the size of their type) and blocks."""
    sizes = sorted({round(p.size) for p in given if p.lines and p.size > LARGER * body}, reverse=True)
    items: list[Item] = []
    for paragraph in given:
        if paragraph.table is not None:
            items += paragraph.table
            continue
        first = paragraph.lines[0].text
        listed = bulleted(first)
        lines = [listed if listed is not None else first, *(line.text for line in paragraph.lines[1:])]
        text = joined_lines([without_leader(line) for line in lines], vocabulary)
        if not re.search(r"\w", text):
            continue
        level = 0 if listed is not None else _level(paragraph, text, body, sizes)
        items.append(Item(f"- {text}" if listed is not None else text, level, paragraph.page))
    return items


def _level(paragraph: Paragraph, text: str, body: float, sizes: Sequence[int]) -> int:
    if len(text) > LONGEST_HEADING or len(paragraph.lines) > 4 or text.endswith((".", ";", ",")):
        return 0
    if not re.search(r"[^\W\d_]{2}", text):
        return 0
    if paragraph.size > LARGER * body:
        return min(1 + sizes.index(round(paragraph.size)), LOWEST - 1)
    short = len(text) <= 90 and len(paragraph.lines) <= 2
    return LOWEST if paragraph.bold and short and paragraph.size > 0.9 * body else 0


def _lines(pieces: Sequence[Piece]) -> list[Line]:
    left, right = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    lines: list[Line] = []
    for row in rows_of(pieces):
        text = row[0].text
        for piece, following in itertools.pairwise(row):
            gap = following.x0 - piece.x1
            text += ("" if gap < 0.1 * piece.size else " ") + following.text
        size = max(row, key=lambda p: len(p.text)).size
        bold = all(p.bold for p in row)
        lines.append(Line(together(text), row[0].x0, row[-1].x1, row[0].base, size, bold, left, right))
    return lines


def _leading(lines: Sequence[Line]) -> float:
    """The usual distance of lines of one size, 1.2 times their size where none follow each other."""
    gaps = [
        (a.base - b.base) / a.size
        for a, b in itertools.pairwise(lines)
        if abs(a.size - b.size) < 0.1 * a.size and a.base > b.base
    ]
    close = [gap for gap in gaps if gap < 2.2]
    return statistics.median_low(close) if close else 1.2


def _begins(group: Sequence[Line], line: Line, leading: float) -> bool:
    """Whether a line begins a new paragraph."""
    last, first = group[-1], group[0]
    size = max(last.size, line.size)
    if abs(last.size - line.size) > 0.08 * size or (last.bold != line.bold and len(group) >= 1 and _whole(last, line)):
        return True
    if bulleted(line.text) is not None or _NUMBERED.match(line.text):
        return True
    gap = (last.base - line.base) / size
    if gap > 1.3 * leading or gap < -0.2:
        return True
    ended = bool(_END.search(last.text))
    width = line.right - line.left
    if ended and last.x1 < line.right - 0.18 * width:
        return True
    hanging = bulleted(first.text) is not None or _NUMBERED.match(first.text)
    if hanging:
        return line.x0 < first.x0 + 0.3 * size and ended
    return ended and line.x0 > last.x0 + 0.7 * size and len(group) > 1


def _whole(last: Line, line: Line) -> bool:
    """Whether a change to or from bold type is one between paragraphs and not within a sentence."""
    return last.text[-1:] not in HYPHENS and not line.text[:1].islower()


def _unfinished(before: Paragraph, paragraph: Paragraph, body: float) -> bool:
    if not before.lines or not paragraph.lines:
        return False
    last, first = before.lines[-1], paragraph.lines[0]
    same_column = before.page == paragraph.page and last.left == first.left and last.right == first.right
    if same_column or abs(last.size - first.size) > 0.06 * last.size or last.bold != first.bold:
        return False
    if last.size > LARGER * body or bulleted(first.text) is not None or _NUMBERED.match(first.text):
        return False
    text = flat(last.text)
    if not text or _END.search(text):
        return False
    if first.text[:1].islower() or last.text[-1:] in HYPHENS or text.endswith(","):
        return True
    return last.x1 > last.left + 0.8 * (last.right - last.left) and len(text.split()) > 3


def _grid(pieces: Sequence[Piece], rules: Rules) -> Grid:
    """The rows and columns of a table that is set without merged cells."""
    rows = rows_of(pieces)
    starts = _column_starts(rows)
    leading = _leading(_lines(pieces))
    x0, x1 = min(p.x0 for p in pieces), max(p.x1 for p in pieces)
    heights = sorted({y for a, b, y in rules if min(b, x1) - max(a, x0) > 0.5 * (x1 - x0)}, reverse=True)
    inner = [y for y in heights if min(p.base for p in pieces) < y < max(p.top for p in pieces)]
    cells: list[list[list[str]]] = []
    last: float | None = None
    for row in rows:
        base, size = row[0].base, row[0].size
        parts: dict[int, list[str]] = {}
        for piece in row:
            column = max((n for n, x in enumerate(starts) if x <= piece.x0 + 0.5 * size), default=0)
            parts.setdefault(column, []).append(piece.text)
        if last is None:
            new = True
        elif len(inner) >= 2:
            new = any(base < y < last for y in inner)
        else:
            close = (last - base) / size <= 1.12 * leading
            new = not close or (0 in parts and (len(parts) > 1 or len(starts) < 2))
        if new:
            cells.append([[] for _ in starts])
        for column, texts in parts.items():
            cells[-1][column].append(" ".join(texts))
        last = base
    return Grid([[joined_lines(cell) for cell in row] for row in cells])


def _column_starts(rows: Sequence[Sequence[Piece]]) -> list[float]:
    """Where the columns of a table begin: behind the strips that no cell touches."""
    most = max(len(row) for row in rows)
    pieces = sorted((p for row in rows if len(row) >= max(2, most - 1) for p in row), key=lambda p: p.x0)
    starts: list[float] = []
    covered = float("-inf")
    for piece in pieces or sorted((p for row in rows for p in row), key=lambda p: p.x0):
        if piece.x0 > covered + 0.3 * piece.size:
            starts.append(piece.x0)
        covered = max(covered, piece.x1)
    return starts
