"""Composes an answer as plain text, and as a complete e-mail reply."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.answering.answer import Draft, Source
from assistant.answering.composing.figures import spoken_date
from assistant.answering.evidence import Hotline


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
    lines = [words["salutation"], "", words["thanks"], f"„{question}“" if language == "de" else f"“{question}”", "", plain_text(text)]
    sources = _source_lines(draft, language) if draft else []
    return "\n".join([*lines, *sources, "", words["closing"], *([signature.replace("\\n", "\n").strip()] if signature.strip() else [])])


def nothing_text(language: str, hotline: Hotline) -> str:
    """What is said to a caller where nothing fits."""
    return _words(language)["nothing"].strip().format(phone=hotline.phone, email=hotline.email)


def _source_lines(draft: Draft, language: str) -> list[str]:
    if not draft.sources:
        return []
    return ["", f"{_words(language)['sources']}:", *(f"[{s.marker}] {_source(s, language)}" for s in draft.sources)]


def _source(source: Source, language: str) -> str:
    words = _words(language)
    date = words["as_of"].format(date=spoken_date(source.as_of, language)) if source.as_of else words["undated"]
    parts = [source.title, *([source.publisher] if source.publisher and source.publisher != source.title else []), date]
    return ", ".join(parts) + (f"\n    {source.url}" if source.url else "")


@cache
def _words(language: str) -> dict[str, str]:
    texts: dict[str, dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "reply.yaml").read_text(encoding="utf-8"))
    return {key: str(text.get(language) or text["de"]) for key, text in texts.items()}
