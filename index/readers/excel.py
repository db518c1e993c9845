"""Workbooks (.xlsx): what people see of them, each row a block that can be understood alone."""

import io
import re
from collections.abc import Iterator
from typing import Any

from assistant.languages import LanguagePack, language_of, pack
from index.readers.blocks import Hints, Item, ReadFile, Unreadable, assembled
from index.readers.grid import Grid, table_items
from index.readers.number_formats import shown
from index.readers.repair import flat

MOST_CELLS = 400_000
"""Cells of a sheet that are read; more is no table for people."""
FEWEST_WORDS = 8
"""Words of a workbook that tell its language."""
FAR = 3
"""Empty rows after which a new table begins."""


def read_xlsx(raw: bytes, hints: Hints) -> ReadFile:
    """Sheets with their visible rows and columns; the sheet's name is the heading.

    Values are written the way of the language of the sheet's texts (the default where they do not tell). Hidden sheets,
    rows and columns are left out, formulas without a stored value leave their row out; the warnings say so.
    """
    book = _book(raw, values=True)
    formulas = _book(raw, values=False) if _has_formulas(raw) else None
    items: list[Item] = []
    warnings: list[str] = []
    tongue = _pack(book, hints)
    visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if hidden := [sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"]:
        warnings.append(f"hidden sheets are left out: {', '.join(flat(name) for name in hidden)}")
    for sheet in visible:
        rows = list(_items(sheet, formulas[sheet.title] if formulas else None, tongue, warnings))
        items += [Item(flat(sheet.title), 1), *rows] if rows else []
    if not visible:
        raise Unreadable("has hidden sheets only, and those are not published")
    sections, _, remarks = assembled(items)
    if len(visible) == 1 and sections and all(len(s.heading) < 2 for s in sections):
        name = flat(visible[0].title)
        sections = tuple(type(s)(s.heading or (name,), s.blocks, s.page) for s in sections)
    named = flat(book.properties.title or "")
    return ReadFile(sections, title=named or None, warnings=(*warnings, *remarks))


def visible_rows(raw: bytes, language: str) -> list[list[str]]:
    """The first visible sheet as rows of texts, dates as ISO: for question lists."""
    return visible_sheets(raw, language)[0][1]


def visible_sheets(raw: bytes, language: str, links: bool = False) -> list[tuple[str, list[list[str]]]]:
    """The visible sheets with their names, as rows of texts, dates as ISO; with `links` a cell that leads to a web
    address is a link in Markdown."""
    sheets = [sheet for sheet in _book(raw, values=True).worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise Unreadable("has hidden sheets only, and those are not published")
    return [(flat(sheet.title), _visible_of(sheet, language, links)) for sheet in sheets]


def _visible_of(sheet: Any, language: str, links: bool) -> list[list[str]]:
    rows, _ = _cells(sheet)
    gone = _hidden_columns(sheet)
    columns = sorted({c for row in rows.values() for c in row} - gone)
    tongue = pack(language)
    told: list[list[str]] = []
    for number in sorted(rows):
        if not sheet.row_dimensions[number].hidden:
            cells = [rows[number].get(column) for column in columns]
            told.append([_linked(cell, _told(cell, tongue)) if links else _told(cell, tongue) for cell in cells])
    return told


def _linked(cell: Any, text: str) -> str:
    """The text of a cell, as a link where it leads to a web address that it does not show."""
    address = str(getattr(getattr(cell, "hyperlink", None), "target", None) or "")
    shows = not text or "://" in text or text.endswith("?") or "\n" in text
    return text if shows or not re.fullmatch(r"https?://[^\s()]+", address) else f"[{text}]({address})"


def _told(cell: Any, tongue: LanguagePack) -> str:
    if cell is None or cell.value is None:
        return ""
    if hasattr(cell.value, "isoformat") and cell.is_date and not hasattr(cell.value, "tzname"):
        return cell.value.isoformat()
    if hasattr(cell.value, "date"):
        return cell.value.date().isoformat()
    return shown(cell.value, cell.number_format, tongue)


def _items(sheet: Any, formulas: Any, tongue: LanguagePack, warnings: list[str]) -> Iterator[Item]:
    rows, dropped = _cells(sheet)
    name = flat(sheet.title)
    if dropped:
        warnings.append(f"sheet '{name}': only the first {MOST_CELLS} cells are read")
    gone_rows = sorted(n for n in rows if sheet.row_dimensions[n].hidden or sheet.row_dimensions[n].height == 0)
    gone_columns = _hidden_columns(sheet) & {c for row in rows.values() for c in row}
    if gone_rows:
        warnings.append(f"sheet '{name}': hidden rows are left out: {_runs(gone_rows)}")
    if gone_columns:
        letters = [_letter(c) for c in sorted(gone_columns)]
        warnings.append(f"sheet '{name}': hidden columns are left out: {', '.join(letters[:20])}")
    merged = {place: area for area in sheet.merged_cells.ranges for place in _places(area, rows)}
    lost: list[str] = []
    table: list[tuple[int, list[str], bool, bool]] = []
    visible = [n for n in sorted(rows) if n not in set(gone_rows)]
    columns = sorted({c for n in visible for c in rows[n]} - gone_columns)
    for number in visible:
        texts: list[str] = []
        empty_formula = False
        for column in columns:
            area = merged.get((number, column))
            cell = sheet.cell(area.min_row, area.min_col) if area else rows[number].get(column)
            text = flat(shown(cell.value, cell.number_format, tongue)) if cell is not None else ""
            if text.startswith("#") and text.rstrip("!?").isupper() and cell is not None and cell.data_type == "e":
                text = ""
                lost.append(f"{_letter(column)}{number}")
                empty_formula = True
            elif cell is not None and not text and formulas is not None and _is_formula(formulas, cell):
                lost.append(f"{_letter(cell.column)}{cell.row}")
                empty_formula = True
            texts.append(text)
        areas = {str(merged[(number, c)]) for c in columns if (number, c) in merged}
        full = sum(1 for t in texts if t)
        wide = len(columns) > 1 and len(areas) == 1 and full > 1 and len(set(filter(None, texts))) == 1
        split = not wide and any(merged[(number, c)].size["columns"] > 1 for c in columns if (number, c) in merged)
        if empty_formula:
            continue
        table.append((number, texts, wide, split))
    if lost:
        places = ", ".join(dict.fromkeys(lost[:20]))
        warnings.append(
            f"sheet '{name}': formulas without a stored value in {places}; their rows are left out "
            "(open the file in a spreadsheet programme and save it)"
        )
    for part in _tables(table):
        filled = [c for c in range(len(columns)) if any(row[c] for _, row, _, _ in part)]
        yield from table_items(
            Grid(
                [[row[c] for c in filled] for _, row, _, _ in part],
                frozenset(n for n, (_, _, wide, _) in enumerate(part) if wide),
                None,
                frozenset(n for n, (_, _, _, split) in enumerate(part) if split),
            ),
            headed=True,
        )


def _tables(rows: list[tuple[int, list[str], bool, bool]]) -> Iterator[list[tuple[int, list[str], bool, bool]]]:
    """The rows of one table each: parted where rows are empty and a table with other columns follows."""
    part: list[tuple[int, list[str], bool, bool]] = []
    last = 0
    for row in rows:
        if not any(row[1]):
            continue
        apart = part and row[0] - last > 1
        used = {n for _, texts, _, _ in part for n, t in enumerate(texts) if t}
        mine = {n for n, t in enumerate(row[1]) if t}
        if apart and (row[0] - last > FAR or not mine <= used or (len(mine) == 1 < len(used))):
            yield part
            part = []
        part.append(row)
        last = row[0]
    if part:
        yield part


def _cells(sheet: Any) -> tuple[dict[int, dict[int, Any]], bool]:
    """The cells of a sheet that hold something, by row and column; the used range itself does not matter."""
    rows: dict[int, dict[int, Any]] = {}
    count = 0
    for (row, column), cell in sheet._cells.items():
        if cell.value is None or (isinstance(cell.value, str) and not cell.value.strip()):
            if cell.value is None and cell.data_type != "f":
                rows.setdefault(row, {}).setdefault(column, cell) if row in rows else None
            continue
        count += 1
        if count > MOST_CELLS:
            return rows, True
        rows.setdefault(row, {})[column] = cell
    return rows, False


def _places(area: Any, rows: dict[int, dict[int, Any]]) -> Iterator[tuple[int, int]]:
    """The places of a merged area in rows that hold something."""
    last = min(area.max_col, area.min_col + 200)
    for row in rows if area.max_row - area.min_row > len(rows) else range(area.min_row, area.max_row + 1):
        if area.min_row <= row <= area.max_row:
            yield from ((row, column) for column in range(area.min_col, last + 1))


def _hidden_columns(sheet: Any) -> set[int]:
    found: set[int] = set()
    for dimension in sheet.column_dimensions.values():
        if dimension.hidden or dimension.width == 0:
            found.update(range(dimension.min or 0, min(dimension.max or 0, 16384) + 1))
    return found


def _is_formula(formulas: Any, cell: Any) -> bool:
    return formulas.cell(cell.row, cell.column).data_type == "f"


def _book(raw: bytes, values: bool) -> Any:
    import warnings

    import openpyxl

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parts that openpyxl does not keep (drawings, validation) do not matter here
        return openpyxl.load_workbook(io.BytesIO(raw), data_only=values)


def _has_formulas(raw: bytes) -> bool:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        names = [n for n in parts.namelist() if re.match(r"xl/worksheets/[^/]+\.xml$", n)]
        return any(re.search(rb"<(?:\w+:)?f[ >/]", parts.read(name)) for name in names)


def _pack(book: Any, hints: Hints) -> LanguagePack:
    """The pack of the language that a workbook is in, as its sidecar or else its texts tell."""
    texts = [c.value for s in book.worksheets for c in list(s._cells.values())[:2000] if isinstance(c.value, str)]
    sample = " ".join(texts)[:4000]
    told = hints.language or (language_of(sample, hints.languages) if len(sample.split()) >= FEWEST_WORDS else None)
    return pack(told or hints.likely)


def _letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)


def _runs(numbers: list[int]) -> str:
    """`3, 7-9`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    told = [str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs]
    return ", ".join(told[:20]) + (", …" if len(told) > 20 else "")
