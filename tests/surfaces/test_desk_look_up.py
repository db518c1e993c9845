"""What the look-up of the desk shows and keeps, without a browser."""

import datetime

import pytest
from support import SmallCorpus

from assistant.answering.assistant import Assistant
from assistant.desk.cited import cited_sources, summarised
from assistant.desk.look_up import NEAREST_ANSWERS, SNIPPET, LookedUp, LookUp, shortened, shown_sentences, snippet
from assistant.surfaces.desk.look_up_pages import AnswerCards
from assistant.surfaces.desk.rendering import render


class Opened:
    """The shipped index as far as a look-up needs it."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant


@pytest.fixture(scope="module")
def look_up(shipped: Assistant) -> LookUp:
    return LookUp(Opened(shipped))  # type: ignore[arg-type] - as much of an opened index as a look-up needs


@pytest.mark.parametrize(
    "query",
    [
        "was kostet die mitgliedschaft",
        "mitgl",
        "clusterw",
        "preis silber",
        "hotline",
        "who can become a member",
        "eccp",
    ],
)
def test_what_is_typed_fits_however_little_it_is(look_up: LookUp, query: str) -> None:
    assert look_up.find(query).fits


@pytest.mark.parametrize(
    "query",
    [
        "Waschmaschine reparieren",
        "asdf qwer",
        "Gibt es dort einen Fahrradverleih?",
        "kindergeld",
        "what is the weather",
    ],
)
def test_what_fits_nothing_says_so_and_shows_little(look_up: LookUp, query: str) -> None:
    found = look_up.find(query)
    assert not found.fits
    assert len(found.answers) <= NEAREST_ANSWERS


@pytest.mark.parametrize(
    ("query", "language"),
    [
        ("clusterwoche termin", "de"),
        ("silber label dauer", "de"),
        ("flyer of the programme", "en"),
        ("clusterwoche", "en"),
    ],
)
def test_passages_in_the_callers_language_come_first(look_up: LookUp, query: str, language: str) -> None:
    languages = [p.passage.language for p in look_up.find(query, language).passages]
    assert languages == sorted(languages, key=lambda found: found != language)


def test_a_snippet_holds_whole_sentences_and_says_where_a_line_goes_on(shipped: Assistant, look_up: LookUp) -> None:
    checked = 0
    for query in (
        "was kostet die mitgliedschaft",
        "silber label dauer",
        "kontakt hotline",
        "wer kann mitglied werden",
        "clusterwoche",
    ):
        for hit in shipped.search.search(query).passages:
            text = snippet(hit.passage, *shown_sentences(hit.passage, hit.best_sentence))
            core = text.removeprefix("… ").removesuffix(" …").removeprefix("- ")
            best = hit.passage.sentences[hit.best_sentence].text
            assert len(core) <= max(SNIPPET, len(best))
            assert core in hit.passage.text
            assert best in core or len(best) > SNIPPET
            begin = hit.passage.text.index(core)
            assert text.startswith("… ") == (
                (begin > 0 and hit.passage.text[begin - 1] not in "\n ")
                or hit.passage.text[:begin].rpartition("\n")[2] not in ("", "- ")
            )
            end = begin + len(core)
            assert text.endswith(" …") == (hit.passage.text[end : end + 1] not in ("", "\n"))
            checked += 1
    assert checked > 50
    assert not any(
        text in ("die", "Die")
        for found in look_up.find("was kostet die mitgliedschaft").passages
        for text, marked in found.parts
        if marked
    )


SUMMARY = """---
id: prices
title: Preise
language: de
publisher: Redaktion
as_of: "2026-01-01"
kind: summary
references:
  OLD: {title: Alte Meldung, publisher: Amt, url: null, as_of: "2011-02-03"}
  NEW: {title: Neue Preisliste, publisher: Verband, url: null, as_of: "2025-09-04"}
  NONE: {title: Undatierter Flyer, publisher: Amt, url: null, as_of: null}
---
# Preise

Das Siegel wurde im Februar 2011 zum ersten Mal vergeben. [^OLD]

Das Siegel kostet heute 1.650 Euro je Unternehmen. [^NEW]

Das Siegel darf auf Briefbögen gedruckt werden. [^NONE]
"""


@pytest.mark.parametrize(
    ("query", "as_of", "origin"),
    [("Was kostet das Siegel heute in Euro?", "2025-09-04", "Neue Preisliste"), ("Seit wann gibt es das Siegel, Februar 2011?", "2011-02-03", "Alte Meldung"),
     ("Darf das Siegel auf Briefbögen?", None, "Undatierter Flyer")],
)  # fmt: skip
def test_a_passage_of_a_summary_carries_the_date_of_the_origin_cited(
    small_corpus: SmallCorpus, query: str, as_of: str | None, origin: str
) -> None:
    small_corpus.programme(languages=["de"])
    small_corpus.write("documents/prices.md", SUMMARY)
    (found,) = LookUp(Opened(small_corpus.assistant())).find(query, "de").passages  # type: ignore[arg-type] - as much of an opened index as a look-up needs
    assert (found.as_of, found.origins[0].title) == (as_of, origin)
    assert {o.title for o in found.origins} == {"Alte Meldung", "Neue Preisliste", "Undatierter Flyer"}, (
        "all that is shown names its origin"
    )
    shown = render("results.html", "de", found=LookedUp(query, "de", (), (found,)), card=AnswerCards(""))
    assert "Neue Preisliste</span> (Stand: 4. September 2025)" in shown
    assert "Undatierter Flyer</span> (Stand: nicht angegeben)" in shown


def test_the_sources_of_an_entry_are_shown_with_their_origin(small_corpus: SmallCorpus) -> None:
    small_corpus.programme(languages=["de"])
    small_corpus.write("documents/prices.md", SUMMARY)
    row = {
        "sources": [
            {"document": "prices", "quote": {"de": "Das Siegel kostet heute 1.650 Euro je Unternehmen."}},
            {"title": "Gesetz", "as_of": "2020"},
        ]
    }
    found = [(s.title, s.publisher, s.as_of) for s, _ in cited_sources(small_corpus.search(), row, "de")]
    assert found == [("Neue Preisliste", "Verband", "2025-09-04"), ("Gesetz", None, "2020")]
    other = {"sources": [*row["sources"], {"document": "prices", "quote": {"de": "Das steht nirgends."}}]}
    sources = [s for s, _ in cited_sources(small_corpus.search(), other, "de")]
    assert summarised(small_corpus.search(), sources) == {1}, (
        "neither a law nor the summary itself is an origin of the summary"
    )


def test_a_long_text_is_cut_after_a_word() -> None:
    assert shortened("eins zwei", 9) == "eins zwei"
    assert shortened("eins zwei, drei vier", 14) == "eins zwei …"
    assert shortened("Donaudampfschiff " * 60, SNIPPET).endswith("Donaudampfschiff …")


def test_cards_are_kept_for_one_day(shipped: Assistant) -> None:
    days = [datetime.date(2026, 11, 25)]
    cards = AnswerCards("Hotline", today=lambda: days[-1])
    found = LookUp(Opened(shipped)).find("Wer kann Mitglied werden?")  # type: ignore[arg-type] - as much of an opened index as a look-up needs
    for _ in range(2):
        for answer in found.answers:
            cards(answer, "de", "de")
    kept = len(cards)
    assert 0 < kept <= len(found.answers)
    days.append(datetime.date(2026, 11, 26))
    cards(next(a for a in found.answers if a.kind == "entry"), "de", "de")
    assert len(cards) == 1
