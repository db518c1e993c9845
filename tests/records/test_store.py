"""Conversations are remembered pseudonymously, for a time."""

import datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus
from assistant.answering.values import Turn
from assistant.records.store import ALPHABET, Records

START = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def records(engine: Engine, clock: Clock) -> Records:
    return Records(engine, now=clock)


def answer(status: AnswerStatus = AnswerStatus.ANSWERED) -> Answer:
    return Answer(status, AnswerMode.FIXED, "de", "Text", "Hinweis")


def turn(question: str, status: str = "answered") -> Turn:
    return Turn(question, question, "de", status, "Thema", "entry")


def test_turns_come_back_in_order_with_token_and_code(records: Records) -> None:
    first = records.remember(None, turn("eins"), answer())
    second = records.remember(first.conversation, turn("zwei"), answer())
    assert first.conversation == second.conversation
    assert first.code == second.code
    assert first.code is not None
    assert set(first.code) <= set(ALPHABET) | {"-"}
    turns = records.turns(first.conversation)
    assert turns is not None
    assert [t.question for t in turns] == ["eins", "zwei"]
    assert turns[1].entry == "entry"


def test_unknown_and_expired_tokens_are_none(records: Records, clock: Clock) -> None:
    token = records.remember(None, turn("eins"), answer()).conversation
    assert records.turns("x" * 32) is None
    clock.now += datetime.timedelta(hours=25)
    assert records.turns(token) is None


def test_personal_data_is_never_stored(records: Records, tmp_path: Path) -> None:
    token = records.remember(
        None, turn("erika.muster@posteo.de", "declined_personal_data"), answer(AnswerStatus.PERSONAL_DATA)
    ).conversation
    turns = records.turns(token)
    assert turns is not None
    assert turns[0].question == ""
    assert not any(b"erika.muster" in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def test_old_conversations_are_deleted_from_the_file_too(records: Records, clock: Clock, tmp_path: Path) -> None:
    old = records.remember(None, turn("Rumpelstilzchen"), answer())
    assert records.rate(old.answer_id, "down", "unclear", "Kommentar")
    clock.now += datetime.timedelta(days=40)
    young = records.remember(None, turn("neu"), answer())
    assert records.forget_before(clock.now - datetime.timedelta(days=30)) == 1
    assert records.turns(young.conversation) is not None
    assert not records.rate(old.answer_id, "up", None, None)
    assert not any(b"Rumpelstilzchen" in path.read_bytes() for path in tmp_path.iterdir() if path.is_file())


def test_feedback_needs_a_known_answer(records: Records) -> None:
    kept = records.remember(None, turn("eins"), answer())
    assert records.rate(kept.answer_id, "up", None, None)
    assert not records.rate("unknown", "up", None, None)
