"""An answer as every surface shows it: what folds, what is marked as a quote, where the hotline stands."""

import re
import urllib.parse
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus, Handover, Source
from assistant.answering.values import LONGEST_QUESTION
from assistant.desk.reply_mail import plain_text
from assistant.languages import codes
from assistant.surfaces import plain_view
from assistant.surfaces.answer_view import answer_view, shown
from assistant.surfaces.page_frame import Frame
from assistant.surfaces.plain_view import Content, Place
from assistant.surfaces.rendering import LONGEST_LINK, mail_link
from assistant.surfaces.service import LONGEST_TYPED
from assistant.surfaces.terminal import print_answer
from assistant.surfaces.texts import surface_text
from index.values import Hotline, Programme

HOTLINE = Handover("+49 30 1234567", "hilfe@example.org", "")
REASON = "Dazu hilft die Hotline."
PASSAGE = "Der Kurs ist neu. Er kostet 5 Euro. Er dauert einen Tag."
ORIGINAL = Source(
    1, "kurs", "Kurs", "Amt", None, None, None, "2025-09-04", "de", "original", "Er kostet 5 Euro.", PASSAGE
)
SUMMARY = replace(ORIGINAL, marker=2, document="bericht", title="Bericht", publisher="Verband", kind="summary")
ANSWER = Answer(
    AnswerStatus.ANSWERED,
    AnswerMode.CURATED,
    "de",
    "Der Kurs kostet 5 Euro. [1]",
    "Hinweis",
    more="Er dauert **einen** Tag. [2]",
    sources=(ORIGINAL, SUMMARY),
    code="K7M2-QX9A",
)
PROGRAMME = Programme({"de": "Probe"}, Hotline(HOTLINE.phone, HOTLINE.email), ("de", "en"))
OPENED: Any = SimpleNamespace(assistant=SimpleNamespace(programme=PROGRAMME, notice=lambda _: "Hinweis"))
KINDS = ("chat window", "plain page", "plain page without script")


def pages(answer: Answer, question: str = "Was kostet der Kurs?", language: str = "de") -> dict[str, str]:
    """The answer on each page that shows one."""
    turn, place = shown(answer, question, language, OPENED), Place(language)
    whole = plain_view.page(Frame(language, None, None), place, Content(turn=turn))
    views = (answer_view(turn, language), plain_view.fragment(turn, place), whole[whole.index('<div id="talk">') :])
    return {kind: " ".join(view.split()) for kind, view in zip(KINDS, views, strict=True)}


@pytest.mark.parametrize("language", codes())
def test_the_rest_folds_where_there_is_a_script_and_is_open_where_there_is_none(language: str) -> None:
    for kind, page in pages(ANSWER, language=language).items():
        (fold,) = re.findall(r'<details class="more"( open)?><summary>(.*?)</summary>(.*?)</details>', page)
        assert fold[0].strip() == ("open" if kind == KINDS[2] else "")
        assert fold[1] == surface_text("more", language)
        assert "Er dauert <strong>einen</strong>" in fold[2]
        assert page.index('<details class="more"') < page.index('<p class="provenance">')


def test_an_answer_without_a_rest_has_nothing_to_unfold() -> None:
    for page in pages(replace(ANSWER, more=None)).values():
        assert 'class="more"' not in page


def test_markers_of_the_rest_lead_to_the_same_cards() -> None:
    for page in pages(ANSWER).values():
        assert re.findall(r'<a class="marker" href="#(\S+?)"', page) == re.findall(r'class="quote" id="(\S+?)"', page)


def test_only_the_words_of_an_original_are_marked_as_a_quote() -> None:
    for page in pages(ANSWER).values():
        original, summary = (part.split('<div class="actions">')[0] for part in page.split('<div class="card">')[1:])
        assert "<p>Der Kurs ist neu. <mark>Er kostet 5 Euro.</mark> Er dauert einen Tag.</p>" in original
        assert "zusammengefasst" not in original
        assert "<mark>" not in summary
        assert '<p class="facts">zusammengefasst nach Verband · Stand: 4. September 2025</p>' in summary
        assert "<p>Er kostet 5 Euro.</p>" in summary
        assert f"<p>{PASSAGE}</p>" in summary


