"""Remembers conversations and feedback in the records database (SQLite in WAL mode, or PostgreSQL by its address)."""

import datetime
import secrets
from collections.abc import Callable

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from assistant.answering.answer import Answer, AnswerStatus
from assistant.answering.values import TURNS_REMEMBERED, Turn
from assistant.records.database import now_utc, open_engine, reading, writing
from assistant.records.forgetting import forget_before
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
    """Conversations, turns and feedback. `now` is the clock."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime.datetime] = now_utc) -> None:
        self._engine, self._writing, self._reading, self._now = engine, writing(engine), reading(engine), now

    def turns(self, conversation: str) -> tuple[Turn, ...] | None:
        """The last turns, oldest first; None for an unknown or expired token."""
        with self._reading() as session:
            if "\0" in conversation or not self._alive(session, conversation):
                return None
            rows = session.scalars(
                select(RecordedTurn)
                .where(RecordedTurn.conversation == conversation)
                .order_by(RecordedTurn.number.desc())
                .limit(TURNS_REMEMBERED)
            )
            return tuple(
                Turn(r.question, r.standalone, r.language, r.status, r.topic, r.entry) for r in reversed(list(rows))
            )

    def remember(self, conversation: str | None, turn: Turn, answer: Answer) -> Answer:
        """Adds a turn (None begins a conversation). What was refused for personal data is kept without its text."""
        private = answer.status is AnswerStatus.PERSONAL_DATA
        with self._writing.begin() as session:
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
        with self._writing.begin() as session:
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
        """Deletes conversations that began before a moment, and all texts of the time before it, from the file too; returns how many conversations."""
        return forget_before(self._engine, moment)

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
