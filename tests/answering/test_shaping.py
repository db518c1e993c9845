"""What was asked comes first: which sentences of an approved answer lead, and what is folded away."""

from collections.abc import Mapping

import pytest
from answering.scripted import ScriptedSearch, entry, hit

from assistant.answering.answer import Draft
from assistant.answering.checking import check_draft
from assistant.answering.composing.curated import compose_curated
from assistant.answering.composing.shaping import MOST, Wanted, bare, parts_of, points_back, shaped, together
from assistant.languages import codes

PRICE = "Der Kurs kostet 12 Euro. [1]"
PLACE = "Er findet im Rathaus am Markt statt, gleich neben dem Brunnen und der alten Post, im zweiten Stock. [1]"
WHO = "Anmelden kann sich jede Person, die in der Stadt wohnt. [1]"
LIST = "Mitzubringen sind:\n- ein Stift\n- ein Heft für alle Übungen"
LOT = "Die Plätze werden in der Reihenfolge der Anmeldung vergeben, das Los entscheidet bei keinem Kurs. [1]"
ANSWER = f"{PRICE} {PLACE}\n\n{WHO} {LIST}\n\n{LOT}"
SEARCH = ScriptedSearch(lambda _: ())


def shape(
    question: str,
    near: Mapping[str, float],
    *,
    answer: str = ANSWER,
    short: str = "",
    kind: str | None = None,
    said: str = "",
    lead: str = "",
    must: tuple[str, ...] = (),
) -> Draft:
    told = entry("course", "Was ist der Kurs?", answer=answer, short=short, must_state=must)
    draft = compose_curated(SEARCH, told, "de", "2026-01-01")
    wanted = Wanted(tuple(SEARCH.terms(question, "de")), kind, ("de", "en"))
    return shaped(draft, hit(told, 0.9, sentences=near), told.short, SEARCH, wanted, said=said, lead=lead)


def test_an_answer_is_cut_into_sentences_and_lists_and_put_together_again() -> None:
    parts = parts_of(ANSWER, "de", SEARCH)
    assert [(p.text, p.paragraph, p.listed) for p in parts] == [
        (PRICE, 0, False), (PLACE, 0, False), (WHO, 1, False), (LIST, 1, True), (LOT, 2, False),
    ]  # fmt: skip
    assert bare(together(parts)) == bare(ANSWER)
    assert parts[3].sentences == ["Mitzubringen sind:", "ein Stift", "ein Heft für alle Übungen"]


def test_several_sentences_before_one_marker_each_take_it_and_a_marker_within_one_stays() -> None:
    assert [p.text for p in parts_of("Eins gilt. Zwei gilt auch. [1][2]", "de", SEARCH)] == [
        "Eins gilt. [1] [2]",
        "Zwei gilt auch. [1] [2]",
    ]
    assert [p.text for p in parts_of("Im Haus [1] und im Garten [2] ist Platz.", "de", SEARCH)] == [
        "Im Haus [1] und im Garten [2] ist Platz."
    ]


def test_the_sentence_nearest_to_the_question_leads_and_the_rest_is_folded_away() -> None:
    draft = shape("Wer wird genommen?", {bare(LOT): 0.9})
    assert draft.text == LOT
    assert [p.text for p in parts_of(draft.more or "", "de", SEARCH)] == [PRICE, PLACE, WHO, LIST]


def test_shared_words_and_the_kind_of_answer_choose_where_vectors_say_little() -> None:
    assert shape("Los?", {}).text == LOT
    assert shape("Was kostet das?", {bare(LOT): 0.2}, kind="amount").text.startswith(PRICE)


def test_a_sentence_that_points_back_takes_the_one_before_and_a_short_one_the_next() -> None:
    assert shape("Wo?", {bare(PLACE): 0.9}).text == f"{PRICE} {PLACE}"
    assert shape("Wie viel?", {bare(PRICE): 0.9}).text == f"{PRICE} {PLACE}"


@pytest.mark.parametrize("near", ["Mitzubringen sind:", "ein Stift", "ein Heft für alle Übungen"])
def test_a_list_is_given_whole_with_the_sentence_before_it(near: str) -> None:
    draft = shape("Womit?", {near: 0.9})
    assert draft.text == LIST
    assert LIST not in (draft.more or "")


def test_a_short_answer_is_given_as_it_is() -> None:
    draft = shape("Wo?", {bare(PLACE): 0.9}, answer=f"{PRICE} {PLACE}")
    assert (draft.text, draft.more) == (f"{PRICE} {PLACE}", None)


