"""Gespräche: a visitor's conversation by its caller code."""

import asyncio

from fastapi.responses import Response

from assistant.desk.desk import Desk
from assistant.desk.roles import OUTCOMES, TooManyCodes
from assistant.surfaces.desk.guard import Guard, Visit

LONGEST_CODE = 20


class ConversationPages:
    """Opens conversations and notes what came of them."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard, self._desk = guard, desk

    async def open(self, visit: Visit) -> Response:
        """GET: the field for the code."""
        return self._page(visit)

    async def by_code(self, visit: Visit) -> Response:
        """POST: the conversation."""
        return await self._opened(visit, visit.field("code")[:LONGEST_CODE])

    async def outcome(self, visit: Visit) -> Response:
        """POST: what came of it."""
        code, outcome = visit.field("code")[:LONGEST_CODE], visit.field("outcome")
        if outcome not in OUTCOMES:
            return self._page(visit, fault="outcome_missing", status=400)
        try:
            kept = await asyncio.to_thread(
                self._desk.take_over.note, code, outcome, visit.field("note"), visit.who.name
            )
        except TooManyCodes:
            return self._page(visit, fault="too_many", status=429)
        if not kept:
            return self._page(visit, fault="unknown", status=404, code=code)
        return await self._opened(visit, code, said="noted")

    async def _opened(self, visit: Visit, code: str, said: str = "") -> Response:
        try:
            found = await asyncio.to_thread(self._desk.take_over.open, code, visit.who.name)
        except TooManyCodes:
            return self._page(visit, fault="too_many", status=429)
        if found is None:
            return self._page(visit, fault="unknown", status=404, code=code)
        return self._page(visit, found=found, said=said)

    def _page(
        self, visit: Visit, *, status: int = 200, found: object = None, fault: str = "", said: str = "", code: str = ""
    ) -> Response:
        return self._guard.page(
            visit,
            "conversations.html",
            status=status,
            found=found,
            fault=fault,
            said=said,
            code=code,
            outcomes=OUTCOMES,
        )
