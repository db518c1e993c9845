"""What an answer shows beyond its first words, on chat window and plain page in a real browser: what folds, what is a
quote, what nobody knows."""

import io
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any, Literal

import pypdfium2
import pytest
from playwright.sync_api import Browser, Locator, Page
from support import SmallCorpus

from index.embedder import Embedder
from tests.browser.conftest import Visit, Visits, serving
from tests.browser.test_plain_page import violations

ASKED = "Was kostet der Kurs?"
NOBODY_KNOWS = "Gibt es den Kurs auf Dänisch?"
FIRST, REST = "Der Kurs kostet 5 Euro.", "Für Gruppen kostet er 20 Euro und findet in Bonn statt."
PRICES = f"""---
id: preise
title: Preise
language: de
publisher: Amt
as_of: 2025-09-01
kind: original
---
# Preise

Der Kurs ist neu. {FIRST} {REST}
"""
REPORT = """---
id: bericht
title: Bericht
language: de
publisher: Redaktion
as_of: 2025-09-04
kind: summary
references:
  P1: {title: Meldung des Verbands, publisher: Verband, url: "https://example.org/", as_of: "2025-09-04"}
---
# Kurse

Der Kurs wird auf Deutsch und auf Englisch gehalten. [^P1]
"""
TOLD = "Der Kurs wird auf Deutsch und auf Englisch gehalten."
ENTRIES = [
    {
        "id": "kosten",
        "questions": {"de": [ASKED, "Wie teuer ist der Kurs?"]},
        "short": {"de": f"{FIRST} [1]"},
        "answer": {"de": f"{FIRST} [1] {REST} [2]\n\n{TOLD} [3]"},
        "sources": [
            {"document": "preise", "quote": {"de": FIRST}},
            {"document": "preise", "quote": {"de": REST}},
            {"document": "bericht", "quote": {"de": TOLD}},
        ],
    },
    {
        "id": "daenisch",
        "status": "unknown",
        "questions": {"de": [NOBODY_KNOWS, "Wird der Kurs auf Dänisch gehalten?"]},
        "answer": {"de": f"Ob es den Kurs auf Dänisch gibt, steht nicht in meinen Unterlagen. {TOLD} [1]"},
        "sources": [{"document": "bericht", "quote": {"de": TOLD}}],
    },
]
SIZES = [1280, 360]