def test_the_editors_short_answer_leads_unless_a_sentence_is_clearly_nearer() -> None:
    short = "Ein Kurs im Rathaus für 12 Euro. [1]"
    own = shape("Erzählen Sie", {bare(short): 0.6, bare(LOT): 0.64}, short=short)
    assert own.text == short
    assert own.more is not None
    assert PRICE not in own.more, "the short answer says it"
    assert all(part in own.more for part in (PLACE, WHO, LIST, LOT))
    assert shape("Erzählen Sie", {bare(short): 0.6, bare(LOT): 0.66}, short=short).text == LOT


def test_nothing_is_folded_away_that_stands_in_the_text_already() -> None:
    assert shape("Wie?", {}, answer=f"{PRICE} {PLACE}", short=f"{PLACE} {PRICE}").more is None
    assert shape("x", {}, answer=PRICE, lead=f"Ja, wenn Sie zahlen. {PRICE}").more is None


def test_a_verdict_leads_and_the_whole_answer_is_folded_away() -> None:
    draft = shape("Ist er gratis?", {bare(LOT): 0.9}, lead="Nein, er kostet 12 Euro. [1]", short="Ein Kurs. [1]")
    assert draft.text == "Nein, er kostet 12 Euro. [1]"
    assert bare(draft.more or "") == bare(f"{PLACE}\n\n{WHO} {LIST}\n\n{LOT}"), "what leads is not said again"


@pytest.mark.parametrize(
    ("sentence", "again"),
    [
        ("Der Kurs im Rathaus kostet 12 Euro. [1]", False),
        ("Der Kurs im Rathaus kostet 15 Euro. [1]", True),
        ("Der Kurs im Rathaus kostet nicht 12 Euro. [1]", True),
        ("Der Kurs im Rathaus kostet 12 Euro, mit Wein und Brot am Abend 20 Euro. [1]", True),
    ],
)
def test_only_what_hardly_says_more_than_the_lead_is_left_out(sentence: str, again: bool) -> None:
    draft = shape("Wie viel?", {}, answer=f"{sentence} {WHO}", lead="Ja, der Kurs im Rathaus kostet 12 Euro. [1]")
    assert (sentence in (draft.more or "")) is again
    assert WHO in (draft.more or "")


def test_what_the_answer_must_state_is_never_left_out() -> None:
    told = "Für Mitglieder werden die Kosten für das Rathaus übernommen. [1]"
    lead = "Nein, für Mitglieder zahlt die Stadt die Kosten für das Rathaus. [1]"
    must = ("Kosten übernommen",)
    draft = shape("Zahle ich?", {}, answer=f"{told} {WHO}", lead=lead, must=must)
    assert told in (draft.more or "")
    assert all(check.holds for check in check_draft(draft, SEARCH))


def test_a_condition_is_said_with_the_lead_where_there_is_room() -> None:
    must = ("Person in der Stadt",)
    assert shape("Was kostet das?", {bare(PRICE): 0.9}, must=must).text == f"{PRICE} {PLACE} {WHO}"
    assert shape("Wer?", {bare(WHO): 0.9}, must=must).text.count("Stadt") == 1
    long = f"Der Kurs {'und der Kurs ' * MOST}ist schön. [1] {WHO}"
    assert WHO not in shape("Wie?", {bare(long.split(" [1]")[0]): 0.9}, answer=long, must=must).text


def test_a_follow_up_says_what_the_last_turn_did_not() -> None:
    draft = shape("Und sonst?", {bare(PRICE): 0.9, bare(WHO): 0.5}, said=f"{PRICE} {PLACE}")
    assert PRICE not in draft.text
    assert draft.text.startswith(WHO)
    assert PRICE in (draft.more or "")


@pytest.mark.parametrize("said", ["", "Etwas ganz anderes. [1]"])
def test_what_another_answer_said_changes_nothing(said: str) -> None:
    assert shape("Wie viel?", {bare(PRICE): 0.9}, said=said).text == f"{PRICE} {PLACE}"


@pytest.mark.parametrize(
    ("language", "pointing", "whole"),
    [
        ("de", "Dabei hilft das Büro.", "Das Büro hilft dabei."),
        ("en", "It opens at nine.", "The office opens at nine."),
        ("fr", "Elle ouvre à neuf heures.", "La mairie ouvre à neuf heures."),
    ],
)
def test_words_that_point_back_are_known_in_every_language(language: str, pointing: str, whole: str) -> None:
    assert points_back(pointing, language)
    assert not points_back(whole, language)
    assert {"de", "en", "fr"} == set(codes()), "a language more needs a row here"
