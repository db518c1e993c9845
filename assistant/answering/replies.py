"""Every fixed sentence, from replies/<language>.yaml."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.languages import codes
from index.values import Hotline, Programme, in_language

_FOLDER = Path(__file__).parent / "replies"


@cache
def _texts(language: str) -> dict[str, Any]:
    return yaml.safe_load((_FOLDER / f"{language}.yaml").read_text(encoding="utf-8"))


def reply(key: str, language: str, programme: Programme | None = None, **values: str) -> str:
    """The sentence of a key, `a.b` for nested ones; `{programme}`, `{topics}`, `{contact}` (by phone, e-mail or
    both) come from the programme.

    A sentence that names topics has a form without them (`key_plain`), for a programme that names none.
    """
    topics = in_language(programme.topics, language) if programme and programme.topics else ""
    text = _text(key, language)
    if "{topics}" in text and not topics:
        text = _text(f"{key}_plain", language)
    if programme is not None:
        own = {"programme": in_language(programme.name, language), "topics": topics}
        values = {**own, "contact": _contact(programme.hotline, language), **values}
    return text.format(**values).strip() if values else text.strip()


def _contact(hotline: Hotline, language: str) -> str:
    """How to reach the hotline, by the ways that there are."""
    return _text(f"contact.{hotline.ways}", language).format(phone=hotline.phone, email=hotline.email)


def _text(key: str, language: str) -> str:
    text: Any = _texts(language if language in codes() else codes()[0])
    for part in key.split("."):
        text = text[part]
    return str(text)
