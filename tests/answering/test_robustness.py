"""The same verdict however people write: generated from the corpus, a rate over all of them."""

import re

import pytest
from support import SmallCorpus

from assistant.answering.answer import AnswerStatus
from assistant.answering.assistant import Assistant
from assistant.answering.values import Question
from assistant.evaluation.answers import ask_in_turn

QUESTIONS = 30
"""So many of each language."""
LEAST = 0.97
WRAPPERS = {
    "de": {
        "greeting": "Guten Tag, {}",
        "courtesy": "Hallo zusammen, {} Vielen Dank im Voraus!",
        "filler": "Also, ich hätte da mal eine Frage: {}",
        "story": "Ich arbeite seit kurzem in einer Geschäftsstelle. {}",
        "signature": "{} Mit freundlichen Grüßen Erika Muster",
        "wish": "Können Sie mir bitte sagen: {}",
    },
    "en": {
        "greeting": "Good morning, {}",
        "courtesy": "Hello there, {} Thanks in advance!",
        "filler": "So, I have a quick question: {}",
        "story": "I have just started to work in an office. {}",
        "signature": "{} Kind regards Jane Doe",
        "wish": "Could you please tell me: {}",
    },
}


def small(text: str) -> str:
    return text.lower()


def capitals(text: str) -> str:
    return text.upper()


def without_umlauts(text: str) -> str:
    return text.translate(str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss"}))


def swiss(text: str) -> str:
    return text.replace("ß", "ss").replace("?", " ?")


def typo(text: str) -> str:
    """Two letters of the longest word exchanged."""
    word = max(re.findall(r"\w+", text), key=len)
    return text.replace(word, word[:3] + word[4] + word[3] + word[5:]) if len(word) > 6 else text


CHANGES = {f.__name__: f for f in (small, capitals, without_umlauts, swiss, typo)}


def entry_of(assistant: Assistant, text: str) -> str | None:
    considered = assistant.consider(Question(text))
    return considered.turn.entry


def asked(assistant: Assistant, language: str) -> list[str]:
    """Every so many-th entry's second phrasing that is a whole question."""
    listed = [e.questions[language][1] for e in assistant.search.entries if len(e.questions.get(language, ())) > 1]
    whole = [q for q in listed if q.endswith("?") and len(q.split()) > 3]
    return whole[:: max(1, len(whole) // QUESTIONS)][:QUESTIONS]


def test_courtesy_story_spelling_and_case_change_no_answer(shipped: Assistant) -> None:
    same: list[bool] = []
    worst: dict[str, int] = {}
    for language, wrappers in WRAPPERS.items():
        for question in asked(shipped, language):
            plain = entry_of(shipped, question)
            changed = {name: form.format(question) for name, form in wrappers.items()}
            changed |= {name: change(question) for name, change in CHANGES.items()}
            for name, text in changed.items():
                same.append(entry_of(shipped, text) == plain)
                if not same[-1]:
                    worst[name] = worst.get(name, 0) + 1
    assert len(same) >= 2 * QUESTIONS * 10
    assert sum(same) / len(same) >= LEAST, f"{sum(same) / len(same):.3f}, other entries by kind: {worst}"


@pytest.mark.parametrize(
    "off_topic",
    [
        "Wie backe ich einen Apfelkuchen?",
        "What's the best pizza in town?",
        "Wer gewinnt die Bundesliga?",
        "asdf qwer yxcv",
        "How do I fix a flat tyre?",
        "blub blub blub",
    ],
)
@pytest.mark.parametrize(
    "answered", ["Was kostet das Silber-Label?", "Wer kann Mitglied werden?", "How long is the Bronze Label valid?"]
)
def test_what_is_off_topic_stays_so_after_an_answer(shipped: Assistant, answered: str, off_topic: str) -> None:
    first, second = (c.answer for c in ask_in_turn(shipped, (answered, off_topic)))
    assert first.status.carries_statements
    assert not second.status.carries_statements, second.text


ANIMALS = {"Lemur": "kostenlos", "Tapir": "3 Euro", "Okapi": "5 Euro", "Koala": "7 Euro"}
PAPERS = {
    "Dromedarzuschuss": "Der Dromedarzuschuss beträgt 400 Euro im Jahr.",
    "Giraffenzulage": "Die Giraffenzulage beträgt 90 Euro im Monat.",
    "Nashornprämie": "Die Nashornprämie beträgt 1.200 Euro.",
    "Gorillageld": "Das Gorillageld beträgt 55 Euro in der Woche.",
}


def test_a_whole_question_after_an_answer_is_a_new_question(small_corpus: SmallCorpus) -> None:
    """Four entries and four papers: each question about a paper gets its paper, whatever entry was asked about
    before."""
    small_corpus.entries(
        {
            "id": name.lower(),
            "questions": {"de": [f"Was kostet ein {name}?"]},
            "answer": {
                "de": f"Ein {name} ist {price}. [1]" if price == "kostenlos" else f"Ein {name} kostet {price}. [1]"
            },
            "sources": [{"url": "https://example.org", "title": "Preisliste"}],
        }
        for name, price in ANIMALS.items()
    )
    for name, told in PAPERS.items():
        small_corpus.write(f"documents/{name.lower()}.md", f"---\nlanguage: de\ntitle: {name}\n---\n{told}\n")
    assistant = small_corpus.assistant()
    for animal in ANIMALS:
        for paper, told in PAPERS.items():
            turns = (f"Was kostet ein {animal}?", f"Wie hoch ist die {paper}?")
            first, second = (c.answer for c in ask_in_turn(assistant, turns))
            assert first.status is AnswerStatus.ANSWERED
            assert animal not in second.text, f"{turns}: {second.text}"
            assert second.status in (AnswerStatus.ANSWERED, AnswerStatus.NO_EVIDENCE)
            alone = assistant.answer(Question(turns[1]))
            assert (second.status, second.text) == (alone.status, alone.text)
            if alone.status is AnswerStatus.ANSWERED:
                assert told in second.text
