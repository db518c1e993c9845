"""Reads the language packs and checks that each holds every field."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """One language: how it writes things, and what it calls them."""

    code: str
    name: str
    """What its speakers call it."""
    quotes: tuple[str, str]
    """Opening and closing quotation mark."""
    decimal: str
    group: str
    """Marks in numbers: before the fraction, between thousands."""
    months: tuple[str, ...]
    day: str
    """A whole date, from `{day}`, `{month}` (its name) and `{year}`."""
    first: str
    """How the first day of a month is written in it."""
    short: str
    """Day and month in few signs, for `strftime`."""
    moment: str
    """A date with its time in few signs, for `strftime`."""

    def date(self, iso: str) -> str:
        """`2019-04-11` in words; a month or a year alone stays one."""
        year, month, day = (*iso.split("-"), "", "")[:3]
        if not month:
            return year
        name = self.months[int(month) - 1]
        if not day:
            return f"{name} {year}"
        return self.day.format(day=self.first if int(day) == 1 else int(day), month=name, year=year)

    def number(self, value: float, digits: int | None = None) -> str:
        """A number with so many digits after the decimal mark; as many as it has without `digits`."""
        if digits is not None:
            text = f"{value:,.{digits}f}"
        else:
            text = f"{int(value):,}" if float(value).is_integer() else f"{value:,}"
        return text.translate({ord(","): self.group, ord("."): self.decimal})

    def quoted(self, text: str) -> str:
        """The text in quotation marks."""
        return f"{self.quotes[0]}{text}{self.quotes[1]}"


@cache
def codes() -> tuple[str, ...]:
    """The codes (ISO 639-1) of all languages that have a pack, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


@cache
def pack(code: str) -> LanguagePack:
    """The pack of a language. Raises KeyError for a language that has none, or a pack that lacks a field."""
    path = _FOLDER / f"{code}.yaml"
    if code not in codes():
        raise KeyError(f"no language pack {code!r}; known are {', '.join(codes())}")
    fields: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return LanguagePack(
        code=code,
        name=fields["name"],
        quotes=(fields["quotes"][0], fields["quotes"][1]),
        decimal=fields["numbers"]["decimal"],
        group=fields["numbers"]["group"],
        months=tuple(fields["months"]),
        day=fields["dates"]["day"],
        first=str(fields["dates"]["first"]),
        short=fields["dates"]["short"],
        moment=fields["dates"]["moment"],
    )


def spoken_date(iso: str, language: str) -> str:
    """An ISO date, month or year in the words of a language."""
    return pack(language).date(iso)
