"""The tables of the desk: staff, gaps, entries with their versions, evaluation questions, audit, counts."""

import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, ForeignKeyConstraint, Index, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assistant.records.tables import Base, Moment


class StaffRow(Base):
    """An account of the desk; without a password it can only be used through the identity provider."""

    __tablename__ = "staff"
    name: Mapped[str] = mapped_column(String(100), primary_key=True)
    role: Mapped[str] = mapped_column(String(8))
    password: Mapped[str | None] = mapped_column(Text)
    disabled: Mapped[bool] = mapped_column(Boolean)
    created: Mapped[datetime.datetime] = mapped_column(Moment)


class SessionRow(Base):
    """A signed-in browser: the hash of its token, never the token."""

    __tablename__ = "staff_session"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    staff: Mapped[str] = mapped_column(ForeignKey("staff.name", ondelete="CASCADE"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created: Mapped[datetime.datetime] = mapped_column(Moment)
    seen: Mapped[datetime.datetime] = mapped_column(Moment)


class SignInTryRow(Base):
    """Failed sign-ins of an account or an address (hashed), and until when no more are heard."""

    __tablename__ = "sign_in_try"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    failures: Mapped[int]
    last: Mapped[datetime.datetime] = mapped_column(Moment)
    locked_until: Mapped[datetime.datetime | None] = mapped_column(Moment)


class ProviderSignInRow(Base):
    """A sign-in that was sent to the identity provider and has not come back."""

    __tablename__ = "provider_sign_in"
    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(64))
    verifier: Mapped[str] = mapped_column(String(128))
    created: Mapped[datetime.datetime] = mapped_column(Moment)


class GapRow(Base):
    """Questions of one meaning that could not be answered well. `asked` counts on when the texts are forgotten."""

    __tablename__ = "gap"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    reason: Mapped[str | None] = mapped_column(String(32))
    merged_into: Mapped[int | None] = mapped_column(Integer)
    entry: Mapped[str | None] = mapped_column(String(200))
    opened: Mapped[datetime.datetime] = mapped_column(Moment)
    closed: Mapped[datetime.datetime | None] = mapped_column(Moment)
    last: Mapped[datetime.datetime] = mapped_column(Moment)
    asked: Mapped[int]


class GapQuestionRow(Base):
    """One of a gap's questions: `text` is complete by itself, `typed` as the visitor wrote it. Texts and vector are
    deleted after the retention period."""

    __tablename__ = "gap_question"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    gap: Mapped[int] = mapped_column(ForeignKey("gap.id", ondelete="CASCADE"), index=True)
    answer_id: Mapped[str] = mapped_column(String(32), unique=True)
    text: Mapped[str] = mapped_column(Text)
    typed: Mapped[str | None] = mapped_column(Text)
    context: Mapped[str | None] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    cause: Mapped[str] = mapped_column(String(16))
    asked: Mapped[datetime.datetime] = mapped_column(Moment)
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class GapWeekRow(Base):
    """How often a gap was asked in a week (`2026-W48`)."""

    __tablename__ = "gap_week"
    gap: Mapped[int] = mapped_column(ForeignKey("gap.id", ondelete="CASCADE"), primary_key=True)
    week: Mapped[str] = mapped_column(String(8), primary_key=True)
    asked: Mapped[int]


class EntryRow(Base):
    """A curated entry made at the desk: its newest version, the one that answers, and its state."""

    __tablename__ = "desk_entry"
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    gap: Mapped[int | None] = mapped_column(ForeignKey("gap.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(String(12), index=True)
    newest: Mapped[int]
    live: Mapped[int | None] = mapped_column(Integer)
    note: Mapped[str | None] = mapped_column(Text)
    changed: Mapped[datetime.datetime] = mapped_column(Moment)


class VersionRow(Base):
    """One version of an entry; never changed, never deleted."""

    __tablename__ = "desk_version"
    entry: Mapped[str] = mapped_column(ForeignKey("desk_entry.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(100))
    created: Mapped[datetime.datetime] = mapped_column(Moment)


class StepRow(Base):
    """What happened to a version: saved, submitted, approved, rejected, suspended, withdrawn; never changed, never
    deleted."""

    __tablename__ = "desk_step"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry: Mapped[str] = mapped_column(String(200))
    version: Mapped[int]
    action: Mapped[str] = mapped_column(String(12))
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime.datetime] = mapped_column(Moment)
    comment: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        ForeignKeyConstraint(["entry", "version"], ["desk_version.entry", "desk_version.number"]),
        Index("desk_step_by_entry", "entry", "version"),
    )


class KeptQuestionRow(Base):
    """A visitor's question that an editor ticked for a draft; approval moves it to the evaluation questions, else
    it goes with the retention period."""

    __tablename__ = "kept_question"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry: Mapped[str] = mapped_column(ForeignKey("desk_entry.id"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(Text)
    asked: Mapped[datetime.datetime] = mapped_column(Moment)


class EvaluationQuestionRow(Base):
    """A question that an approved entry must answer from now on; part of the permanent question set."""

    __tablename__ = "evaluation_question"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry: Mapped[str] = mapped_column(ForeignKey("desk_entry.id"), index=True)
    language: Mapped[str] = mapped_column(String(2))
    text: Mapped[str] = mapped_column(Text)
    statuses: Mapped[list[str]] = mapped_column(JSON)
    must: Mapped[list[str]] = mapped_column(JSON)
    topic: Mapped[str] = mapped_column(String(100))


class AskedAgainRow(Base):
    """A question asked again after an approval, with what came of it."""

    __tablename__ = "asked_again"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    entry: Mapped[str] = mapped_column(ForeignKey("desk_entry.id"), index=True)
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(2))
    status: Mapped[str] = mapped_column(String(32))
    answered_by: Mapped[str | None] = mapped_column(String(200))
    at: Mapped[datetime.datetime] = mapped_column(Moment)


class OutcomeRow(Base):
    """What an agent noted about a visitor's conversation; goes with it."""

    __tablename__ = "outcome"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    conversation: Mapped[str] = mapped_column(ForeignKey("conversation.token", ondelete="CASCADE"), index=True)
    by: Mapped[str] = mapped_column(String(100))
    at: Mapped[datetime.datetime] = mapped_column(Moment)
    outcome: Mapped[str] = mapped_column(String(16))
    note: Mapped[str | None] = mapped_column(Text)


class AuditRow(Base):
    """Who did what, when; append-only."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime.datetime] = mapped_column(Moment, index=True)
    actor: Mapped[str] = mapped_column(String(100))
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (Index("audit_by_action", "action", "at"),)


class DailyCountRow(Base):
    """A count of a day, without any text: `kind` says of what (status, topic, rating, time …)."""

    __tablename__ = "daily_count"
    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    count: Mapped[int]


class DeskStateRow(Base):
    """One row: the switch of public answering, the revision of what is approved, and when texts were last forgotten."""

    __tablename__ = "desk_state"
    id: Mapped[int] = mapped_column(primary_key=True)
    paused: Mapped[bool] = mapped_column(Boolean)
    notice: Mapped[dict[str, str]] = mapped_column(JSON)
    revision: Mapped[int]
    forgotten: Mapped[str | None] = mapped_column(String(10))
