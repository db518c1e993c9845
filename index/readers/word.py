"""Word documents (.docx): as they read with all changes accepted, each text once."""

import io
import re
from collections.abc import Iterator
from typing import Any

from index.readers.blocks import Hints, Item, ReadFile, assembled
from index.readers.grid import Grid, table_items
from index.readers.repair import flat, together

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_GONE = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "delInstrText")}
_AROUND = {f"{_W}{name}" for name in ("ins", "moveTo", "customXml", "smartTag", "hyperlink", "fldSimple", "dir", "bdo", "sdtContent", "ruby", "rubyBase")}  # fmt: skip
_BOXES = (f"{_W}drawing", f"{_W}pict", f"{_W}object", f"{_MC}AlternateContent")
_SIGNS = {"tab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-", "softHyphen": "", "ptab": " "}
_HEADING = re.compile(r"heading (\d)", re.IGNORECASE)
LONGEST_BOLD = 80
"""Characters of a bold paragraph that stands for a heading."""


class _Word:
    """Walks the body of one document; collects what an editor should hear."""

    def __init__(self, document: Any) -> None:
        self.styles = {s.style_id: s for s in document.styles}
        self.notes = _notes(document)
        self.warnings: dict[str, None] = {}
        self._carried = ""

    def items(self, container: Any) -> Iterator[Item]:
        """Headings and blocks of a body, cell, content control or text box, in their order."""
        for child in container:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from table_items(self._grid(child))
            elif child.tag == f"{_W}sdt":
                yield from self.items(self._control(child))
            elif child.tag in _AROUND:
                yield from self.items(child)
            elif child.tag == f"{_MC}AlternateContent":
                yield from self.items(_choice(child))

    def _control(self, control: Any) -> Any:
        """The content of a content control; none where it shows its placeholder."""
        if control.find(f"{_W}sdtPr/{_W}showingPlcHdr") is not None:
            self.warnings["form fields that nobody filled in are left out"] = None
            return ()
        content = control.find(f"{_W}sdtContent")
        return () if content is None else content

    def _paragraph(self, paragraph: Any) -> Iterator[Item]:
        if self._style_name(paragraph).lower().startswith("toc "):  # a line of the table of contents
            return
        boxes: list[Any] = []
        notes: list[str] = []
        raw = self._carried + "".join(self._texts(paragraph, boxes, notes, [0]))
        if paragraph.find(f"{_W}pPr/{_W}rPr/{_W}del") is not None:  # its end was struck: the next one goes on here
            self._carried = raw
        else:
            self._carried = ""
            text = flat(together(raw))
            level = self._level(paragraph, text)
            if text:
                yield Item(f"- {text}" if not level and self._listed(paragraph) else text, level)
        for box in boxes:
            yield from self.items(box)
        yield from (Item(self.notes[n]) for n in notes if self.notes.get(n))

    def _texts(self, container: Any, boxes: list[Any], notes: list[str], field: list[int]) -> Iterator[str]:
        """The texts of runs; `boxes` and `notes` collect what is anchored in them, `field` how deep inside the code
        of a field the walk is."""
        for child in container:
            tag = child.tag
            if tag in _GONE or not isinstance(tag, str):
                continue
            if tag == f"{_W}r":
                if _shown(child):
                    yield from self._texts(child, boxes, notes, field)
                else:
                    self.warnings["hidden text is left out"] = None
            elif tag == f"{_W}sdt":
                yield from self._texts(self._control(child), boxes, notes, field)
            elif tag == f"{_W}fldChar":
                kind = child.get(f"{_W}fldCharType")
                field[0] += {"begin": 1, "separate": -1}.get(kind, 0)
                if kind == "begin" and (chosen := _chosen(child)):
                    yield chosen
                if kind == "end" and field[0] > 0 and not _separated(child):
                    field[0] -= 1
            elif tag == f"{_W}t":
                yield child.text or "" if not field[0] else ""
            elif tag in (f"{_W}footnoteReference", f"{_W}endnoteReference"):
                notes.append(tag[len(_W)] + str(child.get(f"{_W}id")))
            elif tag == f"{_W}sym":
                yield " "
            elif tag in _BOXES:
                boxes.extend(_boxes(child))
            elif tag in _AROUND:
                yield from self._texts(child, boxes, notes, field)
            elif tag.startswith(_W):
                yield _SIGNS.get(tag[len(_W) :], "")

    def _level(self, paragraph: Any, text: str) -> int:
        """The level of a heading, 0 for another paragraph."""
        outline = paragraph.find(f"{_W}pPr/{_W}outlineLvl")
        if outline is not None and int(outline.get(f"{_W}val", "9")) < 9:
            return int(outline.get(f"{_W}val")) + 1
        style = self._style(paragraph)
        while style is not None:
            name = style.name or ""
            if match := _HEADING.match(name):
                return int(match.group(1))
            if name == "Title":
                return 1
            level = style.element.find(f"{_W}pPr/{_W}outlineLvl")
            if level is not None and int(level.get(f"{_W}val", "9")) < 9:
                return int(level.get(f"{_W}val")) + 1
            style = getattr(style, "base_style", None)
        return 9 if self._stands_out(paragraph, text) else 0

    def _stands_out(self, paragraph: Any, text: str) -> bool:
        """Whether a short paragraph is all bold and another follows that is not: written as a heading by hand."""
        if not text or len(text) > LONGEST_BOLD or text.endswith((".", ",", ";", ":")) or self._listed(paragraph):
            return False
        if paragraph.getparent().tag != f"{_W}body" or not _bold(paragraph):
            return False
        following = paragraph.getnext()
        return following is not None and following.tag in (f"{_W}p", f"{_W}tbl") and not _bold(following)

    def _style(self, paragraph: Any) -> Any:
        named = paragraph.find(f"{_W}pPr/{_W}pStyle")
        return self.styles.get(named.get(f"{_W}val")) if named is not None else None

    def _listed(self, paragraph: Any) -> bool:
        numbered = paragraph.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        if numbered is not None:
            return numbered.get(f"{_W}val") != "0"
        return self._style_name(paragraph).startswith("List")

    def _style_name(self, paragraph: Any) -> str:
        style = self._style(paragraph)
        return (style.name or "") if style is not None else ""

    def _grid(self, table: Any) -> Grid:
        """The table with merged cells filled in, without rows that were struck."""
        rows: list[list[str]] = []
        wide: set[int] = set()
        split: set[int] = set()
        heads = 0
        columns = max(len(table.findall(f"{_W}tblGrid/{_W}gridCol")), 1)
        for row in table.iter(f"{_W}tr"):
            if _table_of(row) is not table or row.find(f"{_W}trPr/{_W}del") is not None:
                continue
            cells: list[str] = []
            spans: list[int] = []
            for cell in _cells(row):
                span = int(_value(cell, "gridSpan") or 1)
                merge = cell.find(f"{_W}tcPr/{_W}vMerge")
                goes_on = merge is not None and merge.get(f"{_W}val") != "restart"
                at = len(cells)
                text = rows[-1][at] if goes_on and rows and at < len(rows[-1]) else self._cell(cell)
                cells += [text] * min(span, 64)
                spans.append(span)
            if len(spans) == 1 and columns > 1:
                wide.add(len(rows))
            elif any(span > 1 for span in spans):
                split.add(len(rows))
            if row.find(f"{_W}trPr/{_W}tblHeader") is not None and heads == len(rows):
                heads += 1
            rows.append(cells)
        width = max(map(len, rows), default=0)
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
        return Grid(rows, frozenset(wide), heads or None, frozenset(split))

    def _cell(self, cell: Any) -> str:
        return " ".join(item.text.removeprefix("- ") for item in self.items(cell))


