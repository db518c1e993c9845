"""The switch that pauses public answering, and the log of the desk."""

import asyncio

from fastapi.responses import Response

from assistant.desk.desk import Desk
from assistant.surfaces.desk.guard import Guard, Visit, go

LONGEST_NOTICE = 500


class SwitchPages:
    """Turns the switch; shows the log."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard, self._desk = guard, desk

    async def open(self, visit: Visit) -> Response:
        """GET: the state and the newest lines of the log."""
        state = await asyncio.to_thread(self._desk.switch.state)
        events = await asyncio.to_thread(self._desk.audit.newest)
        members = await asyncio.to_thread(self._desk.staff.members)
        return self._guard.page(
            visit,
            "switch.html",
            state=state,
            events=events,
            members=members,
            said=visit.request.query_params.get("said", ""),
        )

    async def turn(self, visit: Visit) -> Response:
        """POST: pauses with a notice, or resumes."""
        paused = visit.field("to") == "pause"
        notice = {
            language: text
            for language in self._desk.languages
            if (text := " ".join(visit.field(f"notice_{language}").split())[:LONGEST_NOTICE])
        }
        if paused and len(notice) < len(self._desk.languages):
            return go("/desk/switch?said=notice_missing")
        await asyncio.to_thread(self._desk.switch.turn, paused, notice if paused else {}, visit.who.name)
        return go(f"/desk/switch?said={'paused' if paused else 'resumed'}")
