"""What the readers of the single formats hand back: a title if the file names one, and sections of blocks."""

from dataclasses import dataclass

from index.values import Section


class Unreadable(Exception):
    """A file that holds nothing to index; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The content of one file. `front_matter` is the raw mapping of a Markdown file, else empty."""

    sections: tuple[Section, ...]
    title: str | None = None
    language: str | None = None
    pages: int | None = None
    front_matter: dict[str, object] | None = None
    warnings: tuple[str, ...] = ()


def decode(raw: bytes) -> str:
    """UTF-8 (with or without byte order mark), else Windows-1252; refuses binary content."""
    if b"\x00" in raw[:8192] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("is not a text file (binary content)")
    for encoding in ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = sum(1 for c in text[:8192] if ord(c) < 32 and c not in "\t\n\r\f")
        if controls > len(text[:8192]) / 100:
            break
        return text
    raise Unreadable("is not a text file (binary content)")


def paragraphs(text: str) -> tuple[str, ...]:
    """Paragraphs of plain text: separated by blank lines, line breaks inside them are spaces."""
    return tuple(" ".join(part.split()) for part in text.replace("\r\n", "\n").split("\n\n") if part.strip())
