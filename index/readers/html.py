"""Web pages: the main content, with definition lists, accordions, tables and the questions of FAQPage data."""

import re
from collections.abc import Iterator
from typing import Any

from index.readers.blocks import Hints, Item, ReadFile, Unreadable, assembled
from index.readers.html_faq import asked_in
from index.readers.html_table import is_layout, table_rows
from index.readers.repair import flat

_SKIPPED = frozenset(
    "script style noscript template nav svg math iframe object embed audio video canvas select option datalist button "
    "form dialog".split()
)
_AROUND = frozenset("header footer aside".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 "
    "h5 h6 header hr html li main nav ol p pre section summary table tbody td tfoot th thead tr ul".split()
)
_BOILERPLATE = re.compile(
    r"(?:^|[\s_-])(?:nav|navi|navigation|navbar|menu|menue|breadcrumbs?|cookie\w*|consent|sidebar|footer|skip-?links?|"
    r"pagination|social|share|sharing|advert\w*|banner|search|teaser-?nav|related|newsletter|sr-only|visually-hidden)(?:$|[\s_-])",
    re.IGNORECASE,
)
_TITLE_CLASS = re.compile(r"(?:accordion|faq|toggle|collaps|expand|question)", re.IGNORECASE)
_DATED = ("article:modified_time", "dcterms.modified", "dc.date.modified", "last-modified", "article:published_time", "dcterms.date", "date")  # fmt: skip
"""Metadata of a page that hold its date, the surest first."""
_HEADING = re.compile(r"h([1-6])")
LEVEL_OF_A_TERM = 8
LONGEST_TERM = 90
"""Characters of a term that stands before its definition in one line."""


