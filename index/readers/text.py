"""Plain text, with the repairs that text taken from a layout needs."""

from collections.abc import Sequence

from index.readers.blocks import Hints, Item, ReadFile, assembled, decode
from index.readers.repair import bulleted, clean, joined_lines, together, without_contents, words_of


def read_text(raw: bytes, hints: Hints) -> ReadFile:
    """Plain text: paragraphs under no heading; a form feed begins a new page."""
    pages = decode(raw).replace("\r\n", "\n").replace("\r", "\n").split("\f")
    vocabulary = words_of(line for page in pages for line in page.split("\n"))
    items = [
        Item(text, 0, number if len(pages) > 1 else None)
        for number, page in enumerate(pages, 1)
        for text in text_blocks(page.split("\n"), vocabulary)
    ]
    sections, _, warnings = assembled(items)
    return ReadFile(sections, pages=len(pages) if len(pages) > 1 else None, warnings=warnings)


def text_blocks(lines: Sequence[str], vocabulary: frozenset[str] = frozenset()) -> list[str]:
    """Paragraphs (parted by blank lines) and list items of lines of text, mended."""
    groups: list[list[str]] = [[]]
    for line in without_contents([together(line) for line in lines]):
        item = bulleted(line)
        if not clean(line).strip():
            groups.append([])
        elif item is not None:
            groups.append([f"- {item}"])
        else:
            groups[-1].append(line)
    return [text for group in groups if (text := joined_lines(group, vocabulary)).strip("- ")]
