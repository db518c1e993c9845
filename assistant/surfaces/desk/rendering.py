"""Renders the desk's pages from templates; texts are in texts/, one file a language."""

import datetime
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from assistant.answering.values import LONGEST_QUESTION
from assistant.desk.cited import origins
from assistant.desk.look_up import shortened
from assistant.desk.reply_mail import plain_text
from assistant.languages import codes, language_texts, pack, spoken_date
from assistant.surfaces.desk import plots
from assistant.surfaces.rendering import markdown_html, safe_link
from assistant.surfaces.static_file import StaticFile

FOLDER = Path(__file__).parent
BRIEF = 180
STYLE, SIGN_IN_STYLE, SCRIPT = (
    StaticFile(FOLDER / "desk.css"),
    StaticFile(FOLDER / "sign-in.css"),
    StaticFile(FOLDER / "desk.js"),
)
ASSETS = {file.path.name: file for file in (STYLE, SIGN_IN_STYLE, SCRIPT)}


class Words:
    """The texts of one language: `words("gaps.title", count=3)`. `title` gives the question of an entry or the
    title of a document by its id."""

    def __init__(self, language: str, title: Callable[[str], str | None] = lambda _: None) -> None:
        self.language, self.title = language, title
        self._texts: Mapping[str, str] = language_texts(FOLDER / "texts", language)

    def __call__(self, key: str, **values: object) -> str:
        """A text; an unknown key is a fault of the template."""
        return self._texts[key].strip().format(**values)

    def or_key(self, key: str, name: str) -> str:
        """The text of `key.name`, else the name itself."""
        return self._texts.get(f"{key}.{name}", name).strip()

    def tongue(self, code: str) -> str:
        """What the language calls another."""
        return self._texts.get(f"language.{code}") or pack(code).name

    def named(self, key: str, code: str) -> str:
        """A text that names a language."""
        return self(key, language=self.tongue(code), in_small=self.tongue(code).lower())

    def of(self, code: str) -> "Words":
        """The texts of another language."""
        return Words(code, self.title)

    def date(self, iso: str | None) -> str:
        """A date in words, or that there is none."""
        return spoken_date(iso, self.language) if iso else self("undated")

    def moment(self, moment: datetime.datetime | str | None) -> str:
        """A moment in the server's own time, to the minute."""
        if moment is None or moment == "":
            return "–"
        value = datetime.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return value.astimezone().strftime(pack(self.language).moment)

    def number(self, value: float, digits: int = 0) -> str:
        """A number as the language writes it."""
        return pack(self.language).number(value, digits)

    def short(self, iso: str) -> str:
        """Day and month."""
        return datetime.date.fromisoformat(iso).strftime(pack(self.language).short)

    def finding(self, line: str) -> str:
        """A line of the corpus check in the reader's language."""
        return translated(line, self)


def translated(line: str, words: Words) -> str:
    """A finding of the checks in a language, with titles for ids; as it is where no pattern of findings.yaml fits."""
    for pattern, finding in _findings():
        if match := pattern.match(line):
            return words(
                f"finding.{finding}",
                **{name: _spoken(name, found or "", words) for name, found in match.groupdict().items()},
            )
    return line


def _spoken(name: str, found: str, words: Words) -> str:
    """What a pattern found as people say it: languages and dates in words, titles for ids."""
    if name == "where":
        return ", ".join(words.tongue(part) if part in codes() else part for part in found.split(", "))
    if name == "date":
        return words.date(found) if re.fullmatch(r"\d{4}(-\d\d){0,2}", found) else found
    if name == "quote":
        return found.strip("'\"")
    return words.title(found) or found if name in ("which", "other") else found


@lru_cache(maxsize=4096)
def html_of(markdown: str, language: str) -> Markup:
    """Safe HTML of an answer."""
    return Markup(markdown_html(markdown, language))  # noqa: S704 - cleaned by the renderer


def brief(markdown: str) -> str:
    """The beginning of an answer in one line, cut after a word."""
    return shortened(" ".join(re.sub(r"\s*\[\d+\]", "", plain_text(markdown)).split()), BRIEF)


def render(template: str, language: str, *, title: Callable[[str], str | None] = lambda _: None, **values: Any) -> str:
    """A page or a part of one; `title` names entries and documents by id."""
    return _environment().get_template(template).render(words=Words(language, title), language=language, **values)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    known: dict[str, Any] = {
        "html_of": html_of,
        "brief": brief,
        "origins": origins,
        "safe_link": safe_link,
        "style": STYLE,
        "sign_in_style": SIGN_IN_STYLE,
        "script": SCRIPT,
        "plots": plots,
        "pack": pack,
        "longest_question": LONGEST_QUESTION,
    }
    environment.globals.update(known)
    return environment


@cache
def _findings() -> list[tuple[re.Pattern[str], str]]:
    rows: list[dict[str, str]] = yaml.safe_load((FOLDER / "findings.yaml").read_text(encoding="utf-8"))
    return [(re.compile(row["pattern"], re.DOTALL), row["name"]) for row in rows]
