"""Opens a visitor's conversation by its caller code, while the code holds."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from assistant.records.audit import AuditLog, note_event
from assistant.records.database import now_utc, reading, writing
from assistant.records.desk_tables import OutcomeRow
from assistant.records.masking import masked
from assistant.records.store import ALPHABET, LIFETIME
from assistant.records.tables import Conversation, Feedback, RecordedTurn

OUTCOMES = ("solved", "forwarded", "call_back", "gap")
MISSES_EACH, MISSES_ALL = 10, 50
"""So many wrong codes in a quarter of an hour are heard of one person, and of all."""
WINDOW = datetime.timedelta(minutes=15)
LONGEST_NOTE = 300


class TooManyCodes(Exception):
    """Too many wrong codes were tried lately."""


@dataclass(frozen=True, slots=True)
class OpenedTurn:
    """A question with its answer and how sure the decision was."""

    question: str
    standalone: str
    status: str
    mode: str
    language: str
    entry: str | None
    answer: dict[str, Any]
    probability: float | None
    threshold: float | None
    asked: datetime.datetime
    ratings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenedConversation:
    """A visitor's conversation."""

    code: str
    began: datetime.datetime
    turns: tuple[OpenedTurn, ...]
    outcomes: tuple[tuple[str, str | None, str, datetime.datetime], ...]


class TakeOver:
    """Opens conversations. `now` is the clock."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime.datetime] = now_utc) -> None:
        self._writing, self._reading, self._now = writing(engine), reading(engine), now
        self._audit = AuditLog(engine, now=now)

    def open(self, code: str, by: str) -> OpenedConversation | None:
        """The conversation of a code that holds, else None. Wrong codes are counted and logged; raises TooManyCodes."""
        self._limit(by)
        found = self._read(normalised_code(code))
        self._audit.note(by, "code.open" if found else "code.miss", found.code if found else "")
        return found

    def note(self, code: str, outcome: str, note: str, by: str) -> bool:
        """Keeps what came of it; personal data is masked. False where the code does not hold, which counts as a
        wrong one. Raises TooManyCodes."""
        if outcome not in OUTCOMES:
            raise ValueError(f"outcome must be one of {', '.join(OUTCOMES)}, got {outcome!r}")
        self._limit(by)
        with self._writing.begin() as session:
            row = session.scalar(select(Conversation).where(Conversation.code == normalised_code(code)))
            if row is None or self._now() - row.created > LIFETIME:
                note_event(session, self._now(), by, "code.miss", "")
                return False
            session.add(
                OutcomeRow(
                    conversation=row.token,
                    by=by,
                    at=self._now(),
                    outcome=outcome,
                    note=masked(note.strip()[:LONGEST_NOTE]) or None,
                )
            )
            note_event(session, self._now(), by, "code.outcome", row.code, outcome=outcome)
            return True

    def _limit(self, by: str) -> None:
        if (
            self._audit.count("code.miss", WINDOW, by) >= MISSES_EACH
            or self._audit.count("code.miss", WINDOW) >= MISSES_ALL
        ):
            self._audit.note(by, "code.refused")
            raise TooManyCodes

    def _read(self, code: str) -> OpenedConversation | None:
        with self._reading() as session:
            row = session.scalar(select(Conversation).where(Conversation.code == code))
            if row is None or self._now() - row.created > LIFETIME:
                return None
            ratings: dict[str, list[str]] = {}
            turns = list(
                session.scalars(
                    select(RecordedTurn).where(RecordedTurn.conversation == row.token).order_by(RecordedTurn.number)
                )
            )
            for rating in session.scalars(
                select(Feedback).where(Feedback.answer_id.in_([t.answer_id for t in turns])).order_by(Feedback.id)
            ):
                ratings.setdefault(rating.answer_id, []).append(rating.rating)
            outcomes = session.scalars(
                select(OutcomeRow).where(OutcomeRow.conversation == row.token).order_by(OutcomeRow.id)
            )
            return OpenedConversation(
                row.code,
                row.created,
                tuple(
                    OpenedTurn(
                        t.question,
                        t.standalone,
                        t.status,
                        t.mode,
                        t.language,
                        t.entry,
                        t.answer,
                        t.probability,
                        t.threshold,
                        t.asked,
                        tuple(ratings.get(t.answer_id, ())),
                    )
                    for t in turns
                ),
                tuple((o.outcome, o.note, o.by, o.at) for o in outcomes),
            )


def normalised_code(code: str) -> str:
    """`k7m2 qx…` as it is stored."""
    letters = "".join(c for c in code.upper() if c in ALPHABET)
    return f"{letters[:4]}-{letters[4:8]}"
