"""The figures of the desk from the daily counts: nothing personal, no texts."""

import csv
import datetime
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.records.counting import DailyCount, median_ms

OUTCOMES = {"answered": "answered", "partial": "partial", "clarify": "clarify"}
TOP = 10


@dataclass(frozen=True, slots=True)
class Day:
    """The questions of a day by what became of them."""

    day: str
    outcomes: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.outcomes.values())


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in a span of days."""

    days: tuple[Day, ...]
    outcomes: Mapping[str, int]
    by_language: Mapping[str, Mapping[str, int]]
    by_topic: tuple[tuple[str, int], ...]
    ratings: Mapping[str, int]
    modes: Mapping[str, int]
    median_ms: float | None
    documents: tuple[tuple[str, int], ...]
    entries: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """All questions."""
        return sum(self.outcomes.values())


def outcome_of(status: str) -> str:
    """`answered`, `partial`, `clarify`, `declined` or `other` (small talk, the wish for a person, faults)."""
    return OUTCOMES.get(status, "declined" if status.startswith("declined") else "other")


def figures(
    counts: Sequence[DailyCount], topics: Mapping[str, str], first: datetime.date, last: datetime.date
) -> Figures:
    """The figures of the days from `first` to `last`; `topics` are those of the entries."""
    days: dict[str, Counter[str]] = {
        (first + datetime.timedelta(n)).isoformat(): Counter() for n in range((last - first).days + 1)
    }
    languages: dict[str, Counter[str]] = defaultdict(Counter)
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    times: Counter[int] = Counter()
    for c in counts:
        if c.day not in days:
            continue
        if c.kind == "status":
            days[c.day][outcome_of(c.key)] += c.count
            languages[c.language][outcome_of(c.key)] += c.count
        elif c.kind == "time":
            times[int(c.key)] += c.count
        else:
            kinds[c.kind][c.key] += c.count
    by_topic: Counter[str] = Counter()
    for entry, count in kinds["entry"].items():
        by_topic[topics.get(entry, "")] += count
    return Figures(
        tuple(Day(day, dict(outcomes)) for day, outcomes in sorted(days.items())),
        dict(sum(days.values(), Counter[str]())),
        {language: dict(outcomes) for language, outcomes in sorted(languages.items())},
        tuple(by_topic.most_common(TOP)),
        dict(kinds["rating"]),
        dict(kinds["mode"]),
        median_ms(times),
        tuple(kinds["document"].most_common(TOP)),
        tuple(kinds["entry"].most_common(TOP)),
    )


def as_csv(counts: Sequence[DailyCount]) -> str:
    """The daily counts as CSV: day, kind, language, key, count. What could be read as a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["day", "kind", "language", "key", "count"])
    for c in counts:
        writer.writerow(
            [c.day, c.kind, c.language, f"'{c.key}" if c.key[:1] in "=+-@" and c.kind != "time" else c.key, c.count]
        )
    return out.getvalue()
