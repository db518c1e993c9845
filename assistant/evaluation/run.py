"""`app.py evaluate`: runs the measures, prints the tables, writes a report, and fails below the stored figures."""

import datetime
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assistant.answering.assistant import Assistant
from assistant.evaluation.answers import Expected, Judged, figures, load_questions, run_questions
from assistant.evaluation.calibrate import QUESTIONS
from assistant.evaluation.report import write_report
from assistant.settings import Settings

FLOORS = QUESTIONS.with_name("floors.json")
"""The figures below which the quick evaluation fails."""
HELD_OUT = QUESTIONS.with_name("held_out.jsonl")
"""Questions in other words, kept apart: their single results are not shown, so that nobody tunes to them."""
MEASURES = ("retrieval", "decisions", "answers", "attacks")


def evaluate(
    settings: Settings,
    only: Sequence[str] | None,
    json_file: Path | None,
    *,
    quick: bool,
    open_index: Callable[..., Any],
    embedder: Callable[..., Any],
    say: Callable[[str], None],
    further: Sequence[Expected] = (),
) -> bool:
    """True when nothing is below its floor; `further` are questions that were added at the desk. Measures that need the benchmark sets are skipped with a message where these are missing."""
    chosen = tuple(only) if only else ("answers",) if quick else MEASURES
    if unknown := set(chosen) - set(MEASURES):
        raise ValueError(f"unknown measure {sorted(unknown)[0]!r}; known are {', '.join(MEASURES)}")
    model = embedder(settings)
    results: dict[str, Any] = {
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "model": model.model_id,
    }
    judged: list[Judged] = []
    if "answers" in chosen:
        opened = open_index(settings, settings.index_folder, model)
        judged = run_questions(opened.assistant, [*load_questions(QUESTIONS), *further])
        results["answers"] = {**figures(judged), "snapshot": opened.state.snapshot}
        _print_answers(results["answers"], judged, say)
        if not quick:
            apart = figures(run_questions(opened.assistant, load_questions(HELD_OUT)))
            results["held_out"] = {
                name: apart[name]
                for name in (
                    "questions",
                    "right",
                    "right_by_language",
                    "follow_ups",
                    "false_refusals",
                    "false_answers",
                    "said_what_must_not_be_said",
                )
            }
            say(f"held out (never listed, nothing is tuned on it): {results['held_out']}")
            results["one_entry_only"] = {**_with_one_entry(opened.assistant), "answers_of_two": _answers_of_two(judged)}
            say(
                f"right, were two entries with nearly the same score not given together (and the share of answers of two): {results['one_entry_only']}"
            )
    for name in ("retrieval", "decisions", "attacks"):
        if name not in chosen:
            continue
        if settings.benchmarks is None:
            say(f"{name}: skipped, CLUSTERLOTSE_BENCHMARKS names no folder with the measuring sets")
            continue
        results[name] = _benchmark(name, settings, model, open_index, say)
    folder = settings.data / "reports" / datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    write_report(folder, results, judged)
    say(f"report: {folder}")
    text = json.dumps(results, ensure_ascii=False, indent=1)
    if json_file is not None:
        json_file.write_text(text + "\n", encoding="utf-8")
    return not quick or _above_floors(results["answers"], say)


def _with_one_entry(assistant: Assistant) -> dict[str, float]:
    """What giving the second entry along contributes: the shares of right answers without it."""
    assistant.reader.gives_two = False
    found = {
        name: figures(run_questions(assistant, load_questions(file)))["right"]
        for name, file in (("own", QUESTIONS), ("held out", HELD_OUT))
    }
    assistant.reader.gives_two = True
    return found


def _answers_of_two(judged: Sequence[Judged]) -> float:
    return round(sum(any(r.beside for r in j.consideration.readings) for j in judged) / max(1, len(judged)), 3)


def _benchmark(
    name: str, settings: Settings, model: Any, open_index: Callable[..., Any], say: Callable[[str], None]
) -> Any:
    folder = settings.benchmarks or Path()
    if name == "retrieval":
        from assistant.evaluation.retrieval import evaluate_retrieval

        return evaluate_retrieval(
            folder, model, open_index(settings, settings.index_folder, model).search, QUESTIONS, say
        )
    if name == "decisions":
        from assistant.evaluation.decisions import evaluate_decisions

        return evaluate_decisions(folder, model, say)
    from assistant.evaluation.attacks import evaluate_attacks

    return evaluate_attacks(folder, open_index(settings, settings.index_folder, model).assistant, say)


def _print_answers(found: dict[str, Any], judged: Sequence[Judged], say: Callable[[str], None]) -> None:
    for j in judged:
        if not j.right:
            say(
                f"wrong: {j.expected.id} ({j.step}): {' -> '.join(j.expected.turns)[:160]} | {'; '.join(j.faults)[:160]}"
            )
    print(
        f"questions {found['questions']} · right {100 * found['right']:.1f} % · de {100 * found['right_by_language']['de']:.1f} % · en {100 * found['right_by_language']['en']:.1f} %"
    )
    print(
        f"follow-ups {100 * (found['follow_ups'] or 0):.1f} % · false refusals {100 * found['false_refusals']:.1f} % · false answers {100 * found['false_answers']:.1f} % · said what must not be said {found['said_what_must_not_be_said']}"
    )
    print("by topic: " + " · ".join(f"{topic} {100 * share:.0f} %" for topic, share in found["right_by_topic"].items()))
    print("by kind: " + " · ".join(f"{tag} {100 * share:.0f} %" for tag, share in found["right_by_tag"].items()))


def _above_floors(found: dict[str, Any], say: Callable[[str], None]) -> bool:
    floors: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8"))
    fine = True
    for name, floor in floors.items():
        value = found[name.removesuffix("_at_most")]
        good = value <= floor if name.endswith("_at_most") else value >= floor
        if not good:
            say(f"regression: {name} {floor}, measured {value}")
            fine = False
    return fine
