"""The fixed texts of the web surfaces, one file a language in `texts/`, and which of the programme's languages a
page is in."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from assistant.languages import codes, language_texts
from index.values import Programme

FOLDER = Path(__file__).parent / "texts"


def surface_texts(language: str) -> dict[str, Any]:
    """All texts of a language."""
    return language_texts(FOLDER, language)


def surface_text(key: str, language: str) -> str:
    """One text; `a.b` for nested ones."""
    text: Any = surface_texts(language)
    for part in key.split("."):
        text = text[part]
    return str(text).strip()


def spoken_languages(programme: Programme | None) -> tuple[str, ...]:
    """The languages of a programme, the default first; all that there are where no programme is known."""
    return programme.languages if programme else codes()


def offered_language(wished: str | None, languages: Sequence[str]) -> str:
    """The language wished for where it is offered, else the first."""
    return wished if wished is not None and wished in languages else languages[0]


def page_language(query: bytes | str, languages: Sequence[str]) -> str:
    """The language that an address asks for with `?lang=`."""
    text = query.decode("latin-1") if isinstance(query, bytes) else query
    return offered_language(parse_qs(text).get("lang", [""])[0], languages)
