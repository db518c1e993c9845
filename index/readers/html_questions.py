"""Questions with their answers in a web page: accordions, `details`, definition lists, headings, FAQPage data."""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from index.readers.blocks import LONGEST_QUESTION
from index.readers.dates import stated_in
from index.readers.html import as_utf8, is_question_label, main_part, stated_date
from index.readers.html_faq import asked_in
from index.readers.html_markdown import markdown_of
from index.readers.repair import flat

HEAD = ("question", "answer", "language")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_OF_ITS_OWN = ".//details | .//dl | .//button | self::button"
"""What other questions stand in."""
_TARGETS = ("aria-controls", "data-bs-target", "data-target", "href")


@dataclass(frozen=True, slots=True)
class _Pair:
    question: str
    answer: str
    language: str


def question_lists(raw: bytes) -> list[dict[str, Any]]:
    """The questions of a page as one list; tables of questions are lists of their own."""
    from lxml import html

    root = html.document_fromstring(as_utf8(raw), parser=html.HTMLParser(encoding="utf-8", huge_tree=False))
    structured = [_Pair(q, markdown_of(answer), _language(root)) for q, answer in asked_in(root)]
    main = main_part(root)
    for gone in main.xpath(".//script | .//style | .//nav"):
        gone.drop_tree()
    lines = (flat(text) for text in main.itertext())
    stated = [date for line in lines if len(line) < 80 for date in stated_in(line)]
    as_of = next(iter(stated), None) or stated_date(root)
    tables = [_rows(table) for table in main.iter("table")]
    found: dict[str, _Pair] = {}
    for finder in (_folded, _defined, _unfolded, _headed):
        pairs = [pair for pair in finder(main) if pair.question]
        asking = sum(1 for pair in pairs if pair.question.endswith("?"))
        for pair in pairs:
            if pair.question.endswith("?") or (2 * asking >= len(pairs) and finder is not _headed):
                _keep(found, pair)
    for pair in structured:
        _keep(found, pair)
    title = flat(root.findtext(".//title") or "")
    rows = [list(HEAD), *([pair.question, pair.answer, pair.language] for pair in found.values())]
    lists = [rows] if found else []
    return [{"name": title, "rows": r, "as_of": as_of} for r in (*lists, *(t for t in tables if len(t) > 1))]


def _keep(found: dict[str, _Pair], pair: _Pair) -> None:
    """Keeps the first answer to a question."""
    known = found.get(_bare(pair.question))
    if known is None or not known.answer:
        found[_bare(pair.question)] = pair


def _folded(main: Any) -> Iterator[_Pair]:
    """`details` with their `summary`."""
    for details in main.iter("details"):
        summary = details.find("summary")
        if summary is not None:
            yield _pair(summary, [details], lambda part: part.tag == "summary")


def _defined(main: Any) -> Iterator[_Pair]:
    """The terms of definition lists with all their definitions."""
    for listed in main.iter("dl"):
        term: Any = None
        told: list[Any] = []
        for child in [*listed.iter("dt", "dd"), None]:
            if child is None or child.tag == "dt":
                if term is not None:
                    yield _pair(term, told)
                term, told = child, []
            else:
                told.append(child)


def _unfolded(main: Any) -> Iterator[_Pair]:
    """Buttons and links that unfold something, and labels that a class marks as questions."""
    named = {element.get("id"): element for element in main.xpath(".//*[@id]")}
    for element in main.xpath(".//*[self::button or self::a or @aria-controls or @data-bs-target or @data-target]"):
        given = (element.get(name) or "" for name in _TARGETS)
        target = next((named[t.lstrip("#")] for t in given if t.lstrip("#") in named), None)
        linked = element.tag == "a" and not (element.get("aria-controls") or element.get("data-bs-target"))
        if target is not None and target is not element and not (linked and target.tag in _HEADINGS):
            yield _pair(element, [target], _is_heading)
        elif element.tag == "button" and (box := _next_to(element)) is not None:
            yield _pair(element, [box])
    for element in main.iter():
        if isinstance(element.tag, str) and element.tag not in ("button", *_HEADINGS) and is_question_label(element):
            box = _next_to(element)
            if box is not None:
                yield _pair(element, [box])


def _headed(main: Any) -> Iterator[_Pair]:
    """Headings that ask, with what follows until the next heading of their rank."""
    for heading in main.iter(*_HEADINGS):
        told: list[Any] = []
        for part in heading.itersiblings():
            if _is_heading(part) and (part.tag <= heading.tag or flat(part.text_content()).endswith("?")):
                break
            if part.tag in ("details", "dl", "script") or part.xpath(_OF_ITS_OWN):
                break
            if part.xpath(".//h1 | .//h2 | .//h3 | .//h4") and not told:
                break
            told.append(part)
        if not told and (box := _next_to(heading)) is not None and not box.xpath(".//h1 | .//h2 | .//h3"):
            told = [box]
        yield _pair(heading, told)


def _next_to(element: Any) -> Any:
    """What follows an element, or the small box around it."""
    text = flat(element.text_content())
    while element is not None and element.getnext() is None:
        element = element.getparent()
        if element is None or flat(element.text_content()) != text:
            return None
    following = element.getnext() if element is not None else None
    return following if following is not None and isinstance(following.tag, str) else None


def _pair(label: Any, told: list[Any], without: Callable[[Any], bool] | None = None) -> _Pair:
    question = flat(label.text_content())
    texts: list[str] = []
    for part in told:
        copy = deepcopy(part)
        copy.tail = None
        for child in list(copy):
            repeated = without is not None and isinstance(child.tag, str) and without(child)
            if repeated and flat(child.text_content()) == question:
                child.drop_tree()
        wrapped = label.makeelement("div")
        wrapped.append(copy)
        texts.append(markdown_of(wrapped))
    fits = 3 < len(question) <= LONGEST_QUESTION
    return _Pair(question if fits else "", "\n\n".join(t for t in texts if t), _language(label))


def _is_heading(element: Any) -> bool:
    return element.tag in _HEADINGS


def _language(element: Any) -> str:
    """The language that the nearest element around states; empty where none does."""
    for around in (element, *element.iterancestors()):
        if code := around.get("lang") or around.get("{http://www.w3.org/XML/1998/namespace}lang"):
            return code[:2].lower()
    return ""


def _rows(table: Any) -> list[list[str]]:
    """The rows of a table as Markdown, cell by cell."""
    return [[markdown_of(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))
