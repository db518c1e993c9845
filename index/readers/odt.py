"""OpenDocument texts (.odt): as they read with all changes accepted."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from index.readers.blocks import Hints, Item, ReadFile, Unreadable, assembled
from index.readers.grid import Grid, table_items
from index.readers.repair import flat, together

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_SKIPPED = {f"{_TEXT}{n}" for n in ("tracked-changes", "note-citation", "table-of-content", "alphabetical-index", "bibliography", "sequence-decls")} | {f"{_OFFICE}annotation"}  # fmt: skip
MOST_REPEATED = 200
"""Times that one cell may be repeated."""


def read_odt(raw: bytes, hints: Hints) -> ReadFile:
    """Headings, paragraphs, list items, table rows, text boxes and notes in their order."""
    import lxml.etree as etree

    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        if "META-INF/manifest.xml" in parts.namelist() and b"encryption-data" in parts.read("META-INF/manifest.xml"):
            raise Unreadable("is protected by a password; save it without one")
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        root = etree.fromstring(parts.read("content.xml"), parser)
        meta = etree.fromstring(parts.read("meta.xml"), parser) if "meta.xml" in parts.namelist() else None
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise Unreadable("holds no text")
    sections, title, warnings = assembled(_items(body))
    named = flat(meta.findtext(f".//{_DC}title") or "") if meta is not None else ""
    return ReadFile(sections, title=named or title, warnings=warnings)


def _items(container: Any, listed: bool = False) -> Iterator[Item]:
    for child in container:
        if child.tag in _SKIPPED or not isinstance(child.tag, str):
            continue
        if child.tag == f"{_TEXT}h":
            yield from _paragraph(child, int(child.get(f"{_TEXT}outline-level") or 1), False)
        elif child.tag == f"{_TEXT}p":
            yield from _paragraph(child, 0, listed)
        elif child.tag in (f"{_TEXT}list", f"{_TEXT}list-item", f"{_TEXT}list-header"):
            yield from _items(child, True)
        elif child.tag == f"{_TABLE}table":
            yield from table_items(_grid(child))
        elif child.tag == f"{_TEXT}section" and child.get(f"{_TEXT}display") == "none":
            continue
        else:
            yield from _items(child, listed)


def _paragraph(paragraph: Any, level: int, listed: bool) -> Iterator[Item]:
    boxes: list[Any] = []
    text = flat(together(_words(paragraph, boxes)))
    if text:
        yield Item(f"- {text}" if listed and not level else text, level)
    for box in boxes:
        yield from _items(box)


def _words(element: Any, boxes: list[Any]) -> str:
    """The text of a paragraph; what is anchored in it (text boxes, notes) is collected."""
    told = [element.text or ""]
    for child in element:
        if child.tag in (f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"):
            told.append(" ")
        elif child.tag == f"{_TEXT}note":
            boxes.extend(child.findall(f"{_TEXT}note-body"))
        elif child.tag in (f"{_DRAW}frame", f"{_DRAW}custom-shape", f"{_DRAW}g"):
            boxes.append(child)
        elif child.tag not in _SKIPPED and isinstance(child.tag, str):
            told.append(_words(child, boxes))
        told.append(child.tail or "")
    return "".join(told)


def _grid(table: Any) -> Grid:
    """The table with merged cells filled in."""
    rows: list[list[str]] = []
    reaching: dict[int, tuple[int, str]] = {}
    wide: set[int] = set()
    split: set[int] = set()
    heads = 0
    for row in table.iter(f"{_TABLE}table-row"):
        if row.get(f"{_TABLE}visibility") in ("collapse", "filter"):
            continue
        cells: list[str] = []
        spans: list[int] = []
        text, left = "", 0
        for cell in row:
            if cell.tag == f"{_TABLE}covered-table-cell":
                repeated = min(int(cell.get(f"{_TABLE}number-columns-repeated") or 1), MOST_REPEATED)
                for _ in range(repeated):
                    at = len(cells)
                    if left > 0:
                        cells.append(text)
                        left -= 1
                    else:
                        cells.append(reaching.get(at, (0, ""))[1])
                continue
            if cell.tag != f"{_TABLE}table-cell":
                continue
            text = " ".join(item.text.removeprefix("- ") for item in _items(cell))
            over = int(cell.get(f"{_TABLE}number-columns-spanned") or 1)
            down = int(cell.get(f"{_TABLE}number-rows-spanned") or 1)
            for _ in range(min(int(cell.get(f"{_TABLE}number-columns-repeated") or 1), MOST_REPEATED)):
                if down > 1:
                    reaching.update({len(cells) + n: (down, text) for n in range(min(over, MOST_REPEATED))})
                cells.append(text)
            spans.append(over)
            left = over - 1
        reaching = {c: (n - 1, t) for c, (n, t) in reaching.items() if n > 1}
        if len(spans) == 1 and spans[0] > 1:
            wide.add(len(rows))
        elif any(span > 1 for span in spans):
            split.add(len(rows))
        if row.getparent().tag == f"{_TABLE}table-header-rows" and heads == len(rows):
            heads += 1
        rows.append(cells)
    width = max(map(len, rows), default=0)
    even = [[*row, *[""] * (width - len(row))] for row in rows]
    return Grid(even, frozenset(wide), heads or None, frozenset(split))
