"""The widget on a website of another origin with a strict content security policy, in a real browser."""

import gzip
import http.server
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from assistant.surfaces.plain_page import WIDGET, sri_hash
from tests.browser.conftest import Visit, Visits, serving
from tests.browser.test_plain_page import KNOWN, ask, violations

LARGEST_LOADER = 2048
LABEL = {"de": "Automatische Auskunft", "en": "Automated assistant"}


class Host(http.server.ThreadingHTTPServer):
    """A website of another origin; `body` is its page, `policy` its content security policy."""

    body = ""
    policy = ""


class Pages(http.server.BaseHTTPRequestHandler):
    server: Host

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", self.server.policy)
        self.end_headers()
        self.wfile.write(self.server.body.encode())

    def log_message(self, *_: Any) -> None:
        pass


@dataclass(frozen=True)
class Site:
    """A website with the widget, and the service that it comes from."""

    visits: Visits
    host: Host
    service: str

    @property
    def port(self) -> int:
        return self.host.server_port

    def open(
        self,
        attributes: str = 'data-language="de"',
        *,
        name: str = "127.0.0.1",
        more: str = "",
        ready: bool = True,
        **sizes: Any,
    ) -> Visit:
        """The page with the widget's tag; `name` is 127.0.0.1, which may embed, or localhost, which may not."""
        tag = f'<script src="{self.service}/widget.js" {attributes} defer></script>'
        self.host.body = (
            '<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Website</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            f'<link rel="icon" href="data:,">{tag}{more}</head>'
            '<body><main><h1>Website</h1><p><a href="#x" id="before">Ein Verweis</a></p></main></body></html>'
        )
        self.host.policy = (
            f"default-src 'none'; img-src data:; script-src {self.service}; frame-src {self.service}; "
            "base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
        )
        visit = self.visits.new(**sizes)
        visit.page.goto(f"http://{name}:{self.port}/")
        if ready:
            visit.page.locator("clusterlotse-widget button.open").wait_for()
        return visit


