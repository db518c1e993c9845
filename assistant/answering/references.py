"""What a follow-up points to: an earlier turn, a year counted from another, and a name set against another."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.conversation import Turn

_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")
_RETURN = re.compile(
    r"^(?:(?:ok(?:ay)?|gut|so|well|alright|right|schön)[,. ]+)?(?:(?:nun|jetzt|now|nochmal|noch mal|noch einmal|let'?s go|going)\s+)?"
    r"(?:zurück|back(?!\s+(?:in|when|then|at)\b)|returning|nochmal|noch mal|noch einmal|again)(?:\s+(?:zu[mr]?|to|on|auf|wegen|about))?\s*(?P<about>[^:,.?!]{0,60}?)(?:\s*[:,.!]+|\s+[–-])\s*(?P<rest>\S.*)$",
    re.IGNORECASE,
)
_FIRST = re.compile(r"\b(anfang|erste[rnms]?|beginning|start|first|begin)\b", re.IGNORECASE)
_NUMBERS = {
    "ein": 1, "einem": 1, "einen": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10,
    "a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_COUNT = rf"(?P<count>\d{{1,2}}|{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})"
_SHIFTS: tuple[tuple[re.Pattern[str], int], ...] = (
    (re.compile(rf"\b{_COUNT}\s+jahre?\s+(?:später|danach|darauf|drauf)\b|\b{_COUNT.replace('count', 'n')}\s+years?\s+(?:later|after(?: that)?|on)\b", re.IGNORECASE), 1),
    (re.compile(rf"\b{_COUNT}\s+jahre?\s+(?:früher|zuvor|davor|vorher)\b|\b{_COUNT.replace('count', 'n')}\s+years?\s+(?:earlier|before(?: that)?)\b", re.IGNORECASE), -1),
    (re.compile(r"\b(?:im\s+|das\s+)?(?:jahr\s+(?:darauf|drauf|danach)|folgejahr|nächste[sn]?\s+jahr|(?:im\s+)?darauf ?folgenden?\s+jahr)\b|\b(?:in\s+)?the\s+(?:following\s+year|next\s+year|year\s+after(?:\s+that)?|next\s+one)\b", re.IGNORECASE), 1),
    (re.compile(r"\b(?:im\s+|das\s+)?(?:jahr\s+(?:davor|zuvor|vorher)|vorjahr)\b|\b(?:in\s+)?the\s+(?:previous\s+year|year\s+before(?:\s+that)?)\b", re.IGNORECASE), -1),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Referred:
    """The question without its words of return, and the turns with the one returned to at the end."""

    text: str
    turns: tuple[Turn, ...]
    back: bool = False
    """Whether another turn than the last is meant."""


def returned_to(question: str, turns: Sequence[Turn]) -> Referred:
    """ "Zurück zum Silber-Label: wie lange gilt es?" goes on from the turn that spoke of it; without a name from the turn before the last."""
    match = _RETURN.match(question)
    if match is None or not turns:
        return Referred(match["rest"] if match else question, tuple(turns))
    about = {w for w in re.findall(r"[^\W\d_]{4,}", match["about"].lower()) if w not in _EMPTY_WORDS}
    if _FIRST.search(match["about"]) and not about - set(_FIRST.findall(match["about"].lower())):
        chosen = turns[0]
    else:

        def shared(turn: Turn) -> int:
            text = f"{turn.question} {turn.standalone} {turn.topic or ''}".lower()
            return sum(w[:6] in text for w in about)

        best = max(map(shared, turns))
        chosen = (
            next(t for t in reversed(turns) if shared(t) == best)
            if best
            else turns[-2]
            if len(turns) > 1
            else turns[-1]
        )
    return Referred(match["rest"], (*(t for t in turns if t is not chosen), chosen), chosen is not turns[-1])


_EMPTY_WORDS = frozenset(
    "thema frage topic question thing sache things what erste ersten first anfang beginning".split()
)


def shifted_year(question: str, turn: Turn) -> str | None:
    """ "Und drei Jahre später?" with the year that it means, counted from the one asked about before; None where nothing is counted."""
    years = _YEAR.findall(turn.question) or _YEAR.findall(turn.standalone)
    if not years or _YEAR.search(question):
        return None
    for pattern, direction in _SHIFTS:
        if match := pattern.search(question):
            named = match.groupdict()
            count = named.get("count") or named.get("n") or "1"
            steps = int(count) if count.isdigit() else _NUMBERS[count.lower()]
            return f"{question[: match.start()]}{int(years[-1]) + direction * steps}{question[match.end() :]}".strip()
    return None


def exchanged_name(named: str, text: str, groups: Sequence[re.Pattern[str]]) -> str | None:
    """A text with the name that the programme sets against `named` exchanged for it ("Und Gold?"); None where it names none."""
    new = next(((n, m) for n, p in enumerate(groups) if (m := p.search(named))), None)
    if new is None:
        return None
    others = [m for n, p in enumerate(groups) if n != new[0] for m in p.finditer(text)]
    if not others or groups[new[0]].search(text):
        return None
    word = new[1].group()
    for match in sorted(others, key=lambda m: -m.start()):
        old = match.group()
        text = text[: match.start()] + _alike(word, old) + text[match.end() :]
    return text


def _alike(new: str, old: str) -> str:
    """`Bronze` for `Silber-Label` becomes `Bronze-Label`."""
    tail = re.search(r"[- ](label|siegel)\w*$", old, re.IGNORECASE)
    return f"{new}{tail.group()}" if tail and not re.search(r"label|siegel", new, re.IGNORECASE) else new