def test_a_summary_without_publisher_is_named_by_its_title_and_an_address_alone_is_none() -> None:
    alone = Source(1, None, "Gesetz", "Bund", None, "https://example.org", None, None, "de", "original", None)
    titled = replace(SUMMARY, publisher=None)
    page = pages(replace(ANSWER, sources=(alone, titled)))["chat window"]
    assert '<p class="facts">Bund · Stand nicht angegeben</p>' in page
    assert "zusammengefasst nach Bericht · " in page


def test_the_terminal_shows_the_rest_under_a_line_and_quotes_originals_only(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(replace(ANSWER, text="**Was kostet er?**\\\n5 Euro. [1]"))
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["Was kostet er?", "5 Euro. [1]"]
    assert re.fullmatch(r"Mehr dazu ─+", lines[2])
    assert lines[3] == "Er dauert einen Tag. [2]"
    assert "    „Er kostet 5 Euro.“" in lines
    assert "    zusammengefasst nach Verband: Er kostet 5 Euro." in lines


def test_the_mail_to_the_hotline_holds_the_whole_answer() -> None:
    body = urllib.parse.unquote(mail_link(replace(ANSWER, handover=HOTLINE), "Was kostet er?", "K7M2-QX9A"))
    assert body.endswith("Der Kurs kostet 5 Euro.\n\nEr dauert einen Tag.\n\nGesprächscode: K7M2-QX9A")


@pytest.mark.parametrize("question", ["Was kostet er?", "Sehr geehrte Damen und Herren, " + "ä" * 1900])
def test_a_mail_is_never_longer_than_mail_programs_take(question: str) -> None:
    answer = replace(ANSWER, more="Ö" * 900, handover=HOTLINE)
    link = mail_link(answer, question, "K7M2-QX9A")
    assert len(link) <= LONGEST_LINK
    body = urllib.parse.unquote(link)
    assert question[:30] in body
    assert "Der Kurs kostet 5 Euro." in body
    assert body.endswith("K7M2-QX9A")


IBAN = "DE89 3704 0044 0532 0130 00"


def test_personal_details_are_not_passed_on_where_the_question_was_answered_without_them() -> None:
    question = f"Guten Tag, meine IBAN ist {IBAN}. Was kostet der Kurs?"
    for answer in (ANSWER, replace(ANSWER, sources=(), handover=HOTLINE)):
        for page in pages(answer, question).values():
            (mail,) = re.findall(r'href="mailto:([^"]*)"', page)
            assert "Was kostet der Kurs?" in urllib.parse.unquote(mail)
            assert "0532" not in mail
    whole = plain_view.page(
        Frame("de", None, None), Place("de"), Content(title=shown(ANSWER, question, "de", OPENED).told)
    )
    assert "0532" not in whole


def test_what_is_refused_for_personal_details_is_not_put_into_the_mail() -> None:
    refused = replace(ANSWER, status=AnswerStatus.PERSONAL_DATA, sources=(), more=None, handover=HOTLINE)
    for page in pages(refused, f"Meine IBAN ist {IBAN}").values():
        assert 'href="mailto:hilfe@example.org"' in page


def test_what_nobody_knows_is_an_answer_with_its_sources_and_the_hotline() -> None:
    unknown = replace(
        ANSWER,
        status=AnswerStatus.NO_EVIDENCE,
        more=None,
        handover=replace(HOTLINE, reason=REASON),
        suggestions=("A?",),
    )
    for page in pages(unknown).values():
        assert '<article class="answer" ' in page
        assert 'class="provenance"' in page
        assert page.count('href="tel:+49301234567"') == 1
        assert page.index('<div class="contact">') < page.index('<div class="actions">')
        assert "Hilfreich" in page
        assert REASON not in page, "the answer has said so itself"
        assert "Das könnte Sie auch interessieren" in page


def test_what_nobody_knows_without_a_source_is_a_friendly_decline() -> None:
    unknown = replace(
        ANSWER, status=AnswerStatus.NO_EVIDENCE, text="Unbekannt.", more=None, sources=(),
        handover=replace(HOTLINE, reason=REASON), suggestions=("A?",),
    )  # fmt: skip
    for page in pages(unknown).values():
        assert '<article class="answer declined"' in page
        assert f"{REASON}</p>" in page
        assert 'href="tel:+49301234567"' in page
        assert 'class="actions"' not in page
        assert "Dazu kann ich Auskunft geben" in page


@pytest.mark.parametrize(
    "status", [s for s in AnswerStatus if s not in (AnswerStatus.ANSWERED, AnswerStatus.SMALLTALK)]
)
@pytest.mark.parametrize("sources", [(), (ORIGINAL,)])
def test_the_hotline_stands_open_wherever_an_answer_names_it(status: AnswerStatus, sources: Any) -> None:
    for page in pages(replace(ANSWER, status=status, sources=sources, more=None, handover=HOTLINE)).values():
        assert len(re.findall(r'<div class="contact">.*?href="tel:\+49301234567"', page)) == 1
        assert 'class="panel contact"' not in page, "it is named once"
        private = status is AnswerStatus.PERSONAL_DATA
        assert ("K7M2-QX9A" in page) is not private
        assert ('href="mailto:hilfe@example.org"' in page) is private


def test_an_answer_that_needs_no_hotline_folds_it() -> None:
    for page in pages(ANSWER).values():
        assert '<div class="contact">' not in page
        assert '<div class="panel contact">' in page
    small = replace(ANSWER, status=AnswerStatus.SMALLTALK, sources=(), more=None)
    assert not any("tel:" in page.split("<footer")[0] for page in pages(small).values())


def test_options_are_buttons_that_work_on_each_page() -> None:
    asked = replace(ANSWER, status=AnswerStatus.CLARIFY, sources=(), more=None, options=('Was ist "A"?', "Was ist B?"))
    found = pages(asked)
    assert '<button class="ask" type="button" data-ask="Was ist &#34;A&#34;?">' in found["chat window"]
    for kind in KINDS[1:]:
        assert '<button class="ask" form="ask" name="choice" value="Was ist B?" formnovalidate>' in found[kind]
    assert '<form id="ask"' in found[KINDS[2]]


def test_a_field_takes_more_than_a_question_may_have() -> None:
    page = plain_view.page(Frame("de", None, None), Place("de"), Content())
    assert f'maxlength="{LONGEST_TYPED}"' in page
    assert LONGEST_TYPED > LONGEST_QUESTION == 2000


def test_a_pasted_mail_is_asked_again_by_a_short_button() -> None:
    mail = "Guten Tag, " + "wir fragen uns, " * 60 + "was kostet der Kurs?"
    page = plain_view.page(Frame("de", None, None), Place("de"), Content(earlier=(mail,)))
    (button,) = re.findall(r'value="Guten Tag, [^"]*kostet der Kurs\?" formnovalidate>(.*?)</button>', page)
    assert len(button) <= 300


def test_a_line_break_within_an_answer_is_one_in_a_mail() -> None:
    assert plain_text("**Wer?**\\\nAlle. [1]\n\n**Was?**\\\nAlles.") == "Wer?\nAlle. [1]\n\nWas?\nAlles."


def test_nothing_that_is_typed_or_told_becomes_markup() -> None:
    evil = "<img src=x onerror=alert(1)>\"'"
    hostile = replace(
        ANSWER, text=evil, more=evil, options=(evil,), suggestions=(evil,), notice=f"{evil} Hinweis", code=evil,
        sources=(replace(ORIGINAL, title=evil, publisher=evil, quote=evil, context=evil, url="javascript:alert(1)"),),
        handover=Handover(evil, evil, evil),
    )  # fmt: skip
    for page in pages(hostile, evil).values():
        assert "<img" not in page
        assert not re.search(r'(?:value|data-ask|data-question|href)="[^"]*"\'', page)
        assert 'href="javascript' not in page
