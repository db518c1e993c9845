"""What stands around the text of a PDF: running heads, page numbers, contents with dot leaders, footnotes."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from assistant.languages import codes, pack
from index.readers.pdf_columns import rows_of
from index.readers.pdf_glyphs import Drawn, Piece
from index.readers.repair import clean

EDGE = 0.11
"""Share of a page's height at its head and foot where running heads and page numbers stand."""
_LONE_NUMBER = re.compile(r"[-–—|\s]*(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:/|\|)\s*\d{1,4})?[-–—|\s]*")
_NOTE = re.compile(r"^\s*([⁰¹²³⁴-⁹]+|\d{1,2}\)?|\*{1,3})\s*(?=\S)")
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_UNIT = re.compile(r"(?:^|[\s\d/])[kcdm]?m$")


@dataclass(frozen=True, slots=True)
class Framed:
    """A page without what stands around its text; `notes` are the pieces of its footnotes."""

    page: Drawn
    notes: tuple[Piece, ...]


def framed(pages: Sequence[Drawn], body: float) -> list[Framed]:
    """The pages without running heads, page numbers and footnotes; `body` is the size of the running text."""
    heads = _running(pages, body)
    return [_framed(page, number, heads, body) for number, page in enumerate(pages, 1)]


def body_size(pages: Sequence[Drawn]) -> float:
    """The size of type that most signs are set in."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for piece in page.pieces:
            sizes[round(piece.size * 2) / 2] += len(piece.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def without_note_marks(text: str, notes: frozenset[str]) -> str:
    """Without raised numbers that stand for a footnote; those of units ("m²") stay."""

    def told(match: re.Match[str]) -> str:
        number = match.group().translate(_RAISED)
        kept = number not in notes or _UNIT.search(text[: match.start()])
        return match.group() if kept else ""

    return re.sub(r"(?<=\S)[⁰¹²³⁴-⁹]+", told, text)


def note_texts(notes: Sequence[Piece]) -> list[tuple[str, list[str]]]:
    """The footnotes of a page: number, and lines of text."""
    found: list[tuple[str, list[str]]] = []
    for row in rows_of(notes):
        line = " ".join(p.text for p in row)
        if match := _NOTE.match(line):
            found.append((match.group(1).translate(_RAISED).rstrip(")"), [line[match.end() :]]))
        elif found:
            found[-1][1].append(line)
    return found


def _framed(page: Drawn, number: int, heads: frozenset[tuple[bool, str]], body: float) -> Framed:
    gone: set[int] = set()
    for top, row in _edge_rows(page):
        text = _row_text(row)
        if (top, _pattern(text)) in heads or _is_page_number(text, page, row):
            gone.update(id(piece) for piece in row)
    left = [p for p in page.pieces if id(p) not in gone]
    notes = _notes(left, page.height, body)
    return Framed(replace(page, pieces=tuple(p for p in left if p not in notes)), tuple(notes))


def _running(pages: Sequence[Drawn], body: float) -> frozenset[tuple[bool, str]]:
    """Lines at the head or foot that come back on other pages, numbers aside."""
    seen: Counter[tuple[bool, str]] = Counter()
    for page in pages:
        seen.update({(top, _pattern(_row_text(row))) for top, row in _edge_rows(page) if row[0].size <= 1.35 * body})
    least = max(2, 0.25 * len(pages))
    return frozenset(key for key, count in seen.items() if count >= least)


def _edge_rows(page: Drawn) -> list[tuple[bool, list[Piece]]]:
    """The rows at the head (True) and at the foot of a page, at most three each."""
    rows = rows_of(page.pieces)
    if len(rows) < 2:
        return [(row[0].base > page.height / 2, row) for row in rows if _LONE_NUMBER.fullmatch(_row_text(row))]
    high = [row for row in rows if row[0].base > page.height * (1 - EDGE)][:3]
    low = [row for row in rows if row[0].base < page.height * EDGE][-3:]
    return [(True, row) for row in high] + [(False, row) for row in low]


def _row_text(row: Sequence[Piece]) -> str:
    return " ".join(clean(" ".join(p.text for p in row)).split())


def _pattern(text: str) -> str:
    return re.sub(r"\d+", "#", text.lower())


def _is_page_number(text: str, page: Drawn, row: Sequence[Piece]) -> bool:
    if _page_words().fullmatch(text.strip("-–—| ")):
        return True
    outer = row[0].base < page.height * 0.08 or row[0].top > page.height * 0.93
    return outer and bool(_LONE_NUMBER.fullmatch(text))


def _notes(pieces: Sequence[Piece], height: float, body: float) -> list[Piece]:
    """The pieces of footnotes: small type at the foot, from the first number on."""
    small = [p for p in pieces if p.size < 0.93 * body and p.base < height * 0.45]
    rows = rows_of(small)
    if not rows:
        return []
    lowest_text = min((p.base for p in pieces if p.size >= 0.93 * body), default=height)
    first = next((n for n, row in enumerate(rows) if row[0].base < lowest_text and _NOTE.match(row[0].text)), None)
    return [piece for row in rows[first:] for piece in row] if first is not None else []


@cache
def _page_words() -> re.Pattern[str]:
    return re.compile("|".join(pack(code).documents["page_number"] for code in codes()), re.IGNORECASE)
