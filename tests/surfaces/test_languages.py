"""A programme in three languages: every page in each, links to the others, and nothing left in another language."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from desk_app import PASSWORD, Live, Served, csrf, served_with
from fastapi import FastAPI
from fastapi.testclient import TestClient
from support import ROOT, SmallCorpus
from three_languages import QUESTIONS, TEXTS, three_languages

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus, Handover, Source
from assistant.desk.drafting import form_of, row_of
from assistant.desk.look_up import counterparts
from assistant.desk.reply_mail import own_question, reply_mail
from assistant.languages import codes, language_texts, pack
from assistant.settings import Settings
from assistant.surfaces.desk.rendering import FOLDER as DESK
from assistant.surfaces.desk.rendering import Words
from assistant.surfaces.desk.routes import add_desk
from assistant.surfaces.plain_page import WIDGET
from assistant.surfaces.rendering import mail_link, provenance
from assistant.surfaces.texts import FOLDER as SURFACES
from assistant.surfaces.texts import surface_text
from index.embedder import Embedder

SPOKEN = ("de", "en", "fr")
ACCOUNTS = ("agent", "editor", "admin")


@dataclass
class Three:
    """The application of the programme in three languages, without and with its desk."""

    served: Served
    public: TestClient


@pytest.fixture(scope="module")
def three(embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Three]:
    corpus = three_languages(SmallCorpus(tmp_path_factory.mktemp("three"), embedder))
    assert not corpus.build().rejected
    live = Live(Settings(data=ROOT / "var", corpus=corpus.folder), corpus.index)
    served = served_with(live, tmp_path_factory.mktemp("records"))
    with TestClient(served.app, base_url="https://desk.example") as public:
        yield Three(served, public)


def spoken_in(page: str) -> str:
    found = re.search(r'<html lang="([a-z]+)"', page)
    assert found is not None
    return found[1]


def switches(page: str, part: str) -> list[str]:
    """The languages that links of a page lead to."""
    return re.findall(r'<a (?:class="switch" )?href="[^"]*lang=([a-z]{2})[^"]*" lang="\1"', page[: page.index(part)])


def foreign(page: str, folder: Path, language: str) -> list[str]:
    """Fixed texts of another language that stand on a page."""
    shown = {part.strip() for part in re.split(r"<[^>]*>", html.unescape(re.sub(r"<textarea.*?</textarea>", "", page)))}
    own = set(language_texts(folder, language).values() if folder == DESK / "texts" else strings(folder, language))
    names = {*(pack(code).name for code in codes()), *ACCOUNTS}
    return [
        text for code in codes() if code != language for text in strings(folder, code)
        if len(text) > 3 and text in shown and text not in own | names
    ]  # fmt: skip


def strings(folder: Path, language: str) -> list[str]:
    return [text for text in language_texts(folder, language).values() if isinstance(text, str)]


@pytest.mark.parametrize("path", ["/", "/embed", "/pages/imprint", "/pages/privacy"])
@pytest.mark.parametrize("language", SPOKEN)
def test_public_pages_speak_each_language_and_offer_the_others(three: Three, path: str, language: str) -> None:
    page = three.public.get(f"{path}?lang={language}").text
    assert spoken_in(page) == language
    assert switches(page, "</header>") == [other for other in SPOKEN if other != language]
    for other in SPOKEN:
        if other != language:
            assert f'aria-label="{surface_text("switch_label", other)}">{pack(other).name}</a>' in page
    assert foreign(page, SURFACES, language) == []


def test_the_first_language_of_the_programme_is_the_default(three: Three) -> None:
    for asked in ("", "?lang=pl", "?lang="):
        assert spoken_in(three.public.get(f"/embed{asked}").text) == "de"
    assert [g["group"] for g in three.public.get("/api/v1/starter-questions").json()] == ["Kosten"]
    assert [g["group"] for g in three.public.get("/api/v1/starter-questions?language=fr").json()] == ["Frais"]


def test_the_api_takes_the_languages_of_the_programme(three: Three) -> None:
    statuses = {
        language: three.public.post("/api/v1/ask", json={"question": "Was kostet der Kurs?", "language": language})
        for language in ("fr", "pl", "french", "")
    }
    assert [answer.status_code for answer in statuses.values()] == [200, 422, 422, 422]
    assert statuses["pl"].json()["detail"] == "language: must be one of de, en, fr, got 'pl'"
    assert three.public.get("/api/v1/starter-questions?language=pl").status_code == 422


def test_the_plain_page_answers_within_french_labels(three: Three) -> None:
    page = three.public.post("/embed?lang=fr", data={"question": "Was kostet der Kurs?", "lang": "fr"}).text
    assert spoken_in(page) == "fr"
    assert "5 Euro" in page
    assert ">Utile<" in re.sub(r"<svg.*?</svg>", "", page)
    assert foreign(page, SURFACES, "fr") == []


@pytest.mark.parametrize("language", SPOKEN)
def test_every_page_of_the_desk_speaks_each_language(three: Three, language: str) -> None:
    client = three.served.client("admin")
    assert foreign(client.get(f"/desk/sign-in?lang={language}").text, DESK / "texts", language) == []
    for route in add_desk(FastAPI(), three.served.desk, three.served.settings).table:
        if route.method != "GET" or route.kind == "asset" or route.path.endswith(".csv"):
            continue
        path = (
            route.path.replace("{document}", "kurs").replace("{entry}", "kurs-kosten").replace("{rest:path}", "nowhere")
        )
        page = client.get(f"{path}?lang={language}&q=Was kostet der Kurs").text
        assert foreign(page, DESK / "texts", language) == [], path
        if route.kind == "page" and "<html" in page:
            assert spoken_in(page) == language
            if "</header>" in page:
                assert switches(page, "</header>") == [other for other in SPOKEN if other != language], path


def test_the_language_chosen_at_the_desk_is_kept(three: Three) -> None:
    client = three.served.client("agent")
    client.get("/desk/?lang=fr")
    assert spoken_in(client.get("/desk/gaps").text) == "fr"
    assert spoken_in(client.get("/desk/gaps?lang=pl").text) == "fr"


def test_look_up_shows_the_callers_language_first_and_all_others(three: Three) -> None:
    client = three.served.client("agent")
    page = client.get("/desk/", params={"q": QUESTIONS["fr"], "tongue": "fr", "lang": "fr"}).text
    assert re.findall(r'<input type="radio" name="tongue" value="([a-z]*)"', page) == ["", *SPOKEN]
    card = page[page.index('<li class="hit answer"') :]
    assert re.findall(r'<div class="side( first)?" lang="([a-z]{2})"', card)[:3] == [
        ("", "de"),
        ("", "en"),
        (" first", "fr"),
    ]
    assert "Afficher les autres langues" in card
    for language in SPOKEN:
        assert f'data-text="mail-{language}"' in card


def test_where_nothing_fits_the_wording_is_there_in_each_language(three: Three) -> None:
    page = three.served.client("agent").get("/desk/results?q=réparer ma machine à laver&tongue=fr").text
    assert '<blockquote lang="fr">Nous n’avons malheureusement aucun renseignement' in page
    assert [f'data-text="mail-{language}"' in page for language in SPOKEN] == [True] * 3


def test_the_editor_has_fields_for_each_language_and_keeps_them(three: Three) -> None:
    editor = three.served.client("editor")
    form = {
        "csrf": csrf(editor), "known": "", "id": "desk-trois", "status": "answered", "review_by": "2999-01-01",
        **{f"questions_{language}": f"{question} ({language})" for language, question in QUESTIONS.items()},
        **{f"answer_{language}": f"{text} [1]" for language, text in TEXTS.items()},
        "source_1_document": "kurs", **{f"source_1_quote_{language}": text for language, text in TEXTS.items()},
    }  # fmt: skip
    assert editor.post("/desk/answers/save", data=form).status_code == 303
    row = three.served.desk.entries.entry("desk-trois").content["row"]  # type: ignore[union-attr] - just saved
    assert list(row["answer"]) == list(row["questions"]) == list(row["sources"][0]["quote"]) == list(SPOKEN)
    assert row_of(form_of(row)) == row
    page = editor.get("/desk/answers/desk-trois/edit?lang=fr").text
    assert [f'<textarea id="answer_{language}"' in page for language in SPOKEN] == [True] * 3
    assert TEXTS["fr"] in page
    assert '<label for="source_1_quote_fr">Citation en français</label>' in page
    assert '<label for="source_1_quote_de">Citation en allemand</label>' in page
    faults = editor.post("/desk/answers/check", data={**form, "answer_fr": "", "lang": "fr"}).text
    assert "La réponse manque (Français)" in faults


def test_a_pause_is_told_in_each_language(three: Three) -> None:
    admin = three.served.client("admin")
    token = csrf(admin)
    page = admin.get("/desk/switch?lang=fr").text
    assert re.findall(r'<textarea id="notice_([a-z]{2})"', page) == list(SPOKEN)
    assert Words("de")("switch.default") in page
    lacking = admin.post(
        "/desk/switch", data={"csrf": token, "to": "pause", "notice_de": "Pause", "notice_en": "Break"}
    )
    assert lacking.headers["location"].endswith("notice_missing")
    whole = {"notice_de": "Pause", "notice_en": "Break", "notice_fr": "Interruption"}
    admin.post("/desk/switch", data={"csrf": token, "to": "pause", **whole})
    try:
        told = three.public.post("/api/v1/ask", json={"question": "Quoi ?", "language": "fr"})
        assert (told.status_code, told.json()["detail"]) == (503, "Interruption")
    finally:
        admin.post("/desk/switch", data={"csrf": token, "to": "resume"})


def test_passages_stand_beside_those_of_all_other_languages(three: Three) -> None:
    opened: Any = three.served.desk.current()
    (passage,) = opened.library.document_passages("kurs-fr")
    assert [p.language for p in counterparts(opened, passage)] == ["de", "en"]
    assert [p.text for p in counterparts(opened, passage)] == [TEXTS["de"], TEXTS["en"]]


def test_a_line_below_an_answer_and_the_prepared_mail_are_in_its_language() -> None:
    sources = (Source(1, "kurs", "Cours", "Office", None, None, None, "2025-09-01", "fr", "original", TEXTS["fr"]),)
    answer = Answer(
        AnswerStatus.ANSWERED, AnswerMode.QUOTED, "fr", TEXTS["fr"], "", sources=sources, as_of="2025-09-01",
        handover=Handover("+33 1", "aide@example.org", ""),
    )  # fmt: skip
    assert provenance(answer) == "État\u00a0: 1er septembre 2025 · 1 source · mot pour mot selon les documents"
    assert "subject=Question%20%C3%A0%20l%E2%80%99assistance" in mail_link(answer, "Combien ?", "K7M-2QX")


def test_a_french_mail_quotes_the_question_as_french_does() -> None:
    mail = reply_mail("Combien coûte le cours\u00a0?", TEXTS["fr"], None, "fr", "Service")
    assert "merci pour votre question\u00a0:\n«\u00a0Combien coûte le cours\u00a0?\u00a0»" in mail
    assert mail.endswith("Cordialement\nService")


@pytest.mark.parametrize(
    ("typed", "question"),
    [("combien coûte le cours", "Combien coûte le cours\u00a0?"), ("depuis quand existe le cours", "Depuis quand existe le cours\u00a0?"),
     ("qu’est-ce que le cours", "Qu’est-ce que le cours\u00a0?"), ("Le cours est cher. Pourquoi ?", "Le cours est cher. Pourquoi ?"),
     ("was kostet der kurs", "Was kostet der kurs?"), ("cours prix durée", "")],
)  # fmt: skip
def test_a_question_typed_in_any_language_of_the_programme_is_quoted(typed: str, question: str) -> None:
    assert own_question(typed, SPOKEN) == question


def test_only_the_languages_of_the_programme_make_a_question() -> None:
    assert own_question("comment about prices", ("de", "en")) == ""


def test_the_widget_knows_its_words_in_every_language() -> None:
    for code in codes():
        words = language_texts(SURFACES, code)["widget"]
        assert f'"{code}":["{words["button"]}","{words["close"]}"]' in WIDGET.body.decode()


def test_signing_in_works_in_french(three: Three) -> None:
    page = three.served.client().post("/desk/sign-in?lang=fr", data={"name": "agent", "password": "falsch"}).text
    assert "Le nom ou le mot de passe est incorrect." in page
    assert PASSWORD not in page
