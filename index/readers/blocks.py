"""What the readers of the single formats hand back: a title if the file names one, and sections of blocks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from index.values import Section

LONGEST_QUESTION = 200
"""Characters of a paragraph that can be a question over an answer."""


class Unreadable(Exception):
    """A file that holds nothing to index; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The content of one file. `front_matter` is the raw mapping of a Markdown file, else empty; `as_of` the date
    that the format itself states (a page's metadata), else None."""

    sections: tuple[Section, ...]
    title: str | None = None
    language: str | None = None
    pages: int | None = None
    front_matter: dict[str, object] | None = None
    warnings: tuple[str, ...] = ()
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """What is known before a file is read: the language that its sidecar names (None: none does), and those of the
    programme, the default first."""

    language: str | None
    languages: tuple[str, ...]

    @property
    def likely(self) -> str:
        """The language to take where the file itself does not tell."""
        return self.language or self.languages[0]


@dataclass(frozen=True, slots=True)
class Item:
    """A heading (`level` from 1, the highest) or a block (`level` 0) on its way into a section. `under` is a heading
    of one block alone: a question above its answer, the label of some rows of a table."""

    text: str
    level: int = 0
    page: int | None = None
    under: str | None = None


def assembled(items: Iterable[Item]) -> tuple[tuple[Section, ...], str | None, tuple[str, ...]]:
    """Sections by heading path, the text of the only top heading if the document begins with one, and a remark on
    each heading that nothing follows (mostly the rest of a picture): such a heading is left out."""
    given = _questions_as_headings([item for item in items if item.text.strip()])
    path: list[tuple[int, str]] = []
    found: list[tuple[tuple[str, ...], int | None, list[str]]] = []
    warnings: list[str] = []
    for number, item in enumerate(given):
        if item.level:
            if number and _nothing_follows(given, number):
                place = f" on page {item.page}" if item.page else ""
                warnings.append(f"content not readable: nothing follows the heading '{item.text[:80]}'{place}")
                continue
            while path and path[-1][0] >= item.level:
                path.pop()
            path.append((item.level, item.text))
            continue
        heading = (*(text for _, text in path), *([item.under] if item.under else []))
        if found and found[-1][:2] == (heading, item.page):
            found[-1][2].append(item.text)
        else:
            found.append((heading, item.page, [item.text]))
    sections = tuple(Section(heading, tuple(blocks), page) for heading, page, blocks in found)
    title = given[0].text if given and given[0].level == 1 else None
    if title and all(section.heading[:1] == (title,) for section in sections):
        sections = tuple(Section(s.heading[1:], s.blocks, s.page) for s in sections)
    elif any(item.level and item.level <= given[0].level for item in given[1:]):
        title = None
    return sections, title, tuple(warnings)


def _nothing_follows(items: Sequence[Item], number: int) -> bool:
    """Whether no block stands between a heading and the next of its rank (or the end)."""
    level = items[number].level
    for item in items[number + 1 :]:
        if not item.level:
            return False
        if item.level <= level:
            return True
    return True


def _questions_as_headings(items: Sequence[Item]) -> list[Item]:
    """A paragraph that is one question, with its answer after it, becomes a heading: it asks, and states nothing."""
    made: list[Item] = []
    asked: str | None = None
    for number, item in enumerate(items):
        following = items[number + 1] if number + 1 < len(items) else None
        if item.level or item.under:
            asked = None
        elif is_question(item.text):
            answered = following is not None and not (following.level or following.under)
            if answered and following is not None and not is_question(following.text):
                asked = item.text
                continue
            asked = None
        elif asked:
            item = Item(item.text, 0, item.page, asked)
        made.append(item)
    return made


def is_question(text: str) -> bool:
    """Whether a block is one question and nothing else."""
    return text.endswith("?") and len(text) <= LONGEST_QUESTION and not text.startswith("- ") and text.count("?") == 1


def decode(raw: bytes) -> str:
    """UTF-8 (with or without byte order mark), else Windows-1252; refuses binary content."""
    if b"\x00" in raw[:8192] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unreadable("is not a text file (binary content)")
    for encoding in ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        controls = sum(1 for c in text[:8192] if ord(c) < 32 and c not in "\t\n\r\f\x02")
        if controls > len(text[:8192]) / 100:
            break
        return text
    raise Unreadable("is not a text file (binary content)")