def read_docx(raw: bytes, hints: Hints) -> ReadFile:
    """A Word document: headings by style, paragraphs, list items, table rows, text boxes and notes in their order;
    then headers and footers, each text once."""
    import docx

    document = docx.Document(io.BytesIO(raw))
    word = _Word(document)
    items = list(word.items(document.element.body))
    sections, title, warnings = assembled([*items, *_around(document, word, {item.text for item in items})])
    named = flat(document.core_properties.title or "")
    return ReadFile(sections, title=named or title, warnings=(*word.warnings, *warnings))


def _around(document: Any, word: _Word, known: set[str]) -> Iterator[Item]:
    """Sentences of headers and footers that the body does not hold, each once; page numbers and names stay out."""
    for section in document.sections:
        for part in (section.header, section.first_page_header, section.footer, section.first_page_footer):
            if part.is_linked_to_previous:
                continue
            for item in word.items(part._element):
                if item.text not in known and item.text.endswith((".", "!")) and len(item.text.split()) > 3:
                    known.add(item.text)
                    yield Item(item.text)


def _notes(document: Any) -> dict[str, str]:
    """Footnotes and endnotes by `f` or `e` and their id."""
    found: dict[str, str] = {}
    import lxml.etree as etree

    for relation in document.part.rels.values():
        kind = relation.reltype.rpartition("/")[2]
        if kind in ("footnotes", "endnotes"):
            for note in etree.fromstring(relation.target_part.blob):
                if note.get(f"{_W}type") in (None, "normal"):
                    words = (t.text or "" for t in note.iter(f"{_W}t") if not _struck(t))
                    found[kind[0] + str(note.get(f"{_W}id"))] = flat("".join(words))
    return found


