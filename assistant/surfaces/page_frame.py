"""The frame of all our HTML pages: head, header with programme and language switch, footer with the operator's
pages and the hotline."""

import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.answering.replies import reply
from assistant.languages import pack, spoken_date
from assistant.surfaces.service import Opened
from assistant.surfaces.texts import spoken_languages, surface_text
from index.values import Programme

ASSETS = Path(__file__).parent / "assets"
PAGES = ("imprint", "privacy", "accessibility")


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page's content: language, programme and the newest date of its documents; programme is None
    where no index is loaded."""

    language: str
    programme: Programme | None
    newest: str | None

    @property
    def name(self) -> str:
        """The programme's name."""
        names = self.programme.name if self.programme else {}
        return names.get(self.language) or next(iter(names.values()), "Clusterlotse")

    @property
    def others(self) -> tuple[str, ...]:
        """The languages that the page can be switched to."""
        return tuple(language for language in spoken_languages(self.programme) if language != self.language)


def frame_of(opened: Opened | None, language: str) -> Frame:
    """The frame for the index in use."""
    if opened is None:
        return Frame(language, None, None)
    return Frame(language, opened.assistant.programme, opened.state.newest)


@cache
def asset_address(name: str) -> str:
    """The address of an asset, with its digest so that it can be cached."""
    digest = hashlib.sha256((ASSETS / name).read_bytes()).hexdigest()[:12]
    return f"/surface/{name}?v={digest}"


def page(frame: Frame, *, title: str, head: str, content: str, path: str) -> str:
    """A whole HTML page; `head` and `content` are HTML, `path` is where the language switch leads."""
    words = {
        key: html.escape(surface_text(key, frame.language), quote=True)
        for key in ("subtitle", "footer", "hotline", "skip", "automatic")
    }
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">'
        f'<title>{html.escape(title)}</title><link rel="icon" href="{asset_address("icon.svg")}" type="image/svg+xml">'
        f'<link rel="stylesheet" href="{asset_address("frame.css")}">{head}'
    )
    brand = (
        f'<div class="brand"><p class="subtitle">{words["subtitle"]}</p>'
        f'<p class="name"><a href="/?lang={frame.language}">{html.escape(frame.name)}</a></p></div>'
    )
    top = (
        f'{_demonstrator(frame)}<div class="top"><div class="band">{brand}{switch_links(frame.others, path)}'
        f'<p class="automatic">{words["automatic"]} {_stand(frame)}</p></div></div>'
    )
    bottom = (
        f'<div class="band"><nav aria-label="{words["footer"]}"><ul>{_links(frame)}</ul></nav>'
        f"{_hotline(frame, words['hotline'])}</div>"
    )
    return (
        f'<!doctype html><html lang="{frame.language}"><head>{head}</head>'
        f'<body><a class="skip" href="#content">{words["skip"]}</a><header>{top}</header>'
        f'{content}<footer class="bottom">{bottom}</footer></body></html>'
    )


def greeting(frame: Frame) -> str:
    """What the empty page says first: the programme's own words, or ours."""
    words = (frame.programme.greeting if frame.programme else None) or {}
    return words.get(frame.language) or surface_text("greeting", frame.language)


def switch_links(others: Sequence[str], path: str, more: str = "") -> str:
    """A link to the same page in each of the other languages; `more` is HTML that follows the language in the
    address."""
    links = "".join(
        f'<a class="switch" href="{html.escape(path)}?lang={other}{more}" lang="{other}" hreflang="{other}" aria-label='
        f'"{html.escape(surface_text("switch_label", other), quote=True)}">{html.escape(pack(other).name)}</a>'
        for other in others
    )
    return links if len(others) < 2 else f'<span class="switches">{links}</span>'


def _demonstrator(frame: Frame) -> str:
    if frame.programme is not None and frame.programme.official:
        return ""
    return f'<p class="demonstrator" role="note">{html.escape(reply("demonstrator", frame.language))}</p>'


def _stand(frame: Frame) -> str:
    if frame.programme is None:
        return html.escape(surface_text("no_index", frame.language))
    stand = surface_text("stand", frame.language).format(date=newest_date(frame))
    return f'<span class="stand">{html.escape(stand)}</span>'


def newest_date(frame: Frame) -> str:
    """The newest date of the documents in words."""
    if frame.newest is None:
        return surface_text("undated_index", frame.language)
    return spoken_date(frame.newest, frame.language)


def _links(frame: Frame) -> str:
    names = {name: html.escape(surface_text(f"pages.{name}", frame.language)) for name in PAGES}
    return "".join(f'<li><a href="/pages/{name}?lang={frame.language}">{text}</a></li>' for name, text in names.items())


def _hotline(frame: Frame, label: str) -> str:
    if frame.programme is None:
        return ""
    hotline = frame.programme.hotline
    number = re.sub(r"[^+0-9]", "", hotline.phone)
    phone, email = html.escape(hotline.phone, quote=True), html.escape(hotline.email, quote=True)
    ways = [f'<a href="tel:{number}">{phone}</a>'] if phone else []
    ways += [f'<a href="mailto:{email}">{email}</a>'] if email else []
    return f'<p class="hotline-line">{label}: {" · ".join(ways)}</p>'
