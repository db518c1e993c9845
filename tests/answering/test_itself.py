"""Questions about the assistant itself: entries of every index, in every language; what is said is true of the service."""

import json
from typing import Any

import pytest
from support import SmallCorpus
from three_languages import PROGRAMME, three_languages

import app as commands
from assistant.answering.answer import Answer, AnswerMode, AnswerStatus
from assistant.answering.assistant import Assistant, Facts
from assistant.answering.replies import reply
from assistant.answering.values import Question
from assistant.evaluation.answers import ask_in_turn
from assistant.languages import codes, pack
from assistant.settings import Settings
from index.corpus_check import asked_twice
from index.itself import entries_about_itself
from index.values import ITSELF

ASKED = {
    # not in the words of the packs
    "operator": {"de": "Wer steckt hinter diesem Bot hier?", "en": "Who operates this bot?", "fr": "Qui gère ce chatbot ?"},
    "machine": {"de": "Antwortet mir hier ein Roboter?", "en": "Am I talking to a robot here?", "fr": "Est-ce un robot qui me répond ?"},
    "origin": {"de": "Woher kommen die Antworten dieses Chats?", "en": "Where do the answers of this chat come from?", "fr": "D'où viennent les réponses de ce chat ?"},
    "storage": {"de": "Wird gespeichert, was ich hier schreibe?", "en": "Do you store what I type in here?", "fr": "Est-ce que ce que j'écris ici est enregistré ?"},
    "complaint": {"de": "Wo beschwere ich mich über diesen Chatbot?", "en": "Where do I complain about this bot?", "fr": "Où me plaindre de ce robot ?"},
    "tongues": {"de": "Welche Sprachen kann dieser Chat?", "en": "Which languages does this bot know?", "fr": "Quelles langues connaît ce chat ?"},
}  # fmt: skip


@pytest.fixture
def corpus(small_corpus: SmallCorpus) -> SmallCorpus:
    return three_languages(small_corpus)


def ask(assistant: Assistant, question: str, language: str) -> Answer:
    return assistant.answer(Question(question, language))


@pytest.mark.parametrize("language", ["de", "en", "fr"])
def test_what_is_asked_about_the_assistant_is_understood_in_other_words(corpus: SmallCorpus, language: str) -> None:
    corpus.programme(**PROGRAMME, operator={"de": "Amt Probe", "en": "Trial Office", "fr": "Bureau Essai"})
    assistant = corpus.assistant(facts=Facts("2025-09-01", 12))
    for key, questions in ASKED.items():
        for question in (questions[language], pack(language).about_itself[key][0]):
            considered = assistant.consider(Question(question, language))
            answer = considered.answer
            assert (answer.status, answer.mode) == (AnswerStatus.SMALLTALK, AnswerMode.FIXED), question
            assert (answer.language, answer.entry) == (language, None)
            assert (answer.sources, answer.handover, answer.missing, answer.more) == ((), None, None, None)
            if key != "machine":  # "Am I talking to a robot?" is small talk already
                assert considered.composed[0].verdict.chosen[0].id == f"{ITSELF}-{key}", question


@pytest.mark.parametrize(
    ("language", "operator", "days", "date"),
    [
        ("de", "Amt Probe", "12 Tagen", "1. September 2025"),
        ("en", "Trial Office", "12 days", "1 September 2025"),
        ("fr", "Bureau Essai", "12 jours", "1er septembre 2025"),
    ],
)
def test_operator_days_and_date_are_those_of_the_service(
    corpus: SmallCorpus, language: str, operator: str, days: str, date: str
) -> None:
    corpus.programme(**PROGRAMME, operator={"de": "Amt Probe", "en": "Trial Office", "fr": "Bureau Essai"})
    assistant = corpus.assistant(facts=Facts("2025-09-01", 12))
    first = {key: pack(language).about_itself[key][0] for key in ("operator", "storage", "current")}
    assert operator in ask(assistant, first["operator"], language).text
    assert days in ask(assistant, first["storage"], language).text
    assert date in ask(assistant, first["current"], language).text
    tongues = ask(assistant, pack(language).about_itself["tongues"][0], language).text
    assert all(pack(code).name in tongues for code in ("de", "en", "fr"))


