"""`app.py evaluate`: measures one corpus on its own question sets, prints the tables, writes a report, and fails
below its stored figures."""

import datetime
import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.evaluation.answers import Judged, figures, run_questions
from assistant.evaluation.calibrate import write_thresholds
from assistant.evaluation.question_sets import OWN, Expected, question_sets
from assistant.evaluation.report import write_report
from assistant.evaluation.strict import evaluate_strict
from assistant.settings import Settings
from index.build import build_snapshot
from index.values import Corpus, CuratedEntry, Figure

FLOORS = "floors.json"
"""Beside the question sets of a corpus: the figures below which the quick evaluation fails, by set."""
MEASURES = ("answers", "strict", "efforts", "retrieval", "decisions", "attacks")
EFFORTS = (3, 1, 0)
"""Phrasings an entry and language; 0 leaves documents and figures alone."""
TOTALS = (
    "questions",
    "right",
    "helped",
    "right_by_language",
    "follow_ups",
    "false_refusals",
    "false_answers",
    "said_what_must_not_be_said",
)


@dataclass(frozen=True, slots=True)
class Tools:
    """What the composition root joins: opens an index, makes an embedder, says a line."""

    open_index: Callable[..., Any]
    embedder: Callable[..., Any]
    say: Callable[[str], None]


