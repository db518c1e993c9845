"""What a follow-up points to, and the answers that follow-ups get."""

import pytest

from assistant.answering.answer import AnswerStatus
from assistant.answering.assistant import Assistant
from assistant.answering.interpreting import Interpreter
from assistant.answering.naming import name_pattern
from assistant.answering.references import exchanged_name, returned_to, shifted_year
from assistant.answering.values import Turn
from assistant.evaluation.answers import ask_in_turn
from index.passages import split_sentences

BOTH = ("de", "en")
INTERPRETER = Interpreter(BOTH, (), {}, lambda text, _: text.split(), split_sentences, lambda _: 1.0)
bare, conditional = INTERPRETER.bare, INTERPRETER.conditional
LABELS = [p for names in (("bronze",), ("silber", "silver"), ("gold",)) if (p := name_pattern(names))]


def turn(question: str, topic: str | None = None) -> Turn:
    return Turn(question, question, "de", "answered", topic or question)


@pytest.mark.parametrize(
    ("question", "meant"),
    [
        ("Und drei Jahre später?", "Und 2018?"),
        ("Und im Jahr darauf?", "Und 2016?"),
        ("and the year before?", "and 2014?"),
        ("two years later?", "2017?"),
        ("Und im Folgejahr?", "Und 2016?"),
        ("5 Jahre davor?", "2010?"),
    ],
)
def test_years_are_counted_from_the_one_asked_about(question: str, meant: str) -> None:
    assert shifted_year(question, turn("Wie viele Mitglieder waren es 2015?"), BOTH) == meant


def test_nothing_is_counted_without_a_year_or_beside_one() -> None:
    assert shifted_year("Und drei Jahre später?", turn("Wie viele Mitglieder gibt es?"), BOTH) is None
    assert shifted_year("Und 2019, drei Jahre später?", turn("Wie viele waren es 2016?"), BOTH) is None


@pytest.mark.parametrize(
    ("named", "text", "meant"),
    [
        ("Und Bronze?", "Was kostet das Silber-Label?", "Was kostet das Bronze-Label?"),
        ("And gold?", "How long is Silver valid?", "How long is gold valid?"),
        ("Und Silber?", "Was kostet das Silber-Label?", None),
        ("Und Platin?", "Was kostet das Silber-Label?", None),
        ("Und Bronze?", "Wer zahlt das?", None),
    ],
)
def test_a_name_set_against_another_is_exchanged(named: str, text: str, meant: str | None) -> None:
    assert exchanged_name(named, text, LABELS) == meant


def test_a_return_goes_on_from_the_turn_that_spoke_of_it() -> None:
    turns = [turn("Was kostet das Silber-Label?"), turn("Wer ist Mitglied?"), turn("Wo ist die Geschäftsstelle?")]
    assert returned_to("Zurück zum Silber-Label: wie lange gilt es?", turns, BOTH).turns[-1] is turns[0]
    assert returned_to("OK, back to the first thing: how much was it?", turns, BOTH).turns[-1] is turns[0]
    assert returned_to("Zurück zum Silber-Label: wie lange gilt es?", turns, BOTH).text == "wie lange gilt es?"
    assert returned_to("Wie komme ich zurück?", turns, BOTH).turns == tuple(turns)
    assert returned_to("Back in 2021 there was a mailbox. Which one?", turns, BOTH).text.startswith("Back in 2021")


def test_bare_questions_have_no_word_of_their_own() -> None:
    assert all(
        bare(q)
        for q in ("Seit wann?", "Und von wem?", "By whom?", "Wie lange gilt das?".replace("gilt ", ""), "Since when?")
    )
    assert not any(bare(q) for q in ("Und die Adresse?", "How much effort?", "Was kostet das?"))


def test_a_condition_asks_the_last_question_once_more() -> None:
    assert all(
        conditional(q)
        for q in (
            "Und wenn jemand vorbeikommt?",
            "And if they come to us?",
            "Auch mit Gold?",
            "Auch beim zweiten Mal?",
            "the second time?",
        )
    )
    for question in (
        "Und beim Vorgänger?",
        "And the one before?",
        "Und telefonisch?",
        "When does it end?",
        "Mit wem spreche ich?",
        "With which form?",
        "Im nächsten Jahr?",
    ):
        assert not conditional(question)


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (("How long does the Gold assessment take?", "Sorry, no, I meant Silver."), "five hours"),
        (("Was kostet Silber?", "Und Gold bitte?"), "8.250"),
    ],
)
def test_a_name_may_be_taken_back_or_come_with_courtesy(shipped: Assistant, turns: tuple[str, ...], said: str) -> None:
    assert said in ask_in_turn(shipped, turns)[-1].answer.text


@pytest.mark.parametrize(
    ("turns", "said"),
    [
        (("Wie viele Mitglieder waren es 2015?", "Und vier Jahre später?"), "87"),
        (("What does the Silver Label cost?", "And Bronze?"), "1,650"),
        (("Wie viele Mitglieder gibt es?", "2015?"), "101"),
        (("Was ist das Silber-Label?", "Wie wird das Wetter?", "Zurück zum Silber-Label: was kostet es?"), "3.620"),
        (("Was kostet ein Bronze-Benchmarking per Video?", "Und wenn jemand vorbeikommt?"), "2.250"),
        (("What is the Silver Label?", "Do I have to do it?", "Even with Gold?"), "not mandatory"),
        (
            ("Was kostet Silber?", "Zahlt ein Mitglied das selbst?"),
            "Nein, für Mitglieder von go-cluster zahlt das Bundeswirtschaftsministerium",
        ),
        (("Wer führt das Programm durch?", "Wo sitzen die?", "Und die Telefonnummer?"), "310078-387"),
    ],
)
def test_a_follow_up_is_answered_as_a_colleague_would(shipped: Assistant, turns: tuple[str, ...], said: str) -> None:
    answer = ask_in_turn(shipped, turns)[-1].answer
    assert said in answer.text
    assert answer.sources


def test_a_follow_up_about_something_else_is_declined(shipped: Assistant) -> None:
    for turns in (
        ("Was ist go-cluster?", "Und was ist ein guter Film für heute Abend?"),
        ("Where can I see all members?", "Thanks. And what's the weather like in Berlin today?"),
    ):
        answer = ask_in_turn(shipped, turns)[-1].answer
        assert answer.status in (AnswerStatus.OUT_OF_SCOPE, AnswerStatus.NO_EVIDENCE)
        assert answer.handover
