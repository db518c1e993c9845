"""PDF: the text layer in reading order, mended, with the numbers of the pages."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from index.readers.blocks import Hints, Item, ReadFile, Unreadable, assembled
from index.readers.ocr import recognised
from index.readers.pdf_columns import Pieces, panels, regions, rows_of
from index.readers.pdf_furniture import Framed, body_size, framed, note_texts, without_note_marks
from index.readers.pdf_glyphs import Drawn, drawn
from index.readers.pdf_lines import Paragraph, items_of, joined_over_breaks, paragraphs
from index.readers.repair import flat, joined_lines, without_contents, words_of

MOST_PAGES = 1500
"""Pages of a file that are read."""
_FILE_NAME = re.compile(
    r"\.(?:docx?|indd|pptx?|xlsx?|pdf|qxp|odt|rtf)\b|^(?:microsoft|untitled|unbenannt|print)\b", re.IGNORECASE
)


def read_pdf(raw: bytes, hints: Hints) -> ReadFile:
    """The paragraphs, headings, list items and table rows of a PDF; what cannot be read is among the warnings."""
    import pypdfium2

    try:
        file = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Unreadable("is protected by a password; save it without one") from error
        raise Unreadable("is no readable PDF (damaged or cut off)") from error
    try:
        count = len(file)
        pages = [drawn(file[number]) for number in range(min(count, MOST_PAGES))]
        warnings = [f"only the first {MOST_PAGES} of {count} pages are read"] if count > MOST_PAGES else []
        empty = [n for n, page in enumerate(pages, 1) if not page.pieces]
        scanned = recognised(file, empty, hints) if empty else {}
        title = _title(file)
    finally:
        file.close()
    if not count:
        raise Unreadable("has no pages")
    if len(empty) == len(pages) and not scanned:
        pictures = any(page.pictures for page in pages)
        told = "scanned: pictures without a text layer" if pictures else "empty"
        raise Unreadable(f"holds no text on its {count} page(s) ({told})")
    items, remarks = _items(pages, scanned)
    sections, heading, lost = assembled(items)
    if scanned:
        warnings.append(f"read from pictures, please check: page(s) {_listed(sorted(scanned))}")
    if left := [n for n in empty if n not in scanned]:
        warnings.append(f"no text on page(s) {_listed(left)}")
    return ReadFile(sections, title=title or heading, pages=count, warnings=(*warnings, *remarks, *lost))


def _items(pages: Sequence[Drawn], scanned: dict[int, list[str]]) -> tuple[list[Item], list[str]]:
    """Headings and blocks of all pages, and what an editor should hear."""
    body = body_size(pages)
    bare = [replace(f, page=_without_contents(f.page, len(pages))) for f in framed(pages, body)]
    vocabulary = words_of(p.text for f in bare for p in f.page.pieces)
    notes = {n: note_texts(f.notes) for n, f in enumerate(bare, 1)}
    order, remarks = _ordered(bare)
    found: list[Paragraph] = []
    for number, pieces in order:
        rules = bare[number - 1].page.rules
        found += paragraphs(regions(pieces, rules), number, rules)
    items = items_of(joined_over_breaks(found, body), body, vocabulary)
    for number, texts in scanned.items():
        at = next((n for n, item in enumerate(items) if (item.page or 0) > number), len(items))
        items[at:at] = [Item(text, 0, number) for text in texts]
    marks = {n: frozenset(mark for mark, _ in told) for n, told in notes.items()}
    items = [replace(i, text=without_note_marks(i.text, marks.get(i.page or 0, frozenset()))) for i in items]
    for number, told in notes.items():
        last = max((n for n, item in enumerate(items) if item.page == number), default=len(items) - 1)
        items[last + 1 : last + 1] = [Item(text, 0, number) for _, lines in told if (text := joined_lines(lines))]
    if any("\ufffd" in item.text for item in items):
        remarks.append("some signs have no meaning in the file's fonts and are shown as \ufffd")
    return items, remarks


def _without_contents(page: Drawn, pages: int) -> Drawn:
    """Without lines of a table of contents."""
    rows = rows_of(page.pieces)
    texts = [" ".join(p.text for p in row) for row in rows]
    kept = without_contents(texts, pages)
    if len(kept) == len(rows):
        return page
    left: list[Any] = []
    for row, text in zip(rows, texts, strict=True):
        if without_contents([text, text], pages):
            left += row
    return replace(page, pieces=tuple(left))


def _ordered(pages: Sequence[Framed]) -> tuple[list[tuple[int, Pieces]], list[str]]:
    """The pages, or the panels of a folded flyer, in the order in which they are read.

    A flyer of two sheets is printed with its front at the right edge of one of them: there the largest type stands.
    Where it stands elsewhere the panels stay as they are on the sheets, and an editor is told.
    """
    whole: list[tuple[int, Pieces]] = [(n, f.page.pieces) for n, f in enumerate(pages, 1)]
    if len(pages) != 2:
        return whole, []
    sheets = [panels(f.page.pieces, f.page.width, f.page.height) for f in pages]
    if len(sheets[0]) < 2 or len(sheets[0]) != len(sheets[1]):
        return whole, []
    largest = [[max((p.size for p in panel), default=0.0) for panel in sheet] for sheet in sheets]
    top = max(max(row) for row in largest)
    fronts = [(s, n) for s, row in enumerate(largest) for n, size in enumerate(row) if size > 0.97 * top]
    last = len(sheets[0]) - 1
    if fronts in ([(0, last)], [(1, last)]):
        outer = fronts[0][0]
        front = [(outer + 1, sheets[outer][last])]
        inner = [(2 - outer, panel) for panel in sheets[1 - outer]]
        rest = [(outer + 1, panel) for panel in sheets[outer][:last]]
        said = "looks like a folded flyer: read in the order front, inside, flap and back; please check"
        return [*front, *inner, *rest], [said]
    flat_order = [(n, panel) for n, sheet in enumerate(sheets, 1) for panel in sheet]
    if fronts == [(0, 0)]:
        return flat_order, []
    return flat_order, ["looks like a folded flyer whose front is not sure: panels are read from left to right"]


def _title(file: Any) -> str | None:
    """The title in the file's metadata, unless a programme wrote it."""
    title = flat(file.get_metadata_value("Title") or "")
    return title if 3 < len(title) <= 200 and not _FILE_NAME.search(title) else None


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers[:30])) + (", …" if len(numbers) > 30 else "")
