"""The chat window in a real browser: what people can do, what leaves their device, and that nobody is shut out."""

import json
import re
import urllib.error
import urllib.request
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Visit, Visits

KNOWN = "Muss jedes Mitglied das Silber-Label haben?"
KNOWN_EN = "Does every member need the Silver Label?"
UNKNOWN = "Wie repariere ich meine Waschmaschine?"


def focused_name(visit: Visit) -> str:
    """What tells the focused element: its id, or that of the nearest element with one."""
    return str(visit.page.evaluate("document.activeElement.closest('[id]')?.id ?? ''"))


def test_a_question_is_asked_and_its_answer_read_by_keyboard_alone(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.className") == "skip"
    visit.page.keyboard.press("Enter")
    assert focused_name(visit) == "question"
    visit.page.keyboard.type(KNOWN)
    visit.page.keyboard.press("Enter")
    answer = visit.answer(0)
    assert "Silber" in answer.locator(".text").inner_text()
    assert re.match(r"Stand.* · \d+ Quellen? · ", answer.locator(".provenance span").inner_text())
    assert visit.page.locator("#question textarea").input_value() == ""
    assert visit.page.locator("#status").inner_text() == "Antwort ist fertig"
    answer.locator("a.marker").first.focus()
    visit.page.keyboard.press("Enter")
    assert visit.page.locator("#sources .quote.pointed").count() == 1
    assert focused_name(visit).startswith("panel-")


def test_sources_show_publication_date_quote_and_original(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    visit.ask(KNOWN)
    card = visit.page.locator("#sources .card").first
    assert card.is_visible()
    assert card.locator("h3").inner_text()
    assert "Stand" in card.locator(".facts").first.inner_text()
    assert len(card.locator(".words").first.inner_text()) > 20
    for link in visit.page.locator("#sources .original a").all():
        assert (link.get_attribute("href") or "").startswith("http")
        assert link.get_attribute("rel") == "noopener noreferrer"


def test_sources_fold_out_under_the_answer_on_a_phone(visits: Visits) -> None:
    visit = visits.new(360, 740)
    visit.open()
    answer = visit.ask(KNOWN)
    assert not visit.page.locator("#sources").is_visible()
    assert not answer.locator(".card").first.is_visible()
    answer.locator("details.sources > summary").click()
    assert answer.locator(".words").first.is_visible()


def test_an_earlier_answer_shows_its_sources_again(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    first = visit.ask(KNOWN)
    visit.ask("Was ist das Gold-Label?")
    assert "Gold-Label" in visit.page.locator("#sources .for").inner_text()
    first.locator(".show-sources").click()
    assert KNOWN in visit.page.locator("#sources .for").inner_text()


def test_english_is_one_link_away(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    visit.page.locator("a.switch").click()
    visit.page.locator("#question textarea").wait_for()
    assert visit.page.url.endswith("/?lang=en")
    assert visit.page.locator("html").get_attribute("lang") == "en"
    assert visit.page.get_by_label("Your question").is_visible()
    assert visit.page.get_by_role("button", name="Ask", exact=True).is_visible()
    answer = visit.ask(KNOWN_EN)
    assert answer.locator(".text").get_attribute("lang") == "en"
    assert "Silver" in answer.locator(".text").inner_text()
    assert answer.get_by_text("Not helpful").is_visible()
    assert visit.page.get_by_role("log", name="Conversation").get_attribute("aria-live") == "off"


def test_a_starter_question_is_asked_with_one_click_and_makes_room(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    starters = visit.page.locator(".starters button")
    assert starters.count() == 6
    assert visit.page.locator(".starters .group").count() == 3
    question = starters.nth(3).inner_text()
    starters.nth(3).click()
    visit.answer(0)
    assert question in visit.page.locator("#chat .asked").inner_text()
    assert not visit.page.locator(".starters").is_visible()


def test_a_follow_up_is_understood_in_the_same_conversation(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    first = visit.ask("Wie lange gilt das Silber-Label?")
    second = visit.ask("Und das Gold-Label?")
    assert "Gold" in second.locator(".text").inner_text()
    codes = {a.locator(".code").first.text_content() for a in (first, second)}
    assert len(codes) == 1


def test_clicking_a_suggestion_asks_it(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    answer = visit.ask(KNOWN)
    suggestion = answer.locator(".suggestions button").first
    question = suggestion.inner_text()
    suggestion.click()
    visit.answer(1)
    assert question in visit.page.locator("#chat .asked").last.inner_text()


@pytest.mark.parametrize("width", [1280, 360])
def test_a_vague_question_offers_options_as_buttons(visits: Visits, width: int) -> None:
    visit = visits.new(width, 740)
    visit.open()
    answer = visit.ask("Label")
    assert answer.get_attribute("data-status") == "clarify"
    assert 2 <= answer.locator(".options button").count() <= 4
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    answer.locator(".options button").first.focus()
    visit.page.keyboard.press("Enter")
    assert visit.answer(1).get_attribute("data-status") in ("answered", "partial")


def test_feedback_with_a_reason_reaches_the_server(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    answer = visit.ask(KNOWN)
    answer.get_by_text("Nicht hilfreich").click()
    with visit.page.expect_response(lambda response: "/feedback" in response.url) as received:
        answer.get_by_role("button", name="Veraltet").click()
    assert received.value.status == 204
    assert received.value.request.post_data_json == {"rating": "down", "reason": "outdated"}
    answer.get_by_text("Danke für Ihre Rückmeldung.").wait_for()
    assert answer.get_by_role("button", name="Hilfreich", exact=True).count() == 0
    assert visit.page.evaluate("document.activeElement.className") == "given"


def test_a_rating_without_a_chosen_reason_is_not_lost(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    answer = visit.ask(KNOWN)
    answer.get_by_text("Nicht hilfreich").click()
    answer.locator(".rate .fold[open]").wait_for()
    with visit.page.expect_response(lambda response: "/feedback" in response.url) as received:
        visit.ask("Was ist das Gold-Label?")
    assert received.value.request.post_data_json == {"rating": "down"}


def test_copying_takes_text_provenance_and_sources(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    answer = visit.ask(KNOWN)
    answer.locator("[data-act=copy]").click()
    answer.get_by_text("Kopiert").wait_for()
    copied = str(visit.page.evaluate("navigator.clipboard.readText()"))
    assert "Silber" in copied
    assert "[1]" in copied
    assert answer.locator(".provenance span").inner_text() in copied


def test_the_hotline_panel_has_phone_prepared_mail_and_caller_code(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    answer = visit.ask(KNOWN)
    panel = answer.locator(".panel.contact")
    assert not panel.is_visible()
    answer.get_by_text("An die Hotline").click()
    assert panel.is_visible()
    assert (panel.locator("a.phone").get_attribute("href") or "").startswith("tel:+49")
    assert "Silber" in (panel.locator("a.mail").get_attribute("href") or "")
    assert re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}", panel.locator(".code").inner_text())


def test_a_decline_is_friendly_and_names_hotline_and_answerable_questions(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    answer = visit.ask(UNKNOWN)
    assert (answer.get_attribute("data-status") or "").startswith("declined")
    assert "+49" in answer.locator("a.phone").inner_text()
    assert answer.locator(".suggestions button").count() == 3
    assert not visit.page.locator("#sources").is_visible()


def test_what_was_refused_for_personal_data_is_not_put_into_the_mail(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    answer = visit.ask("Meine IBAN ist DE89370400440532013000.")
    assert answer.get_attribute("data-status") == "declined_personal_data"
    assert answer.locator(".contact a.mail").get_attribute("href") == "mailto:info@go-cluster.de"


def test_markup_in_a_question_stays_text(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    visit.ask('<img src=x onerror="document.title=1"> **fett** $$x$$ <b>Was ist das Silber-Label?</b>')
    asked = visit.page.locator("#chat .asked").last
    assert asked.locator("img, b, strong").count() == 0
    assert "**fett** $$x$$ <b>" in asked.inner_text()


def test_nothing_leaves_the_origin_nothing_is_stored_and_no_policy_is_violated(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    answer = visit.ask(KNOWN)
    answer.get_by_role("button", name="Hilfreich", exact=True).click()
    answer.get_by_text("Danke").wait_for()
    visit.page.locator("a.switch").click()
    visit.page.locator("#question textarea").wait_for()
    visit.ask(KNOWN_EN)
    assert {re.sub(r"^(\w+://[^/]+).*", r"\1", url) for url in visit.requests} == {visit.address}
    assert visit.context.cookies() == []
    assert visit.page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    assert visit.page.evaluate("indexedDB.databases()") == []
    assert visit.complaints == []


def test_the_client_sends_its_question_alone_and_no_token_or_earlier_turns(visits: Visits) -> None:
    visit = visits.new()
    sent: list[Any] = []
    visit.page.on(
        "request",
        lambda request: (
            sent.append(request.post_data_json["data"]) if request.url.split("?")[0].endswith("/queue/join") else None
        ),
    )
    visit.open()
    visit.ask(KNOWN)
    visit.ask("Und das Gold-Label?")
    assert sent == [[KNOWN, None], ["Und das Gold-Label?", None]]


@pytest.mark.parametrize("width", [320, 360, 768])
def test_narrow_pages_do_not_scroll_sideways(visits: Visits, width: int) -> None:
    visit = visits.new(width, 740)
    visit.open()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width
    visit.ask(KNOWN).locator("details.sources > summary").click()
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_lines_of_an_answer_are_at_most_seventy_characters_long(visits: Visits) -> None:
    visit = visits.new()
    visit.open()
    text = visit.ask(KNOWN).locator(".text")
    measured = text.evaluate(
        """e => {
          const s = document.createElement('span');
          s.textContent = '0'.repeat(70);
          s.style.whiteSpace = 'nowrap';
          e.append(s);
          const w = s.offsetWidth;
          s.remove();
          return [e.offsetWidth, w];
        }"""
    )
    assert measured[0] <= measured[1] + 1


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_axe_finds_nothing_in_any_state(visits: Visits, colours: Literal["light", "dark"], width: int) -> None:
    visit = visits.new(width, 800, colours)
    visit.open()
    assert violations(visit) == []
    for question in (UNKNOWN, "Label", KNOWN):
        answer = visit.ask(question)
    for summary in answer.locator("summary").all():
        if summary.is_visible():
            summary.click()
    assert violations(visit) == []


@pytest.mark.parametrize("name", ["imprint", "privacy", "accessibility"])
def test_the_operators_pages_open_from_the_footer(visits: Visits, name: str) -> None:
    visit = visits.new()
    visit.open()
    visit.page.locator(f"footer a[href^='/pages/{name}']").click()
    visit.page.locator("h1").wait_for()
    assert violations(visit) == []


def violations(visit: Visit) -> list[str]:
    """What axe finds, with the elements."""
    found: list[dict[str, Any]] = Axe().run(visit.page).response["violations"]
    return [f"{v['id']}: {[node['target'] for node in v['nodes']]}" for v in found]


def status_of(
    address: str, *, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str]]:
    """Status and headers of a request without a browser."""
    request = urllib.request.Request(address, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, dict(response.headers)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers)


@pytest.mark.parametrize(
    "path",
    ["/gradio_api/upload", "/gradio_api/info", "/config", "/openapi.json", "/gradio_api/openapi.json", "/gradio_api/run/respond",
     "/gradio_api/call/respond", "/gradio_api/runs", "/gradio_api/file=app.py", "/gradio_api/startup-events",
     "/monitoring", "/login", "/docs", "/static/img/logo.svg", "/assets/../config", "/gradio_api/reset"],
)  # fmt: skip
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_routes_that_the_page_does_not_need_are_refused(address: str, path: str, method: str) -> None:
    assert status_of(address + path, method=method, body=b"{}" if method == "POST" else None)[0] == 404


def test_no_foreign_origin_is_mirrored(address: str) -> None:
    for path in ("/", "/gradio_api/queue/join", "/api/v1/starter-questions", "/theme.css"):
        _, headers = status_of(address + path, headers={"Origin": "https://elsewhere.example"})
        assert not [name for name in headers if name.lower().startswith("access-control")]


def test_every_route_carries_the_headers_that_protect(address: str) -> None:
    for path, frames in (
        ("/", "'none'"),
        ("/pages/imprint", "'none'"),
        ("/embed", "'self'"),
        ("/api/v1/starter-questions", "'none'"),
        ("/theme.css", "'none'"),
        ("/nowhere", "'none'"),
    ):
        _, headers = status_of(address + path)
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert f"frame-ancestors {frames}" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "camera=()" in headers["permissions-policy"]


def test_a_body_above_64_kilobytes_is_refused(address: str) -> None:
    body = json.dumps({"question": "x" * 70_000}).encode()
    for path in ("/api/v1/ask", "/gradio_api/queue/join"):
        status, headers = status_of(
            address + path, method="POST", body=body, headers={"Content-Type": "application/json"}
        )
        assert (status, headers["content-type"]) == (413, "application/problem+json")
