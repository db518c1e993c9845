"""Remembers conversations and feedback in the records database (SQLite in WAL mode, or PostgreSQL by its address)."""

import datetime
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, delete, event, func, select
from sqlalchemy.orm import Session, sessionmaker

from assistant.answering.answer import Answer, AnswerStatus
from assistant.answering.conversation import TURNS_REMEMBERED, Turn
from assistant.records.tables import Base, Conversation, Feedback, RecordedTurn

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LIFETIME = datetime.timedelta(hours=24)
"""How long a conversation can be continued and its caller code holds."""


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def open_engine(url: str | None, data: Path) -> Engine:
    """The database of the settings, with its tables; by default SQLite below the data folder."""
    if url is None:
        data.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{data / 'records.sqlite'}"
    engine = create_engine(url, pool_pre_ping=True)
    if engine.dialect.name == "sqlite":

        def prepare(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()

        event.listen(engine, "connect", prepare)
    Base.metadata.create_all(engine)
    return engine


class Records:
    """Conversations, turns and feedback. `now` is the clock."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime.datetime] = _now) -> None:
        self._engine, self._session, self._now = engine, sessionmaker(engine), now

    def turns(self, conversation: str) -> tuple[Turn, ...] | None:
        """The last turns, oldest first; None for an unknown or expired token."""
        with self._session() as session:
            if not self._alive(session, conversation):
                return None
            rows = session.scalars(select(RecordedTurn).where(RecordedTurn.conversation == conversation).order_by(RecordedTurn.number.desc()).limit(TURNS_REMEMBERED))
            return tuple(Turn(r.question, r.standalone, r.language, r.status, r.topic, r.entry) for r in reversed(list(rows)))

    def remember(self, conversation: str | None, turn: Turn, answer: Answer) -> Answer:
        """Adds a turn (None begins a conversation). What was refused for personal data is kept without its text."""
        private = answer.status is AnswerStatus.PERSONAL_DATA
        with self._session.begin() as session:
            known = session.get(Conversation, conversation) if conversation else None
            if known is None:
                known = Conversation(token=secrets.token_urlsafe(24), code=_code(), created=self._now())
                session.add(known)
                session.flush()
                number = 0
            else:
                number = (session.scalar(select(func.max(RecordedTurn.number)).where(RecordedTurn.conversation == known.token)) or 0) + 1
            kept = answer.within(known.token, known.code)
            session.add(
                RecordedTurn(
                    answer_id=kept.answer_id, conversation=known.token, number=number, asked=self._now(), question="" if private else turn.question,
                    standalone="" if private else turn.standalone, topic=turn.topic, entry=turn.entry, language=turn.language, status=turn.status, mode=kept.mode.value,
                    answer=kept.as_json(),
                )
            )  # fmt: skip
            return kept

    def rate(self, answer_id: str, rating: str, reason: str | None, comment: str | None) -> bool:
        """Stores feedback; False for an unknown answer."""
        with self._session.begin() as session:
            if session.get(RecordedTurn, answer_id) is None:
                return False
            session.add(Feedback(answer_id=answer_id, given=self._now(), rating=rating, reason=reason, comment=comment))
            return True

    def forget_before(self, moment: datetime.datetime) -> int:
        """Deletes conversations that began before a moment, with their turns and feedback, from the file too; returns how many."""
        with self._session.begin() as session:
            old = select(Conversation.token).where(Conversation.created < moment)
            gone = len(session.scalars(old).all())
            answers = select(RecordedTurn.answer_id).where(RecordedTurn.conversation.in_(old))
            session.execute(delete(Feedback).where(Feedback.answer_id.in_(answers)).execution_options(synchronize_session=False))
            session.execute(delete(RecordedTurn).where(RecordedTurn.conversation.in_(old)).execution_options(synchronize_session=False))
            session.execute(delete(Conversation).where(Conversation.created < moment).execution_options(synchronize_session=False))
        if gone and self._engine.dialect.name == "sqlite":
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def _alive(self, session: Session, token: str) -> bool:
        row = session.get(Conversation, token)
        if row is None:
            return False
        created = row.created if row.created.tzinfo else row.created.replace(tzinfo=datetime.UTC)
        return self._now() - created <= LIFETIME


def _code() -> str:
    """A caller code of 40 random bits without characters that sound or look alike."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"
