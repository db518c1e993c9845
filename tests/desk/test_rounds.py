"""What the desk does by itself goes on when a part of it fails."""

import datetime
from typing import Any

from assistant.desk.rounds import Rounds


class Broken:
    """Gaps and publisher that always fail."""

    enabled = True

    def collect(self, embed: Any) -> int:
        raise RuntimeError("no embedding")

    def embed(self, texts: Any) -> Any:
        raise RuntimeError

    def expire(self) -> None:
        self.expired = True
        raise RuntimeError("no index")


def test_texts_are_forgotten_although_everything_else_fails() -> None:
    broken: Any = Broken()
    days: list[datetime.date] = []

    def forget(day: datetime.date) -> None:
        days.append(day)
        raise OSError("the disk is full")

    Rounds(broken, broken, broken, forget, lambda: True).keep_house()
    assert len(days) == 1
    assert broken.expired
