"""Answers over HTTP under load, and what the pages weigh; the load generator runs on the same cores."""

import gzip
import http.client
import json
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from assistant.evaluation.browser import chromium
from assistant.evaluation.question_sets import own_rows

CLIENTS = 16
CONVERSATIONS = 200
_ANSWER_SEEN = """addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const begun = performance.now();
  const watch = new MutationObserver(() => {
    if (!document.querySelector("sup")) return;  // a marker: the answer is there
    watch.disconnect();
    requestAnimationFrame(() => { window.answerSeen = performance.now() - begun; });
  });
  watch.observe(document.body, { childList: true, subtree: true, characterData: true });
}, true);"""


def bench_load(port: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Answers a second to distinct and to repeated questions, and 200 conversations at once."""
    texts = [r.turns[0] for r in own_rows() if len(r.turns) == 1 and r.answerable]
    results: dict[str, Any] = {}
    for name, question in (
        ("distinct", lambda n: texts[n] if n < len(texts) else f"{texts[n % len(texts)]} ({n})"),
        ("repeated", lambda n: texts[n % 20]),
    ):
        times, failed, took = _clients(port, question, CLIENTS, seconds)
        results[name] = {
            "answers_per_second": round(len(times) / took, 1),
            "p95_ms": round(float(np.percentile(times, 95)) * 1e3, 1),
            "failed": failed,
        }
        say(
            f"{name} questions over HTTP: {results[name]['answers_per_second']}/s, p95 {results[name]['p95_ms']} ms, {failed} failed"
        )
    results["conversations"] = _conversations(port, texts)
    say(
        f"{CONVERSATIONS} conversations at once, two turns each: {results['conversations']['completed']} completed, p95 {results['conversations']['p95_ms']} ms a turn"
    )
    return results


def _post(connection: http.client.HTTPConnection, body: dict[str, Any]) -> dict[str, Any] | None:
    connection.request("POST", "/api/v1/ask", json.dumps(body).encode(), {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    return json.loads(content) if response.status == 200 else None


def _clients(port: int, question: Callable[[int], str], count: int, seconds: float) -> tuple[list[float], int, float]:
    times: list[float] = []
    failed = 0
    lock, begin = threading.Lock(), time.perf_counter()

    def work(number: int) -> None:
        nonlocal failed
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        n = number
        while time.perf_counter() - begin < seconds:
            started = time.perf_counter()
            answer = _post(connection, {"question": question(n)})
            with lock:
                times.append(time.perf_counter() - started)
                failed += answer is None
            n += count
        connection.close()

    _run([threading.Thread(target=work, args=(n,)) for n in range(count)])
    return times, failed, time.perf_counter() - begin


def _conversations(port: int, texts: Sequence[str]) -> dict[str, Any]:
    times: list[float] = []
    completed = 0
    lock = threading.Lock()

    def work(number: int) -> None:
        nonlocal completed
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        token: str | None = None
        for question in (texts[number % len(texts)], f"Und {2015 + number % 6}?"):
            started = time.perf_counter()
            answer = _post(connection, {"question": question, **({"conversation": token} if token else {})})
            with lock:
                times.append(time.perf_counter() - started)
            if answer is None:
                return
            token = answer["conversation"]
        with lock:
            completed += 1
        connection.close()

    _run([threading.Thread(target=work, args=(n,)) for n in range(CONVERSATIONS)])
    return {"started": CONVERSATIONS, "completed": completed, "p95_ms": round(float(np.percentile(times, 95)) * 1e3, 1)}


def _run(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def bench_pages(port: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Weight (gzip), requests and first paint of the plain page and of the Gradio page, in one browser; the
    loader's weight."""
    results: dict[str, Any] = {"loader_gzip_bytes": _gzip_size(port, "/widget.js")}
    say(f"/widget.js: {results['loader_gzip_bytes']} bytes gzip")
    with chromium(say) as browser:
        if browser is None:
            return results
        results["blank_page_first_paint_ms"] = _blank(browser)
        say(f"first paint of a page with one line of text: {results['blank_page_first_paint_ms']} ms")
        for name, path, field in (("plain page", "/embed", "[name=question]"), ("gradio page", "/", "textarea")):
            results[name] = _visit(browser, port, path, field)
            say(f"{name}: {results[name]}")
    return results


def _visit(browser: Any, port: int, path: str, field: str) -> dict[str, Any]:
    """Medians over visits: first paint in an empty browser profile and in one that came before, and from Enter
    until the answer stands in the page."""
    paints: list[float] = []
    again: list[float] = []
    answered: list[float] = []
    seen: list[str] = []
    for attempt in range(5):
        page = browser.new_page()
        page.add_init_script(_ANSWER_SEEN)
        page.on("request", lambda request, attempt=attempt: seen.append(request.url) if attempt == 0 else None)
        for found in (paints, again):
            page.goto(f"http://127.0.0.1:{port}{path}?lang=de")
            page.wait_for_selector(field)
            found.append(_first_paint(page))
        page.fill(field, f"{own_rows()[0].turns[0]} ({attempt})")
        page.keyboard.press("Enter")
        page.wait_for_function("() => window.answerSeen", timeout=20_000)
        answered.append(float(page.evaluate("window.answerSeen")))
        page.close()
    weight = sum(
        _gzip_size(port, url.split(f":{port}", 1)[1])
        for url in dict.fromkeys(seen)
        if "queue" not in url and "heartbeat" not in url
    )
    paint = {
        "first_paint_ms": round(float(np.median(paints)), 1),
        "first_paint_again_ms": round(float(np.median(again)), 1),
    }
    return {
        "requests": len(dict.fromkeys(seen)),
        "gzip_bytes": weight,
        **paint,
        "answer_visible_ms": round(float(np.median(answered)), 1),
    }


def _first_paint(page: Any) -> float:
    for _ in range(100):
        if painted := page.evaluate(
            "(performance.getEntriesByName('first-contentful-paint')[0] || {startTime: 0}).startTime"
        ):
            return float(painted)
        page.wait_for_timeout(20)
    raise RuntimeError("the browser painted nothing within two seconds")


def _blank(browser: Any) -> float:
    """First paint (ms) of a page with one line of text and no request but its own: what the browser itself takes on
    this machine."""
    paints: list[float] = []
    for _ in range(5):
        page = browser.new_page()
        page.route(
            "**/*",
            lambda route: route.fulfill(content_type="text/html", body="<!doctype html><title>-</title><p>Guten Tag"),
        )
        page.goto("http://127.0.0.1/")
        paints.append(_first_paint(page))
        page.close()
    return round(float(np.median(paints)), 1)


def _gzip_size(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return len(gzip.compress(content)) if response.status == 200 else 0