@pytest.fixture(scope="module")
def host() -> Iterator[Host]:
    server = Host(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def service(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The application, with the website allowed to embed it."""
    origin = f"http://127.0.0.1:{host.server_port}"
    with serving(tmp_path_factory.mktemp("widget"), CLUSTERLOTSE_EMBED_ORIGINS=origin) as address:
        yield address


@pytest.fixture
def site(browser: Browser, host: Host, service: str) -> Iterator[Site]:
    visits = Visits(browser, service, [])
    yield Site(visits, host, service)
    for context in visits.opened:
        context.close()


def until(place: Page | Frame, expression: str) -> None:
    """Waits until an expression holds; Playwright's own way needs 'unsafe-eval' in the page's policy."""
    last = time.monotonic() + 10
    while not place.evaluate(expression):
        assert time.monotonic() < last, f"never true: {expression}"
        place.wait_for_timeout(20)


BUTTON_FOCUSED = "document.querySelector('clusterlotse-widget').shadowRoot.activeElement?.className === 'open'"


def pressed(visit: Visit) -> Frame:
    """Opens the window; its frame when the field has the focus."""
    visit.page.locator("button.open").click()
    return framed(visit.page)


def framed(page: Page) -> Frame:
    page.frame_locator("iframe").locator("#question").wait_for()
    frame = page.frames[1]
    until(frame, "document.hasFocus() && document.activeElement.id === 'question'")
    return frame


def test_a_strict_policy_and_trusted_types_let_everything_work(site: Site) -> None:
    visit = site.open()
    frame = pressed(visit)
    answer = ask(frame, KNOWN["de"])
    assert "Silber" in answer.locator(".text").inner_text()
    answer.get_by_role("button", name="Hilfreich", exact=True).click()
    answer.get_by_text("Danke").wait_for()
    assert visit.complaints == []


def test_before_the_button_is_pressed_one_script_is_loaded_and_nothing_else(site: Site) -> None:
    visit = site.open()
    visit.page.wait_for_load_state("networkidle")
    assert [url for url in visit.requests if not url.startswith("data:")] == [
        f"http://127.0.0.1:{site.port}/",
        f"{site.service}/widget.js",
    ]


def test_no_request_goes_elsewhere_and_nothing_is_stored_on_either_side(site: Site) -> None:
    visit = site.open()
    frame = pressed(visit)
    ask(frame, KNOWN["de"])
    origins = {re.sub(r"^(\w+://[^/]+).*", r"\1", url) for url in visit.requests if not url.startswith("data:")}
    assert origins == {f"http://127.0.0.1:{site.port}", site.service}
    assert visit.context.cookies() == []
    for place in (visit.page, frame):
        assert place.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
        assert place.evaluate("indexedDB.databases()") == []


def test_the_keyboard_opens_and_escape_closes_with_the_focus_back_on_the_button(site: Site) -> None:
    visit = site.open()
    page = visit.page
    page.locator("#before").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    frame = framed(page)
    assert page.locator("button.open").get_attribute("aria-expanded") == "true"
    page.keyboard.type(KNOWN["de"])
    page.keyboard.press("Enter")
    frame.locator(".answer").wait_for()
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="hidden")
    until(page, BUTTON_FOCUSED)
    expect(page.locator("button.open")).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Space")
    framed(page)
    assert frame.locator(".answer").count() == 1, "the conversation is still there"
    page.keyboard.press("Escape")
    page.locator("dialog").wait_for(state="hidden")


def test_escape_on_the_website_itself_is_left_to_the_website(site: Site) -> None:
    visit = site.open()
    pressed(visit)
    visit.page.locator("#before").focus()
    visit.page.keyboard.press("Escape")
    assert visit.page.locator("dialog").is_visible()


def test_on_a_phone_the_window_fills_the_screen_and_the_rest_waits(site: Site) -> None:
    visit = site.open(width=360, height=740)
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    frame = pressed(visit)
    assert visit.page.locator("dialog").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 740}
    assert visit.page.locator("dialog").evaluate("e => e.matches(':modal')")
    assert frame.evaluate("document.documentElement.scrollWidth") <= 360
    visit.page.get_by_role("button", name="Schließen").click()
    visit.page.locator("dialog").wait_for(state="hidden")
    until(visit.page, BUTTON_FOCUSED)


def test_a_second_tag_does_nothing(site: Site) -> None:
    more = f'<script src="{site.service}/widget.js" data-language="en" defer></script>'
    visit = site.open(more=more)
    visit.page.wait_for_load_state("networkidle")
    assert visit.page.locator("clusterlotse-widget").count() == 1
    assert visit.page.locator("button.open").inner_text() == LABEL["de"]


def test_language_title_position_and_colour_are_taken_from_the_tag(site: Site) -> None:
    visit = site.open(
        'data-language="en" data-position="left" data-colour="#ffd500" data-title="Ask &lt;b&gt;us&lt;/b&gt;"'
    )
    button = visit.page.locator("button.open")
    assert button.inner_text() == "Ask <b>us</b>"
    assert (button.bounding_box() or {})["x"] == 16
    assert button.evaluate("e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]") == [
        "rgb(255, 213, 0)",
        "rgb(0, 0, 0)",
    ]
    frame = pressed(visit)
    assert frame.locator("html").get_attribute("lang") == "en"
    assert visit.page.locator("iframe").get_attribute("title") == "Ask <b>us</b>"


@pytest.mark.parametrize("colour", ["red;} *{display:none", "#12345", "#12345g", "url(//x.example)", ""])
def test_an_invalid_colour_is_ignored(site: Site, colour: str) -> None:
    visit = site.open(f'data-colour="{colour}"')
    assert visit.page.locator("button.open").evaluate(
        "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]"
    ) == ["rgb(11, 74, 111)", "rgb(255, 255, 255)"]
    assert visit.page.locator("h1").is_visible()


def test_an_origin_that_is_not_allowed_cannot_frame_the_page(site: Site) -> None:
    visit = site.open(name="localhost")
    visit.page.locator("button.open").click()
    visit.page.locator("iframe").wait_for()
    visit.page.wait_for_load_state("networkidle")
    assert any("frame-ancestors" in complaint for complaint in visit.complaints)
    assert visit.page.frames[1].locator("#question").count() == 0
    visit.page.get_by_role("button", name="Schließen").click()
    visit.page.locator("dialog").wait_for(state="hidden")


def test_messages_that_do_not_come_from_the_frame_are_ignored(site: Site) -> None:
    visit = site.open()
    frame = pressed(visit)
    visit.page.evaluate("postMessage({ clusterlotse: 'close' }, '*')")
    frame.evaluate(
        """for (const forged of [{ clusterlotse: 'open' }, { type: 'close' }, 'close', null, 7])
          parent.postMessage(forged, '*')"""
    )
    frame.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert visit.page.locator("dialog").is_visible()
    frame.evaluate("parent.postMessage({ clusterlotse: 'close' }, '*')")
    visit.page.locator("dialog").wait_for(state="hidden")


def test_the_frame_answers_nobody_but_the_page_that_holds_it(site: Site) -> None:
    visit = site.open()
    frame = pressed(visit)
    visit.page.evaluate(
        "window.heard = []; addEventListener('message', (event) => heard.push([event.origin, event.data]))"
    )
    frame.evaluate("postMessage({ clusterlotse: 'opened' }, '*')")
    frame.evaluate("new Promise((done) => setTimeout(done, 50))")
    visit.page.keyboard.press("Escape")
    until(visit.page, "heard.length > 0")
    assert visit.page.evaluate("heard") == [[site.service, {"clusterlotse": "close"}]]


def test_links_of_the_frame_leave_it(site: Site) -> None:
    visit = site.open()
    frame = pressed(visit)
    ask(frame, KNOWN["de"])
    targets = frame.locator("a[href^='tel:'], a[href^='mailto:']").evaluate_all("all => all.map(e => e.target)")
    assert len(targets) >= 4
    assert set(targets) == {"_top"}
    assert set(frame.locator("footer nav a, .original a").evaluate_all("all => all.map(e => e.target)")) == {"_blank"}


def test_the_language_switch_stays_within_the_frame_and_escape_still_closes(site: Site) -> None:
    visit = site.open()
    frame = pressed(visit)
    frame.get_by_role("link", name="English").click()
    frame.wait_for_url("**/embed?lang=en&frame=1")
    frame = framed(visit.page)
    assert frame.locator("html").get_attribute("lang") == "en"
    ask(frame, KNOWN["en"])
    visit.page.keyboard.press("Escape")
    visit.page.locator("dialog").wait_for(state="hidden")


def test_a_pinned_script_runs_and_a_changed_one_does_not(site: Site) -> None:
    site.open(f'integrity="{sri_hash()}" crossorigin="anonymous"')
    other = "sha384-" + "A" * 64
    visit = site.open(f'integrity="{other}" crossorigin="anonymous"', ready=False)
    visit.page.wait_for_load_state("networkidle")
    assert visit.page.locator("clusterlotse-widget").count() == 0


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_on_website_and_frame_closed_and_open(site: Site, language: str, width: int) -> None:
    visit = site.open(f'data-language="{language}"', width=width, height=800)
    assert visit.page.locator("button.open").inner_text() == LABEL[language]
    assert violations(visit.page) == []
    frame = pressed(visit)
    ask(frame, KNOWN[language])
    assert violations(visit.page) == []
    assert violations(frame) == []


def test_the_button_speaks_any_language_and_the_frame_the_programmes_first_where_it_lacks_one(site: Site) -> None:
    visit = site.open('data-language="fr"')
    assert visit.page.locator("button.open").inner_text() == "Renseignements automatiques"
    frame = pressed(visit)
    assert visit.page.get_by_role("button", name="Fermer").is_visible()
    assert frame.locator("html").get_attribute("lang") == "de"


def test_the_loader_is_small() -> None:
    assert len(gzip.compress(WIDGET.body, 9)) <= LARGEST_LOADER
