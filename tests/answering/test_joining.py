"""Several drafts become one answer: each part under its question, what is unknown last, no source twice."""

from collections.abc import Mapping, Sequence

from answering.scripted import ScriptedSearch, entry, hit, programme

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft, Source
from assistant.answering.assistant import Assistant
from assistant.answering.composing.joining import folded_behind, join_drafts, shown_text
from assistant.answering.values import Question
from index.values import AskedHit, CuratedEntry


def source(marker: int, quote: str) -> Source:
    return Source(marker, "d", "Titel", None, None, None, None, None, "de", "original", quote)


def draft(
    text: str,
    *quotes: str,
    status: AnswerStatus = AnswerStatus.ANSWERED,
    missing: str | None = None,
    more: str | None = None,
    as_of: str | None = None,
) -> Draft:
    sources = tuple(source(n, q) for n, q in enumerate(quotes, 1))
    return Draft(AnswerMode.CURATED, status, text, sources, as_of, missing=missing, more=more, entry=text.split()[0])


def test_each_part_stands_under_its_question_with_markers_of_its_own() -> None:
    one, two = draft("Er kostet 5 Euro. [1]", "a", more="Bar. [1]"), draft("- um neun [1]\n- um elf [2]", "b", "a")
    joined = join_drafts([one, two], (), "de", ["Was kostet er?", "Wann beginnt er?"])
    assert (
        joined.text == "**Was kostet er?** Er kostet 5 Euro. [1]\n\n**Wann beginnt er?**\n\n- um neun [2]\n- um elf [1]"
    )
    assert joined.more == "Bar. [1]"
    assert [(s.marker, s.quote) for s in joined.sources] == [(1, "a"), (2, "b")]
    assert joined.status is AnswerStatus.ANSWERED
    assert joined.missing is None


def test_one_part_alone_has_no_heading() -> None:
    assert (
        join_drafts([draft("Er kostet 5 Euro. [1]", "a")], (), "de", ["Was kostet er?"]).text == "Er kostet 5 Euro. [1]"
    )


def test_what_is_unknown_stands_last() -> None:
    unknown = draft(
        "Ob es Parkplätze gibt, steht nicht in meinen Unterlagen. [1]", "b", status=AnswerStatus.NO_EVIDENCE
    )
    known = draft("Er kostet 5 Euro. [1]", "a", status=AnswerStatus.PARTIAL, missing="Wie lange, ist offen.")
    joined = join_drafts([unknown, known], ["Wer hält ihn?"], "de", ["Gibt es Parkplätze?", "Was kostet er?"])
    assert joined.status is AnswerStatus.PARTIAL
    assert joined.text == "**Was kostet er?** Er kostet 5 Euro. [2]"
    assert joined.missing == (
        "Wie lange, ist offen. Ob es Parkplätze gibt, steht nicht in meinen Unterlagen. [1] "
        "Zu „Wer hält ihn“ steht nichts in meinen Unterlagen."
    )
    assert shown_text(joined, "de") == f"{joined.text}\n\n**Nicht in meinen Unterlagen:** {joined.missing}"
    assert shown_text(joined, "en").endswith(f"\n\n**Not in my documents:** {joined.missing}")


def test_a_whole_answer_ends_with_nothing_unknown() -> None:
    assert shown_text(draft("Er kostet 5 Euro. [1]", "a"), "de") == "Er kostet 5 Euro. [1]"


def test_where_all_is_unknown_each_is_said() -> None:
    one = draft("Ob es Parkplätze gibt, ist offen.", status=AnswerStatus.NO_EVIDENCE)
    two = draft("Wer kommt, ist offen.", status=AnswerStatus.NO_EVIDENCE)
    joined = join_drafts([one, two], ["Wer hält ihn?"], "de", ["Gibt es Parkplätze?", "Wer kommt?"])
    assert joined.status is AnswerStatus.NO_EVIDENCE
    assert joined.missing is None
    assert joined.text == (
        "**Gibt es Parkplätze?** Ob es Parkplätze gibt, ist offen.\n\n**Wer kommt?** Wer kommt, ist offen.\n\n"
        "Zu „Wer hält ihn“ steht nichts in meinen Unterlagen."
    )


