"""The tables of conversations, with the types that all tables share; those of the desk are in `desk_tables`."""

import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, DateTime, Float, ForeignKey, Index, String, Text, TypeDecorator, false
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Moment(TypeDecorator[datetime.datetime]):
    """A point in time in UTC; SQLite gives it back without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Any) -> datetime.datetime | None:
        """The stored moment with its zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=datetime.UTC) if value.tzinfo is None else value.astimezone(datetime.UTC)


class Base(DeclarativeBase):
    """The metadata of all tables."""


class Conversation(Base):
    """A pseudonymous conversation: an opaque token and a short caller code, nothing about the person."""

    __tablename__ = "conversation"
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    created: Mapped[datetime.datetime] = mapped_column(Moment, index=True)


class RecordedTurn(Base):
    """A question with its answer. Question texts are deleted after the retention period."""

    __tablename__ = "turn"
    answer_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation: Mapped[str] = mapped_column(ForeignKey("conversation.token", ondelete="CASCADE"))
    number: Mapped[int]
    asked: Mapped[datetime.datetime] = mapped_column(Moment)
    question: Mapped[str] = mapped_column(Text)
    standalone: Mapped[str] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(Text)
    entry: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(32))
    mode: Mapped[str] = mapped_column(String(16))
    answer: Mapped[dict[str, Any]] = mapped_column(JSON)
    probability: Mapped[float | None] = mapped_column(Float)
    threshold: Mapped[float | None] = mapped_column(Float)
    examined: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    """Whether it is counted, and looked at for gaps."""

    __table_args__ = (Index("turn_by_conversation", "conversation", "number"), Index("turn_by_examined", "examined"))


class Feedback(Base):
    """Helpful or not, with a reason and a comment; each one given is counted."""

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("turn.answer_id", ondelete="CASCADE"), index=True)
    given: Mapped[datetime.datetime] = mapped_column(Moment)
    rating: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str | None] = mapped_column(String(64))
    comment: Mapped[str | None] = mapped_column(Text)
    examined: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
