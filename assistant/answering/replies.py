"""Every fixed sentence, from replies.de.yaml and replies.en.yaml."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from index.values import Programme, in_language

_FOLDER = Path(__file__).parent


@cache
def _texts(language: str) -> dict[str, Any]:
    return yaml.safe_load((_FOLDER / f"replies.{language}.yaml").read_text(encoding="utf-8"))


def reply(key: str, language: str, programme: Programme | None = None, **values: str) -> str:
    """The sentence of a key, `a.b` for nested ones; `{programme}`, `{phone}` and `{email}` come from the programme."""
    text: Any = _texts(language if language in ("de", "en") else "en")
    for part in key.split("."):
        text = text[part]
    if programme is not None:
        values = {
            "programme": in_language(programme.name, language),
            "phone": programme.hotline.phone,
            "email": programme.hotline.email,
            **values,
        }
    return str(text).format(**values).strip() if values else str(text).strip()


def replies(key: str, language: str) -> list[str]:
    """A list of words or sentences."""
    text: Any = _texts(language if language in ("de", "en") else "en")
    for part in key.split("."):
        text = text[part]
    return [str(item) for item in text]
