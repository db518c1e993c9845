"""Which answers leave a gap, and which questions mean the same: the numbers of gaps.yaml on examples."""

import pytest

from assistant.answering.answer import AnswerMode, AnswerStatus
from assistant.answering.assistant import Assistant
from assistant.answering.values import Question
from assistant.desk.gap_rules import gap_rules
from assistant.records.gaps import Examined
from index.embedder import Embedder

ALIKE = [
    ("Gibt es einen Parkplatz vor der Geschäftsstelle?", "Kann ich vor der Geschäftsstelle parken?"),
    ("Gibt es einen Parkplatz vor der Geschäftsstelle?", "Hat die Geschäftsstelle einen Parkplatz?"),
    ("Gibt es Mitgliedsausweise?", "Bekommt man als Mitglied einen Mitgliedsausweis?"),
    ("Is there a car park at the office?", "Does the office have a car park?"),
]
DIFFERENT = [
    ("Wer kann Mitglied werden?", "Was kostet die Mitgliedschaft?"),
    ("Darf mein Hund mit zur Clusterwoche?", "Gibt es Essen auf der Clusterwoche?"),
    ("Welche Farbe hat das Logo?", "Gibt es einen Parkplatz vor der Geschäftsstelle?"),
    ("Wie wird das Wetter morgen?", "Wie hoch ist der Mindestlohn?"),
    ("Who can become a member?", "When is the next cluster week?"),
]


def examined(
    status: AnswerStatus,
    probability: float | None = 0.3,
    threshold: float | None = 0.5,
    rated: str | None = None,
    question: str = "Eine Frage?",
    mode: AnswerMode = AnswerMode.FIXED,
) -> Examined:
    return Examined("a", question, "de", status.value, probability, threshold, rated, mode.value)


def cosine(embedder: Embedder, pair: tuple[str, str]) -> float:
    one, other = embedder.embed_questions(list(pair))
    return float(one @ other)


@pytest.mark.parametrize("pair", ALIKE)
def test_questions_of_one_meaning_are_one_gap(embedder: Embedder, pair: tuple[str, str]) -> None:
    assert cosine(embedder, pair) >= gap_rules().alike


@pytest.mark.parametrize("pair", DIFFERENT)
def test_questions_of_different_meaning_are_two_gaps(embedder: Embedder, pair: tuple[str, str]) -> None:
    assert cosine(embedder, pair) < gap_rules().alike


@pytest.mark.parametrize(
    ("turn", "cause"),
    [
        (examined(AnswerStatus.NO_EVIDENCE), "declined"),
        (examined(AnswerStatus.OUT_OF_SCOPE, 0.001), None),
        (examined(AnswerStatus.OUT_OF_SCOPE, 0.09), "declined"),
        (examined(AnswerStatus.OUT_OF_SCOPE, 0.001, rated="down"), "rated"),
        (examined(AnswerStatus.ANSWERED, 0.52), "unsure"),
        (examined(AnswerStatus.ANSWERED, 0.9), None),
        (examined(AnswerStatus.ANSWERED, 0.9, rated="down"), "rated"),
        (examined(AnswerStatus.ANSWERED, 0.52, rated="up"), None),
        (examined(AnswerStatus.PARTIAL, 0.9), None),
        (examined(AnswerStatus.PERSONAL_DATA, rated="down"), None),
        (examined(AnswerStatus.SMALLTALK, None, None), None),
        (examined(AnswerStatus.NO_EVIDENCE, question=" "), None),
        # an approved "nobody knows"
        (examined(AnswerStatus.NO_EVIDENCE, 0.9, mode=AnswerMode.CURATED), None),
        (examined(AnswerStatus.NO_EVIDENCE, 0.52, 0.5, mode=AnswerMode.CURATED), "unsure"),
        (examined(AnswerStatus.NO_EVIDENCE, 0.9, rated="down", mode=AnswerMode.CURATED), "rated"),
        # and beside it a part that was not answered at all
        (examined(AnswerStatus.NO_EVIDENCE, 0.3, 0.5, mode=AnswerMode.CURATED), "declined"),
    ],
)
def test_what_leaves_a_gap(turn: Examined, cause: str | None) -> None:
    assert gap_rules().cause(turn) == cause


@pytest.mark.parametrize(
    ("question", "is_gap"),
    [
        ("Wie viel verdient der Minister?", True),
        ("Wie repariere ich meine Waschmaschine?", False),
        ("Was kostet die Mitgliedschaft?", False),
        ("Do we need a notary for the application?", False),
    ],
)
def test_real_questions_leave_a_gap_only_near_the_subject(shipped: Assistant, question: str, is_gap: bool) -> None:
    considered = shipped.consider(Question(question))
    turn, mode = considered.turn, considered.answer.mode.value
    found = gap_rules().cause(
        Examined("a", turn.standalone, turn.language, turn.status, turn.probability, turn.threshold, None, mode)
    )
    assert (found is not None) == is_gap
