"""Documents in every other format, through the library that is made for it, read plainly."""

import io
import re

from index.readers.blocks import ReadFile, Unreadable, decode, paragraphs
from index.readers.markdown import markdown_sections
from index.values import Section


def read_text(raw: bytes) -> ReadFile:
    """Plain text: paragraphs under no heading."""
    blocks = paragraphs(decode(raw))
    return ReadFile((Section((), blocks),) if blocks else ())


def read_html(raw: bytes) -> ReadFile:
    """The main content of a page (trafilatura), without navigation and advertising."""
    import trafilatura

    html = decode(raw)
    text = trafilatura.extract(
        html, output_format="markdown", include_tables=True, include_comments=False, favor_recall=True
    )
    meta = trafilatura.extract_metadata(html)
    if not text:
        text = trafilatura.html2txt(html)
    sections, _ = markdown_sections(text or "")
    title = str(meta.title) if meta and meta.title else None
    if title:
        sections = tuple(Section(s.heading[1:] if s.heading[:1] == (title,) else s.heading, s.blocks) for s in sections)
    language = re.search(r"<html[^>]*\blang=[\"']?([a-zA-Z]{2})", html)
    return ReadFile(sections, title=title, language=language.group(1).lower() if language else None)


def read_docx(raw: bytes) -> ReadFile:
    """A Word document: headings by style, paragraphs, list items and table rows in their order."""
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    document = docx.Document(io.BytesIO(raw))
    lines: list[str] = []
    for part in document.iter_inner_content():
        if isinstance(part, Paragraph):
            text = " ".join(part.text.split())
            style = (part.style.name or "") if part.style else ""
            if not text:
                continue
            heading = re.match(r"(?:Heading|Überschrift) (\d)", style)
            if heading:
                lines.append(f"{'#' * int(heading.group(1))} {text}")
            elif style == "Title":
                lines.append(f"# {text}")
            else:
                lines.append(f"- {_escaped(text)}" if style.startswith("List") else _escaped(text))
        elif isinstance(part, Table):
            lines.extend(_escaped(" | ".join(" ".join(cell.text.split()) for cell in row.cells)) for row in part.rows)
    sections, title = markdown_sections("\n\n".join(lines))
    return ReadFile(sections, title=document.core_properties.title or title)


def read_pptx(raw: bytes) -> ReadFile:
    """Slides: the title is the heading, every paragraph a block; the slide's number is the page."""
    import pptx

    sections: list[Section] = []
    deck = pptx.Presentation(io.BytesIO(raw))
    for number, slide in enumerate(deck.slides, 1):
        title = slide.shapes.title
        heading = " ".join(title.text_frame.text.split()) if title is not None else ""
        blocks: list[str] = []
        for shape in slide.shapes:
            if title is not None and shape.shape_id == title.shape_id:
                continue
            if shape.has_text_frame:
                blocks.extend(" ".join(p.text.split()) for p in shape.text_frame.paragraphs if p.text.strip())  # pyright: ignore[reportAttributeAccessIssue] - asked for by has_text_frame and has_table before
            if shape.has_table:
                rows = shape.table.rows  # pyright: ignore[reportAttributeAccessIssue] - asked for by has_text_frame and has_table before
                blocks.extend(" | ".join(" ".join(cell.text.split()) for cell in row.cells) for row in rows)
        if blocks:
            sections.append(Section((heading,) if heading else (), tuple(blocks), page=number))
    return ReadFile(tuple(sections), title=deck.core_properties.title or None, pages=len(deck.slides))


def read_xlsx(raw: bytes) -> ReadFile:
    """Sheets: each row a block of `column: value` pairs, so that a row can be understood alone."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    sections: list[Section] = []
    for sheet in book.worksheets:
        rows = [
            [("" if c is None else " ".join(str(c).split())) for c in row] for row in sheet.iter_rows(values_only=True)
        ]
        rows = [row for row in rows if any(row)]
        if not rows:
            continue
        head, *body = rows
        lines = [
            ". ".join(f"{name}: {cell}" if name else cell for name, cell in zip(head, row, strict=False) if cell)
            for row in body
        ]
        blocks = tuple(lines) or (" | ".join(cell for cell in head if cell),)
        sections.append(Section((sheet.title,), blocks))
    return ReadFile(tuple(sections))


def read_pdf(raw: bytes) -> ReadFile:
    """A PDF (pdfium), page by page in the order of its content stream; words split at line ends are joined."""
    import pypdfium2

    try:
        pdf = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as error:
        raise Unreadable(f"is no readable PDF: {' '.join(str(error).split())}") from error
    try:
        pages = [pdf[number].get_textpage().get_text_bounded() for number in range(len(pdf))]
        title = pdf.get_metadata_value("Title") or None
    finally:
        pdf.close()
    sections = tuple(Section((), blocks, page=n) for n, text in enumerate(pages, 1) if (blocks := pdf_blocks(text)))
    empty = [n for n, text in enumerate(pages, 1) if not text.strip()]
    if not sections:
        raise Unreadable(f"holds no text on its {len(pages)} page(s) (empty or scanned)")
    warnings = (f"no text on page(s) {', '.join(map(str, empty))}",) if empty else ()
    return ReadFile(sections, title=title, pages=len(pages), warnings=warnings)


_HYPHEN_AT_END = re.compile(r"(\w)[-\u00ad\u2010\ufffe]$")
_BULLET = re.compile(r"^\s*[•▪‣◦–·]\s+")


def pdf_blocks(text: str) -> tuple[str, ...]:
    """Lines of a page put together to paragraphs.

    A new one begins at a bullet, at a blank line, or after a line that ends a sentence and is clearly shorter than
    the longest.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    width = max((len(line.strip()) for line in lines), default=0)
    blocks: list[str] = []
    current = ""
    for raw_line in lines:
        line = " ".join(raw_line.split())
        if not line or _BULLET.match(line):
            if current:
                blocks.append(current)
            current = f"- {_BULLET.sub('', line)}" if line else ""
            continue
        if current and _HYPHEN_AT_END.search(current) and line[:1].islower():
            current = _HYPHEN_AT_END.sub(r"\1", current) + line
        else:
            current = f"{current} {line}" if current else line
        if line.endswith((".", "!", "?", ":")) and len(line) < 0.75 * width:
            blocks.append(current)
            current = ""
    if current:
        blocks.append(current)
    return tuple(blocks)


def _escaped(text: str) -> str:
    """Office text is no Markdown: characters that begin a Markdown construct are escaped."""
    return re.sub(r"([\\`*_\[\]<>#])", r"\\\1", text)
