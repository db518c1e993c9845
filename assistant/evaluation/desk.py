"""Speed of the desk's look-up: every keystroke of real questions, to the finished HTML, and in a browser to what
stands on the screen."""

import itertools
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.desk.look_up import LookUp
from assistant.desk.opened import OpenedIndex
from assistant.evaluation.browser import chromium
from assistant.evaluation.question_sets import own_rows
from assistant.surfaces.desk.look_up_pages import AnswerCards, warm
from assistant.surfaces.desk.rendering import render
from index.values import CuratedEntry

LOOKED_UP_PASSAGES = 5_000
TARGET_MS = 100.0
SHORT = 40
"""Characters of a question that is typed while somebody speaks."""
KEY_MS = 180
"""Between two keys: a quick typist."""
_SHOWN = """window.shown = []; let since = 0;
const field = document.querySelector("#q"), results = document.querySelector("#results");
field.addEventListener("input", () => { since = performance.now(); }, true);
new MutationObserver(() => {
  if (results.dataset.query !== field.value.trim() || !since) return;
  const begun = since;
  since = 0;
  requestAnimationFrame(() => { window.shown.push(performance.now() - begun); });
}).observe(results, { attributes: true, childList: true, subtree: true });"""


def typed(count: int = 5) -> tuple[str, ...]:
    """Short questions of the own set, as a quick typist types them."""
    short = (
        r.turns[0].lower().strip(" ?") for r in own_rows() if r.single and r.answerable and len(r.turns[0]) < SHORT
    )
    return tuple(itertools.islice(short, count))


def bench_look_up(
    opened: OpenedIndex, entries: Sequence[CuratedEntry], say: Callable[[str], None], count: int = 60
) -> dict[str, Any]:
    """Milliseconds a keystroke: median and 95th percentile, against the target of a tenth of a second."""
    look_up, card = LookUp(opened), AnswerCards("Hotline")
    warm(look_up, entries)  # as a server does
    questions = [r.turns[0] for r in own_rows() if len(r.turns) == 1 and r.answerable][:count]
    typed = [q[:end] for q in questions for end in range(4, len(q) + 1, 8)]
    took: list[float] = []
    for text in [*typed[:10], *typed]:
        begun = time.perf_counter()
        found = look_up.find(text)
        render("results.html", "de", found=found, card=card)
        took.append((time.perf_counter() - begun) * 1e3)
    p50, p95 = (round(float(np.percentile(took[10:], q)), 1) for q in (50, 95))
    counts = opened.state.counts
    say(
        f"look-up at the desk, {counts['passages']} passages, {len(typed)} keystrokes: p50 {p50} ms, p95 {p95} ms (target p95 {TARGET_MS:.0f} ms)"
    )
    return {
        "passages": counts["passages"],
        "keystrokes": len(typed),
        "p50_ms": p50,
        "p95_ms": p95,
        "target_p95_ms": TARGET_MS,
    }


def bench_typing(port: int, environment: Mapping[str, str], say: Callable[[str], None]) -> dict[str, Any]:
    """Milliseconds from a key to the results on the screen, in a browser signed in at the server of a port;
    `environment` is that server's."""
    password = secrets.token_urlsafe(16)
    app = Path(__file__).parents[2] / "app.py"
    with chromium(say) as browser:
        if browser is None:
            return {}
        subprocess.run(
            [sys.executable, str(app), "staff", "add", "bench", "--role", "agent"],
            env=environment,
            input=f"{password}\n",
            text=True,
            check=True,
            capture_output=True,
            timeout=120,
        )
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}/desk/?lang=de")
        page.fill("#name", "bench")
        page.fill("#password", password)
        page.keyboard.press("Enter")
        page.wait_for_selector("#results", state="attached")
        page.evaluate(_SHOWN)
        for text in typed():
            page.fill("#q", "")
            page.keyboard.type(text, delay=KEY_MS)
            page.wait_for_timeout(1000)
        took = [float(ms) for ms in page.evaluate("window.shown")]
    if not took:
        raise RuntimeError("the look-up showed nothing while somebody typed")
    p50, p95 = (round(float(np.percentile(took, q)), 1) for q in (50, 95))
    say(
        f"look-up in the browser, {len(took)} keystrokes: p50 {p50} ms, p95 {p95} ms until the results are shown (target p95 {TARGET_MS:.0f} ms)"
    )
    return {"keystrokes": len(took), "p50_ms": p50, "p95_ms": p95, "target_p95_ms": TARGET_MS}
