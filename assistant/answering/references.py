"""What a follow-up points to: an earlier turn, a year counted from another, and a name set against another."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from assistant.answering.values import Turn
from assistant.languages import pack, pattern, words

YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_WORD = re.compile(r"[^\W\d_]{4,}")


@dataclass(frozen=True, slots=True)
class Referred:
    """The question without its words of return, and the turns with the one returned to at the end."""

    text: str
    turns: tuple[Turn, ...]
    back: bool = False
    """Whether another turn than the last is meant."""


def returned_to(question: str, turns: Sequence[Turn], languages: tuple[str, ...]) -> Referred:
    """ "Zurück zum Malkurs: wie lange dauert er?" goes on from the turn that spoke of it; without a name from
    the turn before the last."""
    match = _returning(languages).match(question)
    if match is None or not turns:
        return Referred(match["rest"] if match else question, tuple(turns))
    about = set(_WORD.findall(match["about"].lower())) - words("returning", languages)
    if not about and pattern("first_topic", languages, r"\b%s\b").search(match["about"]):
        chosen = turns[0]
    else:

        def shared(turn: Turn) -> int:
            text = f"{turn.question} {turn.standalone} {turn.topic or ''}".lower()
            return sum(w[:6] in text for w in about)

        best = max(map(shared, turns))
        before = turns[-2] if len(turns) > 1 else turns[-1]
        chosen = next(t for t in reversed(turns) if shared(t) == best) if best else before
    return Referred(match["rest"], (*(t for t in turns if t is not chosen), chosen), chosen is not turns[-1])


@cache
def _returning(languages: tuple[str, ...]) -> re.Pattern[str]:
    returns, courtesy = (pattern(name, languages).pattern for name in ("returns", "courtesy"))
    return re.compile(
        rf"^(?:{courtesy}[,. ]+)?{returns}\s*(?P<about>[^:,.?!]{{0,60}}?)(?:\s*[:,.!]+|\s+[–-])\s*(?P<rest>\S.*)$",
        re.IGNORECASE,
    )


def shifted_year(question: str, turn: Turn, languages: tuple[str, ...]) -> str | None:
    """ "Und drei Jahre später?" with the year that it means, counted from the one asked about before; None where
    nothing is counted."""
    years = YEAR.findall(turn.question) or YEAR.findall(turn.standalone)
    if not years or YEAR.search(question):
        return None
    for language in languages:
        numbers = pack(language).number_words
        for name, direction in (("year_after", 1), ("year_before", -1)):
            if match := _counted(name, language).search(question):
                count = (match["count"] or "1").lower()
                steps = int(count) if count.isdigit() else numbers[count]
                year = int(years[-1]) + direction * steps
                return f"{question[: match.start()]}{year}{question[match.end() :]}".strip()
    return None


@cache
def _counted(name: str, language: str) -> re.Pattern[str]:
    """A year counted from another, with the number of years as `count` where one is named."""
    numbers = "|".join(sorted(pack(language).number_words, key=len, reverse=True))
    counted = pack(language).patterns[name] % {"count": rf"(?P<count>\d{{1,2}}|{numbers})"}
    return re.compile(rf"\b{counted}", re.IGNORECASE)


def exchanged_name(named: str, text: str, groups: Sequence[re.Pattern[str]]) -> str | None:
    """A text with the name that the programme sets against `named` exchanged for it ("Und Freitag?"); None where it
    names none."""
    new = next(((n, m) for n, p in enumerate(groups) if (m := p.search(named))), None)
    if new is None:
        return None
    others = [m for n, p in enumerate(groups) if n != new[0] for m in p.finditer(text)]
    if not others or groups[new[0]].search(text):
        return None
    word = new[1].group()
    for match in sorted(others, key=lambda m: -m.start()):
        text = text[: match.start()] + _alike(word, match.group()) + text[match.end() :]
    return text


def _alike(new: str, old: str) -> str:
    """`Malen` for `Koch-Kurs` becomes `Malen-Kurs`: what is joined to the old name is joined to the new one."""
    joined = re.search(r"[- ]\w+$", old)
    return f"{new}{joined.group()}" if joined and not re.search(r"[- ]", new) else new
