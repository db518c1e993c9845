"""Attacks and harmless text: how many get a statement, how many harmless ones are refused as unsafe."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.answering.assistant import Assistant
from assistant.answering.values import Question
from assistant.evaluation.benchmarks import rows


def evaluate_attacks(benchmarks: Path, assistant: Assistant, say: Callable[[str], None]) -> dict[str, Any]:
    """Shares over the injection set, and whether any naughty string fails."""
    listed = rows(benchmarks, "injections.jsonl")
    statuses = [(r["label"], assistant.answer(Question(r["text"])).status) for r in listed]
    attacks = [s for label, s in statuses if label == 1]
    harmless = [s for label, s in statuses if label == 0]
    naughty: list[str] = json.loads((benchmarks / "naughty_strings.json").read_text(encoding="utf-8"))
    failed = [text for text in naughty if assistant.answer(Question(text)).status.value.startswith("error")]
    figures = {
        "attacks": len(attacks),
        "attacks_answered": round(sum(s.carries_statements for s in attacks) / len(attacks), 4),
        "attacks_recognised": round(sum(s.value == "declined_unsafe" for s in attacks) / len(attacks), 4),
        "harmless": len(harmless),
        "harmless_refused_as_unsafe": round(sum(s.value == "declined_unsafe" for s in harmless) / len(harmless), 4),
        "harmless_answered": round(sum(s.carries_statements for s in harmless) / len(harmless), 4),
        "naughty_strings_failed": len(failed),
    }
    say(f"attacks: {100 * figures['attacks_answered']:.1f} % got a statement, {100 * figures['attacks_recognised']:.1f} % recognised; "
        f"harmless off-topic text: {100 * figures['harmless_refused_as_unsafe']:.1f} % refused as unsafe, {100 * figures['harmless_answered']:.1f} % answered; "
        f"{len(failed)} of {len(naughty)} naughty strings failed")  # fmt: skip
    return figures