def evaluate(
    settings: Settings,
    only: Sequence[str] | None,
    json_file: Path | None,
    *,
    tools: Tools,
    quick: bool = False,
    effort: int | None = None,
    further: Sequence[Expected] = (),
) -> bool:
    """True when nothing is below its floor; `further` are questions that were added at the desk.

    `effort` measures an index with only so many phrasings an entry and language, built in a temporary folder.
    Measures that
    need the benchmark sets are skipped with a message where these are missing.
    """
    chosen = tuple(only) if only else ("answers", "strict") if quick or effort is not None else MEASURES
    if unknown := set(chosen) - set(MEASURES):
        raise ValueError(f"unknown measure {sorted(unknown)[0]!r}; known are {', '.join(MEASURES)}")
    model = tools.embedder(settings)
    sets = question_sets(settings.corpus)
    results: dict[str, Any] = {
        "when": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"), "model": model.model_id,
        "corpus": settings.corpus.name, "effort": effort,
    }  # fmt: skip
    judged: list[Judged] = []
    with tempfile.TemporaryDirectory() as scratch:
        if {"answers", "strict"} & set(chosen):
            index = settings.index_folder if effort is None else built_with(settings, effort, Path(scratch), model)
            opened = tools.open_index(settings, index, model)
            results["sets"] = {}
        else:
            opened = None
        if opened is not None and "strict" in chosen:
            results["strict"], wrong = evaluate_strict(opened.assistant, settings.corpus)
            for line in wrong:
                tools.say(f"strict, wrong: {line}")
            for name, found in results["strict"].items():
                print(f"strict, {name}: " + " · ".join(f"{key} {value}" for key, value in found.items()))
        if opened is not None and "answers" in chosen:
            for name, rows in sets.items():
                found = run_questions(opened.assistant, [*rows, *(further if name == OWN else ())])
                results["sets"][name] = figures(found)
                _print_set(name, results["sets"][name], found, tools.say)
                judged += found if name == OWN else []
            if not quick:
                results["one_entry_only"] = _with_one_entry(opened.assistant, sets)
                tools.say(
                    f"right, were two entries that may be meant never given together: {results['one_entry_only']}"
                )
        if "efforts" in chosen:
            results["efforts"] = _efforts(settings, sets, Path(scratch), model, tools)
    for name in ("retrieval", "decisions", "attacks"):
        if name not in chosen:
            continue
        if settings.benchmarks is None:
            tools.say(f"{name}: skipped, CLUSTERLOTSE_BENCHMARKS names no folder with the measuring sets")
            continue
        results[name] = _benchmark(name, settings, model, tools)
    folder = settings.data / "reports" / datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    write_report(folder, results, judged)
    tools.say(f"report: {folder}")
    if json_file is not None:
        json_file.write_text(json.dumps(results, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    measured = {**results["sets"], **{f"strict {n}": found for n, found in results.get("strict", {}).items()}}
    return not quick or above_floors(measured, settings.corpus / "questions" / FLOORS, tools.say)


def built_with(settings: Settings, effort: int, scratch: Path, model: Any) -> Path:
    """An index of the corpus with the first `effort` phrasings an entry and language; vectors that the index in use
    has are taken over."""
    target = scratch / f"effort-{effort}"

    def few(corpus: Corpus) -> Corpus:
        entries = tuple(_with_few(e, effort) for e in corpus.entries) if effort else ()
        figures_ = tuple(_with_few(f, max(1, effort)) for f in corpus.figures)
        return replace(corpus, entries=tuple(e for e in entries if isinstance(e, CuratedEntry)),
                       figures=tuple(f for f in figures_ if isinstance(f, Figure)))  # fmt: skip

    build_snapshot(
        settings.corpus,
        target,
        model_id=model.model_id,
        embedder=lambda: model,
        changed=few,
        vectors_of=settings.index_folder,
        finish=lambda folder: write_thresholds(folder, model.embed_questions, settings.error_budget),
    )
    return target


def _with_few(value: CuratedEntry | Figure, effort: int) -> CuratedEntry | Figure:
    questions = {language: texts[:effort] for language, texts in value.questions.items()}
    if isinstance(value, CuratedEntry):  # what else an editor wrote for it goes too
        return replace(value, questions=questions, claims=(), short=None)
    return replace(value, questions=questions)


def _efforts(
    settings: Settings, sets: dict[str, list[Expected]], scratch: Path, model: Any, tools: Tools
) -> dict[str, Any]:
    """Right and helped for each set kept apart, with fewer and fewer phrasings; the table of what an editor's
    effort brings."""
    table: dict[str, Any] = {}
    apart = {name: rows for name, rows in sets.items() if name not in (OWN, "outside")}
    for effort in (None, *EFFORTS):
        index = settings.index_folder if effort is None else built_with(settings, effort, scratch, model)
        assistant = tools.open_index(settings, index, model).assistant
        row = {name: {k: figures(run_questions(assistant, rows))[k] for k in TOTALS} for name, rows in apart.items()}
        table["all" if effort is None else str(effort)] = row
        cells = (f"{name} right {v['right']:.3f}, helped {v['helped']:.3f}, false answers {v['false_answers'] or 0:.3f}, "
                 f"said what must not be said {v['said_what_must_not_be_said']}" for name, v in row.items())  # fmt: skip
        print(f"phrasings {'all (at most 10)' if effort is None else effort}: " + " · ".join(cells))
    return table


def _with_one_entry(assistant: Any, sets: dict[str, list[Expected]]) -> dict[str, float]:
    """What giving the second entry along contributes: the shares of right answers without it."""
    assistant.composer.gives_two = False
    found = {name: figures(run_questions(assistant, rows))["right"] for name, rows in sets.items()}
    assistant.composer.gives_two = True
    return found


def _benchmark(name: str, settings: Settings, model: Any, tools: Tools) -> Any:
    folder = settings.benchmarks or Path()
    if name == "retrieval":
        from assistant.evaluation.retrieval import evaluate_retrieval

        opened = tools.open_index(settings, settings.index_folder, model)
        return evaluate_retrieval(folder, model, opened.search, question_sets(settings.corpus).get(OWN, []), tools.say)
    if name == "decisions":
        from assistant.evaluation.decisions import evaluate_decisions

        return evaluate_decisions(folder, model, tools.say)
    from assistant.evaluation.attacks import evaluate_attacks

    return evaluate_attacks(folder, tools.open_index(settings, settings.index_folder, model).assistant, tools.say)


def _print_set(name: str, found: dict[str, Any], judged: Sequence[Judged], say: Callable[[str], None]) -> None:
    """A set's totals; the single rows of the corpus's own set alone."""
    if name == OWN:
        for j in judged:
            if not j.right:
                turns = " -> ".join(j.expected.turns)[:160]
                say(f"wrong: {j.expected.id} ({j.step}): {turns} | {'; '.join(j.faults)[:160]}")
    languages = " · ".join(f"{code} {100 * (share or 0):.1f} %" for code, share in found["right_by_language"].items())
    print(
        f"{name}: questions {found['questions']} · right {100 * found['right']:.1f} % · helped {100 * found['helped']:.1f} % "
        f"· {languages} · follow-ups {100 * (found['follow_ups'] or 0):.1f} % · "
        f"false refusals {100 * (found['false_refusals'] or 0):.1f} % · false answers {100 * (found['false_answers'] or 0):.1f} % "
        f"· said what must not be said {found['said_what_must_not_be_said']}"
    )
    if name == OWN:
        for label in ("topic", "tag"):
            shares = found[f"right_by_{label}"].items()
            print(f"by {label}: " + " · ".join(f"{key} {100 * share:.0f} %" for key, share in shares))


def above_floors(found: dict[str, Any], path: Path, say: Callable[[str], None]) -> bool:
    """Whether each figure of each set reaches what is stored; a name that ends in `_at_most` is a ceiling."""
    if not path.is_file():
        return True
    floors: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    fine = True
    for name, wanted in floors.items():
        for measure, floor in wanted.items():
            value = found[name][measure.removesuffix("_at_most")] or 0.0
            if not (value <= floor if measure.endswith("_at_most") else value >= floor):
                say(f"regression: {name}: {measure} {floor}, measured {value}")
                fine = False
    return fine
