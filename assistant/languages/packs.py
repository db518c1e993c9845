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
    moment: str
    """A date with its time in few signs, for `strftime`."""


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
        moment=fields["dates"]["moment"],
    )
