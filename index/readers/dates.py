"""Dates that people write, as ISO: "14.05.2026", "16 February 2026", "Stand: März 2025"."""

import datetime
import re
from collections.abc import Iterator, Sequence
from functools import cache

from assistant.languages import codes, pack

_AMBIGUOUS = re.compile(r"\d+/\d+/\d+")
_ISO = re.compile(r"(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_MIDNIGHT = re.compile(r"[ T]00:00(?::00)?$")


def iso_of(text: str, languages: Sequence[str]) -> str | None:
    """The date that a text is, and nothing else; of forms that languages read differently those of `languages`."""
    bare = _MIDNIGHT.sub("", text.strip())
    if _ISO.fullmatch(bare):
        return _whole(bare)
    for code in (*languages, *(c for c in codes() if c not in languages)):
        match = _written(code).fullmatch(bare)
        if match and (code in languages or not _AMBIGUOUS.search(bare)):
            return _iso(match, code)
    return None


def stated_in(line: str) -> Iterator[str]:
    """The dates that a line gives as those of its document: behind words such as "Stand" or "as of"."""
    for code in codes():
        for match in _stated(code).finditer(line):
            if date := _iso(match, code):
                yield date


def in_the_future(date: str) -> bool:
    """Whether an ISO date, month or year has not begun."""
    return date > datetime.date.today().isoformat()[: len(date)]


def _whole(iso: str) -> str | None:
    """The date, unless its month has no such day."""
    try:
        return iso if len(iso) < len("2019-04-11") else datetime.date.fromisoformat(iso).isoformat()
    except ValueError:
        return None


def _iso(match: re.Match[str], code: str) -> str | None:
    parts = {"year": "", "number": "", "name": "", "day": ""}
    for key, value in match.groupdict().items():
        name = key.rstrip("0123456789")
        parts[name] = value or parts[name]
    months = [month.lower() for month in pack(code).months]
    month = int(parts["number"]) if parts["number"] else months.index(parts["name"].lower()) + 1
    try:
        date = datetime.date(int(parts["year"]), month, int(parts["day"] or 1)).isoformat()
    except ValueError:
        return None
    return date if parts["day"] else date[:7]


@cache
def _written(code: str) -> re.Pattern[str]:
    own = pack(code)
    return re.compile(own.documents["dated"] % {"months": "|".join(map(re.escape, own.months))}, re.IGNORECASE)


@cache
def _stated(code: str) -> re.Pattern[str]:
    named = pack(code).documents["as_of"]
    return re.compile(rf"(?<!\w){named}[\s:]*(?:{_written(code).pattern})", re.IGNORECASE)
