"""Knowing when not to answer: half of XQuAD's articles indexed, all questions asked; the curve of risk against
coverage."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.assistant import Assistant
from assistant.evaluation.benchmarks import opened_search, rows, xquad_corpus

COVERAGES = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1.0)


def evaluate_decisions(benchmarks: Path, embedder: Any, say: Callable[[str], None]) -> dict[str, Any]:
    """False answers (share of the unanswerable that are answered) at each share of the answerable that is answered."""
    passages, queries = rows(benchmarks, "xquad_passages.jsonl"), rows(benchmarks, "xquad_queries.jsonl")
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for text in ("de", "en"):
            kept = [p for p in passages if p["article"] % 2 == 0]
            search = opened_search(
                xquad_corpus(Path(scratch) / text, kept, text), Path(scratch) / f"{text}-index", embedder
            )
            assistant = Assistant(search, search.content.programme, search.manifest.model)
            inside = {p["pid"] for p in kept}
            for asked in ("de", "en"):
                decided = [assistant.decide(q[f"q_{asked}"], asked) for q in queries]
                answerable = [q["pid"] in inside for q in queries]
                curve = risk_at_coverage([d.probability for d in decided], answerable)
                shipped = [d.status in ("answered", "partial", "clarify") for d in decided]
                false = sum(s for s, a in zip(shipped, answerable, strict=True) if not a) / max(
                    1, answerable.count(False)
                )
                answered = sum(s for s, a in zip(shipped, answerable, strict=True) if a) / max(
                    1, answerable.count(True)
                )
                direction = f"XQuAD halves {asked}>{text}"
                results[direction] = {
                    "curve": curve,
                    "shipped": {"answered": round(answered, 4), "false_answers": round(false, 4)},
                }
                say(
                    f"{direction}: at 90 % answered {100 * curve['0.9']:.2f} % false answers; with the shipped threshold {100 * answered:.1f} % answered, {100 * false:.2f} % false"
                )
    return results


def risk_at_coverage(probabilities: Sequence[float], answerable: Sequence[bool]) -> dict[str, float]:
    """For each coverage the share of unanswerable questions whose probability reaches that of the answerable at
    this quantile."""
    p, a = np.asarray(probabilities), np.asarray(answerable)
    curve: dict[str, float] = {}
    for coverage in COVERAGES:
        threshold = np.quantile(p[a], 1 - coverage)
        curve[str(coverage)] = round(float((p[~a] >= threshold).mean()), 4)
    return curve
