"""Gaps: questions that could not be answered well, grouped by meaning."""

import datetime
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, delete, func, select, update
from sqlalchemy.orm import Session

from assistant.answering.values import TURNS_REMEMBERED
from assistant.records.audit import note_event
from assistant.records.counting import Key, add_counts, count_turns
from assistant.records.database import now_utc, one_at_a_time, reading, writing
from assistant.records.desk_tables import EntryRow, GapQuestionRow, GapRow, GapWeekRow
from assistant.records.masking import masked
from assistant.records.tables import Feedback, RecordedTurn

Vectors = NDArray[np.float32]
BATCH = 100
WEEKS_SHOWN = 8
SHORT_WORDS = 4
"""A question of so few words within a conversation is shown with what was spoken of before."""
REASONS = ("out_of_scope", "no_question", "known_unknown", "duplicate", "abuse")
"""Why a gap may be dismissed."""
_RATED = (
    select(Feedback, RecordedTurn)
    .join(RecordedTurn, RecordedTurn.answer_id == Feedback.answer_id)
    .where(Feedback.examined.is_(False))
    .order_by(Feedback.id)
)


@dataclass(frozen=True, slots=True)
class Examined:
    """A recorded turn as the rules for gaps see it; `rated` is a rating that came just now."""

    answer_id: str
    question: str
    language: str
    status: str
    probability: float | None
    threshold: float | None
    rated: str | None
    mode: str = ""
    """How the answer came about."""


