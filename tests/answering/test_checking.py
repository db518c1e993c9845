"""An entry that breaks a check never answers; the next best does, or the question is declined."""

from support import SmallCorpus

from assistant.answering.answer import AnswerMode, AnswerStatus
from assistant.answering.values import Question

SOURCE = {"document": "rules", "quote": {"de": "Die Aufnahme steht Vereinen mit Sitz in Sachsen offen."}}
QUESTIONS = ["Wer darf aufgenommen werden?", "Wem steht die Aufnahme offen?", "Welche Vereine nehmen Sie auf?"]


def entry(answer: str, **more: object) -> dict[str, object]:
    return {"id": "admission", "questions": {"de": QUESTIONS}, "answer": {"de": answer}, "sources": [SOURCE], **more}


def corpus_with(small_corpus: SmallCorpus, *entries: dict[str, object]) -> SmallCorpus:
    small_corpus.write(
        "documents/rules.md",
        "---\nid: rules\nlanguage: de\n---\nDie Aufnahme steht Vereinen mit Sitz in Sachsen offen. Der Beitrag beträgt 20 Euro im Jahr.\n",
    )
    small_corpus.entries(entries)
    return small_corpus


def test_a_condition_that_must_be_stated_and_is_not_keeps_the_entry_back(small_corpus: SmallCorpus) -> None:
    condition = [{"de": "Sitz in Sachsen"}]
    stated = corpus_with(
        small_corpus, entry("Vereine mit Sitz in Sachsen dürfen aufgenommen werden. [1]", must_state=condition)
    ).assistant()
    assert stated.answer(Question(QUESTIONS[0])).mode is AnswerMode.CURATED
    left_out = corpus_with(
        small_corpus, entry("Vereine dürfen aufgenommen werden. [1]", must_state=condition)
    ).assistant()
    considered = left_out.consider(Question(QUESTIONS[0]))
    assert considered.answer.mode is not AnswerMode.CURATED
    assert "conditions are stated" in [c.name for made in considered.composed for c in made.checks if not c.holds]


def test_words_of_a_condition_scattered_over_sentences_do_not_state_it(small_corpus: SmallCorpus) -> None:
    scattered = entry(
        "Vereine dürfen aufgenommen werden, der Sitz ist wichtig. [1] In Sachsen gibt es viele. [1]",
        must_state=[{"de": "Sitz in Sachsen"}],
    )
    assert (
        corpus_with(small_corpus, scattered).assistant().answer(Question(QUESTIONS[0])).mode is not AnswerMode.CURATED
    )


def test_an_invented_number_keeps_an_entry_back_and_another_answers(small_corpus: SmallCorpus) -> None:
    wrong = entry("Vereine mit Sitz in Sachsen zahlen 387 Euro für die Aufnahme. [1]")
    right = {
        **entry("Aufgenommen werden Vereine mit Sitz in Sachsen. [1]"),
        "id": "admission-right",
        "questions": {"de": ["Wer darf aufgenommen werden, bitte?"]},
    }
    answer = corpus_with(small_corpus, wrong, right).assistant().answer(Question(QUESTIONS[0]))
    assert "387" not in answer.text
    assert answer.status is AnswerStatus.ANSWERED
    assert "Sachsen" in answer.text


def test_a_number_after_the_last_marker_is_checked_too(small_corpus: SmallCorpus) -> None:
    loose = entry("Vereine mit Sitz in Sachsen dürfen aufgenommen werden. [1] Ab 2027 gilt das nur mit 900 Euro.")
    assert corpus_with(small_corpus, loose).assistant().answer(Question(QUESTIONS[0])).mode is not AnswerMode.CURATED
