"""What the look-up of the desk shows and keeps, without a browser."""

import datetime

from assistant.answering.assistant import Assistant
from assistant.desk.look_up import LookUp
from assistant.surfaces.desk.look_up_pages import AnswerCards


class Opened:
    """The shipped index as far as a look-up needs it."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant


def test_cards_are_kept_for_one_day(shipped: Assistant) -> None:
    days = [datetime.date(2026, 11, 25)]
    cards = AnswerCards("Hotline", today=lambda: days[-1])
    found = LookUp(Opened(shipped)).find("Wer kann Mitglied werden?")  # type: ignore[arg-type]
    for _ in range(2):
        for answer in found.answers:
            cards(answer, "de", "de")
    kept = len(cards)
    assert 0 < kept <= len(found.answers)
    days.append(datetime.date(2026, 11, 26))
    cards(next(a for a in found.answers if a.kind == "entry"), "de", "de")
    assert len(cards) == 1
