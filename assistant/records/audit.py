"""The append-only log of who did what at the desk."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from assistant.records.database import now_utc, reading, writing
from assistant.records.desk_tables import AuditRow


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One line of the log."""

    at: datetime.datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def note_event(
    session: Session, at: datetime.datetime, actor: str, action: str, subject: str = "", **detail: Any
) -> None:
    """Adds a line within the transaction of what it describes."""
    session.add(AuditRow(at=at, actor=actor[:100], action=action, subject=subject[:200], detail=detail))


class AuditLog:
    """Writes and reads the log. `now` is the clock."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime.datetime] = now_utc) -> None:
        self._writing, self._reading, self._now = writing(engine), reading(engine), now

    def note(self, actor: str, action: str, subject: str = "", **detail: Any) -> None:
        """Adds a line."""
        with self._writing.begin() as session:
            note_event(session, self._now(), actor, action, subject, **detail)

    def newest(self, count: int = 200) -> list[AuditEvent]:
        """The newest lines first."""
        with self._reading() as session:
            rows = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(count))
            return [AuditEvent(r.at, r.actor, r.action, r.subject, r.detail) for r in rows]

    def count(self, action: str, within: datetime.timedelta, actor: str | None = None) -> int:
        """How often something was done lately, by one or by all."""
        with self._reading() as session:
            counted = (
                select(func.count())
                .select_from(AuditRow)
                .where(AuditRow.action == action, AuditRow.at > self._now() - within)
            )
            if actor is not None:
                counted = counted.where(AuditRow.actor == actor)
            return session.scalar(counted) or 0
