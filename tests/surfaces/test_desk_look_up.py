"""What the look-up of the desk shows and keeps, without a browser."""

import datetime

import pytest

from assistant.answering.assistant import Assistant
from assistant.desk.look_up import NEAREST_ANSWERS, SNIPPET, LookUp, shortened, snippet
from assistant.surfaces.desk.look_up_pages import AnswerCards


class Opened:
    """The shipped index as far as a look-up needs it."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant


@pytest.fixture(scope="module")
def look_up(shipped: Assistant) -> LookUp:
    return LookUp(Opened(shipped))  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["was kostet die mitgliedschaft", "mitgl", "clusterw", "preis silber", "hotline", "who can become a member", "eccp"])
def test_what_is_typed_fits_however_little_it_is(look_up: LookUp, query: str) -> None:
    assert look_up.find(query).fits


@pytest.mark.parametrize("query", ["Waschmaschine reparieren", "asdf qwer", "Gibt es einen Parkplatz vor der Geschäftsstelle?", "kindergeld", "what is the weather"])
def test_what_fits_nothing_says_so_and_shows_little(look_up: LookUp, query: str) -> None:
    found = look_up.find(query)
    assert not found.fits
    assert len(found.answers) <= NEAREST_ANSWERS


@pytest.mark.parametrize(("query", "language"), [("clusterwoche termin", "de"), ("silber label dauer", "de"), ("flyer of the programme", "en"), ("clusterwoche", "en")])
def test_passages_in_the_callers_language_come_first(look_up: LookUp, query: str, language: str) -> None:
    languages = [p.passage.language for p in look_up.find(query, language).passages]
    assert languages == sorted(languages, key=lambda found: found != language)


def test_a_snippet_holds_whole_sentences_and_says_where_a_line_goes_on(shipped: Assistant, look_up: LookUp) -> None:
    checked = 0
    for query in ("was kostet die mitgliedschaft", "silber label dauer", "kontakt hotline", "wer kann mitglied werden", "clusterwoche"):
        for hit in shipped.search.search(query).passages:
            text = snippet(hit.passage, hit.best_sentence)
            core = text.removeprefix("… ").removesuffix(" …").removeprefix("- ")
            best = hit.passage.sentences[hit.best_sentence].text
            assert len(core) <= max(SNIPPET, len(best))
            assert core in hit.passage.text
            assert best in core or len(best) > SNIPPET
            begin = hit.passage.text.index(core)
            assert text.startswith("… ") == ((begin > 0 and hit.passage.text[begin - 1] not in "\n ") or hit.passage.text[:begin].rpartition("\n")[2] not in ("", "- "))
            end = begin + len(core)
            assert text.endswith(" …") == (hit.passage.text[end : end + 1] not in ("", "\n"))
            checked += 1
    assert checked > 50
    assert not any(text in ("die", "Die") for found in look_up.find("was kostet die mitgliedschaft").passages for text, marked in found.parts if marked)


def test_a_long_text_is_cut_after_a_word() -> None:
    assert shortened("eins zwei", 9) == "eins zwei"
    assert shortened("eins zwei, drei vier", 14) == "eins zwei …"
    assert shortened("Donaudampfschiff " * 60, SNIPPET).endswith("Donaudampfschiff …")


def test_cards_are_kept_for_one_day(shipped: Assistant) -> None:
    days = [datetime.date(2026, 11, 25)]
    cards = AnswerCards("Hotline", today=lambda: days[-1])
    found = LookUp(Opened(shipped)).find("Wer kann Mitglied werden?")  # type: ignore[arg-type]
    for _ in range(2):
        for answer in found.answers:
            cards(answer, "de", "de")
    kept = len(cards)
    assert 0 < kept <= len(found.answers)
    days.append(datetime.date(2026, 11, 26))
    cards(next(a for a in found.answers if a.kind == "entry"), "de", "de")
    assert len(cards) == 1
