"""Personal details are taken out and the question is still answered; declined only where nothing is asked beside them."""

import datetime
from pathlib import Path

import pytest
from answering.scripted import ScriptedSearch, entry, hit, programme

from assistant.answering.answer import AnswerStatus, Declined
from assistant.answering.assistant import Assistant
from assistant.answering.screening import Screen
from assistant.answering.values import Question
from assistant.records.store import Records, open_engine

IBAN, BARE, FRENCH = "DE89 3704 0044 0532 0130 00", "DE89370400440532013000", "FR14 2004 1010 0505 0001 3M02 606"
MOBILE, LONDON, CARD, MAIL = "0171 2345678", "+44 20 7946 0958", "4111 1111 1111 1111", "erika.muster@posteo.de"


@pytest.mark.parametrize(
    ("text", "left", "removed"),
    [
        (
            f"Mein Konto {IBAN} bitte merken. Was kostet der Kurs?",
            "Mein Konto bitte merken. Was kostet der Kurs?",
            "iban",
        ),
        (f"{IBAN} und was kostet der Kurs?", "und was kostet der Kurs?", "iban"),
        (f"My account {IBAN} please note. What does it cost?", "My account please note. What does it cost?", "iban"),
        (f"Take {BARE} now. What does it cost?", "Take now. What does it cost?", "iban"),
        (f"{FRENCH} est mon compte. Combien coûte le cours ?", "est mon compte. Combien coûte le cours ?", "iban"),
        ("GB82-WEST-1234-5698-7654-32 is mine, is it free?", "is mine, is it free?", "iban"),
        (f"Was kostet der Kurs? Tel. {MOBILE}.", "Was kostet der Kurs? Tel. .", "phone"),
        (f"What does it cost? Call me on {LONDON} soon", "What does it cost? Call me on soon", "phone"),
        (f"Ich möchte wissen, was er kostet. {MOBILE}", "Ich möchte wissen, was er kostet.", "phone"),
        (f"was kostet denn der kurs {MOBILE}", "was kostet denn der kurs", "phone"),
        (f"how much is the course {MAIL}", "how much is the course", "email"),
        (f"Ich bin {MAIL}, was kostet der Kurs?", "Ich bin , was kostet der Kurs?", "email"),
        (f"Was kostet der Kurs? Karte {CARD}", "Was kostet der Kurs? Karte", "card"),
        (f"{MAIL}, {MOBILE}, {IBAN}: Was kostet der Kurs?", ", , : Was kostet der Kurs?", "email phone iban"),
    ],
)
def test_details_are_taken_out_and_the_question_stays(text: str, left: str, removed: str) -> None:
    screened = Screen(programme()).check(text)
    assert screened.text == left
    assert screened.removed == tuple(removed.split())


@pytest.mark.parametrize(
    "text",
    [
        f"Schreiben Sie mir an {MAIL}", f"Please write to {MAIL}", f"{IBAN} bitte erstatten", f"{BARE}?",
        f"Please refund to {IBAN} as soon as you can", f"Rufen Sie mich unter {MOBILE} zurück", f"Call me on {LONDON}",
        f"Meine Karte: {CARD}",
    ],
)  # fmt: skip
def test_details_alone_are_declined_and_named(text: str) -> None:
    with pytest.raises(Declined) as declined:
        Screen(programme()).check(text)
    assert declined.value.status is AnswerStatus.PERSONAL_DATA
    assert declined.value.note in ("email", "iban", "phone", "card")


@pytest.mark.parametrize(
    "text",
    [
        "Stimmt die Nummer 030 1234567 noch?", "Ist hilfe@example.org die richtige Adresse?",
        "Was bedeutet DE89 in einer Kontonummer?", "Gab es 2019 mehr als 2018 und 2017?",
        "Kostet es 8.250 oder 6.765 Euro?", "Gilt die DIN EN 12345 hier?",
    ],
)  # fmt: skip
def test_the_programmes_own_contacts_and_other_numbers_stay(text: str) -> None:
    screened = Screen(programme()).check(text)
    assert (screened.text, screened.removed) == (text, ())


@pytest.mark.parametrize(
    ("detail", "kind", "language"),
    [
        (IBAN, "IBAN", "de"), (MOBILE, "Telefonnummer", "de"), (MAIL, "E-Mail-Adresse", "de"), (CARD, "Kartennummer", "de"),
        (IBAN, "IBAN", "en"), (LONDON, "phone number", "en"), (MAIL, "e-mail address", "en"),
    ],
)  # fmt: skip
def test_details_are_neither_in_the_answer_nor_in_the_turn_nor_in_the_records(
    detail: str, kind: str, language: str, tmp_path: Path
) -> None:
    asked = {
        "de": f"Ich bin Kundin, {detail} ist von mir. Was kostet der Kurs?",
        "en": f"I am a customer, {detail} is mine. What does the course cost?",
    }[language]
    told = entry("fee", "Was kostet der Kurs?", answer="Er kostet 5 Euro. [1]", language=language)
    search = ScriptedSearch(lambda _: [hit(told, 0.95)])
    assistant = Assistant(search, programme(), "multilingual-e5-small-mixed-1", today=lambda: datetime.date(2026, 1, 1))
    considered = assistant.consider(Question(asked, language))
    answer, turn = considered.answer, considered.turn
    assert (answer.status, answer.entry) == (AnswerStatus.ANSWERED, "fee")
    assert f"({kind})" in answer.notice
    records = Records(open_engine(None, tmp_path))
    kept = records.remember(None, turn, answer)
    again = records.turns(kept.conversation)
    assert again is not None
    assert "kostet" in again[0].question or "cost" in again[0].question
    for part in (detail, detail.replace(" ", ""), *(p for p in detail.split() if len(p) > 5)):
        assert all(part not in text for text in (turn.question, turn.standalone, turn.said, str(answer.as_json())))
        assert not any(part in text for texts in search.embedded for text in texts)
        assert not any(part.encode() in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


@pytest.mark.parametrize(
    "text",
    [
        "Womit muss ich beim Kurs rechnen?", "Wobei hilft der Kurs?", "Was können Sie mir zum Kurs sagen?",
        "Was kannst du mir alles über den Kurs sagen?", "What can you tell me about the course?",
        "How can you help a small network?", "Que pouvez-vous dire du cours ?", "Woher haben Sie Ihre Informationen?",
    ],
)  # fmt: skip
def test_what_asks_for_something_is_no_small_talk(text: str) -> None:
    assert Screen(programme()).check(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "Was kannst du alles?", "Was können Sie mir alles sagen?", "Womit kannst du mir helfen?", "Hilfe!", "What can you do?",
        "What can you help me with?", "How can you help me?", "Que pouvez-vous faire ?", "Comment ça marche ?",
    ],
)  # fmt: skip
def test_what_asks_for_nothing_but_help_is(text: str) -> None:
    with pytest.raises(Declined) as declined:
        Screen(programme()).check(text)
    assert (declined.value.status, declined.value.reply) == (AnswerStatus.SMALLTALK, "smalltalk.ability")