@dataclass(frozen=True, slots=True)
class GapQuestion:
    """A question of a gap, with what made it one (`declined`, `unsure`, `rated`, `reported`).

    `text` is complete by itself; `typed` is what the visitor wrote, `context` what was spoken of before, for a
    question that follows another.
    """

    id: int
    text: str
    language: str
    cause: str
    asked: datetime.datetime
    typed: str
    context: str | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A group of questions. `weeks` are the counts of the last weeks, oldest first; `questions` those whose texts
    are still kept, newest first."""

    id: int
    state: str
    reason: str | None
    entry: str | None
    opened: datetime.datetime
    last: datetime.datetime
    asked: int
    weeks: tuple[int, ...]
    questions: tuple[GapQuestion, ...]

    @property
    def trend(self) -> int:
        """This week against the week before."""
        return self.weeks[-1] - self.weeks[-2]

    def texts(self, language: str | None = None) -> tuple[str, ...]:
        """The different complete texts, of a language or all; those that were asked like this first."""
        fitting = [q for q in self.questions if language in (None, q.language)]
        return tuple(dict.fromkeys(q.text for q in sorted(fitting, key=lambda q: q.context is not None)))

    def different(self) -> tuple[GapQuestion, ...]:
        """The questions that look different, each once."""
        return tuple({(q.typed, q.context): q for q in reversed(self.questions)}.values())[::-1]


class GapBook:
    """Keeps gaps. `cause` says why a turn is one (None: it is none); `alike` is the cosine from which questions
    mean the same."""

    def __init__(
        self,
        engine: Engine,
        *,
        cause: Callable[[Examined], str | None],
        alike: float,
        now: Callable[[], datetime.datetime] = now_utc,
    ) -> None:
        if not 0 < alike <= 1:
            raise ValueError(f"alike must be a cosine above 0 and at most 1, got {alike}")
        self._writing, self._reading, self._now = writing(engine), reading(engine), now
        self._cause, self._alike = cause, alike

    def collect(self, embed: Callable[[Sequence[str]], Vectors] | None) -> int:
        """Counts what was answered and rated since the last time and sorts what is a gap; returns how many
        questions were looked at.

        Without `embed` (no index is open) nothing is looked at. Texts are embedded between reading and writing, so
        that nobody waits for a lock meanwhile; what another
        process has looked at since the reading is left out.
        """
        seen = 0
        while embed is not None:
            turns, ratings, texts = self._unseen()
            vectors = dict(zip(texts, embed(list(texts.values())), strict=True)) if texts else {}
            with self._writing.begin() as session:
                one_at_a_time(session, "gaps")
                counted = count_turns(session, RecordedTurn.answer_id.in_(turns), None) if turns else []
                rated = self._ratings(session, ratings) if ratings else []
                found = self._caused([*((turn, None) for turn in counted), *rated])
                known = self._known(session, found)
                for turn, cause in found.values():
                    if turn.answer_id not in known and turn.answer_id in vectors:
                        self._sort(
                            session,
                            self._question(session, turn, cause, np.asarray(vectors[turn.answer_id], np.float32)),
                        )
                seen += len(counted) + len(rated)
            if not (counted or rated) or (len(turns) < BATCH and len(ratings) < BATCH):
                return seen
        return seen

    def report(self, question: str, language: str, embed: Callable[[Sequence[str]], Vectors], by: str) -> int:
        """A question that somebody at the desk could not answer, masked, joins the gap of its meaning; its id."""
        text = masked(" ".join(question.split()))
        vector = np.asarray(embed([text])[0], np.float32)
        with self._writing.begin() as session:
            one_at_a_time(session, "gaps")
            row = GapQuestionRow(
                answer_id=secrets.token_hex(16),
                text=text,
                typed=text,
                language=language,
                cause="reported",
                asked=self._now(),
                vector=vector.tobytes(),
            )
            gap = self._sort(session, row)
            note_event(session, self._now(), by, "gap.report", str(gap))
            return gap

    def gaps(self, state: str = "open", limit: int = 200) -> list[Gap]:
        """The gaps of a state, the most asked first."""
        with self._reading() as session:
            rows = session.scalars(
                select(GapRow)
                .where(GapRow.state == state)
                .order_by(GapRow.asked.desc(), GapRow.last.desc())
                .limit(limit)
            )
            return self._values(session, list(rows))

    def gap(self, identity: int) -> Gap | None:
        """A gap by id."""
        with self._reading() as session:
            row = session.get(GapRow, identity)
            return self._values(session, [row])[0] if row else None

    def count(self, state: str) -> int:
        """How many gaps are in a state."""
        with self._reading() as session:
            return session.scalar(select(func.count()).select_from(GapRow).where(GapRow.state == state)) or 0

    def dismiss(self, identity: int, reason: str, by: str) -> bool:
        """Closes an open gap without an answer; the same question does not open it again."""
        if reason not in REASONS:
            raise ValueError(f"reason must be one of {', '.join(REASONS)}, got {reason!r}")
        return self._move(identity, ("open",), "dismissed", by, reason=reason)

    def reopen(self, identity: int, by: str) -> bool:
        """Opens a dismissed gap again."""
        return self._move(identity, ("dismissed",), "open", by, reason=None)

    def merge(self, identities: Sequence[int], by: str) -> int | None:
        """Joins open gaps into the one that was asked most; its id, or None where there are not two."""
        with self._writing.begin() as session:
            one_at_a_time(session, "gaps")
            rows = list(
                session.scalars(
                    select(GapRow)
                    .where(GapRow.id.in_(identities), GapRow.state == "open")
                    .order_by(GapRow.asked.desc(), GapRow.id)
                )
            )
            if len(rows) < 2:
                return None
            target = rows[0]
            weeks: Counter[str] = Counter()
            for row in rows[1:]:
                session.execute(
                    update(EntryRow)
                    .where(EntryRow.gap == row.id)
                    .values(gap=target.id)
                    .execution_options(synchronize_session=False)
                )
                session.execute(
                    update(GapQuestionRow)
                    .where(GapQuestionRow.gap == row.id)
                    .values(gap=target.id)
                    .execution_options(synchronize_session=False)
                )
                weeks.update(
                    {w.week: w.asked for w in session.scalars(select(GapWeekRow).where(GapWeekRow.gap == row.id))}
                )
                session.execute(
                    delete(GapWeekRow).where(GapWeekRow.gap == row.id).execution_options(synchronize_session=False)
                )
                target.asked, target.last = target.asked + row.asked, max(target.last, row.last)
                row.state, row.merged_into, row.closed = "merged", target.id, self._now()
            for week, asked in weeks.items():
                self._add_week(session, target.id, week, asked)
            note_event(session, self._now(), by, "gap.merge", str(target.id), merged=[r.id for r in rows[1:]])
            return target.id

    def _move(self, identity: int, allowed: tuple[str, ...], state: str, by: str, *, reason: str | None) -> bool:
        with self._writing.begin() as session:
            row = session.get(GapRow, identity, with_for_update=True)
            if row is None or row.state not in allowed:
                return False
            row.state, row.reason, row.closed = state, reason, None if state == "open" else self._now()
            note_event(session, self._now(), by, f"gap.{state}", str(identity), reason=reason)
            return True

    def _unseen(self) -> tuple[list[str], list[int], dict[str, str]]:
        """Turns and ratings that were not looked at yet, by id, and the texts of those that are gaps, by answer."""
        with self._reading() as session:
            turns = list(
                session.scalars(
                    select(RecordedTurn)
                    .where(RecordedTurn.examined.is_(False), RecordedTurn.asked <= self._now())
                    .order_by(RecordedTurn.asked)
                    .limit(BATCH)
                )
            )
            rated = session.execute(_RATED.limit(BATCH)).tuples().all()
            found = self._caused(
                [*((turn, None) for turn in turns), *((turn, feedback.rating) for feedback, turn in rated)]
            )
            known = self._known(session, found)
            texts = {name: turn.standalone for name, (turn, _) in found.items() if name not in known}
            return [t.answer_id for t in turns], [f.id for f, _ in rated], texts

    def _caused(self, turns: Sequence[tuple[RecordedTurn, str | None]]) -> dict[str, tuple[RecordedTurn, str]]:
        """Those of the turns (with a rating that came just now) that are gaps, and why, by answer."""
        return {
            turn.answer_id: (turn, cause) for turn, rated in turns if (cause := self._cause(_examined(turn, rated)))
        }

    @staticmethod
    def _known(session: Session, found: Iterable[str]) -> set[str]:
        """Answers that belong to a gap already."""
        return set(session.scalars(select(GapQuestionRow.answer_id).where(GapQuestionRow.answer_id.in_(list(found)))))

    @staticmethod
    def _ratings(session: Session, chosen: Sequence[int]) -> list[tuple[RecordedTurn, str]]:
        """Turns with those of the ratings that were not looked at yet; these are counted."""
        rows = session.execute(_RATED.where(Feedback.id.in_(chosen)).with_for_update(of=Feedback, skip_locked=True))
        counts: Counter[Key] = Counter()
        rated: list[tuple[RecordedTurn, str]] = []
        for feedback, turn in rows.tuples():
            feedback.examined = True
            counts[(feedback.given.date().isoformat(), "rating", turn.language, feedback.rating)] += 1
            rated.append((turn, feedback.rating))
        add_counts(session, counts)
        return rated

    def _sort(self, session: Session, question: GapQuestionRow) -> int:
        """Into the gap whose nearest question means the same, else into a new one; its id."""
        vector = np.frombuffer(question.vector, np.float32)
        rows = session.execute(
            select(GapQuestionRow.gap, GapQuestionRow.vector)
            .join(GapRow, GapRow.id == GapQuestionRow.gap)
            .where(GapRow.state.in_(("open", "dismissed")))
        ).all()
        gap = None
        if rows:
            vectors = np.frombuffer(
                b"".join(r.vector for r in rows if len(r.vector) == vector.nbytes), np.float32
            ).reshape(-1, len(vector))
            owners = [r.gap for r in rows if len(r.vector) == vector.nbytes]
            if owners:
                similar = vectors @ vector
                best = int(np.argmax(similar))
                gap = session.get(GapRow, owners[best]) if similar[best] >= self._alike else None
        if gap is None:
            gap = GapRow(state="open", opened=question.asked, last=question.asked, asked=0)
            session.add(gap)
            session.flush()
        gap.asked, gap.last = gap.asked + 1, max(gap.last, question.asked)
        question.gap = gap.id
        session.add(question)
        self._add_week(session, gap.id, week_of(question.asked.date()), 1)
        session.flush()
        return gap.id

    def _question(self, session: Session, turn: RecordedTurn, cause: str, vector: Vectors) -> GapQuestionRow:
        context = _context(turn, self._before(session, turn))
        return GapQuestionRow(
            answer_id=turn.answer_id,
            text=turn.standalone,
            typed=turn.question,
            context=context,
            language=turn.language,
            cause=cause,
            asked=turn.asked,
            vector=vector.tobytes(),
        )

    @staticmethod
    def _before(session: Session, turn: RecordedTurn) -> list[RecordedTurn]:
        """The turns before one, the nearest first."""
        earlier = select(RecordedTurn).where(
            RecordedTurn.conversation == turn.conversation, RecordedTurn.number < turn.number
        )
        return list(session.scalars(earlier.order_by(RecordedTurn.number.desc()).limit(TURNS_REMEMBERED)))

    @staticmethod
    def _add_week(session: Session, gap: int, week: str, asked: int) -> None:
        row = session.get(GapWeekRow, (gap, week))
        if row is None:
            session.add(GapWeekRow(gap=gap, week=week, asked=asked))
        else:
            row.asked += asked

    def _values(self, session: Session, rows: Sequence[GapRow]) -> list[Gap]:
        numbers = [row.id for row in rows]
        questions: dict[int, list[GapQuestion]] = {n: [] for n in numbers}
        for q in session.scalars(
            select(GapQuestionRow).where(GapQuestionRow.gap.in_(numbers)).order_by(GapQuestionRow.id.desc())
        ):
            questions[q.gap].append(
                GapQuestion(q.id, q.text, q.language, q.cause, q.asked, q.typed or q.text, q.context)
            )
        weeks = {
            (w.gap, w.week): w.asked for w in session.scalars(select(GapWeekRow).where(GapWeekRow.gap.in_(numbers)))
        }
        today = self._now().date()
        names = [week_of(today - datetime.timedelta(weeks=back)) for back in range(WEEKS_SHOWN - 1, -1, -1)]
        return [
            Gap(
                r.id,
                r.state,
                r.reason,
                r.entry,
                r.opened,
                r.last,
                r.asked,
                tuple(weeks.get((r.id, name), 0) for name in names),
                tuple(questions[r.id]),
            )
            for r in rows
        ]


def week_of(day: datetime.date) -> str:
    """`2026-W48`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def _context(turn: RecordedTurn, before: Sequence[RecordedTurn]) -> str | None:
    """What a question that follows another was completed with, else what was spoken of before a question too short
    to stand alone."""
    topics = [text for earlier in before for text in (earlier.topic, earlier.standalone) if text]
    joined = next(
        (
            text
            for text in topics
            if turn.standalone != turn.question and turn.standalone.startswith(text.rstrip(" ?.!"))
        ),
        None,
    )
    if joined or not topics:
        return joined
    typed = len(turn.question.split())
    return topics[0] if typed != len(turn.standalone.split()) or typed <= SHORT_WORDS else None


def _examined(turn: RecordedTurn, rated: str | None) -> Examined:
    return Examined(
        turn.answer_id, turn.standalone, turn.language, turn.status, turn.probability, turn.threshold, rated, turn.mode
    )
