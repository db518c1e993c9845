"""Markdown from the HTML of an answer: paragraphs, lists, emphasis, links; what is hidden or runs is left out."""

import html as entities
import re
from collections.abc import Iterator
from typing import Any

from index.readers.html_table import is_layout, table_rows
from index.readers.repair import bulleted, clean, flat

_TAGS = (
    "a abbr b blockquote br button code dd details div dl dt em figure font h1 h2 h3 h4 h5 h6 hr i iframe img li ol p "
    "pre script section small span strong style sub summary sup table tbody td th thead tr u ul"
)
_WRITTEN = re.compile(rf"</?(?:{'|'.join(_TAGS.split())})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-f]+|[a-z]+\d?);", re.IGNORECASE)
_GONE = frozenset(
    "script style noscript template iframe object embed svg math button form input select audio video nav "
    "head title".split()
)
_BLOCKS = frozenset(
    "address article blockquote body dd details div dl dt fieldset figcaption figure footer header hr main p pre "
    "section summary".split()
)
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_ADDRESS = re.compile(r"(?:https?://|mailto:|tel:)[^\s()<>]+", re.IGNORECASE)
_NO_LINK = re.compile(
    r"\[([^\]\n]*)\]\(\s*(?!https?:|mailto:|tel:)\w[\w+.-]*:(?:[^()\n]|\([^()\n]*\))*\)", re.IGNORECASE
)
"""Links in Markdown to what is no web address."""
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def cell_text(text: str) -> str:
    """What a cell says as Markdown, whether it is written in HTML or plainly."""
    if _WRITTEN.search(text):
        from lxml import html

        kept = text if re.search(r"<(?:p|br|li|div|tr)\b", text, re.IGNORECASE) else text.replace("\n", "<br>")
        return markdown_of(html.fromstring(f"<div>{kept}</div>"))
    if _ENTITY.search(text):
        text = entities.unescape(text)
    text = _NO_LINK.sub(r"\1", text)
    lines = [_plain(line) for line in clean(text).replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _plain(line: str) -> str:
    listed = bulleted(line)
    return f"- {flat(listed)}" if listed else flat(line)


def markdown_of(element: Any) -> str:
    """The content of an element as Markdown."""
    blocks = [block for block in _blocks(element) if block.strip()]
    text = ""
    for before, block in zip(["", *blocks], blocks, strict=False):
        listed = block.lstrip().startswith("- ") and before.lstrip().startswith("- ")
        text += block if not before else ("\n" if listed else "\n\n") + block
    return text.strip()


def _blocks(element: Any, indent: str = "") -> Iterator[str]:
    inline: list[str] = [element.text or ""]

    def flushed() -> Iterator[str]:
        lines = [flat(line) for line in "".join(inline).split("\x00")]
        inline.clear()
        if text := "\n".join(line for line in lines if line):
            yield text

    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if not tag or tag in _GONE or is_hidden(child):
            pass
        elif tag in ("ul", "ol"):
            yield from flushed()
            yield from _list(child, indent)
        elif tag == "table" and not is_layout(child):
            yield from flushed()
            yield from (f"- {item.text}" for item in table_rows(child))
        elif re.fullmatch(r"h[1-6]", tag):
            yield from flushed()
            if text := flat(child.text_content()):
                yield f"**{text}**"
        elif tag in _BLOCKS or child.find(".//p") is not None or child.find(".//li") is not None or tag == "table":
            yield from flushed()
            yield from _blocks(child, indent)
        else:
            inline.append(_inline(child))
        inline.append(_bare(child.tail))
    yield from flushed()


def _list(element: Any, indent: str) -> Iterator[str]:
    for item in element:
        if isinstance(item.tag, str) and item.tag in ("ul", "ol"):
            yield from _list(item, f"{indent}  ")
        elif isinstance(item.tag, str) and not is_hidden(item):
            parts = list(_blocks(item, f"{indent}  "))
            first = parts[0].lstrip().removeprefix("- ").replace("\n", " ") if parts else ""
            if first:
                yield f"{indent}- {first}"
            for part in parts[1:]:
                yield part if part.lstrip().startswith("- ") else f"{indent}- {part}".replace("\n", " ")


def _inline(element: Any) -> str:
    if element.tag == "br":
        return "\x00"
    parts = [_bare(element.text)]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in _GONE and not is_hidden(child):
            parts.append(_inline(child))
        parts.append(_bare(child.tail))
    text = "".join(parts)
    bare = text.strip(" \n\t")
    if not bare or "\x00" in bare:
        return text
    before, after = " " if text[0].isspace() else "", " " if text[-1].isspace() else ""
    if element.tag in _MARKS:
        mark = _MARKS[element.tag]
        return f"{before}{mark}{bare}{mark}{after}"
    address = (element.get("href") or "").strip() if element.tag == "a" else ""
    if _ADDRESS.fullmatch(address) and address.removeprefix("mailto:").removeprefix("tel:") != bare:
        return f"{before}[{bare}]({address}){after}"
    return text


def _bare(text: str | None) -> str:
    return (text or "").replace("\x00", " ").replace("\n", " ")


def is_hidden(element: Any) -> bool:
    """Whether an element is never shown; what an accordion folds away is not meant."""
    return bool(_HIDDEN.search(element.get("style") or ""))
