"""What stands where on a page of a PDF (pdfium): pieces of lines with their place and size, rules and pictures."""

import ctypes
import itertools
import math
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from index.readers.repair import bulleted

Glyph = tuple[float, float, float, float, str]
"""left, bottom, right, top, sign; a blank has no box."""
MOST_GLYPHS = 60_000
"""Signs of a page that are read; more is no page for people."""
MOST_OBJECTS = 4000
"""Drawn things of a page that are looked at."""
BREAK = 0.85
"""Gap between two signs, in sizes of the type, that parts two pieces of a line: wider than a blank between words of
justified text, narrower than the gutter between columns."""
BLANK = 0.22
"""Gap that is a blank, in sizes of the type."""
_RAISED = dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: its box, the size of its type (height of its signs in points) and its text."""

    x0: float
    x1: float
    base: float
    size: float
    text: str
    bold: bool = False

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.base + self.size


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page: its size, the pieces of its lines in the order of the file, level rules (left, right, height) and the
    number of pictures."""

    width: float
    height: float
    pieces: tuple[Piece, ...]
    rules: tuple[tuple[float, float, float], ...]
    pictures: int


def drawn(page: Any) -> Drawn:
    """What stands on a page; text that is set across (at the edge of a page, say) is left out."""
    text = page.get_textpage()
    try:
        turned, glyphs = _glyphs(text)
        pieces = [_piece(text, run) for run in _runs(glyphs)]
    finally:
        text.close()
    width, height = page.get_size()
    if turned in (1, 3) and page.get_rotation() == 0:
        width, height = height, width
    rules, pictures = _objects(page) if not turned else ((), 0)
    return Drawn(width, height, tuple(_with_marks([p for p in pieces if p.text.strip()])), rules, pictures)


def _with_marks(pieces: Sequence[Piece]) -> list[Piece]:
    """With small raised numbers at the ends of the pieces that they stand behind."""
    made = list(pieces)
    for mark in [p for p in pieces if p.text.strip().isdigit() and len(p.text.strip()) <= 3]:
        for n, piece in enumerate(made):
            small = mark.size < 0.8 * piece.size and piece.base + 0.12 * piece.size < mark.base < piece.top
            if small and -0.3 * piece.size < mark.x0 - piece.x1 < 0.35 * piece.size:
                raised = "".join(_RAISED[c] for c in mark.text.strip() if c in _RAISED)
                made[n] = replace(piece, text=piece.text + raised, x1=mark.x1)
                made.remove(mark)
                break
    return made


def _glyphs(page: Any) -> tuple[int, list[tuple[int, Glyph]]]:
    """By how many quarters the text is turned, and its signs with their numbers, as if it were not."""
    import pypdfium2.raw as pdfium

    box = pdfium.FS_RECTF()
    count = min(pdfium.FPDFText_CountChars(page), MOST_GLYPHS)
    found: list[tuple[int, int, Glyph]] = []
    for n in range(count):
        if pdfium.FPDFText_IsGenerated(page, n) == 1:
            continue
        sign = chr(pdfium.FPDFText_GetUnicode(page, n) or 0xFFFD)
        if not pdfium.FPDFText_GetLooseCharBox(page, n, ctypes.byref(box)):
            continue
        quarter = round(pdfium.FPDFText_GetCharAngle(page, n) / (math.pi / 2)) % 4
        found.append((quarter, n, (box.left, box.bottom, box.right, box.top, sign)))
    turned = Counter(q for q, _, g in found if not g[4].isspace()).most_common(1)
    quarter = turned[0][0] if turned else 0
    return quarter, [(n, _upright(g, quarter)) for q, n, g in found if q == quarter or g[4].isspace()]


def _upright(glyph: Glyph, quarter: int) -> Glyph:
    left, bottom, right, top, sign = glyph
    if quarter == 1:
        return (bottom, -right, top, -left, sign)
    if quarter == 2:
        return (-right, -top, -left, -bottom, sign)
    if quarter == 3:
        return (-top, left, -bottom, right, sign)
    return glyph