def read_html(raw: bytes, hints: Hints) -> ReadFile:
    """The main content of a page, without navigation, header, footer and advertising."""
    from lxml import html

    root = html.document_fromstring(as_utf8(raw), parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    main = main_part(root)
    items = list(_items(main, main))
    said = {_bare(item.text) for item in items} | {_bare(item.under) for item in items if item.under}
    for question, answer in asked_in(root):
        if _bare(question) not in said:
            items += [Item(i.text, 0, None, question) for i in _items(answer, answer)]
    title = flat(root.findtext(".//title") or "") or None
    sections, heading, warnings = assembled(items)
    language = (root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or "")[:2].lower() or None
    return ReadFile(
        sections, title=_title(heading, title), language=language, warnings=warnings, as_of=stated_date(root)
    )


def as_utf8(raw: bytes) -> bytes:
    """The page as UTF-8: by its mark, its own word, or as far as it is."""
    from index.readers.blocks import decode

    named = re.search(rb"<meta[^>]+charset=[\"']?([\w-]+)", raw[:4096], re.IGNORECASE)
    if named and not raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        try:
            return raw.decode(named.group(1).decode("ascii")).encode("utf-8", "replace")
        except (LookupError, UnicodeDecodeError):
            pass
    text = decode(raw)
    if not text.strip():
        raise Unreadable("holds no text")
    return text.encode("utf-8", "replace")


def _title(heading: str | None, title: str | None) -> str | None:
    """The heading of the page; the title where there is none, or where it begins with the heading."""
    return title if title and (not heading or title.startswith(heading)) else heading


def main_part(root: Any) -> Any:
    """The element with the main content: what is marked as such, else the only article, else the whole body."""
    body = root.find(".//body")
    body = root if body is None else body
    marked = root.xpath("//main | //*[@role='main']")
    if marked:
        return max(marked, key=lambda e: len(e.text_content()))
    articles = root.xpath("//article[not(ancestor::article)]")
    if len(articles) == 1 and len(articles[0].text_content()) > len(body.text_content()) / 3:
        return articles[0]
    return body


def _items(element: Any, main: Any, under: str | None = None) -> Iterator[Item]:
    """The headings and blocks of an element, in their order."""
    inline: list[str] = [element.text or ""]

    def flushed() -> Iterator[Item]:
        if text := flat(" ".join("".join(inline).split("\x00"))):
            yield Item(text, 0, None, under)
        inline.clear()

    for child in element:
        tag = child.tag if isinstance(child.tag, str) else ""
        if not tag or _left_out(child, tag, main):
            if tag in ("button", "summary") and (label := _label(child)):
                yield from flushed()
                yield Item(label, LEVEL_OF_A_TERM)
        elif tag == "br":
            inline.append(" ")
        elif tag not in _BLOCKS and not has_blocks(child):
            inline.append(child.text_content())
        else:
            yield from flushed()
            yield from _block(child, tag, main, under)
        inline.append(child.tail or "")
    yield from flushed()


def _block(element: Any, tag: str, main: Any, under: str | None) -> Iterator[Item]:
    if match := _HEADING.fullmatch(tag):
        if text := flat(element.text_content()):
            yield Item(text, int(match.group(1)))
    elif tag == "dl":
        yield from _definitions(element, main)
    elif tag == "details":
        yield from _folded(element, main)
    elif tag == "table":
        if is_layout(element):
            yield from _items(element, main, under)
        else:
            yield from table_rows(element)
    elif tag == "li":
        listed = list(_items(element, main, under))
        for number, item in enumerate(listed):
            mark = "- " if number == 0 and not item.level and not item.under else ""
            yield Item(mark + item.text.removeprefix("- "), item.level, item.page, item.under)
    elif tag not in ("ul", "ol") and is_question_label(element):
        yield Item(flat(element.text_content()), LEVEL_OF_A_TERM)
    else:
        yield from _items(element, main, under)


def _definitions(listed: Any, main: Any) -> Iterator[Item]:
    """A definition list: questions and long definitions under their term, short ones in a line with it."""
    terms: list[str] = []
    answered = True
    for child in listed.iter("dt", "dd"):
        if next(child.iterancestors("dl"), None) is not listed:
            continue
        if child.tag == "dt":
            terms = [] if answered else terms
            answered = False
            if text := flat(child.text_content()):
                terms.append(text)
            continue
        answered = True
        term = " / ".join(terms)
        blocks = list(_items(child, main))
        short = len(term) <= LONGEST_TERM and not term.endswith("?") and len(blocks) == 1 and not blocks[0].level
        if term and short:
            yield Item(f"{term.rstrip(' :')}: {blocks[0].text}")
        else:
            yield from (Item(b.text, b.level, None, b.under or (term or None)) for b in blocks)


def _folded(details: Any, main: Any) -> Iterator[Item]:
    """`details`: what is folded away stands under its summary."""
    summary = details.find("summary")
    label = flat(summary.text_content()) if summary is not None else None
    if summary is not None:
        tail = summary.tail
        details.remove(summary)
        details.text = f"{details.text or ''} {tail or ''}"
    yield from (Item(i.text, i.level, None, i.under or label) for i in _items(details, main))


def _left_out(element: Any, tag: str, main: Any) -> bool:
    """Whether an element is navigation or the like, or not shown."""
    if tag in _SKIPPED:
        return tag != "form" or len(element.text_content().split()) < 30
    if tag in _AROUND and main.tag == "body":
        return True
    if element.get("role") in ("navigation", "banner", "contentinfo", "search", "dialog", "alertdialog"):
        return True
    if element.get("aria-hidden") == "true" and not element.get("id"):
        return True
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    if (
        tag in _BLOCKS
        and tag not in ("body", "main")
        and _BOILERPLATE.search(named)
        and len(element.text_content()) < 3000
    ):
        return True
    if tag == "summary":
        return False
    return tag in ("ul", "ol", "div", "section") and _mostly_links(element)


def _mostly_links(element: Any) -> bool:
    """Lists of links are navigation; a list of sentences with a link each is not."""
    links = element.findall(".//a")
    if len(links) < 3:
        return False
    text = len(flat(element.text_content()))
    return text > 0 and sum(len(flat(a.text_content())) for a in links) > 0.9 * text and text / len(links) < 60


def _label(button: Any) -> str | None:
    """The text of a button that unfolds something."""
    unfolds = (
        button.get("aria-expanded") or button.get("aria-controls") or _TITLE_CLASS.search(button.get("class") or "")
    )
    text = flat(button.text_content())
    return text if unfolds and len(text) > 3 else None


def is_question_label(element: Any) -> bool:
    """Whether an element is the visible question of an accordion that something follows."""
    text = flat(element.text_content())
    if not text.endswith("?") or len(text) > 200 or text.count("?") > 1:
        return False
    return bool(_TITLE_CLASS.search(element.get("class") or "")) and not has_blocks(element)


def has_blocks(element: Any) -> bool:
    """Whether an element holds more than running text."""
    return any(isinstance(e.tag, str) and e.tag in _BLOCKS for e in element.iterdescendants())


def stated_date(root: Any) -> str | None:
    """The date that the page's metadata state."""
    stated = {(m.get("property") or m.get("name") or "").lower(): m.get("content") or "" for m in root.iter("meta")}
    dates = (re.match(r"\s*(\d{4}-\d{2}-\d{2})", stated.get(name, "")) for name in _DATED)
    return next((match.group(1) for match in dates if match), None)


def _bare(text: str | None) -> str:
    return " ".join(re.findall(r"\w+", (text or "").lower()))
