"""The switch that pauses public answering with a notice."""

import datetime
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from assistant.records.audit import note_event
from assistant.records.database import now_utc, reading, writing
from assistant.records.desk_tables import DeskStateRow
from assistant.records.health import PATIENCE_MS

LOOK_SECONDS = 1.0
"""How long a process may act on what it last read."""
FAILED_SECONDS = 5.0
"""How long it goes by that when it cannot be read again."""


@dataclass(frozen=True, slots=True)
class SwitchState:
    """Whether public answering is paused, and what visitors are told, by language."""

    paused: bool
    notice: Mapping[str, str]


class Switch:
    """Reads and turns the switch. `now` is the clock of the log."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime.datetime] = now_utc) -> None:
        self._writing, self._reading, self._now = writing(engine), reading(engine, PATIENCE_MS), now
        self._known: tuple[float, SwitchState] | None = None

    def state(self) -> SwitchState:
        """The state, at most a second old; while it cannot be read, as it was last known, because answers go on
        without the records."""
        known, at = self._known, time.monotonic()
        if known is not None and at < known[0]:
            return known[1]
        try:
            with self._reading() as session:
                row = session.get(DeskStateRow, 1)
                state, kept = SwitchState(bool(row and row.paused), dict(row.notice) if row else {}), LOOK_SECONDS
        except SQLAlchemyError:
            state, kept = known[1] if known is not None else SwitchState(False, {}), FAILED_SECONDS
        self._known = time.monotonic() + kept, state
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
