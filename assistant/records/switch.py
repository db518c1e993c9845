"""The switch that pauses public answering with a notice."""

import datetime
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine

from assistant.records.audit import note_event
from assistant.records.database import now_utc, reading, writing
from assistant.records.desk_tables import DeskStateRow

LOOK_SECONDS = 1.0
"""How long a process may act on what it last read."""


@dataclass(frozen=True, slots=True)
class SwitchState:
    """Whether public answering is paused, and what visitors are told, by language."""

    paused: bool
    notice: Mapping[str, str]


class Switch:
    """Reads and turns the switch. `now` is the clock of the log."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime.datetime] = now_utc) -> None:
        self._writing, self._reading, self._now = writing(engine), reading(engine), now
        self._known: tuple[float, SwitchState] | None = None

    def state(self) -> SwitchState:
        """The state, at most a second old."""
        known, at = self._known, time.monotonic()
        if known is not None and at - known[0] < LOOK_SECONDS:
            return known[1]
        with self._reading() as session:
            row = session.get(DeskStateRow, 1)
            state = SwitchState(bool(row and row.paused), dict(row.notice) if row else {})
        self._known = at, state
        return state

    def notice(self, language: str) -> str | None:
        """What a visitor is told instead of an answer; None while answering is on."""
        state = self.state()
        if not state.paused:
            return None
        return state.notice.get(language) or next(iter(state.notice.values()), "")

    def turn(self, paused: bool, notice: Mapping[str, str], by: str) -> None:
        """Pauses or resumes public answering."""
        with self._writing.begin() as session:
            row = session.get(DeskStateRow, 1, with_for_update=True)
            if row is not None:
                row.paused, row.notice = paused, dict(notice)
            note_event(session, self._now(), by, "switch.pause" if paused else "switch.resume", notice=dict(notice))
        self._known = None
