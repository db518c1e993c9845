"""A hotline with one way to reach it: every surface names that way, and none an empty one."""

import html
import re
from typing import Any

import pytest
from desk_app import Live, Served, served_with
from fastapi.testclient import TestClient
from support import ROOT, SmallCorpus
from three_languages import three_languages

from assistant.answering.answer import AnswerStatus, Declined
from assistant.answering.replies import reply
from assistant.answering.screening import Screen
from assistant.answering.values import Question
from assistant.desk.reply_mail import nothing_text
from assistant.languages import codes
from assistant.settings import Settings
from assistant.surfaces.answer_view import answer_view, failure_view, shown
from assistant.surfaces.terminal import print_answer
from index.embedder import Embedder

WAYS = {"phone": {"phone": "+49 30 1234567"}, "email": {"email": "hilfe@example.org"}}
SAID = ("handover", "private", "smalltalk.human", "smalltalk.complaint")
EMPTY = re.compile(r'tel:(?=["?])|mailto:(?=["?])|·\s*(?:<|$)|: *·|\(\)|\{(?:phone|email|contact)\}')
"""A link, a place between marks or a field of a text that holds nothing."""


@pytest.fixture(scope="module", params=WAYS)
def served(request: pytest.FixtureRequest, embedder: Embedder, tmp_path_factory: Any) -> tuple[str, Served]:
    corpus = three_languages(SmallCorpus(tmp_path_factory.mktemp(request.param), embedder))
    corpus.programme(languages=["de", "en", "fr"], hotline=WAYS[request.param])
    live = Live(Settings(data=ROOT / "var", corpus=corpus.folder), corpus.build().folder.parents[1])
    return request.param, served_with(live, tmp_path_factory.mktemp("records"))


def test_pages_and_api_name_the_way_that_there_is(served: tuple[str, Served]) -> None:
    way, application = served
    value = WAYS[way][way]
    with TestClient(application.app, base_url="https://desk.example") as client:
        asked = {"question": "Ich möchte mit einem Menschen sprechen", "language": "de"}
        told = client.post("/api/v1/ask", json=asked)
        assert told.json()["handover"] == {
            "phone": "",
            "email": "",
            **WAYS[way],
            "reason": told.json()["handover"]["reason"],
        }
        assert value in told.json()["text"]
        for page in (
            client.get("/").text,
            client.get("/embed").text,
            client.get("/pages/imprint").text,
            client.post("/embed", data={"question": "Was kostet der Kurs?"}).text,
            client.post("/embed", data={"question": "Ich möchte mit einem Menschen sprechen"}).text,
        ):
            assert value in html.unescape(page)
            assert EMPTY.findall(page) == []


def test_answers_on_every_other_surface_name_it_too(
    served: tuple[str, Served], capsys: pytest.CaptureFixture[str]
) -> None:
    way, application = served
    opened = application.desk.current()
    assert opened is not None
    answer = opened.assistant.answer(Question("Ich möchte mit einem Menschen sprechen", "de"))
    assert answer.status is AnswerStatus.HANDOVER
    print_answer(answer)
    assert EMPTY.findall(capsys.readouterr().out) == []
    known = opened.assistant.answer(Question("Was kostet der Kurs?", "de"))
    for page in (
        answer_view(shown(answer, "Frage", "de", opened), "de"),
        failure_view("de", answer.handover),
        answer_view(shown(known, "Frage", "de", opened), "de"),
    ):
        assert ("tel:" in page, "mailto:" in page) == (way == "phone", way == "email")
        assert EMPTY.findall(page) == []


@pytest.mark.parametrize("language", codes())
def test_fixed_texts_name_it(served: tuple[str, Served], language: str) -> None:
    way, application = served
    opened = application.desk.current()
    assert opened is not None
    programme = opened.assistant.programme
    for text in (*(reply(key, language, programme) for key in SAID), nothing_text(language, programme.hotline)):
        assert WAYS[way][way] in text
        assert EMPTY.findall(text) == []


def test_a_callers_number_is_personal_where_the_hotline_has_none(served: tuple[str, Served]) -> None:
    opened = served[1].desk.current()
    assert opened is not None
    screen = Screen(opened.assistant.programme)
    assert screen.check("Rufen Sie mich unter 030 90295 123 an?").removed == ("phone",)
    with pytest.raises(Declined) as declined:
        screen.check("030 90295 123")
    assert declined.value.status is AnswerStatus.PERSONAL_DATA
