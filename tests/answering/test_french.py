"""French as a proof: a programme in three languages is answered in each, from data alone."""

import pytest
from support import SmallCorpus
from three_languages import three_languages

from assistant.answering.answer import AnswerStatus
from assistant.answering.assistant import Assistant
from assistant.answering.values import Question
from assistant.evaluation.answers import ask_in_turn


@pytest.fixture
def assistant(small_corpus: SmallCorpus) -> Assistant:
    return three_languages(small_corpus).assistant()


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Combien coûte le cours ?", "Le cours coûte 5 euros"),
        ("Bonjour, je voudrais savoir combien coûte le cours. Merci d'avance !", "Le cours coûte 5 euros"),
        ("Quel est le prix du cours ?", "Le cours coûte 5 euros"),
        ("Was kostet der Kurs?", "Der Kurs kostet 5 Euro"),
        ("What does the course cost?", "The course costs 5 euros"),
    ],
)
def test_each_language_gets_its_own_answer(assistant: Assistant, question: str, said: str) -> None:
    answer = assistant.answer(Question(question))
    assert answer.status is AnswerStatus.ANSWERED
    assert said in answer.text


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("Bonjour !", AnswerStatus.SMALLTALK, "Bonjour"),
        ("Merci beaucoup", AnswerStatus.SMALLTALK, "Je vous en prie"),
        ("Je voudrais parler à une personne", AnswerStatus.HANDOVER, "Volontiers"),
        ("Qui a gagné la coupe du monde de football cette année ?", None, "documents"),
    ],
)
def test_fixed_replies_are_french(assistant: Assistant, text: str, status: AnswerStatus | None, said: str) -> None:
    answer = assistant.answer(Question(text))
    assert answer.language == "fr"
    assert status is None or answer.status is status
    assert said in answer.text or not answer.status.carries_statements


def test_a_follow_up_and_a_wish_for_a_language(assistant: Assistant) -> None:
    french = ask_in_turn(assistant, ("Combien coûte le cours ?", "Et combien de participants y a-t-il ?"))[-1].answer
    assert french.language == "fr"
    german = ask_in_turn(assistant, ("Combien coûte le cours ?", "En allemand s'il vous plaît"))[-1].answer
    assert german.language == "de"
    assert "Der Kurs kostet 5 Euro" in german.text
