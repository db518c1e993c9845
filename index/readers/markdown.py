"""Markdown with YAML front matter, through markdown-it."""

import re
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.readers.blocks import ReadFile, Unreadable, decode
from index.values import Section

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_FOOTNOTE_DEFINITION = re.compile(r"^\[\^[^\]\s]+\]:.*(?:\n[ \t]+\S.*)*$", re.MULTILINE)


def read_markdown(raw: bytes) -> ReadFile:
    """Front matter and sections of a Markdown file."""
    text = decode(raw)
    front: dict[str, object] = {}
    if match := _FRONT_MATTER.match(text):
        try:
            loaded: Any = yaml.safe_load(match.group(1)) or {}
        except yaml.YAMLError as error:
            raise Unreadable(f"front matter is not YAML: {' '.join(str(error).split())[:160]}") from error
        if not isinstance(loaded, dict):
            raise Unreadable("front matter is no mapping of fields")
        front = loaded
        text = text[match.end() :]
    sections, title = markdown_sections(_FOOTNOTE_DEFINITION.sub("", text))
    return ReadFile(sections, title=title, front_matter=front)


def markdown_sections(text: str) -> tuple[tuple[Section, ...], str | None]:
    """Sections by heading path, and the text of the only top heading if the document begins with one."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    path: list[tuple[int, str]] = []
    sections: list[Section] = []
    blocks: list[str] = []

    def close() -> None:
        if blocks:
            sections.append(Section(tuple(heading for _, heading in path), tuple(blocks)))
            blocks.clear()

    listed = 0
    row: list[str] | None = None
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            close()
            level = int(token.tag[1])
            while path and path[-1][0] >= level:
                path.pop()
            path.append((level, _plain(tokens[position + 1])))
        elif token.type == "list_item_open":
            listed += 1
        elif token.type == "list_item_close":
            listed -= 1
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            blocks.append(" | ".join(cell for cell in row if cell))
            row = None
        elif token.type == "inline":
            content = _plain(token)
            if row is not None:
                row.append(content)
            elif content and tokens[position - 1].type != "heading_open":
                blocks.append(f"- {content}" if listed else content)
        elif token.type in ("fence", "code_block") and token.content.strip():
            blocks.append(" ".join(token.content.split()))
    close()
    tops = [t for i, t in enumerate(tokens) if t.type == "heading_open" and t.tag == "h1" and i == 0]
    title = _plain(tokens[1]) if tops else None
    if title and all(section.heading[:1] == (title,) for section in sections):
        sections = [Section(section.heading[1:], section.blocks) for section in sections]
    return tuple(sections), title


def _plain(token: Token) -> str:
    """The text of an inline token: link texts stay, markup, addresses and images go."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return " ".join("".join(parts).split())
