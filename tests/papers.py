"""Small papers for the tests of the readers: PDFs written by hand, so that place and order of each line are known, and
Office files."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import docx
import openpyxl
from docx.oxml import parse_xml

from index.readers.blocks import Hints, ReadFile
from index.readers.formats import kind_of, read_as

GLYPHS = {"\ufb01": "fi", "\ufb02": "fl", "\u00ad": "hyphen", "\x02": "hyphen", "\u2010": "hyphen"}
Line = tuple[float, float, float, str]
"""x, y, size, text; size 0 marks drawing operators."""
W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def read(raw: bytes, ending: str, language: str = "de") -> ReadFile:
    return read_as(kind_of(raw, ending), raw, Hints(language, ("de", "en")))


def blocks(found: ReadFile) -> list[str]:
    return [block for section in found.sections for block in section.blocks]


def column(text: str, x: float = 60, y: float = 760, size: float = 11, leading: float = 1.35) -> list[Line]:
    """Lines of text below each other; " / " in the text ends a line."""
    return [(x, y - leading * size * n, size, line) for n, line in enumerate(text.split(" / "))]


def rule(x: float, y: float, width: float) -> Line:
    return (0, 0, 0, f"{x} {y} {width} 0.5 re f")


def pdf(*pages: Sequence[Line], size: tuple[int, int] = (595, 842), title: str | None = None) -> bytes:
    """A PDF in Helvetica whose content stream holds the lines of each page in the order given; "**" before a text sets
    it in bold type."""
    used = sorted({c for page in pages for _, _, s, text in page if s for c in text.removeprefix("**")})
    code = {c: list(GLYPHS).index(c) + 1 if c in GLYPHS else c.encode("cp1252")[0] for c in used}
    cmap = "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def 1 begincodespacerange\n<00> <FF> endcodespacerange\n"
    cmap += f"{len(used)} beginbfchar\n{''.join(f'<{code[c]:02X}> <{ord(c):04X}>' + chr(10) for c in used)}endbfchar endcmap end end"
    glyphs = f"<< /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [1 {' '.join('/' + name for name in GLYPHS.values())}] >>"
    stream = "<< /Length {} >>\nstream\n{}\nendstream"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /{} /Encoding " + glyphs + " /ToUnicode 4 0 R >>"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", font.format("Helvetica"), stream.format(len(cmap), cmap)]
    objects += [font.format("Helvetica-Bold"), f"<< /Title ({title or ''}) >>"]
    numbers: list[int] = []
    for page in pages:
        drawn = "\n".join(
            f"BT /{'F2' if t.startswith('**') else 'F1'} {s} Tf {x} {y:.1f} Td <{''.join(f'{code[c]:02X}' for c in t.removeprefix('**'))}> Tj ET"
            if s
            else t
            for x, y, s, t in page
        )
        objects.append(stream.format(len(drawn), drawn))
        box = f"[0 0 {size[0]} {size[1]}]"
        fonts = "<< /Font << /F1 3 0 R /F2 5 0 R >> >>"
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox {box} /Resources {fonts} /Contents {len(objects)} 0 R >>"
        )
        numbers.append(len(objects))
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(f'{n} 0 R' for n in numbers)}] /Count {len(numbers)} >>"
    out, table = b"%PDF-1.7\n", b"0000000000 65535 f \n"
    for number, body in enumerate(objects, 1):
        table += b"%010d 00000 n \n" % len(out)
        out += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    end = f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info 6 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n".encode() + table + end.encode()


def saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def word(*xml: str) -> bytes:
    """A Word document of blocks of WordprocessingML."""
    document = docx.Document()
    for element in list(parse_xml(f"<w:body {W}>{''.join(xml)}</w:body>")):
        document.element.body.sectPr.addprevious(element)
    return saved(document)


def workbook(rows: Iterable[Sequence[Any]]) -> Any:
    book = openpyxl.Workbook()
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            cell = book.active.cell(r, c, value[0] if isinstance(value, tuple) else value)
            if isinstance(value, tuple):
                cell.number_format = value[1]
    return book


def packed(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return buffer.getvalue()
