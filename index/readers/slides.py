"""Slides (.pptx): the title is the heading, every paragraph a block, the slide's number the page."""

import io
from collections.abc import Iterator
from typing import Any

from assistant.languages import pack
from index.readers.blocks import Hints, Item, ReadFile, assembled
from index.readers.grid import Grid, table_items
from index.readers.repair import flat, together

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
_FURNITURE = ("DATE", "FOOTER", "SLIDE_NUMBER", "HEADER")


def read_pptx(raw: bytes, hints: Hints) -> ReadFile:
    """Slides with their groups, tables, drawings and notes; hidden slides are left out and said so.

    Notes stand under a heading of their own, in the words of the likely language.
    """
    import pptx

    deck = pptx.Presentation(io.BytesIO(raw))
    items: list[Item] = []
    hidden: list[str] = []
    noted: list[str] = []
    for number, slide in enumerate(deck.slides, 1):
        if slide._element.get("show") in ("0", "false"):  # pyright: ignore[reportPrivateUsage] - the library has no word for it
            hidden.append(str(number))
            continue
        title = slide.shapes.title
        heading = flat(title.text_frame.text) if title is not None else ""
        if heading:
            items.append(Item(heading, 1, number))
        blocks = list(_blocks(slide.shapes, number, title.shape_id if title is not None else None))
        items += blocks if heading else [Item(b.text, b.level, b.page, b.under or None) for b in blocks]
        notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
        if notes is not None and notes.text.strip():
            noted.append(str(number))
            items.append(Item(pack(hints.likely).documents["notes"], 2, number))
            items += [Item(text, 0, number) for p in notes.paragraphs if (text := flat(p.text))]
        if not heading and items:
            items.append(Item(f"{number}", 1, number))
    sections, title_found, warnings = assembled(
        [item for item in items if not (item.level == 1 and item.text.isdigit())]
    )
    said = [f"hidden slides are left out: {', '.join(hidden)}"] if hidden else []
    said += (
        [f"speaker notes are read too, on slides {', '.join(noted)}; delete them if they are internal"] if noted else []
    )
    named = flat(deck.core_properties.title or "")
    title_given = named if named and named != "PowerPoint Presentation" else None
    return ReadFile(sections, title=title_given or title_found, pages=len(deck.slides), warnings=(*said, *warnings))


def _blocks(shapes: Any, page: int, title: int | None) -> Iterator[Item]:
    """The paragraphs, table rows and drawings of shapes and of the groups among them."""
    for shape in shapes:
        if shape.shape_id == title and title is not None:
            continue
        if shape.is_placeholder and any(name in str(shape.placeholder_format.type) for name in _FURNITURE):
            continue
        if shape.shape_type is not None and hasattr(shape, "shapes"):
            yield from _blocks(shape.shapes, page, title)
        elif shape.has_text_frame:
            yield from (Item(text, 0, page) for p in shape.text_frame.paragraphs if (text := _text(p)))
        elif getattr(shape, "has_table", False):
            yield from table_items(_grid(shape.table), page)
        elif getattr(shape, "has_chart", False):
            yield from (Item(text, 0, page) for text in _chart(shape.chart))
        else:
            yield from (Item(text, 0, page) for text in _drawing(shape))


def _text(paragraph: Any) -> str:
    return flat(together(paragraph.text.replace("\v", " ")))


def _grid(table: Any) -> Grid:
    """The table with merged cells filled in."""
    rows: list[list[str]] = []
    wide: set[int] = set()
    split: set[int] = set()
    for number, row in enumerate(table.rows):
        cells: list[str] = []
        for cell in row.cells:
            origin = cell
            if cell.is_spanned:
                origin = next(
                    (
                        o
                        for r in table.rows
                        for o in r.cells
                        if o.is_merge_origin and _covers(table, o, number, len(cells))
                    ),
                    cell,
                )
            cells.append(flat(origin.text_frame.text))
        spans = [cell.span_width for cell in row.cells if cell.is_merge_origin]
        if spans and max(spans) == len(cells) > 1:
            wide.add(number)
        elif any(span > 1 for span in spans):
            split.add(number)
        rows.append(cells)
    return Grid(
        rows,
        frozenset(wide),
        1 if table.first_row and len(rows) > 1 and 0 not in wide | split else None,
        frozenset(split),
    )


def _covers(table: Any, origin: Any, row: int, column: int) -> bool:
    """Whether a merged cell reaches over a place."""
    for r, line in enumerate(table.rows):
        for c, cell in enumerate(line.cells):
            if cell._tc is origin._tc:
                return r <= row < r + origin.span_height and c <= column < c + origin.span_width
    return False


def _chart(chart: Any) -> Iterator[str]:
    """A chart as rows: what is counted, and each value with its category."""
    name = flat(chart.chart_title.text_frame.text) if chart.has_title and chart.chart_title.has_text_frame else ""
    for plot in chart.plots:
        for series in plot.series:
            told = zip(plot.categories, series.values, strict=False)
            values = "; ".join(f"{flat(str(c))}: {v:g}" for c, v in told if v is not None)
            yield " – ".join(part for part in (name, flat(str(series.name)), values) if part)


def _drawing(shape: Any) -> Iterator[str]:
    """The texts of a drawing (SmartArt), which lie in a part of their own."""
    import lxml.etree as etree

    names = shape._element.findall(f".//{{{_DIAGRAM}}}relIds")
    for name in names:
        data = name.get("{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm")
        root = etree.fromstring(shape.part.related_part(data).blob)
        for paragraph in root.iter(f"{_A}p"):
            if text := flat("".join(t.text or "" for t in paragraph.iter(f"{_A}t"))):
                yield text
