"""The plain page as HTML. Every value is escaped or comes from the one renderer."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from assistant.answering.replies import reply
from assistant.surfaces.answer_view import Shown, dial, render
from assistant.surfaces.page_frame import ASSETS, PAGES, Frame, asset_address, greeting, newest_date, switch_links
from assistant.surfaces.service import LONGEST_TYPED
from assistant.surfaces.static_file import InlineStyle, StaticFile
from assistant.surfaces.texts import surface_texts
from index.values import starter_questions

FOLDER = Path(__file__).parent / "widget"
STYLE = InlineStyle((ASSETS / "frame.css", FOLDER / "embed.css"))
SCRIPT = StaticFile(FOLDER / "embed.js")


@dataclass(frozen=True, slots=True)
class Place:
    """How the page is seen: its language, and whether inside the widget's frame."""

    language: str
    framed: bool = False

    @property
    def framed_too(self) -> Markup:
        """What keeps an address inside the frame, as HTML."""
        return Markup("&amp;frame=1") if self.framed else Markup()


@dataclass(frozen=True, slots=True)
class Content:
    """What a page shows beside its frame."""

    turn: Shown | None = None
    earlier: Sequence[str] = ()
    conversation: str = ""
    thanks: str = ""
    fault: str = ""
    prefilled: str = ""
    title: str = ""


def fragment(turn: Shown, place: Place) -> str:
    """A question with its answer alone, for embed.js."""
    return render("answer.html", place.language, turn=turn, chat=False, scripted=True, framed=place.framed_too)


def page(frame: Frame, place: Place, content: Content) -> str:
    """The whole page."""
    hotline = frame.programme.hotline if frame.programme else None
    words = surface_texts(place.language)
    title = words["title"].format(programme=frame.name)
    values: dict[str, Any] = {
        "picture": asset_address("icon.svg"),
        "style": STYLE.text,
        "script": SCRIPT.address,
        "title": f"{content.title} – {title}" if content.title else title,
        "switch": Markup(switch_links(frame.others, "/embed", place.framed_too)),  # noqa: S704 - HTML of ours
        "name": frame.name,
        "demonstrator": "" if frame.programme and frame.programme.official else reply("demonstrator", place.language),
        "stand": words["stand"].format(date=newest_date(frame)) if frame.programme else words["no_index"],
        "greeting": greeting(frame),
        "starters": starter_questions(frame.programme, frame.language) if frame.programme else [],
        "pages": PAGES,
        "longest": LONGEST_TYPED,
        "phone": hotline.phone if hotline else "",
        "dial": dial(hotline.phone) if hotline else "",
        "email": hotline.email if hotline else "",
    }
    values |= {name: getattr(content, name) for name in Content.__slots__ if name != "title"}
    return render("embed.html", place.language, chat=False, scripted=False, framed=place.framed_too, **values)
