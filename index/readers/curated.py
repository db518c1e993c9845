"""Curated entries and figures: YAML lists, and tables with one entry a row."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from assistant.languages import codes, pack
from index.readers.blocks import Unreadable, decode
from index.readers.fields import EntryFields, FigureFields, first_fault, local_text
from index.values import CuratedEntry, Figure, FigureValue, LocalText, Rejection

_Made = TypeVar("_Made", CuratedEntry, Figure)
_COLUMNS = {"question", "answer", "language", "source", "as_of"}


class _UniqueKeys(yaml.CSafeLoader):
    """YAML that refuses a key given twice: the second would silently win."""


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    keys = [key.value for key, _ in node.value]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise yaml.constructor.ConstructorError(None, None, f"the field {twice!r} stands twice", node.start_mark)
    return yaml.CSafeLoader.construct_mapping(loader, node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def load_yaml(raw: bytes) -> Any:
    """The content of a YAML file; a fault is one line with its place."""
    try:
        return yaml.load(decode(raw), Loader=_UniqueKeys)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise Unreadable(f"is not YAML: {' '.join(str(error).split())[:200]}") from error


def read_entries(raw: bytes, path: str, language: str) -> Iterator[CuratedEntry | Rejection]:
    """The entries of a YAML list; plain strings count as `language`. A faulty entry becomes a Rejection, the others stay."""
    yield from _read_list(raw, path, "entry", lambda row: entry_value(EntryFields.model_validate(row), path, language))


def read_figures(raw: bytes, path: str, language: str) -> Iterator[Figure | Rejection]:
    """The figure (or list of figures) of a YAML file."""
    yield from _read_list(raw, path, "figure", lambda row: _figure(FigureFields.model_validate(row), path, language))


def read_entry_table(raw: bytes, path: str, language: str) -> Iterator[CuratedEntry | Rejection]:
    """One entry a row: `question, answer, language, source, as_of`; ids are the file's name and the row's number."""
    rows = _xlsx_rows(raw) if path.endswith(".xlsx") else list(csv.reader(io.StringIO(decode(raw))))
    if not rows:
        raise Unreadable("holds no rows")
    head = [name.strip().lower() for name in rows[0]]
    if unknown := set(head) - _COLUMNS - {""}:
        raise Unreadable(f"{sorted(unknown)[0]}: unknown column; known are {', '.join(sorted(_COLUMNS))}")
    if missing := {"question", "answer"} - set(head):
        raise Unreadable(f"{sorted(missing)[0]}: mandatory column is missing")
    for number, row in enumerate(rows[1:], 1):
        cells = {name: value.strip() for name, value in zip(head, row, strict=False) if name and value.strip()}
        if not cells:
            continue
        identity = f"{Path(path).stem}-{number}"
        source = cells.get("source")
        origin = (
            {"url": source}
            if source and source.startswith(("http://", "https://"))
            else {"title": source}
            if source
            else None
        )
        tongue = cells.get("language", language).lower()
        fields = {
            "id": identity,
            "questions": {tongue: [cells.get("question", "")]},
            "answer": {tongue: cells.get("answer", "")},
            "sources": [{**origin, "as_of": cells.get("as_of")}] if origin else [],
            "as_of": cells.get("as_of"),
        }
        try:
            yield entry_value(EntryFields.model_validate(fields), path, tongue)
        except ValidationError as error:
            yield Rejection(path, identity, first_fault(error), "entry")


def _read_list(raw: bytes, path: str, kind: Any, make: Callable[[Any], _Made]) -> Iterator[_Made | Rejection]:
    content = load_yaml(raw)
    rows = content if isinstance(content, list) else [content] if isinstance(content, dict) else None
    if rows is None:
        raise Unreadable(f"holds no list of {kind} fields")
    for number, row in enumerate(rows, 1):
        identity = str(row["id"]) if isinstance(row, dict) and row.get("id") else f"no. {number}"
        try:
            yield make(row)
        except ValidationError as error:
            yield Rejection(path, identity, first_fault(error), kind)


def _texts(texts: Mapping[Any, list[str]], language: str) -> dict[str, tuple[str, ...]]:
    return {(language if key == "*" else key): tuple(dict.fromkeys(values)) for key, values in texts.items()}


def entry_value(fields: EntryFields, path: str, default_language: str) -> CuratedEntry:
    """The frozen value of checked fields; plain strings count as `default_language`."""
    language = next((key for key in fields.questions if key != "*"), default_language)
    warnings: list[str] = []
    questions = _texts(fields.questions, language)
    if few := [key for key, phrasings in questions.items() if len(phrasings) < 3]:
        warnings.append(f"questions: fewer than three phrasings in {', '.join(few)}")
    if len(questions) < 2:
        warnings.append("questions: in one language alone")
    if not any(source.document and source.quote for source in fields.sources):
        warnings.append("sources: no quoted document")
    return CuratedEntry(
        id=fields.id,
        path=path,
        topic=fields.topic,
        status=fields.status,
        questions=questions,
        answer=local_text(fields.answer, language),
        sources=tuple(source.value(language) for source in fields.sources),
        missing=fields.missing and local_text(fields.missing, language),
        must_state=tuple(local_text(condition, language) for condition in fields.must_state),
        as_of=fields.as_of,
        review_by=fields.review_by,
        valid_until=fields.valid_until,
        plain=fields.plain and local_text(fields.plain, language),
        warnings=tuple(warnings),
    )


def _figure(fields: FigureFields, path: str, language: str) -> Figure:
    def spoken(value: Any) -> tuple[LocalText, float | None]:
        if isinstance(value, dict):
            return local_text({k: str(v) for k, v in value.items()}, language), None
        if isinstance(value, str):
            return dict.fromkeys(codes(), value), None
        return {language: pack(language).number(value) for language in codes()}, float(value)

    values: list[FigureValue] = []
    for row in fields.values:
        text, number = spoken(row.value)
        note = row.note and local_text(row.note, language)
        values.append(FigureValue(text, number, row.date, row.period, note, row.source.value(language)))
    return Figure(
        id=fields.id,
        path=path,
        title=local_text(fields.title, language),
        unit=local_text(fields.unit, language),
        questions=_texts(fields.questions, language),
        values=tuple(values),
    )


def _xlsx_rows(raw: bytes) -> list[list[str]]:
    import openpyxl

    sheet = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True).worksheets[0]
    return [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
