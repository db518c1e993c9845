"""Remembers conversations and feedback in the records database (SQLite in WAL mode, or PostgreSQL by its address)."""

import datetime
import secrets
from collections.abc import Callable

from sqlalchemy import Engine, func, select, update
from sqlalchemy.orm import Session, sessionmaker

from assistant.answering.answer import Answer, AnswerStatus
from assistant.answering.values import TURNS_REMEMBERED, Turn
from assistant.records.database import now_utc, open_engine, reading, sqlite_file, writing
from assistant.records.desk_tables import DeskStateRow
from assistant.records.faults import RecordsFault
from assistant.records.forgetting import forget_before
from assistant.records.health import HASTE_MS, PATIENCE_MS, Health
from assistant.records.masking import masked
from assistant.records.tables import Conversation, Feedback, RecordedTurn

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LIFETIME = datetime.timedelta(hours=24)
"""How long a conversation can be continued and its caller code holds."""

_NEW_CONVERSATION, _NEW_TURN = (
    Conversation.metadata.tables[Conversation.__tablename__].insert(),
    RecordedTurn.metadata.tables[RecordedTurn.__tablename__].insert(),
)


class Records:
    """Conversations, turns and feedback. `now` is the clock.

    An answer must not wait for them: everything here but `forget_before` ends within a second, with RecordsFault
    where it fails.
    """

    def __init__(
        self, engine: Engine, *, now: Callable[[], datetime.datetime] = now_utc, patience_ms: int = PATIENCE_MS
    ) -> None:
        self._engine, self._now, self._health, self._file = engine, now, Health(), sqlite_file(engine)
        self._patient, self._hasty = writing(engine, patience_ms), writing(engine, HASTE_MS)
        self._reading = reading(engine, patience_ms)

    def fault(self) -> str | None:
        """What keeps answers from being recorded, as class and code; None while all is well."""
        return self._health.looked_at(self._look)

    def turns(self, conversation: str) -> tuple[Turn, ...] | None:
        """The last turns, oldest first; None for an unknown or expired token."""
        with self._health.watched(writes=False), self._reading() as session:
            if "\0" in conversation or not self._alive(session, conversation):
                return None
            rows = session.scalars(
                select(RecordedTurn)
                .where(RecordedTurn.conversation == conversation)
                .order_by(RecordedTurn.number.desc())
                .limit(TURNS_REMEMBERED)
            )
            return tuple(
                Turn(r.question, r.standalone, r.language, r.status, r.topic, r.entry, said=r.answer.get("text", ""))
                for r in reversed(list(rows))
            )

    def remember(self, conversation: str | None, turn: Turn, answer: Answer) -> Answer:
        """Adds a turn (None begins a conversation). What was refused for personal data is kept without its text."""
        private = answer.status is AnswerStatus.PERSONAL_DATA
        with self._health.watched(), self._writing.begin() as session:
            known = session.get(Conversation, conversation) if conversation and "\0" not in conversation else None
            if known is None:
                token, code, number = secrets.token_urlsafe(24), _code(), 0
                session.execute(_NEW_CONVERSATION, {"token": token, "code": code, "created": self._now()})
            else:
                token, code = known.token, known.code
                number = (
                    session.scalar(select(func.max(RecordedTurn.number)).where(RecordedTurn.conversation == token)) or 0
                ) + 1
            kept = answer.within(token, code)
            question, standalone = ("", "") if private else (masked(turn.question), masked(turn.standalone))
            # the only write of every answer: plain statements, without the bookkeeping of mapped objects
            row = {
                "answer_id": kept.answer_id,
                "conversation": token,
                "number": number,
                "asked": self._now(),
                "question": question,
                "standalone": standalone,
            }
            row |= {
                "topic": turn.topic,
                "entry": turn.entry,
                "language": turn.language,
                "status": turn.status,
                "mode": kept.mode.value,
                "answer": kept.as_json(),
            }
            session.execute(_NEW_TURN, row | {"probability": turn.probability, "threshold": turn.threshold})
            return kept

    def rate(self, answer_id: str, rating: str, reason: str | None, comment: str | None) -> bool:
        """Stores feedback; False for an unknown answer."""
        with self._health.watched(), self._writing.begin() as session:
            if "\0" in answer_id or session.get(RecordedTurn, answer_id) is None:
                return False
            session.add(
                Feedback(
                    answer_id=answer_id,
                    given=self._now(),
                    rating=rating,
                    reason=reason and reason.replace("\0", ""),
                    comment=comment and masked(comment),
                )
            )
            return True

    def forget_before(self, moment: datetime.datetime) -> int:
        """Deletes conversations that began before a moment, and all texts of the time before it, from the file too;
        returns how many conversations."""
        return forget_before(self._engine, moment)

    @property
    def _writing(self) -> sessionmaker[Session]:
        """Nobody waits for a lock again and again."""
        return self._patient if self._health.fault is None else self._hasty

    def _look(self) -> None:
        """Reads each table, and writes where the last write failed."""
        failed = self._health.fault is not None
        with self._health.watched(), self._hasty.begin() if failed else self._reading() as session:
            if self._file is not None and not self._file.has_room():
                raise RecordsFault("disk full")
            for table in (Conversation, RecordedTurn, Feedback):
                session.scalar(select(table).limit(1))
            if failed:
                session.execute(update(DeskStateRow).values(revision=DeskStateRow.revision))

    def _alive(self, session: Session, token: str) -> bool:
        row = session.get(Conversation, token)
        if row is None:
            return False
        return self._now() - row.created <= LIFETIME


def _code() -> str:
    """A caller code of 40 random bits without characters that sound or look alike."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


__all__ = ["ALPHABET", "LIFETIME", "Records", "open_engine"]
