"""The type of answer that a question asks for, where it shows, and whether a sentence holds such a thing."""

import re
from collections.abc import Sequence

_TYPES: dict[str, re.Pattern[str]] = {
    "amount": re.compile(
        r"\b(was kostet|was kosten|wie teuer|wie viel (kostet|geld|euro)|wieviel (kostet|geld|euro)|welcher betrag|wie hoch (ist|sind) (der|die) (preis|kosten|gebühr|beitrag|förder\w*)|how much (does|do|is|money)|what does .{1,40} cost|what is the (price|fee|cost)|how expensive)\b",
        re.IGNORECASE,
    ),
    "date": re.compile(
        r"\b(wann|seit wann|bis wann|an welchem (tag|datum)|in welchem jahr|when|since when|what year|which year|what date)\b",
        re.IGNORECASE,
    ),
    "duration": re.compile(r"\b(wie lange|how long|for how many (years|months))\b", re.IGNORECASE),
    "person": re.compile(r"^(und |and )?(wer|wem|wen|wessen|who|whom|whose|by whom|von wem|für wen)\b", re.IGNORECASE),
    "place": re.compile(r"\b(wo|wohin|woher|where)\b", re.IGNORECASE),
    "number": re.compile(r"\b(wie viele|wieviele|how many|what number of|welche anzahl)\b", re.IGNORECASE),
}
_NUMBER_WORDS = "ein|eine|einen|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend|million\\w*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|dozen\\w*|hundred|thousand|zwanzig|dreißig|hälfte|half"
_HOLDS: dict[str, re.Pattern[str]] = {
    "amount": re.compile(
        r"(\d[\d.,]*\s*(mio|mrd|million|billion|tausend)?\w*\.?\s*(€|euro|eur|dollar|usd|pfund|£|\$|cent|prozent|%)|(€|eur|usd|£|\$)\s*\d|kostenlos|kostenfrei|gratis|free of charge|gebühr|beitrag|kosten|fee|cost)",
        re.IGNORECASE,
    ),
    "date": re.compile(
        r"(\d{1,2}\.\s*\w+\s*\d{4}|\b\d{3,4}\b|\b(januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|january|february|march|may|june|july|october|december)\b|jahrhundert|century|\b(jahr|year|tag|day|montag|sonntag|nach|after|before|vor|während|during|als|when)\w*)",
        re.IGNORECASE,
    ),
    "duration": re.compile(rf"(\d|\b({_NUMBER_WORDS})\b)", re.IGNORECASE),
    "number": re.compile(rf"(\d|\b({_NUMBER_WORDS})\b)", re.IGNORECASE),
}


def answer_type(question: str) -> str | None:
    """The type of answer asked for, where it shows: amount, date, duration, number, person or place."""
    return next((name for name, pattern in _TYPES.items() if pattern.search(question)), None)


def holds_type(name: str, sentences: Sequence[str]) -> bool:
    """Whether any sentence holds such a thing; persons and places have no sure sign and always may."""
    if name not in _HOLDS:
        return True
    return any(_HOLDS[name].search(sentence) for sentence in sentences)
