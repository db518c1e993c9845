"""The real application and a real browser, once a session."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).parents[2]
START_SECONDS = 90
# Gradio renders an answer more than once; on a busy machine a click between two renderings would be lost.
_QUIET = """() => new Promise(done => {
  let quiet = setTimeout(done, 400);
  setTimeout(done, 5000);
  new MutationObserver(() => { clearTimeout(quiet); quiet = setTimeout(done, 400); })
    .observe(document.querySelector("#chat"), {childList: true, subtree: true});
})"""


def _refuse(reason: str) -> None:
    """Skips, or fails where a browser is required."""
    if os.environ.get("REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium from the environment variable CHROMIUM or the path."""
    found = (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if not found:
        _refuse("no Chromium: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the application serves, with the index of the repository and records of its own."""
    if not (ROOT / "var" / "index" / "current").exists():
        _refuse("no index: build one with `python app.py index`")
    with serving(tmp_path_factory.mktemp("records")) as served:
        yield served


@contextmanager
def serving(folder: Path, *arguments: str, **environment: str) -> Iterator[str]:
    """Serves with records of its own below a folder; the address."""
    port = _free_port()
    settings = {
        **os.environ,
        "CLUSTERLOTSE_DATABASE_URL": f"sqlite:///{folder / 'records.sqlite'}",
        "CLUSTERLOTSE_RATE_PER_MINUTE": "1000",
        "CLUSTERLOTSE_EMBED_ORIGINS": "",
        **environment,
    }
    command = [sys.executable, "app.py", "serve", "--port", str(port), *arguments]
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=log, stderr=log)
        served = f"http://127.0.0.1:{port}"
        try:
            _wait_until_ready(server, served, folder / "log")
            yield served
        finally:
            server.terminate()
            server.wait(15)


def _wait_until_ready(server: "subprocess.Popen[bytes]", served: str, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{served}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    pytest.fail(f"the application did not start: {log.read_text()[-2000:]}")


@dataclass
class Visit:
    """A visitor's page, with everything that it requested, stored and complained about."""

    page: Page
    context: BrowserContext
    address: str
    requests: list[str] = field(default_factory=list[str])
    complaints: list[str] = field(default_factory=list[str])

    def open(self, path: str = "/?lang=de") -> None:
        """Opens the chat window and waits until it can be asked."""
        self.page.goto(self.address + path)
        self.page.locator("#question textarea").wait_for()

    def ask(self, question: str) -> Any:
        """Asks by keyboard; the new answer."""
        before = self.page.locator("#chat .answer").count()
        self.page.locator("#question textarea").fill(question)
        self.page.keyboard.press("Enter")
        return self.answer(before)

    def answer(self, number: int) -> Any:
        """The answer with a number, from 0, when it is there."""
        found = self.page.locator("#chat .answer").nth(number)
        found.wait_for(timeout=20_000)
        self.page.evaluate(_QUIET)
        return found


@dataclass(frozen=True)
class Visits:
    """Opens visits of any size and colour scheme."""

    browser: Browser
    address: str
    opened: list[BrowserContext]

    def new(self, width: int = 1280, height: int = 900, colours: Literal["light", "dark"] = "light") -> Visit:
        """A fresh visitor."""
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=colours,
            permissions=["clipboard-read", "clipboard-write"],
        )
        self.opened.append(context)
        visit = Visit(context.new_page(), context, self.address)
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on(
            "console",
            lambda message: visit.complaints.append(message.text) if message.type in ("error", "warning") else None,
        )
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        return visit


@pytest.fixture
def visits(browser: Browser, address: str) -> Iterator[Visits]:
    """Visitors of one test."""
    visits = Visits(browser, address, [])
    yield visits
    for context in visits.opened:
        context.close()
