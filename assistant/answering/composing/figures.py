"""Mode `figures`: a dated value, by rule, always with its date."""

from collections.abc import Mapping, Sequence

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft, Source
from assistant.answering.composing.sources import cited_entry_source
from assistant.answering.replies import reply
from assistant.answering.scoring.features import YEAR
from assistant.answering.search import Search
from assistant.languages import pack, pattern, spoken_date
from assistant.languages.statements import numbers_in
from index.values import Figure, FigureValue


def compose_figures(search: Search, figure: Figure, question: str, language: str, *, yes_or_no: bool = False) -> Draft:
    """The values asked for: those of the years or items named, else the latest and the earlier ones; a question that
    wants yes or no (`yes_or_no`) about a number of a year begins with that."""
    values = list(figure.values)
    years = YEAR.findall(question)
    lines: list[str] = []
    named = [v for v in values if _when(v)[:4] in years]
    missing = [year for year in years if not any(_when(v).startswith(year) for v in values)]
    items = _named_items(search, values, question, language) if not years else []
    if named:
        shown = named
    elif items:
        shown = items
    else:
        shown = sorted((v for v in values if v.as_of), key=lambda v: v.as_of or "", reverse=True) + [
            v for v in values if not v.as_of
        ]
    sources: list[Source] = []
    for value in shown:
        source = cited_entry_source(search, len(sources) + 1, value.source, language)
        known = next(
            (s for s in sources if (s.document, s.quote, s.url) == (source.document, source.quote, source.url)), None
        )
        if known is None:
            sources.append(source)
        lines.append(f"{_line(figure, value, language)} [{(known or source).marker}]")
    body = lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)
    if yes_or_no and (verdict := _verdict(named, years, question, language)):
        body = (
            f"{pack(language).verdicts[verdict]}. {body}"
            if len(lines) == 1
            else f"{pack(language).verdicts[verdict]}.\n\n{body}"
        )
    gone = " ".join(reply("figures.year_missing", language, year=year) for year in missing)
    dates = [v.as_of for v in shown if v.as_of]
    as_of = (shown[0].as_of if named else max(dates, default=None)) if dates else None
    status = AnswerStatus.ANSWERED
    if missing:
        status = AnswerStatus.PARTIAL
    return Draft(AnswerMode.FIGURES, status, body, tuple(sources), as_of, missing=gone or None, entry=figure.id)


def _verdict(named: Sequence[FigureValue], years: Sequence[str], question: str, language: str) -> str | None:
    """Whether the one number that a question names beside its one year is a value of that year, or above or below it
    where it asks for that; None where it names none or more, denies, or the values of that year disagree."""
    numbers = [n for n in numbers_in(question, pack(language).number_words) if n not in years]
    values = {float(v.number) for v in named if v.number is not None}
    above, below, denies = (
        bool(pattern(name, (language,), r"\b%s\b").search(question)) for name in ("above", "below", "denies")
    )
    if denies or (above and below) or len(set(years)) != 1 or len(numbers) != 1 or not values:
        return None
    asked = float(numbers[0])
    found = {v > asked if above else v < asked if below else v == asked for v in values}
    return None if len(found) > 1 else "yes" if found.pop() else "no"


def _line(figure: Figure, value: FigureValue, language: str) -> str:
    title, unit = _in(figure.title, language), _in(figure.unit, language)
    number, note = _in(value.value, language), _in(value.note, language) if value.note else ""
    added = f"; {note}" if note else ""
    if value.period:
        return reply(
            "figures.period",
            language,
            title=title,
            value=number,
            unit=unit,
            date=_period(value.period, language),
            note=added,
        )
    if value.date:
        return reply(
            "figures.dated",
            language,
            title=title,
            value=number,
            unit=unit,
            date=spoken_date(value.date, language),
            note=added,
        )
    if note:
        return reply(
            "figures.item", language, note=note, value=number, unit=unit, when=reply("figures.undated_word", language)
        )
    return reply("figures.undated", language, title=title, value=number, unit=unit, note="")


def _named_items(search: Search, values: Sequence[FigureValue], question: str, language: str) -> list[FigureValue]:
    """Undated values whose note names an item that the question names and other notes do not; of several items
    named ("Montag oder Freitag?") those of each."""
    asked = set(search.terms(question, language))
    notes = [search.terms(_in(v.note, language), language) if v.note else [] for v in values]
    common: set[str] = set.intersection(*map(set, notes)) if notes else set()
    hits = [len((set(note) - common) & asked) for note in notes]
    # a note begins with its item
    items = [note[0] if note and note[0] in asked - common else None for note in notes]
    most: dict[str | None, int] = {}
    for item, n in zip(items, hits, strict=True):
        most[item] = max(n, most.get(item, 0))
    if any(items):
        most.pop(None, None)
    return [v for v, n, item in zip(values, hits, items, strict=True) if v.as_of is None and n and n == most.get(item)]


def _when(value: FigureValue) -> str:
    return value.as_of or ""


def _in(text: Mapping[str, str] | None, language: str) -> str:
    return (text or {}).get(language) or next(iter((text or {}).values()), "")


def _period(period: str, language: str) -> str:
    parts = period.split("/")
    return " – ".join(spoken_date(part, language) for part in parts)