def test_small_talk_stays_small_talk_unless_something_else_is_said() -> None:
    talk, told = draft("Ich bin ein Dienst.", status=AnswerStatus.SMALLTALK), draft("5 Euro. [1]", "a")
    assert join_drafts([talk, talk], (), "de").status is AnswerStatus.SMALLTALK
    assert join_drafts([talk, told], (), "de").status is AnswerStatus.ANSWERED


def test_an_answer_is_as_old_as_its_oldest_part() -> None:
    parts = [draft("a [1]", "a", as_of="2025-01"), draft("b [1]", "b", as_of="2024-12-31"), draft("c [1]", "c")]
    assert join_drafts(parts, (), "de").as_of == "2024-12-31"


def test_a_second_draft_is_folded_behind_with_markers_of_its_own() -> None:
    first, second = (
        draft("Montag. [1]", "a", more="Um neun. [1]"),
        draft("Dienstag. [1] [2]", "b", "a", more="Nie. [1]"),
    )
    folded = folded_behind(first, second)
    assert (folded.text, folded.more) == ("Montag. [1]", "Um neun. [1]\n\nDienstag. [2] [1]")
    assert [(s.marker, s.quote) for s in folded.sources] == [(1, "a"), (2, "b")]


# -- the whole way -----------------------------------------------------------------------------------------------------

FEE = entry("fee", "Was kostet der Kurs?", answer="Der Kurs kostet 5 Euro. [1]")
PLACE = entry("place", "Wo ist der Kurs?", answer="Der Kurs ist im Rathaus. [1]")
SEATS = entry("seats", "Gibt es Parkplätze?", answer="Ob es Parkplätze gibt, steht nirgends.", status="unknown")


def finds(known: Mapping[str, CuratedEntry]) -> ScriptedSearch:
    """Finds the entry by a word of the question."""

    def found(question: str) -> Sequence[AskedHit]:
        own = [e for word, e in known.items() if word in question.lower().split("?")[-2 if "?" in question else 0]]
        others = [e for e in known.values() if e not in own]
        return [hit(e, 0.95) for e in own] + [hit(e, -0.4, coverage=0.0) for e in others]

    return ScriptedSearch(found)


def assistant() -> Assistant:
    return Assistant(
        finds({"kostet": FEE, "ort": PLACE, "parkplätze": SEATS}), programme(), "multilingual-e5-small-mixed-1"
    )


def test_several_questions_are_each_answered_under_their_own_words() -> None:
    question = "Was kostet der Kurs? Und an welchem Ort findet der Kurs statt?"
    answer = assistant().answer(Question(question))
    assert answer.status is AnswerStatus.ANSWERED
    assert answer.text == (
        "**Was kostet der Kurs?** Der Kurs kostet 5 Euro. [1]\n\n"
        "**An welchem Ort findet der Kurs statt?** Der Kurs ist im Rathaus. [1]"
    )
    assert [s.marker for s in answer.sources] == [1]


def test_of_several_questions_what_nobody_knows_is_told_last() -> None:
    question = "Gibt es viele Parkplätze? Was kostet der Kurs? Wie wird morgen das Wetter?"
    considered = assistant().consider(Question(question))
    answer = considered.answer
    assert answer.status is AnswerStatus.PARTIAL
    assert answer.text.startswith(
        "**Was kostet der Kurs?** Der Kurs kostet 5 Euro. [1]\n\n**Nicht in meinen Unterlagen:** "
    )
    assert answer.missing == (
        "Ob es Parkplätze gibt, steht nirgends. Zu „Wie wird morgen das Wetter“ steht nichts in meinen Unterlagen."
    )
    assert answer.text.endswith(answer.missing)
    assert answer.handover
    assert "Das steht fest" not in answer.text
