"""Auswertung: what is asked and what becomes of it; nothing personal."""

import asyncio
import datetime
from typing import Any

from fastapi.responses import Response

from assistant.desk.desk import Desk
from assistant.desk.entry_list import SOON
from assistant.desk.figures import as_csv, figures
from assistant.surfaces.desk.guard import Guard, Visit

SPANS = (7, 30, 90, 365)


class FigurePages:
    """The figures as a page and as CSV."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard, self._desk = guard, desk

    async def open(self, visit: Visit) -> Response:
        """GET: the page."""
        return await asyncio.to_thread(self._open, visit)

    async def table(self, visit: Visit) -> Response:
        """GET: the daily counts as CSV."""
        first, last = _span(visit)
        counts = await asyncio.to_thread(self._desk.counts.since, first)
        name = f"clusterlotse-{first.isoformat()}-{last.isoformat()}.csv"
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
        return Response("\ufeff" + as_csv(counts), media_type="text/csv; charset=utf-8", headers=headers)

    def _open(self, visit: Visit) -> Response:
        self._desk.rounds.collect()
        first, last = _span(visit)
        rows = self._desk.corpus.entry_rows()
        found = figures(self._desk.counts.since(first), {r["id"]: str(r.get("topic") or "") for r in rows}, first, last)
        today, soon = last.isoformat(), (last + SOON).isoformat()
        due: list[Any] = sorted(
            (r for r in rows if r.get("review_by") and r["review_by"] < soon), key=lambda r: r["review_by"]
        )
        opened = self._desk.current()
        names = {
            name: document.title
            for name, _ in found.documents
            if opened and (document := opened.library.document(name))
        }
        gaps = {state: self._desk.gaps.count(state) for state in ("open", "answered", "dismissed")}
        return self._guard.page(
            visit,
            "figures.html",
            found=found,
            gaps=gaps,
            due=due,
            today=today,
            spans=SPANS,
            span=(last - first).days + 1,
            names=names,
        )


def _span(visit: Visit) -> tuple[datetime.date, datetime.date]:
    wished = visit.request.query_params.get("days", "30")
    days = int(wished) if wished in {str(s) for s in SPANS} else 30
    today = datetime.datetime.now(datetime.UTC).date()
    return today - datetime.timedelta(days=days - 1), today