@pytest.mark.parametrize("language", ["de", "en", "fr"])
def test_what_is_not_known_has_a_sentence_without_it(corpus: SmallCorpus, language: str) -> None:
    assistant = corpus.assistant(facts=Facts(None, 30))
    for key in ("operator", "current"):
        text = ask(assistant, pack(language).about_itself[key][0], language).text
        plain = reply(
            f"{ITSELF}.{key}_plain", language, assistant.programme, official=reply(f"{ITSELF}.official", language)
        )
        assert text == plain
    assert not [text for key in pack(language).about_itself for text in [ask(assistant, pack(language).about_itself[key][0], language).text] if "{" in text or "  " in text or "None" in text]  # fmt: skip


def test_a_demonstrator_says_so(corpus: SmallCorpus) -> None:
    corpus.programme(**{**PROGRAMME, "official": False})
    text = ask(corpus.assistant(), pack("de").about_itself["operator"][0], "de").text
    assert reply(f"{ITSELF}.not_official", "de") in text
    assert reply(f"{ITSELF}.official", "de") not in text


def test_the_days_are_those_of_the_settings_and_the_date_that_of_the_newest_document(corpus: SmallCorpus) -> None:
    corpus.build()
    settings = Settings(corpus=corpus.folder, data=corpus.index.parent, retention_days=77)
    opened: Any = commands.open_index(settings, corpus.index, corpus.embedder)
    assert "77 Tagen" in ask(opened.assistant, pack("de").about_itself["storage"][0], "de").text
    assert "1. September 2025" in ask(opened.assistant, pack("de").about_itself["current"][0], "de").text


def test_what_is_asked_about_the_programme_is_no_question_about_the_assistant(corpus: SmallCorpus) -> None:
    assistant = corpus.assistant()
    for question in ("Was kostet der Kurs?", "Wie viele Teilnehmer gibt es?", "What does the course cost?"):
        answer = assistant.answer(Question(question))
        assert answer.status is AnswerStatus.ANSWERED, question
        assert not (answer.entry or "").startswith(ITSELF)


def test_a_question_about_the_assistant_does_not_become_what_is_spoken_of(corpus: SmallCorpus) -> None:
    turns = ("Was kostet der Kurs?", pack("de").about_itself["storage"][0], "Und wie lange dauert er?")
    answers = [c.answer for c in ask_in_turn(corpus.assistant(), turns)]
    assert answers[1].status is AnswerStatus.SMALLTALK
    assert "einen Tag" in answers[2].text


def test_they_are_neither_listed_nor_suggested_nor_counted(corpus: SmallCorpus) -> None:
    search = corpus.search()
    assert [e.id for e in search.entries] == ["kurs-kosten"]
    assert search.manifest.entries == 1
    assert len(search.content.itself) == len(pack("de").about_itself)
    assistant = Assistant(search, search.content.programme, search.manifest.model)
    own = {q for code in codes() for listed in pack(code).about_itself.values() for q in listed}
    for question in ("Was ist der Kurs?", "Wie wird das Wetter?", pack("de").about_itself["limits"][0]):
        assert not own & set(assistant.answer(Question(question)).suggestions)


def test_every_language_asks_for_the_same_things_and_none_twice() -> None:
    for code in codes():
        assert set(pack(code).about_itself) == set(pack("de").about_itself)
        assert all(len(listed) >= 3 for listed in pack(code).about_itself.values())
    assert list(asked_twice(entries_about_itself(codes()), {})) == []


def test_the_record_of_such_a_turn_is_small_talk(corpus: SmallCorpus) -> None:
    considered = corpus.assistant().consider(Question(pack("de").about_itself["machine"][0], "de"))
    assert considered.turn.status == "smalltalk"
    assert json.dumps(considered.answer.as_json())
