"""The tables of the records database."""

import datetime

from sqlalchemy import JSON, DateTime, ForeignKey, Index, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """The metadata of all tables."""


class Conversation(Base):
    """A pseudonymous conversation: an opaque token and a short caller code, nothing about the person."""

    __tablename__ = "conversation"
    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), unique=True)
    created: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True), index=True)


class RecordedTurn(Base):
    """A question with its answer. Question texts are deleted after the retention period."""

    __tablename__ = "turn"
    answer_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conversation: Mapped[str] = mapped_column(ForeignKey("conversation.token", ondelete="CASCADE"))
    number: Mapped[int]
    asked: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True))
    question: Mapped[str] = mapped_column(Text)
    standalone: Mapped[str] = mapped_column(Text)
    topic: Mapped[str | None] = mapped_column(Text)
    entry: Mapped[str | None] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(32))
    mode: Mapped[str] = mapped_column(String(16))
    answer: Mapped[dict[str, object]] = mapped_column(JSON)

    __table_args__ = (Index("turn_by_conversation", "conversation", "number"),)


class Feedback(Base):
    """Helpful or not, with a reason and a comment; the newest counts."""

    __tablename__ = "feedback"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    answer_id: Mapped[str] = mapped_column(ForeignKey("turn.answer_id", ondelete="CASCADE"), index=True)
    given: Mapped[datetime.datetime] = mapped_column(DateTime(timezone=True))
    rating: Mapped[str] = mapped_column(String(4))
    reason: Mapped[str | None] = mapped_column(String(64))
    comment: Mapped[str | None] = mapped_column(Text)
