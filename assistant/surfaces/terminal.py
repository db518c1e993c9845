"""The terminal: an answer, its explanation, and the progress and report of an index run."""

from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from assistant.answering.answer import Answer, Source
from assistant.answering.assistant import Consideration
from assistant.desk.reply_mail import plain_text
from assistant.languages import pack
from assistant.surfaces.rendering import provenance, source_date, summarised_from
from assistant.surfaces.texts import surface_text


def print_answer(answer: Answer) -> None:
    """Text, what else belongs to it under a line, provenance, sources and hotline."""
    out = Console(highlight=False, markup=False)
    out.print(plain_text(answer.text))
    if answer.more:
        out.rule(surface_text("more", answer.language), align="left", style="none")
        out.print(plain_text(answer.more))
    if line := provenance(answer):
        out.print(f"\n{line}")
    for s in answer.sources:
        where = " · ".join(filter(None, (s.title, s.publisher, source_date(s, answer.language), s.url)))
        out.print(f"[{s.marker}] {where}")
        if s.quote:
            out.print(f"    {_told(s, answer.language)}")
    if answer.options:
        out.print("\n".join(f"- {option}" for option in answer.options))
    if answer.handover:
        ways = " · ".join(filter(None, (answer.handover.phone, answer.handover.email)))
        out.print(f"\n{answer.handover.reason} {ways}")
    out.print(f"\n{answer.notice}")


def _told(source: Source, language: str) -> str:
    """The words of a source: of an original a quotation, of a summary words of ours."""
    quote = source.quote or ""
    if origin := summarised_from(source):
        return f"{surface_text('provenance.summary', language).format(name=origin)}: {quote}"
    return pack(language).quoted(quote)


def print_explanation(considered: Consideration, *, to_stdout: bool) -> None:
    """Candidates, scores, decision with probability and threshold, and what each check did."""
    out = Console(highlight=False, markup=False, stderr=not to_stdout, width=200)
    if not considered.composed:
        out.print("\nanswered without a search")
    for made in considered.composed:
        verdict, evidence = made.verdict, made.verdict.evidence
        read = evidence.interpretation
        out.print(f"\nunderstood ({read.reason.value}): {read.text}")
        out.print(
            f"verdict: {verdict.outcome.value}, probability {verdict.probability:.3f}, "
            f"threshold {verdict.threshold:.3f} (business {verdict.scored.business:.3f}, "
            f"quotable {verdict.scored.quotable:.3f})"
        )
        for reason in verdict.reasons:
            out.print(f"  because: {reason}")
        out.print("  features: " + ", ".join(f"{name} {value:.3f}" for name, value in verdict.scored.features.items()))
        names = tuple(evidence.candidates[0].features) if evidence.candidates else ()
        table = Table("entry or figure", "share", *names, "nearest phrasing")
        for c in evidence.candidates[:6]:
            table.add_row(c.id, f"{c.share:.3f}", *(f"{c.features[name]:.3f}" for name in names), c.hit.matched)
        out.print(table)
        table = Table("passage", "score", "similarity", "best sentence", "terms", "text")
        for h in evidence.passages[:6]:
            best = max(h.sentence_similarities, default=0.0)
            words = h.passage.sentences[h.best_sentence].text if h.passage.sentences else h.passage.text
            row = (h.score, h.similarity, best, h.terms)
            table.add_row(h.passage.id, *(f"{value:.3f}" for value in row), words[:90])
        out.print(table)
        for check in made.checks:
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
