"""The kind of answer that a question asks for, where it shows, and whether a sentence holds such a thing."""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from assistant.languages.packs import pack


@lru_cache(maxsize=100_000)
def answer_type(question: str, languages: tuple[str, ...]) -> str | None:
    """The kind of answer asked for, where it shows: amount, date, duration, number, person or place."""
    return next((name for name, asks in _compiled("asks_for", languages) if asks.search(question)), None)


def holds_type(name: str, sentences: Sequence[str], languages: tuple[str, ...]) -> bool:
    """Whether any sentence holds such a thing; persons and places have no sure sign and always may."""
    signs = dict(_compiled("holds", languages)).get(name)
    return signs is None or any(signs.search(sentence) for sentence in sentences)


@cache
def _compiled(field: str, languages: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    packs = [pack(code) for code in languages]
    names = dict.fromkeys(name for p in packs for name in getattr(p, field))
    return tuple(
        (name, re.compile("|".join(f"(?:{listed})" for p in packs if (listed := getattr(p, field).get(name))), re.I))
        for name in names
    )
