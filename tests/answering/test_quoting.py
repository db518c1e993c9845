"""Quotes: the answering sentence first, its context folded away, every word verbatim."""

import re
from dataclasses import replace

from answering.scripted import ScriptedSearch, passage

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft
from assistant.answering.checking import check_draft
from assistant.answering.composing.quoting import MOST_FIRST, MOST_SENTENCES, MOST_WORDS, compose_quoted
from index.values import PassageHit

TEXT = "Das Büro liegt am Markt. Dort gibt es Kaffee. Der Kurs beginnt um neun. Der Bus hält am Tor."


def quoted(*hits: PassageHit) -> Draft:
    draft = compose_quoted(hits, "de")
    assert draft is not None
    return draft


def numbered(hit: PassageHit, number: int) -> PassageHit:
    return replace(hit, passage=replace(hit.passage, id=f"paper#{number}"))


def test_the_answering_sentence_comes_first_and_its_context_is_folded_away() -> None:
    draft = quoted(passage(TEXT, 0.9, 0.92, 0.1, 0.96, 0.2))
    assert draft.text == "Der Kurs beginnt um neun. [1]"
    assert draft.more == "Das Büro liegt am Markt. [2]"
    assert (draft.mode, draft.status) == (AnswerMode.QUOTED, AnswerStatus.ANSWERED)


def test_sentences_as_near_lead_with_it_and_far_ones_are_left_out() -> None:
    draft = quoted(passage(TEXT, 0.9, 0.95, 0.1, 0.96, 0.955))
    assert draft.text == "Der Kurs beginnt um neun. [1] Das Büro liegt am Markt. [2] Der Bus hält am Tor. [3]"
    assert draft.more is None
    assert "Kaffee" not in draft.whole


def test_a_sentence_that_points_back_takes_along_what_it_points_to() -> None:
    assert (
        quoted(passage(TEXT, 0.9, 0.5, 0.95, 0.1, 0.1)).text == "Das Büro liegt am Markt. [1] Dort gibt es Kaffee. [2]"
    )


def test_the_best_passage_leads_unless_a_sentence_of_the_next_is_clearly_nearer() -> None:
    first, second = numbered(passage("Eins steht hier.", 0.9, 0.90), 1), passage("Zwei steht da.", 0.8, 0.94)
    assert quoted(first, numbered(second, 2)).text == "Eins steht hier. [1]"
    clearly = passage("Zwei steht da.", 0.8, 0.96)
    assert quoted(first, numbered(clearly, 2)).text == "Zwei steht da. [1]"
    assert quoted(first, numbered(clearly, 2)).more == "Eins steht hier. [2]"


def test_passages_of_another_language_are_left_out() -> None:
    first, second = passage("Eins steht hier.", 0.9), passage("Two is here.", 0.9)
    english = replace(second, passage=replace(second.passage, language="en", id="paper#2"))
    assert quoted(first, english).whole == "Eins steht hier. [1]"
    assert quoted(english, first).language == "en"


def test_quotes_are_verbatim_have_a_source_each_and_are_not_endless() -> None:
    long = ". ".join(f"Satz {n} {'hat viele lange Worte und ' * 5}mehr" for n in range(40)) + "."
    hits = [numbered(passage(long.replace("Satz", f"Satz{k}"), 0.9), k) for k in range(4)]
    draft = quoted(*hits)
    sentences = {s.text for h in hits for s in h.passage.sentences}
    pieces = [p for p in re.split(r"\s*\[\d+\]\s*", draft.whole) if p]
    assert set(pieces) <= sentences
    assert len(pieces) == len(set(pieces)) == len(draft.sources)
    assert [s.quote for s in draft.sources] == pieces
    assert len(pieces) <= 3 * MOST_SENTENCES
    assert len(draft.text.split()) <= MOST_FIRST + 10
    assert len(" ".join(pieces).split()) <= MOST_WORDS
    assert all(check.holds for check in check_draft(draft, ScriptedSearch(lambda _: ())))


def test_nothing_is_quoted_of_nothing() -> None:
    assert compose_quoted([], "de") is None
    assert compose_quoted([passage("", 0.9)], "de") is None
