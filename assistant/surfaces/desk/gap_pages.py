"""Lücken: what could not be answered, grouped."""

import asyncio

from fastapi.responses import Response

from assistant.answering.values import LONGEST_QUESTION
from assistant.desk.desk import Desk
from assistant.surfaces.desk.guard import Guard, Visit, go
from assistant.surfaces.texts import offered_language

STATES = ("open", "dismissed", "answered")
REASONS = ("out_of_scope", "no_question", "known_unknown", "duplicate", "abuse")


class GapPages:
    """Lists, dismisses and merges gaps."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard, self._desk = guard, desk

    async def open(self, visit: Visit) -> Response:
        """GET: the gaps of a state."""
        state = visit.request.query_params.get("state", "open")
        state = state if state in STATES else "open"
        await asyncio.to_thread(self._desk.rounds.collect)
        gaps = await asyncio.to_thread(self._desk.gaps.gaps, state)
        return self._guard.page(
            visit,
            "gaps.html",
            gaps=gaps,
            state=state,
            states=STATES,
            reasons=REASONS,
            said=visit.request.query_params.get("said", ""),
        )

    async def report(self, visit: Visit) -> Response:
        """POST: a question that nothing at the desk answers becomes a gap."""
        question = " ".join(visit.field("question").split())[:LONGEST_QUESTION]
        opened = self._desk.current()
        if not question or opened is None:
            return go("/desk/")
        language = offered_language(visit.field("language"), self._desk.languages)
        await asyncio.to_thread(self._desk.gaps.report, question, language, self._desk.corpus.embed, visit.who.name)
        return go("/desk/?said=reported")

    async def dismiss(self, visit: Visit) -> Response:
        """POST: closes a gap with a reason."""
        reason = visit.field("reason")
        if reason not in REASONS:
            return go("/desk/gaps?said=no_reason")
        done = await asyncio.to_thread(self._desk.gaps.dismiss, _number(visit.field("gap")), reason, visit.who.name)
        return go(f"/desk/gaps?said={'dismissed' if done else 'gone'}")

    async def reopen(self, visit: Visit) -> Response:
        """POST: opens it again."""
        done = await asyncio.to_thread(self._desk.gaps.reopen, _number(visit.field("gap")), visit.who.name)
        return go(f"/desk/gaps?said={'reopened' if done else 'gone'}")

    async def merge(self, visit: Visit) -> Response:
        """POST: joins the chosen ones."""
        merged = await asyncio.to_thread(
            self._desk.gaps.merge, [_number(v) for v in visit.values("gap")][:50], visit.who.name
        )
        return go(f"/desk/gaps?said={'merged' if merged else 'choose_two'}")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
