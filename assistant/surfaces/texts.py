"""The fixed texts of the web surfaces, from chat_window.de.yaml and chat_window.en.yaml."""

from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import yaml

_FOLDER = Path(__file__).parent
LANGUAGES = ("de", "en")


@cache
def surface_texts(language: str) -> dict[str, Any]:
    """All texts of a language."""
    tongue = language if language in LANGUAGES else "de"
    return yaml.safe_load((_FOLDER / f"chat_window.{tongue}.yaml").read_text(encoding="utf-8"))


def surface_text(key: str, language: str) -> str:
    """One text; `a.b` for nested ones."""
    text: Any = surface_texts(language)
    for part in key.split("."):
        text = text[part]
    return str(text).strip()


def page_language(query: bytes | str) -> str:
    """The language that an address asks for with `?lang=`; German without."""
    text = query.decode("latin-1") if isinstance(query, bytes) else query
    wished = parse_qs(text).get("lang", ["de"])[0]
    return wished if wished in LANGUAGES else "de"