def _struck(element: Any) -> bool:
    return any(parent.tag in _GONE for parent in element.iterancestors())


def _shown(run: Any) -> bool:
    hidden = run.find(f"{_W}rPr/{_W}vanish")
    return hidden is None or hidden.get(f"{_W}val") in ("0", "false")


def _bold(paragraph: Any) -> bool:
    """Whether all runs of a paragraph with words in them are bold."""
    runs = [r for r in paragraph.iter(f"{_W}r") if "".join(t.text or "" for t in r.iter(f"{_W}t")).strip()]
    marks = [run.find(f"{_W}rPr/{_W}b") for run in runs]
    return bool(runs) and all(mark is not None and mark.get(f"{_W}val") not in ("0", "false") for mark in marks)


def _choice(alternatives: Any) -> Any:
    """Of the shapes for new and for old readers the first that there is."""
    choice = alternatives.find(f"{_MC}Choice")
    fallback = alternatives.find(f"{_MC}Fallback")
    return choice if choice is not None else () if fallback is None else fallback


def _boxes(element: Any) -> list[Any]:
    """The contents of the text boxes of a drawing, each once."""
    if element.tag == f"{_MC}AlternateContent":
        return [box for child in _choice(element) for box in _boxes(child)]
    found: list[Any] = []
    for child in element:
        found.extend([child] if child.tag == f"{_W}txbxContent" else _boxes(child))
    return found


def _chosen(field: Any) -> str:
    """What is chosen in an old drop-down field."""
    listed = field.find(f"{_W}ffData/{_W}ddList")
    if listed is None:
        return ""
    entries = [entry.get(f"{_W}val", "") for entry in listed.findall(f"{_W}listEntry")]
    number = int(_attribute(listed.find(f"{_W}result")) or 0)
    return entries[number] if number < len(entries) else ""


def _separated(end: Any) -> bool:
    """Whether the field that ends here has a result: then its code ended at the mark before the result."""
    depth = 0
    root = next(end.iterancestors(f"{_W}p"), None)
    marks = list(root.iter(f"{_W}fldChar")) if root is not None else []
    for mark in reversed(marks[: marks.index(end)] if end in marks else []):
        kind = mark.get(f"{_W}fldCharType")
        if kind == "end":
            depth += 1
        elif kind == "begin":
            if not depth:
                return False
            depth -= 1
        elif kind == "separate" and not depth:
            return True
    return True


def _table_of(row: Any) -> Any:
    return next(row.iterancestors(f"{_W}tbl"), None)


def _cells(row: Any) -> Iterator[Any]:
    for child in row:
        if child.tag == f"{_W}tc":
            yield child
        elif child.tag == f"{_W}sdt" and (content := child.find(f"{_W}sdtContent")) is not None:
            yield from _cells(content)


def _value(cell: Any, name: str) -> str | None:
    return _attribute(cell.find(f"{_W}tcPr/{_W}{name}"))


def _attribute(element: Any) -> str | None:
    return element.get(f"{_W}val") if element is not None else None
