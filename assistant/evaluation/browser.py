"""The browser that measures what people see."""

import importlib.util
import os
import shutil
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any


@contextmanager
def chromium(say: Callable[[str], None]) -> Generator[Any]:
    """Chromium of the system, driven by Playwright; None, with a line that says so, where one of them is missing."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not found or not importlib.util.find_spec("playwright"):
        say("Chromium or Playwright is missing: what it measures is skipped")
        yield None
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()
