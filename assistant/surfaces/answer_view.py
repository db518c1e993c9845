"""An answer as safe HTML, the same on every page: text, what is folded away, provenance, sources, and what can be done
with it. The words are in the templates; every value is escaped or comes from the one renderer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from assistant.answering.answer import Answer, AnswerStatus, Declined, Handover, Source
from assistant.answering.screening import Screen
from assistant.surfaces.rendering import (
    mail_link,
    markdown_html,
    paragraphs,
    provenance,
    quoted_passage,
    safe_link,
    source_date,
    summarised_from,
)
from assistant.surfaces.service import Opened
from assistant.surfaces.texts import surface_text, surface_texts

NO_WAY = "-"
"""Stands for a telephone or e-mail that nobody knows: without an index."""
LONGEST_LABEL = 80
_PARAGRAPH = re.compile(r"<p>.*?</p>", re.DOTALL)
_MARKED = re.compile(r"<p>(?P<before>.*?)(?P<mark><mark>.*</mark>)(?P<after>.*?)</p>", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+(?=[A-ZÀ-ÖØ-Þ„“«0-9])")


@dataclass(frozen=True, slots=True)
class Quote:
    """What a source says: `words` are those that were cited, `whole` the passage around them where it says more."""

    marker: int
    language: str
    page: int | None
    words: Markup
    whole: Markup


@dataclass(frozen=True, slots=True)
class Card:
    """A publication with all that is cited of it."""

    title: str
    language: str
    facts: Sequence[str]
    url: str | None
    quotes: Sequence[Quote]


@dataclass(frozen=True, slots=True)
class Reach:
    """How the hotline is reached: telephone as shown and as dialled, address of a prepared e-mail; empty where there
    is none."""

    phone: str
    mail: str

    @property
    def dial(self) -> str:
        """The telephone number as it is dialled."""
        return dial(self.phone)

    def __bool__(self) -> bool:
        return bool(self.phone or self.mail)


@dataclass(frozen=True, slots=True)
class Shown:
    """A question with its answer as the template shows them."""

    answer: Answer
    question: str
    label: str
    anchor: str
    text: Markup
    more: Markup
    cards: Sequence[Card]
    provenance: str
    understood: str
    reach: Reach
    code: str | None
    told: str
    """The question as it may be passed on: without personal details, empty where nothing else is left."""


def shown(answer: Answer, question: str, language: str, opened: Opened | None) -> Shown:
    """An answer made ready for the template; labels are in the page's language, the text in the answer's. `opened` is
    the index in use."""
    anchor = f"q-{answer.answer_id}"
    markers = {source.marker for source in answer.sources}
    private = answer.status is AnswerStatus.PERSONAL_DATA
    told = "" if private else _without_details(question, opened)
    general_notice = opened.assistant.notice(answer.language) if opened else ""
    understood = answer.notice.removesuffix(general_notice).strip() if general_notice else ""
    return Shown(
        answer=answer,
        question=question,
        label=f"{surface_text('asked', language)}: {shortened(question)}",
        anchor=anchor,
        text=_html(markdown_html(answer.text, answer.language, markers, anchor)),
        more=_html(markdown_html(answer.more or "", answer.language, markers, anchor)),
        cards=_cards(answer.sources, language),
        provenance=provenance(answer),
        understood=understood if understood != answer.notice else "",
        reach=_reach(answer, answer.handover or hotline_of(opened), told),
        code=None if private else answer.code,
        told=told,
    )


def answer_view(turn: Shown, language: str) -> str:
    """An answer as a message of the chat window."""
    return one_line(render("answer.html", language, turn=turn, chat=True, scripted=True, framed=""))


def question_view(question: str, language: str) -> str:
    """What a person asked, as a message of the chat window."""
    return one_line(render("asked.html", language, asked=question))


def step_view(step: str, language: str) -> str:
    """What is being done, in words."""
    return Markup('<div class="working">{}</div>').format(surface_text(f"steps.{step}", language))


def failure_view(language: str, hotline: Handover | None) -> str:
    """The polite text for a fault that has no answer, as a message of the chat window."""
    reach = _plain_reach(hotline)
    return one_line(render("failure.html", language, reach=reach, chat=True, framed=""))


def render(template: str, language: str, **values: Any) -> str:
    """A template of `templates/` in a language."""
    return _TEMPLATES.get_template(template).render(language=language, words=surface_texts(language), **values)


def one_line(markup: str) -> str:
    """HTML without line breaks: in Markdown an empty line would end an HTML block."""
    return " ".join(markup.split())


def shortened(text: str, most: int = LONGEST_LABEL) -> str:
    """A text for a label: one line, not long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def dial(phone: str) -> str:
    """A telephone number as it is dialled."""
    return re.sub(r"[^+0-9]", "", phone)


