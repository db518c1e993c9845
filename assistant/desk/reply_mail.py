"""Composes an answer as plain text, and as a complete e-mail reply."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.answering.answer import Draft, Source
from assistant.answering.composing.figures import spoken_date
from index.values import Hotline

ASKED = "\ufffc"
"""Stands in a mail for the caller's question, which is put in when the mail is copied."""
_ASKS = re.compile(
    r"(?:(?:ab|seit|bis|für|von|mit|in|an|auf|zu|bei|by|for|since|until|from|in)\s+)?(?:was|wer|wem|wen|wie|wo|wofür|womit|woher|wohin|wann|warum|wieso|weshalb|welche[rsnm]?|"
    r"what|who|whom|how|where|when|why|which)\b|"
    r"(?:kann|können|könnte|könnten|muss|müssen|darf|dürfen|gibt|ist|sind|hat|haben|wird|werden|soll|sollen|gilt|gelten|brauch\w*|bekomm\w*|"
    r"can|could|may|must|do|does|did|is|are|was|were|has|have|will|would|should)\s",
    re.IGNORECASE,
)


def own_question(typed: str) -> str:
    """What was typed as a question to quote; empty for keywords, which nobody has asked like this."""
    text = " ".join(typed.split())
    if len(text.split()) < 3 or not (text.endswith("?") or _ASKS.match(text)):
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in "?!." else "?")


def plain_text(markdown: str) -> str:
    """Markdown as it reads in a plain e-mail; the markers of sources stay."""
    text = re.sub(r"\*\*|__|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)", "", markdown)
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
        f"„{question}“" if language == "de" else f"“{question}”",
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
    return _words(language)["nothing"].strip().format(phone=hotline.phone, email=hotline.email)


def _source_lines(draft: Draft, language: str) -> list[str]:
    """Each source once, with the numbers of all statements that rest on it."""
    numbers: dict[str, list[int]] = {}
    for source in draft.sources:
        numbers.setdefault(_source(source, language), []).append(source.marker)
    lines = [f"[{'], ['.join(map(str, markers))}] {text}" for text, markers in numbers.items()]
    return ["", f"{_words(language)['sources']}:", *lines] if lines else []


def _source(source: Source, language: str) -> str:
    words = _words(language)
    date = words["as_of"].format(date=spoken_date(source.as_of, language)) if source.as_of else words["undated"]
    parts = [source.title, *([source.publisher] if source.publisher and source.publisher != source.title else []), date]
    return ", ".join(parts) + (f"\n    {source.url}" if source.url else "")


@cache
def _words(language: str) -> dict[str, str]:
    texts: dict[str, dict[str, Any]] = yaml.safe_load(
        (Path(__file__).parent / "reply.yaml").read_text(encoding="utf-8")
    )
    return {key: str(text.get(language) or text["de"]) for key, text in texts.items()}
