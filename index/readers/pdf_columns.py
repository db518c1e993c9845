"""The reading order of a page: columns left to right, what reaches over them above or below, tables in one.

A gutter is a strip that no piece of text touches, with lines on both sides of it. The page is cut at the tallest one into
what is above, the two sides and what is below, and each part again.
"""

import itertools
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index.readers.pdf_glyphs import Piece

Pieces = Sequence[Piece]
Rules = Sequence[tuple[float, float, float]]
GUTTER = 0.8
"""Least width of a gutter, in sizes of the type."""
DETACHED = 1.7
"""Distance between lines, in sizes of the type, that parts what is above columns from them."""
MOST_APART = 2
"""Rows above or below the other side that are no longer part of a column: more of them go on in it."""
PROSE_WORDS = 4
"""Words of a line of running text, at least."""
DEPTH = 12


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page that is read from top to bottom; a table is read row by row."""

    pieces: tuple[Piece, ...]
    table: bool = False


@dataclass(frozen=True, slots=True)
class _Cut:
    """A page cut at a gutter."""

    above: Pieces
    left: Pieces
    right: Pieces
    below: Pieces
    height: float


def regions(pieces: Pieces, rules: Rules = (), depth: int = 0) -> list[Region]:
    """The parts of a page in their reading order."""
    if not pieces:
        return []
    ordered = sorted(pieces, key=lambda p: (-p.base, p.x0))
    cut = _best_cut(ordered) if depth < DEPTH and len(ordered) > 3 else None
    if cut is None:
        return [Region(tuple(ordered))]
    if _is_table(cut, rules):
        middle = [Region((*cut.left, *cut.right), table=True)]
    else:
        middle = [*regions(cut.left, rules, depth + 1), *regions(cut.right, rules, depth + 1)]
    return [*regions(cut.above, rules, depth + 1), *middle, *regions(cut.below, rules, depth + 1)]


def panels(pieces: Pieces, width: float, height: float) -> list[Pieces]:
    """The panels of a sheet that is folded: two to four of equal width that no text reaches over. One, where a page
    is none."""
    if width > height and len(pieces) >= 6:
        for count in (3, 4, 2):
            edges = [width * n / count for n in range(1, count)]
            crossed = any(p.x0 < edge - 3 and p.x1 > edge + 3 for p in pieces for edge in edges)
            parts = [
                [p for p in pieces if width * n / count <= (p.x0 + p.x1) / 2 < width * (n + 1) / count]
                for n in range(count)
            ]
            if not crossed and all(len(part) >= 2 for part in parts):
                return [*parts]
    return [pieces]


def rows_of(pieces: Pieces) -> list[list[Piece]]:
    """Pieces of one height together, from top to bottom, each row from left to right."""
    rows: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda p: (-p.base, p.x0)):
        if rows and abs(rows[-1][0].base - piece.base) < 0.4 * min(rows[-1][0].size, piece.size):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [sorted(row, key=lambda p: p.x0) for row in rows]


def _best_cut(pieces: Pieces) -> _Cut | None:
    size = statistics.median(p.size for p in pieces)
    least = max(GUTTER * size, 5.0)
    cuts = (cut for x in _edges(pieces, least) for cut in _cuts_at(x, pieces, least, size))
    return max(cuts, key=lambda cut: cut.height, default=None)


def _edges(pieces: Pieces, least: float) -> Iterator[float]:
    """Where a column may begin: where two or more pieces begin, and behind the gaps that nothing covers."""
    starts = sorted(p.x0 for p in pieces)
    found: set[float] = set()
    for at, x in enumerate(starts):
        if at and x - starts[at - 1] < 2.0 and x > starts[0] + least:
            found.add(round(x - (x - starts[at - 1]), 1))
    covered = float("-inf")
    for piece in sorted(pieces, key=lambda p: p.x0):
        if covered > float("-inf") and piece.x0 - covered > least:
            found.add(round(piece.x0, 1))
        covered = max(covered, piece.x1)
    last = float("-inf")
    for x in sorted(found):
        if x - last > 2.5:
            yield x
            last = x


def _cuts_at(x: float, pieces: Pieces, least: float, size: float) -> Iterator[_Cut]:
    """The cuts at a gutter that ends at `x`: one for each stretch that no piece crosses."""
    start = 0
    for at in range(len(pieces) + 1):
        if at < len(pieces) and not (pieces[at].x0 < x - 1.5 and pieces[at].x1 > x - least):
            continue
        if cut := _cut(pieces[:start], pieces[start:at], pieces[at:], x, size):
            yield cut
        start = at + 1
        # the piece that crosses belongs to what is above the next stretch


def _cut(above: Pieces, run: Pieces, below: Pieces, x: float, size: float) -> _Cut | None:
    left = [p for p in run if p.x0 < x - 1.5]
    right = [p for p in run if p.x0 >= x - 1.5]
    if not left or not right:
        return None
    high, low = [*above], [*below]
    left, right = _trimmed(left, right, high, low)
    right, left = _trimmed(right, left, high, low)
    if len(rows_of(left)) < 2 or len(rows_of(right)) < 2:
        return None
    top = min(max(p.top for p in left), max(p.top for p in right))
    bottom = max(min(p.base for p in left), min(p.base for p in right))
    if top - bottom < 2 * size:
        return None
    return _Cut(high, left, right, low, top - bottom)


def _trimmed(
    side: list[Piece], other: list[Piece], high: list[Piece], low: list[Piece]
) -> tuple[list[Piece], list[Piece]]:
    """A side without what stands apart above or below all of the other side."""
    if not other:
        return side, other
    top, bottom = max(p.top for p in other), min(p.base for p in other)
    kept = list(side)
    for at in range(1, len(side)):
        before, after = side[at - 1], side[at]
        apart = before.base - after.base > DETACHED * 1.15 * max(after.size, min(before.size, after.size))
        if apart and before.base > top - 0.2 * before.size and len(rows_of(side[:at])) <= MOST_APART:
            high.extend(p for p in side[:at] if p in kept)
            kept = [p for p in kept if p not in side[:at]]
        if apart and after.top < bottom + 0.2 * after.size and len(rows_of(side[at:])) <= MOST_APART:
            low.extend(side[at:])
            kept = [p for p in kept if p not in side[at:]]
            break
    return kept, other


def _is_table(cut: _Cut, rules: Rules) -> bool:
    """Whether the two sides are cells of rows, and no columns of running text."""
    both = [*cut.left, *cut.right]
    x0, x1 = min(p.x0 for p in both), max(p.x1 for p in both)
    top, bottom = max(p.top for p in both) + 12, min(p.base for p in both) - 12
    ruled = {round(y) for a, b, y in rules if bottom <= y <= top and min(b, x1) - max(a, x0) > 0.5 * (x1 - x0)}
    sides = [rows_of(cut.left), rows_of(cut.right)]
    few, many = sorted(sides, key=len)
    heights = [row[0].base for row in many]
    aligned = sum(any(abs(row[0].base - h) < 0.3 * row[0].size for h in heights) for row in few) / len(few)
    if len(ruled) >= 3 and aligned >= 0.6:
        return True
    if aligned < 0.8:
        return False
    prose = [_prose(rows) for rows in sides]
    if all(prose):
        return False
    columns = max(len(row) for row in rows_of(both))
    if any(prose):
        return _irregular(sides[prose.index(False)])
    return columns >= 3 or _numeric(sides[1]) or (_irregular(few) and len(many) > len(few))


def _prose(rows: Sequence[Sequence[Piece]]) -> bool:
    """Whether most lines are of running text: of several words, and many of them begin in small letters."""
    pieces = [p for row in rows for p in row]
    words = statistics.median(len(p.text.split()) for p in pieces)
    begun = sum(p.text[:1].islower() for p in pieces) / len(pieces)
    return (words >= PROSE_WORDS and (begun >= 0.15 or len(pieces) < 4)) or (words >= 2 and begun >= 0.3)


def _numeric(rows: Sequence[Sequence[Piece]]) -> bool:
    cells = [p.text for row in rows for p in row]
    return len(cells) >= 2 and sum(any(map(str.isdigit, c)) and len(c.split()) < 4 for c in cells) >= 0.6 * len(cells)


def _irregular(rows: Sequence[Sequence[Piece]]) -> bool:
    """Whether lines stand in different distances: cells of rows with several lines."""
    gaps = [a[0].base - b[0].base for a, b in itertools.pairwise(rows)]
    return len(gaps) >= 2 and max(gaps) > 1.4 * min(gaps)