_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_TEMPLATES.filters["shortened"] = shortened


def hotline_of(opened: Opened | None) -> Handover | None:
    """The hotline of the programme; None without an index."""
    if opened is None:
        return None
    hotline = opened.assistant.programme.hotline
    return Handover(hotline.phone, hotline.email, "")


def _without_details(question: str, opened: Opened | None) -> str:
    screen = Screen(opened.assistant.programme) if opened else None
    if screen is None or not screen.personal_data(question):
        return question
    try:
        return screen.check(question).text
    except Declined:
        return ""


def _reach(answer: Answer, handover: Handover | None, told: str) -> Reach:
    """The ways to the hotline; nothing is prepared in the e-mail where the question cannot be passed on."""
    reach = _plain_reach(handover)
    if handover is None or not told or not reach.mail:
        return reach
    return replace(reach, mail=mail_link(replace(answer, handover=handover), told, answer.code))


def _plain_reach(handover: Handover | None) -> Reach:
    phone, email = (handover.phone, handover.email) if handover else ("", "")
    return Reach("" if phone == NO_WAY else phone, "" if email in ("", NO_WAY) else f"mailto:{email}")


def _cards(sources: Sequence[Source], language: str) -> list[Card]:
    """One card a publication, in the order of their markers."""
    groups = [list(group) for _, group in groupby(sorted(sources, key=_publication), key=_publication)]
    ordered = [sorted(group, key=lambda source: source.marker) for group in groups]
    return [_card(group, language) for group in sorted(ordered, key=lambda group: group[0].marker)]


def _publication(source: Source) -> tuple[str, ...]:
    return (source.title, source.publisher or "", source.url or "", source.as_of or "", summarised_from(source))


def _card(group: Sequence[Source], language: str) -> Card:
    first = group[0]
    told_by = first.publisher
    if origin := summarised_from(first):
        told_by = surface_text("provenance.summary", language).format(name=origin)
    facts = [fact for fact in (told_by, source_date(first, language)) if fact]
    return Card(first.title, first.language, facts, safe_link(first.url), [_quote(source) for source in group])


def _quote(source: Source) -> Quote:
    """Of an original the quote, marked, between the sentences next to it; of a summary the sentence that was cited, as
    what it is: words of ours."""
    whole = quoted_passage(source)
    words = paragraphs(source.quote) if summarised_from(source) and source.quote else _excerpt(whole)
    return Quote(source.marker, source.language, source.page, _html(words), _html(whole if whole != words else ""))


def _excerpt(passage: str) -> str:
    """Of a passage with a marked quote the quote with one sentence before and one after it."""
    found = next((match for p in _PARAGRAPH.findall(passage) if (match := _MARKED.fullmatch(p))), None)
    if found is None:  # no passage, or a quote that spans paragraphs
        return passage
    before, after = _SENTENCE_END.split(found["before"].strip()), _SENTENCE_END.split(found["after"].strip())
    lead = f"… {before[-1]} " if len(before) > 1 else f"{before[0]} " if before[0] else ""
    tail = f" {after[0]} …" if len(after) > 1 else f" {after[0]}" if after[0] else ""
    return f"<p>{lead}{found['mark']}{tail}</p>"


def _html(cleaned: str) -> Markup:
    return Markup(cleaned)  # noqa: S704 - cleaned or escaped by the renderer
