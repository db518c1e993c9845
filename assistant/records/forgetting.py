"""Deletes what people wrote after the retention period, from the database and from the bytes of its file; counts
stay."""

import datetime

from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from assistant.records.counting import count_turns
from assistant.records.database import now_utc, reading, writing
from assistant.records.desk_tables import (
    AskedAgainRow,
    DeskStateRow,
    GapQuestionRow,
    KeptQuestionRow,
    OutcomeRow,
    ProviderSignInRow,
    SessionRow,
    SignInTryRow,
)
from assistant.records.tables import Conversation, Feedback, RecordedTurn

SESSIONS_KEPT = datetime.timedelta(days=2)
"""Sessions, failed sign-ins and sign-ins under way are worthless after that."""


class FileBusy(Exception):
    """The texts are deleted, but others read the file: its write-ahead log still holds them. Try again."""


def forget_before(engine: Engine, moment: datetime.datetime) -> int:
    """Deletes conversations that began before a moment with their turns, ratings and notes, and the texts of gaps;
    returns how many conversations. Raises FileBusy."""
    with writing(engine).begin() as session:
        count_turns(session, RecordedTurn.asked < moment, None)
        gone = _forget(session, moment)
    if engine.dialect.name == "sqlite":
        connection = engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            cursor.close()
        finally:
            connection.close()
        if busy:
            raise FileBusy(
                "the texts are deleted, but others read the file and its write-ahead log still holds them; try again"
            )
    return gone


def forget_daily(engine: Engine, today: datetime.date, days: int) -> int | None:
    """The same once a day; None when it is done already, or must be tried again because the file was busy.

    The day is noted after it succeeded: a process that dies in between leaves the rest to the next look. Two
    processes at once delete the same, which harms nothing.
    """
    with reading(engine)() as session:
        if session.scalar(select(DeskStateRow.forgotten).where(DeskStateRow.id == 1)) == today.isoformat():
            return None
    try:
        gone = forget_before(
            engine, datetime.datetime.combine(today, datetime.time(), datetime.UTC) - datetime.timedelta(days=days)
        )
    except FileBusy:
        return None
    with writing(engine).begin() as session:
        session.execute(
            update(DeskStateRow)
            .where(DeskStateRow.id == 1)
            .values(forgotten=today.isoformat())
            .execution_options(synchronize_session=False)
        )
    return gone


def _forget(session: Session, moment: datetime.datetime) -> int:
    old = select(Conversation.token).where(Conversation.created < moment)
    stale = now_utc() - SESSIONS_KEPT
    gone = session.scalar(select(func.count()).select_from(old.subquery())) or 0
    answers = select(RecordedTurn.answer_id).where(RecordedTurn.conversation.in_(old))
    for statement in (
        delete(Feedback).where(Feedback.answer_id.in_(answers)),
        delete(OutcomeRow).where(OutcomeRow.conversation.in_(old)),
        delete(RecordedTurn).where(RecordedTurn.conversation.in_(old)),
        delete(Conversation).where(Conversation.created < moment),
        delete(GapQuestionRow).where(GapQuestionRow.asked < moment),
        delete(KeptQuestionRow).where(KeptQuestionRow.asked < moment),
        delete(AskedAgainRow).where(AskedAgainRow.at < moment),
        delete(SessionRow).where(SessionRow.created < stale),
        delete(SignInTryRow).where(SignInTryRow.last < stale),
        delete(ProviderSignInRow).where(ProviderSignInRow.created < stale),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    return gone
