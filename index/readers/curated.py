"""Curated entries and figures: YAML lists, and tables with one entry a row."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from assistant.languages import codes, pack
from assistant.languages.statements import verdict_opening
from index.passages import split_sentences
from index.readers.blocks import Hints, Unreadable
from index.readers.fields import EntryFields, FigureFields, first_fault, local_text, local_texts
from index.readers.sandbox import file_parser
from index.readers.tables import read_table
from index.readers.yaml_files import load_yaml
from index.values import Claim, CuratedEntry, EntrySource, Figure, FigureValue, Holds, LocalText, Programme, Rejection

_Made = TypeVar("_Made", CuratedEntry, Figure)


def read_entries(raw: bytes, path: str, programme: Programme) -> Iterator[CuratedEntry | Rejection]:
    """The entries of a YAML list; plain strings count as the programme's first language. A faulty entry becomes a
    Rejection, the others stay."""
    yield from _read_list(raw, path, "entry", lambda row: entry_value(EntryFields.of(row, programme), path, programme))


def read_figures(raw: bytes, path: str, programme: Programme) -> Iterator[Figure | Rejection]:
    """The figure (or list of figures) of a YAML file."""
    language = programme.languages[0]
    yield from _read_list(raw, path, "figure", lambda row: _figure(FigureFields.model_validate(row), path, language))


def read_entry_table(raw: bytes, path: str, programme: Programme) -> Iterator[CuratedEntry | Rejection]:
    """One entry a row, or one a run of rows with the same `id`; without that column ids are the file's name and the
    row's number.

    Columns are those of `index.readers.tables`.
    """
    rows = file_parser().rows(raw, Path(path).suffix.lower(), Hints(None, programme.languages))
    for identity, fields in read_table(rows, path, programme.languages):
        try:
            yield entry_value(EntryFields.of(fields, programme), path, programme)
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


def entry_value(fields: EntryFields, path: str, programme: Programme) -> CuratedEntry:
    """The frozen value of checked fields; plain strings count as the programme's first language.

    An entry without a source has the programme's default publisher as one; without a date of its own or of its
    sources it has the default date.
    """
    language = next((key for key in fields.questions if key != "*"), programme.languages[0])
    publisher, as_of = programme.default_publisher, fields.as_of
    if "as_of" not in fields.model_fields_set and not any(s.document or s.as_of for s in fields.sources):
        as_of = programme.default_as_of
    sources = tuple(source.value(language) for source in fields.sources) or (
        EntrySource(None, None, None, publisher, publisher, programme.default_as_of),
    )
    questions, answer = local_texts(fields.questions, language), local_text(fields.answer, language)
    return CuratedEntry(
        id=fields.id,
        path=path,
        topic=fields.topic,
        status=fields.status,
        questions=questions,
        answer=answer,
        sources=sources,
        missing=fields.missing and local_text(fields.missing, language),
        must_state=tuple(local_text(condition, language) for condition in fields.must_state),
        as_of=as_of,
        review_by=fields.review_by,
        valid_until=fields.valid_until,
        plain=fields.plain and local_text(fields.plain, language),
        short=fields.short and local_text(fields.short, language),
        claims=tuple(claim.value(language) for claim in fields.claims) or implied_claims(answer, questions),
    )


def implied_claims(answer: LocalText, questions: Mapping[str, tuple[str, ...]]) -> tuple[Claim, ...]:
    """What an answer that begins with yes or no claims: its first sentence, for the questions it was written for."""
    says: dict[str, str] = {}
    asked: dict[Holds, dict[str, tuple[str, ...]]] = {}
    for language, text in answer.items():
        opening = verdict_opening(text, pack(language).verdicts)
        if opening is None or not questions.get(language):
            continue
        holds: Holds = "yes" if opening[0] == "yes" else "no"
        says[language] = split_sentences(opening[1].split("\n")[0], language)[0] if opening[1].strip() else ""
        asked.setdefault(holds, {})[language] = questions[language]
    return (Claim(says, asked, implied=True),) if all(says.values()) and len(asked) == 1 else ()


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
        questions=local_texts(fields.questions, language),
        values=tuple(values),
    )
