"""Which format a file has, by its content, and the reader of each."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from index.readers.blocks import Hints, ReadFile, Unreadable

_READERS = {
    ".md": ("markdown", "read_markdown", "Markdown"),
    ".txt": ("text", "read_text", "text"),
    ".csv": ("csv_table", "read_csv", "CSV"),
    ".html": ("html", "read_html", "HTML"),
    ".pdf": ("pdf", "read_pdf", "PDF"),
    ".docx": ("word", "read_docx", "DOCX"),
    ".pptx": ("slides", "read_pptx", "PPTX"),
    ".xlsx": ("excel", "read_xlsx", "XLSX"),
    ".odt": ("odt", "read_odt", "ODT"),
}
ENDINGS: Mapping[str, str] = {**{kind: kind for kind in _READERS}, ".htm": ".html", ".markdown": ".md", ".docm": ".docx", ".xlsm": ".xlsx"}  # fmt: skip
"""Endings of files that are read, and the format that each stands for."""
LARGEST = 250 * 2**20
"""Bytes of a file that is read."""
LARGEST_TEXT = 20 * 2**20
"""Bytes of a text file that is read; a book has one or two million."""
LARGEST_UNPACKED = 150 * 2**20
"""Bytes of the texts in an Office file, unpacked; a thousand pages have a tenth of it."""
MOST_PARTS = 20_000
"""Files in an Office file."""
_TEXTS = (".md", ".txt", ".csv", ".html")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)[\s>]", re.IGNORECASE | re.DOTALL
)
_MEDIA = re.compile(r"(?:^|/)(?:media|embeddings|fonts|thumbnails?|pictures)/|\.(?:png|jpe?g|gif|emf|wmf|tiff?|bmp|svg|bin|ttf|odttf|mp4|wav)$", re.IGNORECASE)  # fmt: skip


def read_as(kind: str, raw: bytes, hints: Hints) -> ReadFile:
    """The content of a file of a known format. Raises Unreadable; the libraries raise whatever they like."""
    module, name, _ = _READERS[kind]
    reader: Callable[[bytes, Hints], ReadFile] = getattr(import_module(f"index.readers.{module}"), name)
    return reader(raw, hints)


def rows_as(kind: str, raw: bytes, hints: Hints) -> list[list[str]]:
    """The rows of a question list: a workbook or a text with commas or semicolons. Raises Unreadable."""
    from index.readers.blocks import decode
    from index.readers.csv_table import csv_rows
    from index.readers.excel import visible_rows

    if kind == ".xlsx":
        return visible_rows(raw, hints.likely)
    if kind in (".csv", ".txt"):
        return csv_rows(decode(raw))
    raise Unreadable(f"is no table but {name_of(kind)}")


def lists_as(kind: str, raw: bytes, hints: Hints) -> list[dict[str, Any]]:
    """The lists of questions in a workbook, a text with commas or semicolons or a web page, each with `name`, `rows`
    and `as_of` (the date that the format states, or None). Raises Unreadable."""
    from index.readers.html_markdown import cell_text

    if kind == ".html":
        from index.readers.html_questions import question_lists

        return question_lists(raw)
    if kind == ".xlsx":
        from index.readers.excel import visible_sheets

        sheets = visible_sheets(raw, hints.likely, links=True)
    else:
        sheets = [("", rows_as(kind, raw, hints))]
    return [
        {"name": name, "rows": [[cell_text(cell) for cell in row] for row in rows], "as_of": None}
        for name, rows in sheets
    ]


def name_of(kind: str) -> str:
    """What people call a format."""
    return _READERS[kind][2]


def kind_of(raw: bytes, ending: str) -> str:
    """The format of a file, as the ending that it should have. Raises Unreadable with what it is instead."""
    known = ENDINGS.get(ending)
    if raw.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _packed(raw, known)
    if b"%PDF-" in raw[:1024]:
        return ".pdf"
    if raw.startswith(_OLE):
        locked = "EncryptedPackage".encode("utf-16-le") in raw
        raise Unreadable(
            "is protected by a password; save it without one"
            if locked
            else "is an old Office file; save it as .docx, .xlsx or .pptx"
        )
    if raw.startswith(b"{\\rtf"):
        raise Unreadable("is an RTF file; save it as .docx")
    if known is None:
        raise Unreadable(f"unknown format {ending or '(none)'}; known are {' '.join(_READERS)}")
    if raw.startswith(_PICTURES):
        raise Unreadable("is a picture; only its text could be indexed, as a document with text")
    if _HTML.match(raw[:4096]):
        return ".html"
    if known not in _TEXTS:
        if known == ".pdf":
            raise Unreadable("is no readable PDF (damaged or cut off)")
        raise Unreadable(
            f"cannot be read as {name_of(known)}: it is no {name_of(known)} file, or damaged at its beginning"
        )
    if len(raw) > LARGEST_TEXT:
        raise Unreadable(f"is larger than {LARGEST_TEXT >> 20} MB of text")
    return known


def _packed(raw: bytes, known: str | None) -> str:
    """The format of a packed file. Its parts are counted and measured before anything is unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as parts:
            infos = parts.infolist()
            names = {info.filename for info in infos}
            _check_size(infos)
            if any(info.flag_bits & 1 for info in infos):
                raise Unreadable("is protected by a password; save it without one")
            mimetype = parts.read("mimetype")[:100].decode("ascii", "replace").strip() if "mimetype" in names else ""
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, KeyError, RuntimeError) as error:
        name = name_of(known) if known else "a document"
        raise Unreadable(f"cannot be read as {name}: the file is damaged or cut off") from error
    for part, kind in (("word/document.xml", ".docx"), ("xl/workbook.xml", ".xlsx"), ("ppt/presentation.xml", ".pptx")):
        if part in names:
            return kind
    if mimetype == "application/vnd.oasis.opendocument.text":
        return ".odt"
    if mimetype.startswith("application/vnd.oasis.opendocument"):
        raise Unreadable("is an OpenDocument table or presentation; save it as .xlsx or .pptx")
    renamed = _renamed(names)
    if renamed:
        return renamed
    name = f"cannot be read as {name_of(known)}: " if known else ""
    raise Unreadable(f"{name}it is a packed folder (zip) and no document")


def _renamed(names: set[str]) -> str | None:
    """The format of Office files whose main part has another name."""
    rooms = (("word/", ".docx"), ("ppt/", ".pptx"), ("xl/worksheets/", ".xlsx"))
    packed = "[Content_Types].xml" in names
    return next(
        (kind for room, kind in rooms if packed and any(n.startswith(room) and n.endswith(".xml") for n in names)), None
    )


def _check_size(infos: list[zipfile.ZipInfo]) -> None:
    if len(infos) > MOST_PARTS:
        raise Unreadable(f"holds {len(infos)} files; more than {MOST_PARTS} are no document")
    texts: Any = [info for info in infos if not _MEDIA.search(info.filename)]
    unpacked = sum(info.file_size for info in texts)
    if unpacked > LARGEST_UNPACKED:
        raise Unreadable(f"unpacks to {unpacked >> 20} MB of text; at most {LARGEST_UNPACKED >> 20} MB are read")
