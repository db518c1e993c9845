"""Composes an answer as plain text, and as a complete e-mail reply."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from assistant.answering.answer import Draft, Source
from assistant.languages import language_texts, pack, spoken_date
from index.values import Hotline

FOLDER = Path(__file__).parent / "texts"
ASKED = "\ufffc"
"""Stands in a mail for the caller's question, which is put in when the mail is copied."""


def own_question(typed: str, languages: Sequence[str]) -> str:
    """What was typed in one of the languages as a question to quote; empty for keywords, which nobody has asked
    like this."""
    text = " ".join(typed.split())
    asked_in = next((language for language in languages if _asks(language).match(text)), None)
    if len(text.split()) < 3 or not (text.endswith("?") or asked_in):
        return ""
    mark = _words(asked_in)["asks"]["mark"] if asked_in and text[-1] not in "?!." else ""
    return text[0].upper() + text[1:] + mark


def plain_text(markdown: str) -> str:
    """Markdown as it reads in a plain e-mail; the markers of sources stay."""
    text = re.sub(r"\\\n", "\n", markdown)
    text = re.sub(r"\*\*|__|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)", "", text)
    text = re.sub(r"\[([^\]\d][^\]]*)\]\((https?://[^)\s]+)\)", r"\1 (\2)", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def answer_text(text: str, draft: Draft, language: str) -> str:
    """The answer with its sources below."""
    return "\n".join([plain_text(text), *_source_lines(draft, language)])


def reply_mail(question: str, text: str, draft: Draft | None, language: str, signature: str) -> str:
    """Salutation, question, answer, sources, closing and signature in the caller's language."""
    words = _words(language)
    lines = [
        words["salutation"],
        "",
        words["thanks"],
        pack(language).quoted(question),
        "",
        plain_text(text),
    ]
    sources = _source_lines(draft, language) if draft else []
    return "\n".join(
        [
            *lines,
            *sources,
            "",
            words["closing"],
            *([signature.replace("\\n", "\n").strip()] if signature.strip() else []),
        ]
    )


def nothing_text(language: str, hotline: Hotline) -> str:
    """What is said to a caller where nothing fits."""
    words = _words(language)
    contact = words["contact"][hotline.ways].format(phone=hotline.phone, email=hotline.email)
    return words["nothing"].strip().format(contact=contact)


def _source_lines(draft: Draft, language: str) -> list[str]:
    """Each source once, with the numbers of all statements that rest on it."""
    numbers: dict[str, list[int]] = {}
    for source in draft.sources:
        numbers.setdefault(_source(source, language), []).append(source.marker)
    lines = [f"[{'], ['.join(map(str, markers))}] {text}" for text, markers in numbers.items()]
    return ["", _words(language)["sources"], *lines] if lines else []


def _source(source: Source, language: str) -> str:
    words = _words(language)
    date = words["as_of"].format(date=spoken_date(source.as_of, language)) if source.as_of else words["undated"]
    parts = [source.title, *([source.publisher] if source.publisher and source.publisher != source.title else []), date]
    return ", ".join(parts) + (f"\n    {source.url}" if source.url else "")


def _words(language: str) -> Mapping[str, Any]:
    return language_texts(FOLDER, language)


@cache
def _asks(language: str) -> re.Pattern[str]:
    """How a question begins in a language."""
    asks: Mapping[str, list[str]] = _words(language)["asks"]
    prepositions, words, verbs = (
        "|".join(re.escape(word).replace(r"\*", r"\w*").replace("'", "['’]") for word in asks[kind])
        for kind in ("prepositions", "words", "verbs")
    )
    return re.compile(rf"(?:(?:{prepositions})\s+)?(?:{words})\b|(?:{verbs})\s", re.IGNORECASE)
