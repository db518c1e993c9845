"""Browsers that are signed in at the desk."""

from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from desk_server import PASSWORD, DeskServer
from playwright.sync_api import Browser, BrowserContext, Page

AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@dataclass
class DeskVisits:
    """Browsers that are signed in."""

    browser: Browser
    server: DeskServer
    opened: list[BrowserContext] = field(default_factory=list[BrowserContext])
    complaints: list[str] = field(default_factory=list[str])
    requests: list[str] = field(default_factory=list[str])

    def new(self, width: int = 1280, height: int = 900, language: str = "de") -> Page:
        """A browser that is not signed in."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            permissions=["clipboard-read", "clipboard-write"],
            locale=language,
        )
        self.opened.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None,
        )
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        return page

    def sign_in(self, name: str, **sizes: Any) -> Page:
        """A browser signed in by keyboard."""
        page = self.new(**sizes)
        page.goto(f"{self.server.address}/desk/?lang={sizes.get('language', 'de')}")
        page.locator("#name").fill(name)
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/desk/")
        if sizes.get("language") == "en":
            page.goto(f"{self.server.address}/desk/?lang=en")
        return page

    def close(self) -> None:
        """Ends all."""
        for context in self.opened:
            context.close()
        self.opened.clear()


def violations(page: Page) -> list[str]:
    """What axe finds, with the elements."""
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})  # type: ignore[arg-type] - the package types its options too narrowly
    return [f"{v['id']}: {[node['target'] for node in v['nodes']]}" for v in result.response["violations"]]
