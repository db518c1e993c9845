"""Reads the language packs and checks that each holds every field."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from bm25s import stopwords

_FOLDER = Path(__file__).parent
_LISTS: Mapping[str, Sequence[str]] = {
    name.removeprefix("STOPWORDS_").lower(): words
    for name, words in vars(stopwords).items()
    if name.startswith("STOPWORDS_")
}


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """One language: how it writes things, what it calls them, and the words by which a question shows what it wants."""

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
    stemmer: str
    """The Snowball stemmer's name."""
    stop_words: frozenset[str]
    """Words that carry no subject: the library's list, and question words and auxiliaries beyond it."""
    number_words: Mapping[str, int]
    patterns: Mapping[str, str]
    """Regular expressions by name, each a part for an alternation (case does not matter)."""
    words: Mapping[str, frozenset[str]]
    """Lists of words by name, in small letters."""
    asks_for: Mapping[str, str]
    """How a question shows the kind of answer that it wants: amount, date, duration, number, person or place."""
    holds: Mapping[str, str]
    """How a sentence shows that it holds such a thing, for the kinds that have a sure sign."""
    verdicts: Mapping[str, str]
    """The words that answer a question with yes and with no."""
    opposites: tuple[tuple[str, ...], ...]
    """Pairs of words (as regular expressions) of which exactly one is true of a thing."""
    screening: Mapping[str, tuple[str, ...]]
    """What is answered without a search: attacks, private matters, the wish for a person, small talk by kind."""
    language_names: Mapping[str, tuple[str, ...]]
    """What it calls other languages, by their code."""
    documents: Mapping[str, str]
    """What documents look like in it: names that readers give, lists of words and patterns that they know by."""
    question_lists: Mapping[str, str]
    """What lists of questions and answers look like in it: names of their columns, and what stands for no answer."""
    about_itself: Mapping[str, tuple[str, ...]]
    """How people ask about the assistant itself, by what they want to know."""

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
    if code not in codes():
        raise KeyError(f"no language pack {code!r}; known are {', '.join(codes())}")
    fields: dict[str, Any] = yaml.safe_load((_FOLDER / f"{code}.yaml").read_text(encoding="utf-8"))
    patterns: dict[str, str] = dict(fields["patterns"])
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
        stemmer=fields["stemmer"],
        stop_words=frozenset(_LISTS[fields["stop_words"]]) | frozenset(fields["function_words"].split()),
        number_words=dict(fields["number_words"]),
        patterns=patterns,
        words={name: frozenset(listed.split()) for name, listed in fields["words"].items()},
        asks_for=dict(fields["asks_for"]),
        holds=dict(fields["holds"]),
        verdicts=dict(fields["verdicts"]),
        opposites=tuple(tuple(pair) for pair in fields["opposites"]),
        screening={name: tuple(listed) for name, listed in fields["screening"].items()},
        documents=dict(fields["documents"]),
        question_lists=dict(fields["question_lists"]),
        about_itself={name: tuple(listed) for name, listed in fields["about_itself"].items()},
        language_names={code: tuple(names) for code, names in fields["language_names"].items()},
    )


@cache
def stop_words_of(code: str) -> frozenset[str] | None:
    """The library's list of function words for a language (ISO 639-1), with or without a pack; None where it has
    none."""
    from lingua import IsoCode639_1, Language

    if code in codes():
        return pack(code).stop_words
    name = Language.from_iso_code_639_1(getattr(IsoCode639_1, code.upper())).name.lower()
    return frozenset(_LISTS[name]) if name in _LISTS else None


@cache
def pattern(name: str, languages: tuple[str, ...], around: str = "%s") -> re.Pattern[str]:
    """The patterns of a name in several languages as one; `around` is what stands before and after them."""
    return re.compile(around % f"(?:{'|'.join(pack(code).patterns[name] for code in languages)})", re.IGNORECASE)


@cache
def words(name: str, languages: tuple[str, ...]) -> frozenset[str]:
    """The words of a list in several languages."""
    return frozenset().union(*(pack(code).words[name] for code in languages))


def spoken_date(iso: str, language: str) -> str:
    """An ISO date, month or year in the words of a language."""
    return pack(language).date(iso)
