"""Markdown with YAML front matter, through markdown-it."""

import re
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.readers.blocks import Hints, Item, ReadFile, Unreadable, assembled, decode
from index.readers.repair import clean
from index.readers.yaml_files import load_yaml

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FOOTNOTE_DEFINITION = re.compile(r"^\[\^[^\]\s]+\]:.*(?:\n[ \t]+\S.*)*$", re.MULTILINE)


def read_markdown(raw: bytes, hints: Hints) -> ReadFile:
    """Front matter and sections of a Markdown file."""
    text = decode(raw)
    front: dict[str, object] = {}
    if match := _FRONT_MATTER.match(text):
        try:
            loaded: Any = load_yaml(match.group(1).encode()) or {}
        except Unreadable as error:
            raise Unreadable(f"front matter {error}") from error
        if not isinstance(loaded, dict):
            raise Unreadable("front matter is no mapping of fields")
        front = loaded
        text = text[match.end() :]
    sections, title, warnings = assembled(markdown_items(_FOOTNOTE_DEFINITION.sub("", clean(text))))
    return ReadFile(sections, title=title, front_matter=front, warnings=warnings)


def markdown_items(text: str) -> list[Item]:
    """Headings, paragraphs, list items and rows of tables in their order."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    items: list[Item] = []
    listed = 0
    row: list[str] | None = None
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            items.append(Item(_plain(tokens[position + 1]), int(token.tag[1])))
        elif token.type == "list_item_open":
            listed += 1
        elif token.type == "list_item_close":
            listed -= 1
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            items.append(Item(" | ".join(cell for cell in row if cell)))
            row = None
        elif token.type == "inline":
            content = _plain(token)
            if row is not None:
                row.append(content)
            elif content and tokens[position - 1].type != "heading_open":
                items.append(Item(f"- {content}" if listed else content))
        elif token.type in ("fence", "code_block") and token.content.strip():
            items.append(Item(" ".join(token.content.split())))
    return items


def _plain(token: Token) -> str:
    """The text of an inline token: link texts stay, markup, addresses and images go."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return " ".join("".join(parts).split())
