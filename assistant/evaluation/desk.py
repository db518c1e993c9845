"""Speed of the desk's look-up: every keystroke of real questions, from the query to the finished HTML."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from assistant.answering.evidence import Entry
from assistant.desk.look_up import LookUp
from assistant.desk.opened import OpenedIndex
from assistant.evaluation.answers import load_questions
from assistant.evaluation.calibrate import QUESTIONS
from assistant.surfaces.desk.look_up_pages import AnswerCards, warm
from assistant.surfaces.desk.rendering import render

LOOKED_UP_PASSAGES = 5_000
TARGET_MS = 100.0


def bench_look_up(opened: OpenedIndex, entries: Sequence[Entry], say: Callable[[str], None], count: int = 60) -> dict[str, Any]:
    """Milliseconds a keystroke: median and 95th percentile, against the target of a tenth of a second."""
    look_up, card = LookUp(opened), AnswerCards("Hotline")
    warm(look_up, entries)  # as a server does
    questions = [r.turns[0] for r in load_questions(QUESTIONS) if len(r.turns) == 1 and r.answerable][:count]
    typed = [q[:end] for q in questions for end in range(4, len(q) + 1, 8)]
    took: list[float] = []
    for text in [*typed[:10], *typed]:
        begun = time.perf_counter()
        found = look_up.find(text)
        render("results.html", "de", found=found, card=card)
        took.append((time.perf_counter() - begun) * 1e3)
    p50, p95 = (round(float(np.percentile(took[10:], q)), 1) for q in (50, 95))
    counts = opened.state.counts
    say(f"look-up at the desk, {counts['passages']} passages, {len(typed)} keystrokes: p50 {p50} ms, p95 {p95} ms (target p95 {TARGET_MS:.0f} ms)")
    return {"passages": counts["passages"], "keystrokes": len(typed), "p50_ms": p50, "p95_ms": p95, "target_p95_ms": TARGET_MS}