@pytest.fixture(scope="module")
def course(embedder: Embedder, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    """Visitors of a programme with one course."""
    folder = tmp_path_factory.mktemp("course")
    corpus = SmallCorpus(folder, embedder)
    corpus.write("documents/preise.md", PRICES)
    corpus.write("documents/bericht.md", REPORT)
    corpus.entries(ENTRIES)
    assert not corpus.build().rejected
    with serving(folder, "--index", str(corpus.index), CLUSTERLOTSE_CORPUS=str(corpus.folder)) as address:
        yield Visits(browser, address, [])


@pytest.fixture
def visits(course: Visits) -> Iterator[Visits]:
    """Visitors of one test."""
    yield course
    while course.opened:
        course.opened.pop().close()


def in_chat(visits: Visits, question: str, width: int = 1280, **more: Any) -> tuple[Visit, Locator]:
    visit = visits.new(width, 800, **more)
    visit.open()
    return visit, visit.ask(question)


def on_page(visits: Visits, question: str, width: int = 1280, **more: Any) -> tuple[Visit, Locator]:
    visit = visits.new(width, 800, **more)
    visit.page.goto(f"{visits.address}/embed?lang=de")
    visit.page.locator("#question").fill(question)
    visit.page.keyboard.press("Enter")
    answer = visit.page.locator(".answer")
    answer.wait_for(timeout=20_000)
    return visit, answer


def without_script(visits: Visits, question: str, width: int = 1280) -> tuple[Page, Locator]:
    context = visits.browser.new_context(java_script_enabled=False, viewport={"width": width, "height": 800})
    visits.opened.append(context)
    page = context.new_page()
    page.goto(f"{visits.address}/embed?lang=de&question={urllib.parse.quote(question)}")
    return page, page.locator(".answer")


SHOWING = pytest.mark.parametrize("showing", [in_chat, on_page])
WIDTHS = pytest.mark.parametrize("width", SIZES)


@SHOWING
@WIDTHS
def test_the_rest_unfolds_by_keyboard_and_leads_to_its_sources(visits: Visits, showing: Any, width: int) -> None:
    visit, answer = showing(visits, ASKED, width)
    assert answer.locator(".text").inner_text().split("\n")[0].startswith(FIRST)
    rest, summary = answer.locator(".rest"), answer.locator(".more > summary")
    assert not rest.is_visible()
    assert summary.inner_text() == "Mehr dazu"
    assert (summary.bounding_box() or {"height": 0})["height"] >= 24
    summary.focus()
    visit.page.keyboard.press("Enter")
    assert rest.is_visible()
    assert REST[:30] in rest.inner_text()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    rest.locator("a.marker").last.focus()
    visit.page.keyboard.press("Enter")
    assert visit.page.evaluate("document.activeElement.className").startswith("quote")
    assert TOLD in visit.page.evaluate("document.activeElement.innerText")
    summary.focus()
    visit.page.keyboard.press("Space")
    assert not rest.is_visible()
    assert visit.complaints == []


@SHOWING
def test_the_announcement_says_nothing_of_what_is_folded(visits: Visits, showing: Any) -> None:
    visit, answer = showing(visits, ASKED)
    assert visit.page.locator("#status").inner_text() == "Antwort ist fertig"
    seen = answer.aria_snapshot()
    assert FIRST[:20] in seen
    assert REST[:20] not in seen


@SHOWING
def test_copying_and_the_mail_take_the_whole_answer(visits: Visits, showing: Any) -> None:
    visit, answer = showing(visits, ASKED)
    mail = urllib.parse.unquote(answer.locator("a.mail").get_attribute("href") or "")
    answer.get_by_role("button", name="Kopieren").click()
    answer.get_by_text("Kopiert").wait_for()
    copied = str(visit.page.evaluate("navigator.clipboard.readText()"))
    for text in (FIRST[:-1], REST[:-1], TOLD[:-1]):
        assert copied.count(text) == mail.count(text) == 1
    assert "zusammengefasst nach Verband" in copied


def printed(page: Page) -> str:
    """What stands on the printed pages."""
    document = pypdfium2.PdfDocument(io.BytesIO(page.pdf()))
    return " ".join(" ".join(sheet.get_textpage().get_text_range() for sheet in document).split())


@SHOWING
def test_on_paper_everything_is_open_and_on_the_screen_as_before(visits: Visits, showing: Any) -> None:
    visit, answer = showing(visits, ASKED)
    paper = printed(visit.page)
    for text in (FIRST, REST[:30], "Meldung des Verbands", "zusammengefasst nach Verband"):
        assert text in paper
    assert "Nicht hilfreich" not in paper
    assert not answer.locator(".rest").is_visible()
    answer.locator(".more > summary").click()
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert answer.locator(".sources").get_attribute("open") is not None
    visit.page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert answer.locator(".rest").is_visible(), "what was unfolded stays so"
    assert answer.locator(".sources").get_attribute("open") is None


@SHOWING
def test_a_browser_that_announces_no_printing_unfolds_by_style(visits: Visits, showing: Any) -> None:
    visit, answer = showing(visits, ASKED)
    visit.page.emulate_media(media="print")
    assert (answer.locator(".rest p").first.bounding_box() or {"height": 0})["height"] > 10
    assert answer.locator("details.sources mark").first.bounding_box() is not None


@WIDTHS
def test_without_javascript_everything_is_open_and_printed(visits: Visits, width: int) -> None:
    page, answer = without_script(visits, ASKED, width)
    assert answer.locator(".rest").is_visible()
    assert REST[:30] in printed(page)
    answer.locator(".more > summary").click()
    assert not answer.locator(".rest").is_visible()


def test_with_javascript_a_linked_answer_is_folded_too(visits: Visits) -> None:
    visit = visits.new()
    visit.page.goto(f"{visits.address}/embed?lang=de&question={urllib.parse.quote(ASKED)}")
    assert visit.page.locator(".more").count() == 1
    assert not visit.page.locator(".rest").is_visible()


@SHOWING
def test_only_what_a_third_party_wrote_is_marked_as_a_quote(visits: Visits, showing: Any) -> None:
    _, answer = showing(visits, ASKED, 360)
    answer.locator(".sources > summary").click()
    original, summary = answer.locator(".card").all()
    assert original.locator(".words mark").all_inner_texts() == [FIRST, REST]
    assert "Amt · Stand: 1. September 2025" in original.inner_text()
    assert summary.locator("mark").count() == 0
    assert summary.locator("h3").inner_text() == "Meldung des Verbands"
    assert "zusammengefasst nach Verband · Stand: 4. September 2025" in summary.inner_text()
    assert summary.locator(".words").inner_text() == TOLD


@SHOWING
@WIDTHS
def test_what_nobody_knows_is_told_with_source_and_hotline(visits: Visits, showing: Any, width: int) -> None:
    visit, answer = showing(visits, NOBODY_KNOWS, width)
    assert answer.get_attribute("data-status") == "declined_no_evidence"
    assert answer.locator(".text").inner_text().startswith("Ob es den Kurs auf Dänisch gibt, steht nicht")
    assert answer.locator(".provenance").is_visible()
    assert answer.locator("a.phone").all_inner_texts() == ["+49 30 1234567"]
    assert answer.locator("a.phone").is_visible()
    assert answer.get_by_role("button", name="Hilfreich", exact=True).is_visible()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    if showing is in_chat and width == SIZES[0]:
        assert visit.page.locator("#sources .card").is_visible()


@SHOWING
@WIDTHS
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_axe_finds_nothing_folded_or_unfolded(
    visits: Visits, showing: Any, width: int, colours: Literal["light", "dark"]
) -> None:
    visit, answer = showing(visits, ASKED, width, colours=colours)
    assert violations(visit.page) == []
    for summary in answer.locator("summary").all():
        if summary.is_visible():
            summary.click()
    assert violations(visit.page) == []
    visit, _ = showing(visits, NOBODY_KNOWS, width, colours=colours)
    assert violations(visit.page) == []


@WIDTHS
def test_axe_finds_nothing_on_the_page_without_script(visits: Visits, width: int) -> None:
    page, _ = without_script(visits, ASKED, width)
    seen = visits.new(width, 800)
    content = re.sub(r"<script.*?</script>", "", page.content()).replace('="/', f'="{visits.address}/')
    seen.page.set_content(content)
    assert seen.page.locator(".rest").is_visible()
    assert violations(seen.page) == []
