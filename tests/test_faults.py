"""What reaches the log of a fault: class, code, place, and nothing that somebody wrote."""

import logging
import sqlite3
from io import StringIO

import pytest
from sqlalchemy.exc import OperationalError

from assistant.answering.replies import reply
from assistant.faults import OneLineFormatter, cause, in_one_line
from assistant.records.faults import RecordsFault

SECRET = "Wer zahlt für Rumpelstilzchen?"


def raised(error: BaseException) -> BaseException:
    try:
        raise error
    except BaseException as caught:
        return caught


def test_the_code_of_a_fault_is_told_and_its_message_is_not() -> None:
    origin = sqlite3.OperationalError(SECRET)
    origin.sqlite_errorname = "SQLITE_FULL"
    for error, told in (
        (OperationalError(SECRET, {"question": SECRET}, origin), "OperationalError (SQLITE_FULL)"),
        (OSError(28, SECRET), "OSError (ENOSPC)"),
        (KeyError(SECRET), "KeyError"),
        (RecordsFault("disk full"), "RecordsFault (disk full)"),
    ):
        assert cause(error) == told
        assert in_one_line(raised(error)).startswith(f"{told} > tests/test_faults.py:")
        assert SECRET not in in_one_line(raised(error))
    grouped = raised(BaseExceptionGroup(SECRET, [ValueError(SECRET)]))
    assert in_one_line(grouped) == "ValueError"


def test_the_place_in_our_own_code_is_told() -> None:
    with pytest.raises(KeyError) as caught:
        reply(SECRET, "de")
    assert "assistant/answering/replies.py" in in_one_line(caught.value)
    assert SECRET not in in_one_line(caught.value)


def test_a_logged_exception_is_one_line_without_its_text() -> None:
    written, log = StringIO(), logging.getLogger("test.faults")
    handler = logging.StreamHandler(written)
    handler.setFormatter(OneLineFormatter("%(levelname)s %(message)s"))
    log.addHandler(handler)
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("it failed\nforged line")
    log.removeHandler(handler)
    assert written.getvalue().startswith("ERROR it failed forged line ValueError")
    assert written.getvalue().count("\n") == 1
    assert SECRET not in written.getvalue()
