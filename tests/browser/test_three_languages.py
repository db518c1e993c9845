"""A programme that speaks a third language, in a real browser: chat window, plain page and desk in French."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from support import SmallCorpus
from three_languages import three_languages

from index.embedder import Embedder
from tests.browser.conftest import Visits, serving
from tests.browser.test_plain_page import violations

GERMAN_OR_ENGLISH = ("Häufige Fragen", "Common questions", "Ihre Frage", "Your question", "Textbox", "Hotline")


@pytest.fixture(scope="module")
def french(embedder: Embedder, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visits]:
    """Visitors of the programme in three languages."""
    folder = tmp_path_factory.mktemp("three")
    corpus = three_languages(SmallCorpus(folder, embedder))
    corpus.build()
    with serving(folder, "--index", str(corpus.index), CLUSTERLOTSE_CORPUS=str(corpus.folder)) as address:
        visits = Visits(browser, address, [])
        yield visits
        for context in visits.opened:
            context.close()


@pytest.mark.parametrize("width", [1280, 360])
def test_the_chat_window_speaks_french_and_switches(french: Visits, width: int) -> None:
    visit = french.new(width, 800)
    visit.open("/?lang=fr")
    page = visit.page
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.title() == "Informations sur le programme Essai"
    assert page.get_by_label("Votre question").is_visible()
    assert page.get_by_role("button", name="Demander", exact=True).is_visible()
    assert page.get_by_role("button", name="Combien coûte le cours ?").is_visible()
    assert not [text for text in GERMAN_OR_ENGLISH if text in page.locator("body").inner_text()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    answer = visit.ask("Was kostet der Kurs?")
    assert answer.get_by_text("Pas utile").is_visible()
    assert page.locator("#status").inner_text() == "La réponse est prête"
    assert violations(page) == []
    assert page.locator("a.switch").all_inner_texts() == ["Deutsch", "English"]
    page.get_by_role("link", name="Auf Deutsch wechseln").click()
    page.get_by_label("Ihre Frage").wait_for()
    assert page.locator("html").get_attribute("lang") == "de"
    assert page.locator("a.switch").all_inner_texts() == ["English", "Français"]
    assert visit.complaints == []


@pytest.mark.parametrize("path", ["/embed?lang=fr", "/embed?lang=fr&frame=1"])
@pytest.mark.parametrize("width", [1280, 320])
def test_the_plain_page_speaks_french_and_switches(french: Visits, path: str, width: int) -> None:
    visit = french.new(width, 800)
    page = visit.page
    page.goto(french.address + path)
    assert page.locator("html").get_attribute("lang") == "fr"
    assert page.get_by_label("Votre question").is_visible()
    assert not [text for text in GERMAN_OR_ENGLISH if text in page.locator("body").inner_text()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_label("Votre question").fill("Was kostet der Kurs?")
    page.get_by_role("button", name="Demander", exact=True).click()
    page.get_by_role("button", name="Imprimer").wait_for()
    assert page.locator("#status").inner_text() == "La réponse est prête"
    assert violations(page) == []
    page.get_by_role("link", name="Switch to English").click()
    page.get_by_label("Your question").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    assert ("frame=1" in page.url) == ("frame=1" in path)
    assert visit.complaints == []
