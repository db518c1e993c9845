"""The plain page and its answers as HTML, from the templates in `widget/`. Every value is escaped or comes from the
one renderer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.answering.answer import Answer, AnswerStatus, Handover
from assistant.answering.replies import reply
from assistant.surfaces.answer_view import question_view, source_cards
from assistant.surfaces.page_frame import ASSETS, PAGES, Frame, asset_address, newest_date, switch_links
from assistant.surfaces.rendering import answer_html, mail_link, provenance
from assistant.surfaces.static_file import InlineStyle, StaticFile
from assistant.surfaces.texts import surface_text, surface_texts
from index.values import starter_questions

FOLDER = Path(__file__).parent / "widget"
STYLE = InlineStyle((ASSETS / "frame.css", FOLDER / "embed.css"))
SCRIPT = StaticFile(FOLDER / "embed.js")
NO_PHONE = "-"
LONGEST_LABEL = 80
_TEMPLATES = Environment(
    loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
)


@dataclass(frozen=True, slots=True)
class Place:
    """How the page is seen: its language, and whether inside the widget's frame."""

    language: str
    framed: bool = False

    def values(self) -> dict[str, Any]:
        """What every template takes."""
        return {
            "language": self.language,
            "words": surface_texts(self.language),
            "framed": self.framed_too,
        }

    @property
    def framed_too(self) -> Markup:
        """What keeps an address inside the frame, as HTML."""
        return Markup("&amp;frame=1") if self.framed else Markup()


@dataclass(frozen=True, slots=True)
class Shown:
    """A question with its answer as the template shows them; `question`, `text` and `cards` are safe HTML."""

    answer: Answer
    label: str
    question: str
    text: str
    cards: str
    provenance: str
    understood: str
    declined: bool
    phone: str
    dial: str
    mail: str
    code: str | None
    reason: str


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


def shown(answer: Answer, question: str, language: str, hotline: Handover | None, general_notice: str) -> Shown:
    """An answer made ready for the template; labels are in the page's language, the text in the answer's."""
    anchor = f"q-{answer.answer_id}"
    private = answer.status is AnswerStatus.PERSONAL_DATA
    handover = answer.handover or hotline
    phone = handover.phone if handover and handover.phone != NO_PHONE else ""
    mail = ""
    if handover and handover.email not in ("", NO_PHONE):
        mail = (
            f"mailto:{handover.email}"
            if private
            else mail_link(replace(answer, handover=handover), question, answer.code)
        )
    understood = answer.notice.removesuffix(general_notice).strip() if general_notice else ""
    return Shown(
        answer=answer,
        label=f"{surface_text('asked', language)}: {shortened(question)}",
        question=question_view(question, language),
        text=answer_html(answer, anchor),
        cards=source_cards(answer, anchor, language),
        provenance=provenance(answer),
        understood=understood if understood != answer.notice else "",
        declined=not answer.sources,
        phone=phone,
        dial=dial(phone),
        mail=mail,
        code=None if private else answer.code,
        reason=answer.handover.reason if answer.handover and not answer.sources else "",
    )


def fragment(turn: Shown, place: Place) -> str:
    """A question with its answer alone, for embed.js."""
    return _TEMPLATES.get_template("answer.html").render(turn=turn, scripted=True, **place.values())


def page(frame: Frame, place: Place, content: Content) -> str:
    """The whole page."""
    hotline = frame.programme.hotline if frame.programme else None
    words = surface_texts(place.language)
    greetings = (frame.programme.greeting if frame.programme else None) or {}
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
        "greeting": greetings.get(place.language) or words["greeting"],
        "starters": starter_questions(frame.programme, frame.language) if frame.programme else [],
        "pages": PAGES,
        "phone": hotline.phone if hotline else "",
        "dial": dial(hotline.phone) if hotline else "",
        "email": hotline.email if hotline else "",
    }
    shown_content = {name: getattr(content, name) for name in Content.__slots__ if name != "title"}
    return _TEMPLATES.get_template("embed.html").render(scripted=False, **place.values(), **values, **shown_content)


def shortened(text: str) -> str:
    """A text for a label: one line, not long."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_LABEL else f"{line[: LONGEST_LABEL - 1].rstrip()}…"


def dial(phone: str) -> str:
    """A telephone number as it is dialled."""
    return re.sub(r"[^+0-9]", "", phone)
