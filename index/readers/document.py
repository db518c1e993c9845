"""One document of the corpus: its content, what its front matter or sidecar says, and what the text itself tells."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from assistant.languages import codes, language_of
from index.readers.blocks import Hints, ReadFile, Unreadable
from index.readers.dates import in_the_future, stated_in
from index.readers.fields import DocumentFields
from index.readers.formats import LARGEST, name_of
from index.readers.sandbox import FileParser
from index.readers.yaml_files import load_yaml
from index.values import SourceDocument

SIDECAR = ".yaml"
LONGEST_WORD = 400
"""Characters without a blank that are no word and no address."""
MOST_TEXT = 20_000_000
"""Characters of a document; the longest books have five million."""
MOST_REPEATED = 60
"""How many times shorter a text may be packed; a page of words is packed to a third, forms of one line to a tenth."""
WHERE_DATES_STAND = 12
"""Blocks at the beginning and at the end in which a document says its date."""


def read_document(path: Path, relative: str, languages: Sequence[str], parser: FileParser) -> SourceDocument:
    """One document with its front matter or sidecar; what neither says is found in the text where it says so: the
    title, the date, the language among `languages` (the default first).

    Raises Unreadable or ValidationError.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise Unreadable(f"is larger than {LARGEST >> 20} MB")
    raw = path.read_bytes()
    if not raw.strip(b"\x00 \t\r\n"):
        raise Unreadable("is empty")
    sidecar = path.with_name(path.name + SIDECAR)
    beside = sidecar.read_bytes() if sidecar.is_file() else b""
    given: Any = (load_yaml(beside) or {}) if beside else {}
    named = given.get("language") if isinstance(given, dict) else None
    hints = Hints(named if named in codes() else None, tuple(languages))
    kind, read = parser.parse(raw, path.suffix.lower(), hints)
    given = given if sidecar.is_file() else read.front_matter or {}
    fields = DocumentFields.model_validate(given)
    _check_text(read)
    warnings = [*_misnamed(kind, path), *read.warnings]
    as_of = fields.as_of
    if as_of and in_the_future(as_of):
        warnings.append(f"as_of: {as_of} lies in the future and is not taken")
        as_of = None
    derived = tuple(
        name
        for name in ("title", "language", "publisher", "as_of")
        if getattr(fields, name) is None and name not in given
    )
    if "as_of" in derived:
        as_of = read.as_of if read.as_of and not in_the_future(read.as_of) else stated_date(read)
    language = fields.language or (read.language if read.language in codes() else None)
    return SourceDocument(
        id=fields.id or document_id(relative),
        path=f"documents/{relative}",
        digest=hashlib.sha256(raw + beside).hexdigest(),
        title=fields.title or read.title or path.stem.replace("_", " ").replace("-", " "),
        titled=bool(fields.title or read.title),
        language=language or _guessed_language(read, languages),
        publisher=fields.publisher,
        source=fields.source,
        as_of=as_of,
        kind=fields.kind or ("summary" if kind == ".md" else "original"),
        sections=read.sections,
        translation_of=fields.translation_of,
        topics=tuple(fields.topics),
        valid_from=fields.valid_from,
        valid_until=fields.valid_until,
        references=fields.named_references(),
        pages=read.pages,
        warnings=tuple(warnings),
        derived=derived,
    )


def document_id(relative: str) -> str:
    """`Sub Folder/My File.pdf` -> `sub-folder-my-file`."""
    return str(Path(relative).with_suffix("")).lower().replace("/", "-").replace(" ", "-")


def stated_date(read: ReadFile) -> str | None:
    """The latest date that a document gives as its own ("Stand: 16. Februar 2026"), at its beginning or end."""
    lines = [line for s in read.sections for line in (*s.heading[-1:], *s.blocks)]
    near = lines if len(lines) <= 2 * WHERE_DATES_STAND else [*lines[:WHERE_DATES_STAND], *lines[-WHERE_DATES_STAND:]]
    return max((date for line in near for date in stated_in(line) if not in_the_future(date)), default=None)


def _check_text(read: ReadFile) -> None:
    """Raises Unreadable for a text that is none."""
    import zlib

    blocks = [block for section in read.sections for block in section.blocks]
    if not blocks:
        lost = next((w for w in read.warnings if w.startswith(("content not readable", "sheet"))), "")
        raise Unreadable(f"holds no text{f' ({lost})' if lost else ''}")
    length = sum(map(len, blocks))
    if length > MOST_TEXT:
        raise Unreadable(f"holds {length:,} characters; at most {MOST_TEXT:,} are read")
    words = sum(len(word) for block in blocks for word in block.split() if len(word) <= LONGEST_WORD)
    if words < 0.5 * length and length > LONGEST_WORD:
        raise Unreadable("holds no words (long rows of signs without a blank)")
    if length > 100_000:
        text = "\n".join(blocks).encode("utf-8", "replace")
        if len(zlib.compress(text, 1)) * MOST_REPEATED < len(text):
            raise Unreadable("holds the same few words over and over")


def _misnamed(kind: str, path: Path) -> list[str]:
    """A remark where a file is of another format than its name says."""
    from index.readers.formats import ENDINGS

    ending = path.suffix.lower()
    return (
        []
        if ENDINGS.get(ending) == kind
        else [f"is a {name_of(kind)} file, though its name ends in {ending or 'nothing'}"]
    )


def _guessed_language(read: ReadFile, languages: Sequence[str]) -> str:
    text = " ".join(block for section in read.sections for block in section.blocks)[:4000]
    return language_of(text, languages) or languages[0]
