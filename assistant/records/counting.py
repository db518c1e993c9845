"""Daily counts without any text: they stay when the questions are forgotten."""

import datetime
import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from assistant.records.database import reading
from assistant.records.desk_tables import DailyCountRow
from assistant.records.tables import RecordedTurn

STEPS_A_DOUBLING = 4
"""Times are counted in classes; four classes a doubling keep the median within a tenth."""
Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class DailyCount:
    """So many of a kind on a day (ISO)."""

    day: str
    kind: str
    language: str
    key: str
    count: int


def count_turns(session: Session, condition: Any, limit: int | None) -> list[RecordedTurn]:
    """Counts turns that are not counted yet, and gives them back; within the caller's transaction."""
    rows = (
        select(RecordedTurn)
        .where(RecordedTurn.examined.is_(False), condition)
        .order_by(RecordedTurn.asked)
        .limit(limit)
    )
    turns = list(session.scalars(rows.with_for_update(skip_locked=True)))
    counts: Counter[Key] = Counter()
    for turn in turns:
        turn.examined = True
        counts.update(_keys(turn))
    add_counts(session, counts)
    return turns


def add_counts(session: Session, counts: Counter[Key]) -> None:
    """Adds to the counts of their days."""
    dialect: Any = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    for (day, kind, language, key), count in sorted(counts.items()):
        added = dialect.insert(DailyCountRow).values(day=day, kind=kind, language=language, key=key[:200], count=count)
        session.execute(
            added.on_conflict_do_update(
                index_elements=["day", "kind", "language", "key"], set_={"count": DailyCountRow.count + count}
            )
        )


def _keys(turn: RecordedTurn) -> list[Key]:
    day, language = turn.asked.date().isoformat(), turn.language
    keys: list[Key] = [(day, "status", language, turn.status), (day, "mode", language, turn.mode)]
    if turn.entry:
        keys.append((day, "entry", language, turn.entry))
    answer: dict[str, Any] = turn.answer
    keys += [
        (day, "document", language, name)
        for name in dict.fromkeys(s.get("document") for s in answer.get("sources", ()))
        if name
    ]
    total = float(answer.get("timings_ms", {}).get("total", 0.0))
    keys.append((day, "time", language, f"{time_class(total):+04d}"))
    return keys


def time_class(ms: float) -> int:
    """The class of a time in milliseconds."""
    return round(STEPS_A_DOUBLING * math.log2(max(ms, 0.01)))


def class_ms(number: int) -> float:
    """The time in the middle of a class, in milliseconds."""
    return 2 ** (number / STEPS_A_DOUBLING)


def median_ms(classes: Counter[int]) -> float | None:
    """The median of classed times; None without any."""
    total, seen = sum(classes.values()), 0
    for number in sorted(classes):
        seen += classes[number]
        if seen * 2 >= total:
            return class_ms(number)
    return None


class CountBook:
    """Reads the counts."""

    def __init__(self, engine: Engine) -> None:
        self._reading = reading(engine)

    def since(self, day: datetime.date) -> list[DailyCount]:
        """All counts from a day on, oldest first."""
        with self._reading() as session:
            rows = session.scalars(
                select(DailyCountRow)
                .where(DailyCountRow.day >= day.isoformat())
                .order_by(DailyCountRow.day, DailyCountRow.kind, DailyCountRow.key)
            )
            return [DailyCount(r.day, r.kind, r.language, r.key, r.count) for r in rows]

    def uses(self) -> dict[str, int]:
        """How often each entry answered, ever."""
        with self._reading() as session:
            counts: Counter[str] = Counter()
            for key, count in session.execute(
                select(DailyCountRow.key, DailyCountRow.count).where(DailyCountRow.kind == "entry")
            ):
                counts[key] += count
            return dict(counts)