def _runs(glyphs: Sequence[tuple[int, Glyph]]) -> Iterator[list[tuple[int, Glyph]]]:
    """Signs that stand in one piece of a line; blanks stay between them."""
    run: list[tuple[int, Glyph]] = []
    last: Glyph | None = None
    size = 0.0
    for number, glyph in glyphs:
        if glyph[4].isspace():
            if run:
                run.append((number, glyph))
            continue
        if last is not None and not _goes_on(run, last, size, glyph):
            yield run
            run, size = [], 0.0
        run.append((number, glyph))
        size = max(size, glyph[3] - glyph[1])
        last = glyph
    if run:
        yield run


def _goes_on(run: Sequence[tuple[int, Glyph]], last: Glyph, size: float, glyph: Glyph) -> bool:
    """Whether a sign stands in the piece of line before it."""
    own = glyph[3] - glyph[1]
    larger = max(size, own)
    off = glyph[1] - run[0][1][1]
    level = abs(off) < 0.3 * larger or (min(size, own) < 0.8 * larger and -0.35 * larger < off < 0.75 * larger)
    if not level or (abs(own - size) > 0.45 * larger and own > size):
        return False
    gap = glyph[0] - last[2]
    most = BREAK * larger
    if len(run) <= 5 and bulleted("".join(g[4] for _, g in run) + " x") is not None:
        most = 4 * larger
    return -0.6 * larger < gap < most


def _piece(page: Any, run: Sequence[tuple[int, Glyph]]) -> Piece:
    solid = [(n, g) for n, g in run if not g[4].isspace()]
    heights = [g[3] - g[1] for _, g in solid]
    size = statistics.median_high(heights)
    base = statistics.median_low([g[1] for _, g in solid])
    middle = solid[len(solid) // 2][0]
    text = _text([g for _, g in run], size, base)
    return Piece(min(g[0] for _, g in solid), max(g[2] for _, g in solid), base, size, text, _bold(page, middle))


def _text(run: Sequence[Glyph], size: float, base: float) -> str:
    """The text of a piece: blanks by the file and by the gaps; letter-spaced words are put together, raised numbers
    are told as such."""
    solid = [g for g in run if not g[4].isspace()]
    gaps = [b[0] - a[2] for a, b in itertools.pairwise(solid)]
    spaced = len(gaps) >= 4 and statistics.median(gaps) > 0.12 * size
    limit = 1.7 * statistics.median(gaps) if spaced else BLANK * size
    told: list[str] = []
    last: Glyph | None = None
    blank = False
    for glyph in run:
        if glyph[4].isspace():
            blank = True
            continue
        if last is not None:
            gap = glyph[0] - last[2]
            if gap > limit or (blank and not spaced and gap > 0.04 * size):
                told.append(" ")
        raised = glyph[3] - glyph[1] < 0.8 * size and glyph[1] > base + 0.12 * size
        told.append(_RAISED.get(glyph[4], glyph[4]) if raised else glyph[4])
        last, blank = glyph, False
    return "".join(told)


def _bold(page: Any, number: int) -> bool:
    """Whether a sign is set bold, by the weight or the name of its font."""
    import pypdfium2.raw as pdfium

    if pdfium.FPDFText_GetFontWeight(page, number) >= 600:
        return True
    flags = ctypes.c_int()
    buffer = ctypes.create_string_buffer(128)
    length = pdfium.FPDFText_GetFontInfo(page, number, buffer, 128, ctypes.byref(flags))
    name = buffer.value.decode("utf-8", "replace").lower() if 0 < length <= 128 else ""
    return any(word in name for word in ("bold", "black", "heavy", "semibold", "demi"))


def _objects(page: Any) -> tuple[tuple[tuple[float, float, float], ...], int]:
    """Level rules, and how many pictures a page has."""
    import pypdfium2.raw as pdfium

    rules: list[tuple[float, float, float]] = []
    pictures = 0
    for seen, thing in enumerate(page.get_objects(max_depth=3)):
        if seen >= MOST_OBJECTS:
            break
        if thing.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            pictures += 1
        elif thing.type == pdfium.FPDF_PAGEOBJ_PATH:
            left, bottom, right, top = thing.get_bounds()
            if right - left > 40 and top - bottom < 3:
                rules.append((left, right, (bottom + top) / 2))
            elif right - left > 40 and top - bottom > 8:
                rules.extend([(left, right, top), (left, right, bottom)])
    return tuple(rules), pictures
