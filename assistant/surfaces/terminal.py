"""The terminal: an answer, its explanation, and the progress and report of an index run."""

from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from assistant.answering.answer import Answer
from assistant.answering.assistant import Consideration
from assistant.languages import pack
from assistant.surfaces.rendering import provenance, source_date


def print_answer(answer: Answer) -> None:
    """Text, provenance, sources and hotline."""
    out = Console(highlight=False, markup=False)
    out.print(answer.text)
    if line := provenance(answer):
        out.print(f"\n{line}")
    for s in answer.sources:
        where = " · ".join(filter(None, (s.title, s.publisher, source_date(s, answer.language), s.url)))
        out.print(f"[{s.marker}] {where}")
        if s.quote:
            out.print(f"    {pack(answer.language).quoted(s.quote)}")
    if answer.options:
        out.print("\n".join(f"- {option}" for option in answer.options))
    if answer.handover:
        out.print(f"\n{answer.handover.reason} {answer.handover.phone} · {answer.handover.email}")
    out.print(f"\n{answer.notice}")


def print_explanation(considered: Consideration, *, to_stdout: bool) -> None:
    """Candidates, scores, decision with probability and threshold, and what each check did."""
    out = Console(highlight=False, markup=False, stderr=not to_stdout, width=200)
    if not considered.readings:
        out.print(f"\nended before the search: {considered.answer.status.value}")
    for reading in considered.readings:
        d = reading.decision
        out.print(
            f"\nunderstood: {reading.rephrasing.text}{' (completed from the turns before)' if reading.rephrasing.completed else ''}"
        )
        out.print(
            f"decision: {d.outcome.value}, probability {d.probability:.3f}, threshold {d.threshold:.3f} (entry {d.entry_probability:.3f}, passage {d.passage_probability:.3f})"
        )
        for reason in d.reasons:
            out.print(f"  because: {reason}")
        table = Table("entry or figure", "score", "phrasing", "answer", "sentence", "terms", "nearest phrasing")
        for c in reading.candidates.asked[:6]:
            h = c.hit
            table.add_row(c.id, *(f"{v:.3f}" for v in (c.score, h.phrasing, h.answer, h.sentence, h.terms)), h.matched)
        out.print(table)
        table = Table("passage", "score", "similarity", "best sentence", "terms", "text")
        for h in reading.candidates.passages[:6]:
            best = max(h.sentence_similarities, default=0.0)
            words = h.passage.sentences[h.best_sentence].text if h.passage.sentences else h.passage.text
            table.add_row(
                h.passage.id, f"{h.score:.3f}", f"{h.similarity:.3f}", f"{best:.3f}", f"{h.terms:.3f}", words[:90]
            )
        out.print(table)
        for check in reading.checks:
            out.print(f"check: {check.name}: {'holds' if check.holds else f'BROKEN ({check.detail})'}")


class ProgressBars:
    """Progress of an index run on stderr; satisfies the watcher of `index.build`."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: Any = None

    def __enter__(self) -> "ProgressBars":
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._progress.stop()

    def step(self, name: str) -> None:
        """A new step begins."""
        self._progress.console.print(f"{name} …", highlight=False)

    def embedding(self, done: int, total: int) -> None:
        """So many of so many texts are embedded."""
        if self._task is None:
            self._task = self._progress.add_task("embedding", total=total)
        self._progress.update(self._task, completed=done)


def print_report(report: dict[str, Any]) -> None:
    """A summary and one line a rejection, on stderr."""
    out = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)
    for room in ("documents", "entries", "figures"):
        counts: dict[str, int] = {}
        for row in report[room]:
            counts[row["status"]] = counts.get(row["status"], 0) + 1
        out.print(f"{room}: {', '.join(f'{n} {status}' for status, n in sorted(counts.items())) or 'none'}")
    for room in ("documents", "entries", "figures"):
        for row in report[room]:
            if row["status"] == "rejected":
                out.print(f"rejected: {row['path']}{' · ' + str(row['id']) if row['id'] else ''}: {row['reason']}")
    out.print(f"snapshot {report['snapshot']}: {report['embeddings_computed']} texts embedded in {report['seconds']} s")
