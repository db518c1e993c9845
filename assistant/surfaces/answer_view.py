"""An answer as safe HTML: text, provenance, sources, and what can be done with it; for the chat window. Every value
is escaped or comes from the one renderer."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from assistant.answering.answer import Answer, AnswerStatus, Handover, Source
from assistant.surfaces.rendering import answer_html, highlighted, mail_link, provenance, safe_link, source_date
from assistant.surfaces.texts import surface_text, surface_texts

_PARAGRAPH = re.compile(r"<p>.*?</p>", re.DOTALL)
_MARKED = re.compile(r"<p>(?P<before>.*?)(?P<mark><mark>.*</mark>)(?P<after>.*?)</p>", re.DOTALL)
_SENTENCE_END = re.compile(r"(?<=[.!?:;])\s+(?=[A-ZÀ-ÖØ-Þ„“«0-9])")
_ICONS = {
    "up": '<path d="M7 11v9H4v-9zM7 11l4-8c1.7 0 2.5 1.2 2.2 2.8L12.6 9H18c1.4 0 2.3 1.2 2 2.5l-1.5 6.7c-.2 1-1.1 1.8-2.2 1.8H7"/>',
    "down": '<path d="M17 13V4h3v9zM17 13l-4 8c-1.7 0-2.5-1.2-2.2-2.8l.6-3.2H6c-1.4 0-2.3-1.2-2-2.5l1.5-6.7c.2-1 1.1-1.8 2.2-1.8H17"/>',
    "copy": '<path d="M9 9h11v11H9zM5 15H4V4h11v1"/>',
    "phone": '<path d="M5 4h4l1.5 5-2.3 1.6a12 12 0 0 0 5.2 5.2L15 13.5l5 1.5v4a1 1 0 0 1-1 1C11 20 4 13 4 5a1 1 0 0 1 1-1z"/>',
}


def _text(value: str) -> str:
    return html.escape(value, quote=True)


def _icon(name: str) -> str:
    return f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{_ICONS[name]}</svg>'


def one_line(markup: str) -> str:
    """HTML without line breaks: in Markdown an empty line would end an HTML block."""
    return " ".join(markup.split())


def question_view(question: str, language: str) -> str:
    """What a person asked, as text."""
    label = surface_text("asked", language)
    return one_line(
        f'<div class="asked"><span class="visually-hidden">{_text(label)}: </span>{"<br>".join(_text(line) for line in question.splitlines() if line.strip())}</div>'
    )


def step_view(step: str, language: str) -> str:
    """What is being done, in words."""
    return f'<div class="working">{_text(surface_text(f"steps.{step}", language))}</div>'


def failure_view(language: str, hotline: Handover | None) -> str:
    """The polite text for a fault that has no answer."""
    ways = _ways(hotline.phone, f"mailto:{hotline.email}" if hotline.email else "", language) if hotline else ""
    contact = f'<p class="contact">{ways}</p>' if ways else ""
    return one_line(
        f'<div class="answer declined"><div class="text"><p>{_text(surface_text("failed", language))}</p></div>{contact}</div>'
    )


def answer_view(
    answer: Answer, question: str, page_language: str, hotline: Handover | None, general_notice: str
) -> str:
    """The whole answer. The labels around it are in the page's language, the text in the answer's."""
    anchor = f"q-{answer.answer_id}"
    declined = not answer.sources
    understood = answer.notice.removesuffix(general_notice).strip()
    parts = [
        f'<h2 class="visually-hidden">{_text(surface_text("answer", page_language))}</h2>',
        f'<p class="understood" lang="{answer.language}">{_text(understood)}</p>'
        if understood and understood != answer.notice
        else "",
        f'<div class="text" lang="{answer.language}">{answer_html(answer, anchor)}</div>',
        _provenance(answer, page_language),
        _fold(answer, anchor, page_language),
        _questions("options", surface_text("choose", page_language), answer.options, answer.language),
        _contact(answer, question, page_language) if declined and answer.status is not AnswerStatus.SMALLTALK else "",
        _actions(answer, question, page_language, hotline) if not declined else "",
        _questions(
            "suggestions",
            surface_text("can_answer" if declined else "more", page_language),
            answer.suggestions,
            answer.language,
        ),
    ]
    kind = "answer declined" if declined else "answer"
    shown = _text(question if len(question) <= 80 else f"{question[:77].rstrip()}…")
    head = f'<div class="{kind}" id="a-{_text(answer.answer_id)}" data-answer="{_text(answer.answer_id)}" data-question="{shown}" data-status="{answer.status.value}">'
    return one_line(head + "".join(parts) + "</div>")


def source_cards(answer: Answer, anchor: str, language: str) -> str:
    """The sources: one card a publication, with each quote highlighted in its passage. Ids are `<anchor>-<marker>`."""
    ordered = sorted(answer.sources, key=_publication)
    groups = sorted(
        (list(group) for _, group in groupby(ordered, key=_publication)), key=lambda group: min(s.marker for s in group)
    )
    return "".join(_card(sorted(group, key=lambda s: s.marker), anchor, language) for group in groups)


def _publication(source: Source) -> tuple[str, ...]:
    return (source.title, source.publisher or "", source.url or "", source.as_of or "", source.kind)


def _card(group: Sequence[Source], anchor: str, language: str) -> str:
    first = group[0]
    facts = " · ".join(_text(fact) for fact in (first.publisher, source_date(first, language)) if fact)
    url = safe_link(first.url)
    link = ""
    if url:
        label = _text(surface_text("original_label", language).format(title=first.title))
        link = f'<p class="original"><a href="{_text(url)}" target="_blank" rel="noopener noreferrer" aria-label="{label}">{_text(surface_text("original", language))}</a></p>'
    quotes = "".join(_quote(source, anchor, language) for source in group)
    return f'<div class="card"><h3 lang="{first.language}">{_text(first.title)}</h3><p class="facts">{facts}</p>{quotes}{link}</div>'


def _quote(source: Source, anchor: str, language: str) -> str:
    """A number with the quote and the sentences next to it; the whole passage folds out."""
    label = _text(surface_text("source", language).format(n=source.marker))
    passage = highlighted(source)
    excerpt = _excerpt(passage)
    whole = (
        f'<details class="passage"><summary>{_text(surface_text("whole_passage", language))}</summary><div lang="{source.language}">{passage}</div></details>'
        if excerpt != passage
        else ""
    )
    where = f'<p class="facts">{_text(surface_text("page", language).format(n=source.page))}</p>' if source.page else ""
    body = f'<div class="words" lang="{source.language}">{excerpt}</div>{where}{whole}' if excerpt else where
    return f'<div class="quote" id="{_text(anchor)}-{source.marker}"><span class="number" role="img" aria-label="{label}">{source.marker}</span><div class="held">{body}</div></div>'


def _excerpt(passage: str) -> str:
    """Of a highlighted passage the quote with one sentence before and one after it."""
    found = next((match for p in _PARAGRAPH.findall(passage) if (match := _MARKED.fullmatch(p))), None)
    if found is None:  # no passage, or a quote that spans paragraphs
        return passage
    before, after = _SENTENCE_END.split(found["before"].strip()), _SENTENCE_END.split(found["after"].strip())
    lead = f"… {before[-1]} " if len(before) > 1 else f"{before[0]} " if before[0] else ""
    tail = f" {after[0]} …" if len(after) > 1 else f" {after[0]}" if after[0] else ""
    return f"<p>{lead}{found['mark']}{tail}</p>"


def _provenance(answer: Answer, language: str) -> str:
    line = provenance(answer)
    if not line:
        return ""
    show = f'<button type="button" class="link show-sources" data-act="sources">{_text(surface_text("sources_show", language))}</button>'
    return f'<p class="provenance"><span lang="{answer.language}">{_text(line)}</span> {show}</p>'


def _fold(answer: Answer, anchor: str, language: str) -> str:
    if not answer.sources:
        return ""
    count = len(answer.sources)
    summary = (
        surface_text("sources_one", language) if count == 1 else surface_text("sources_many", language).format(n=count)
    )
    return f'<details class="sources"><summary>{_text(summary)}</summary><div class="cards">{source_cards(answer, anchor, language)}</div></details>'


def _questions(kind: str, label: str, questions: Iterable[str], language: str) -> str:
    """Questions as buttons."""
    buttons = "".join(
        f'<li><button type="button" class="ask" data-ask="{_text(q)}">{_text(q)}</button></li>' for q in questions
    )
    return (
        f'<div class="{kind}"><p class="label">{_text(label)}</p><ul lang="{language}">{buttons}</ul></div>'
        if buttons
        else ""
    )


def _phone(phone: str) -> str:
    return f'<a class="phone" href="tel:{_text(re.sub(r"[^+0-9]", "", phone))}">{_icon("phone")}{_text(phone)}</a>'


def _ways(phone: str, mail: str, language: str) -> str:
    """Links to telephone and e-mail, as far as there are any."""
    written = f'<a class="mail" href="{_text(mail)}">{_text(surface_text("mail", language))}</a>' if mail else ""
    return (_phone(phone) if phone else "") + written


def _contact(answer: Answer, question: str, language: str) -> str:
    """Telephone, prepared e-mail and caller code; the e-mail quotes nothing that was refused for personal data."""
    if answer.handover is None:
        return ""
    private = answer.status is AnswerStatus.PERSONAL_DATA
    mail = f"mailto:{answer.handover.email}" if private else mail_link(answer, question, answer.code)
    links = _ways(answer.handover.phone, mail if answer.handover.email else "", language)
    code = (
        f'<p class="code">{_text(surface_text("code", language).format(code=answer.code))}</p><p class="use">{_text(surface_text("code_use", language))}</p>'
        if answer.code and not private
        else ""
    )
    reason = (
        f'<p class="label" lang="{answer.language}">{_text(answer.handover.reason)}</p>'
        if answer.handover.reason
        else ""
    )
    return f'<div class="contact">{reason}<p class="ways">{links}</p>{code}</div>'


def _actions(answer: Answer, question: str, language: str, hotline: Handover | None) -> str:
    words = surface_texts(language)

    def button(act: str, icon: str, label: str, more: str = "") -> str:
        return f'<button type="button" class="act" data-act="{act}"{more}>{_icon(icon)}<span>{_text(label)}</span></button>'

    reasons = "".join(
        f'<button type="button" class="ask" data-act="reason" data-reason="{_text(key)}">{_text(label)}</button>'
        for key, label in words["reasons"].items()
    )
    handover = answer.handover or hotline
    panel = _contact(replace(answer, handover=replace(handover, reason="")), question, language) if handover else ""
    return (
        '<div class="actions">'
        + (button("up", "up", words["helpful"]) if answer.code else "")
        + (button("down", "down", words["not_helpful"], ' aria-expanded="false"') if answer.code else "")
        + button("copy", "copy", words["copy"])
        + (button("hotline", "phone", words["to_hotline"], ' aria-expanded="false"') if panel else "")
        + "</div>"
        + f'<div class="reasons" hidden role="group" aria-label="{_text(words["why"])}"><p class="label">{_text(words["why"])}</p>{reasons}</div>'
        + '<p class="given" hidden></p>'
        + (f'<div class="hotline" hidden>{panel}</div>' if panel else "")
    )
