"""A desk of its own for the browser tests: a server with a copy of corpus and index, accounts, and signed-in browsers."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parents[2]
PASSWORD = "ein langes Passwort"
ACCOUNTS = {"anna": "editor", "bert": "editor", "chris": "agent", "dora": "admin"}
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
START_SECONDS = 90


@dataclass
class DeskServer:
    """A running server whose data lie in a folder of their own."""

    folder: Path
    address: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    environment: dict[str, str] = field(default_factory=dict[str, str])

    def prepare(self) -> None:
        """Copies corpus and index; the converted model is shared."""
        data = self.folder / "data"
        data.mkdir(parents=True)
        (data / "models").symlink_to(ROOT / "var" / "models")
        shutil.copytree(ROOT / "var" / "index", data / "index")
        shutil.copytree(ROOT / "corpus", self.folder / "corpus")
        self.environment = {
            **os.environ, "CLUSTERLOTSE_DATA": str(data), "CLUSTERLOTSE_CORPUS": str(self.folder / "corpus"), "CLUSTERLOTSE_RATE_PER_MINUTE": "1000",
            "CLUSTERLOTSE_SIGNATURE": "Hotline Probe\\n+49 30 1234567",
        }  # fmt: skip
        self.environment.pop("CLUSTERLOTSE_DATABASE_URL", None)
        for name, role in ACCOUNTS.items():
            self.command("staff", "add", name, "--role", role, said=PASSWORD + "\n")

    def command(self, *arguments: str, said: str = "") -> "subprocess.CompletedProcess[str]":
        """Runs `app.py` with this server's settings."""
        done = subprocess.run([sys.executable, "app.py", *arguments], cwd=ROOT, env=self.environment, input=said, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode in (0, 1), done.stderr
        return done

    def start(self) -> None:
        """Starts and waits until it is ready."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        log = (self.folder / "log").open("a")
        self.process = subprocess.Popen([sys.executable, "app.py", "serve", "--port", str(port)], cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"the server did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        """Ends it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(15)

    def ask(self, question: str, language: str = "de") -> Any:
        """An answer of the API."""
        body = json.dumps({"question": question, "language": language}).encode()
        request = urllib.request.Request(f"{self.address}/api/v1/ask", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())


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
        context = self.browser.new_context(viewport={"width": width, "height": height}, permissions=["clipboard-read", "clipboard-write"], locale=language)
        self.opened.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text) if message.type in ("error", "warning") else None)
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
    result = Axe().run(page, options={"runOnly": {"type": "tag", "values": AXE_TAGS}})  # type: ignore[arg-type]
    return [f"{v['id']}: {[node['target'] for node in v['nodes']]}" for v in result.response["violations"]]
