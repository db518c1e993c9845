"""Curated entries made at the desk: immutable versions, their steps to approval, and the questions that they must
answer from then on."""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Engine, delete, select
from sqlalchemy.orm import Session

from assistant.records.audit import note_event
from assistant.records.database import now_utc, one_at_a_time, reading, writing
from assistant.records.desk_tables import (
    AskedAgainRow,
    DeskStateRow,
    EntryRow,
    EvaluationQuestionRow,
    GapQuestionRow,
    GapRow,
    KeptQuestionRow,
    StepRow,
    VersionRow,
)

ORDER = ("suspended", "submitted", "rejected", "draft", "approved", "withdrawn")
"""In which order entries are listed."""


class EntryError(Exception):
    """A step is not possible; `reason` is `unknown`, `state`, `same_person` or `taken`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Step:
    """What happened to a version."""

    version: int
    action: str
    by: str
    at: datetime.datetime
    comment: str | None


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """An entry with the content of its newest version; `live` is the version that answers, None when none does."""

    id: str
    state: str
    newest: int
    live: int | None
    gap: int | None
    note: str | None
    changed: datetime.datetime
    author: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AskedAgain:
    """A question asked again after an approval."""

    text: str
    language: str
    status: str
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class EvaluationQuestion:
    """A question that an entry must answer."""

    entry: str
    language: str
    text: str
    statuses: tuple[str, ...]
    must: tuple[str, ...]
    topic: str


class EntryBook:
    """Keeps entries. Every change of what answers raises the revision that all processes watch. `now` is the clock."""

    def __init__(self, engine: Engine, *, now: Callable[[], datetime.datetime] = now_utc) -> None:
        self._writing, self._reading, self._now = writing(engine), reading(engine), now

    # -- reading -----------------------------------------------------------------------------------------------------

    def entries(self) -> list[DeskEntry]:
        """All entries, those that need somebody first."""
        with self._reading() as session:
            rows = session.execute(
                select(EntryRow, VersionRow).join(
                    VersionRow, (VersionRow.entry == EntryRow.id) & (VersionRow.number == EntryRow.newest)
                )
            )
            found = [_value(entry, version, self._kept(session, entry.id)) for entry, version in rows.tuples()]
        return sorted(found, key=lambda e: (ORDER.index(e.state), e.id))

    def entry(self, identity: str) -> DeskEntry | None:
        """An entry by id."""
        with self._reading() as session:
            row = session.get(EntryRow, identity)
            version = session.get(VersionRow, (identity, row.newest)) if row else None
            return _value(row, version, self._kept(session, identity)) if row and version else None

    def content(self, identity: str, version: int) -> dict[str, Any] | None:
        """The content of a version."""
        with self._reading() as session:
            row = session.get(VersionRow, (identity, version))
            return dict(row.content) if row else None

    def steps(self, identity: str) -> list[Step]:
        """The history, newest first."""
        with self._reading() as session:
            rows = session.scalars(select(StepRow).where(StepRow.entry == identity).order_by(StepRow.id.desc()))
            return [Step(r.version, r.action, r.by, r.at, r.comment) for r in rows]

    def live(self) -> dict[str, dict[str, Any]]:
        """The content of all versions that answer, by id."""
        return {identity: content for identity, (_, content) in self.answering().items()}

    def answering(self) -> dict[str, tuple[int, dict[str, Any]]]:
        """Number and content of all versions that answer, by id."""
        with self._reading() as session:
            return self._live(session)

    def revision(self) -> int:
        """Rises whenever what answers changes."""
        with self._reading() as session:
            return session.scalar(select(DeskStateRow.revision).where(DeskStateRow.id == 1)) or 0

    def evaluation_questions(self) -> list[EvaluationQuestion]:
        """The questions of all entries that answer."""
        with self._reading() as session:
            rows = session.scalars(
                select(EvaluationQuestionRow)
                .join(EntryRow, EntryRow.id == EvaluationQuestionRow.entry)
                .where(EntryRow.live.is_not(None))
                .order_by(EvaluationQuestionRow.id)
            )
            return [
                EvaluationQuestion(r.entry, r.language, r.text, tuple(r.statuses), tuple(r.must), r.topic) for r in rows
            ]

    def asked_again(self, identity: str, version: int) -> list[AskedAgain]:
        """What came of the questions asked again after the approval of a version."""
        with self._reading() as session:
            rows = session.scalars(
                select(AskedAgainRow)
                .where(AskedAgainRow.entry == identity, AskedAgainRow.version == version)
                .order_by(AskedAgainRow.id)
            )
            return [AskedAgain(r.text, r.language, r.status, r.answered_by) for r in rows]

    # -- writing -----------------------------------------------------------------------------------------------------

    def save(
        self,
        identity: str,
        content: Mapping[str, Any],
        by: str,
        *,
        gap: int | None = None,
        new: bool = False,
        base: int | None = None,
    ) -> int:
        """A new version as a draft; its number. The version that answers goes on answering. Raises EntryError.

        `base` is the version that was edited: a newer one is not overwritten. `kept` of the content (visitors'
        questions: text and language) stays out of the version, which is never deleted.
        """
        with self._writing.begin() as session:
            one_at_a_time(session, "entries")
            entry = session.get(EntryRow, identity, with_for_update=True)
            if entry is not None and new:
                raise EntryError("taken")
            if entry is None:
                entry = EntryRow(
                    id=identity, gap=gap, state="draft", newest=0, live=None, note=None, changed=self._now()
                )
                session.add(entry)
                session.flush()
            if entry.state == "submitted" or base not in (None, entry.newest):
                raise EntryError("state")
            entry.newest, entry.state, entry.note, entry.changed = entry.newest + 1, "draft", None, self._now()
            session.add(
                VersionRow(
                    entry=identity,
                    number=entry.newest,
                    content={k: v for k, v in content.items() if k != "kept"},
                    author=by,
                    created=self._now(),
                )
            )
            self._keep(session, entry, content.get("kept", ()))
            session.flush()
            self._step(session, entry, entry.newest, "draft", by)
            return entry.newest

    def submit(self, identity: str, by: str) -> None:
        """Hands the draft to another person. Raises EntryError."""
        with self._writing.begin() as session:
            entry = self._locked(session, identity, ("draft", "rejected"))
            entry.state = "submitted"
            self._step(session, entry, entry.newest, "submitted", by)

    def approve(self, identity: str, version: int, by: str, questions: Sequence[EvaluationQuestion]) -> None:
        """The version answers from now on, its questions are part of the permanent set, and its gap is answered.
        Raises EntryError."""
        with self._writing.begin() as session:
            entry = self._locked(session, identity, ("submitted",))
            row = session.get(VersionRow, (identity, entry.newest))
            if entry.newest != version:
                raise EntryError("state")
            if row is None or by == row.author or by in self._hands(session, identity, version):
                raise EntryError("same_person")
            entry.state, entry.live, entry.note = "approved", version, None
            permanent = [*questions, *self._kept_before(session, identity, questions)]
            session.execute(delete(EvaluationQuestionRow).where(EvaluationQuestionRow.entry == identity))
            session.execute(delete(KeptQuestionRow).where(KeptQuestionRow.entry == identity))
            session.add_all(
                EvaluationQuestionRow(
                    entry=identity,
                    language=q.language,
                    text=q.text,
                    statuses=list(q.statuses),
                    must=list(q.must),
                    topic=q.topic,
                )
                for q in permanent
            )
            gap = session.get(GapRow, entry.gap) if entry.gap else None
            if gap is not None:
                gap.state, gap.entry, gap.closed = "answered", identity, self._now()
            self._step(session, entry, version, "approved", by)
            self._raise_revision(session)

    def reject(self, identity: str, version: int, by: str, comment: str) -> None:
        """Sends the version back with a comment. Raises EntryError."""
        with self._writing.begin() as session:
            entry = self._locked(session, identity, ("submitted",))
            if entry.newest != version:
                raise EntryError("state")
            entry.state, entry.note = "rejected", comment
            self._step(session, entry, version, "rejected", by, comment)

    def suspend(self, identity: str, version: int, reason: str, by: str = "system") -> bool:
        """The version stops answering until somebody has looked at it; False where it does not answer (any more)."""
        with self._writing.begin() as session:
            entry = session.get(EntryRow, identity, with_for_update=True)
            if entry is None or entry.live != version:
                return False
            self._stop(session, entry, "suspended", reason, by)
            return True

    def withdraw(self, identity: str, reason: str, by: str) -> bool:
        """An entry stops answering for good, or is given up before it ever did; False where it waits for approval
        or is withdrawn already."""
        with self._writing.begin() as session:
            entry = session.get(EntryRow, identity, with_for_update=True)
            if entry is None or (entry.live is None and entry.state not in ("suspended", "draft", "rejected")):
                return False
            self._stop(session, entry, "withdrawn", reason, by)
            session.execute(delete(KeptQuestionRow).where(KeptQuestionRow.entry == identity))
            return True

    def keep_asked_again(self, identity: str, version: int, results: Sequence[AskedAgain]) -> None:
        """Replaces the results of a version."""
        with self._writing.begin() as session:
            session.execute(
                delete(AskedAgainRow).where(AskedAgainRow.entry == identity, AskedAgainRow.version == version)
            )
            session.add_all(
                AskedAgainRow(
                    entry=identity,
                    version=version,
                    text=r.text,
                    language=r.language,
                    status=r.status,
                    answered_by=r.answered_by,
                    at=self._now(),
                )
                for r in results
            )

    def _stop(self, session: Session, entry: EntryRow, state: str, reason: str, by: str) -> None:
        stopped, entry.live = entry.live, None
        if entry.state == "approved" or state == "withdrawn":
            entry.state = state
        entry.note = reason[:500]
        self._step(session, entry, stopped or entry.newest, state, by, reason[:500])
        if stopped is not None:
            self._raise_revision(session)

    def _step(
        self, session: Session, entry: EntryRow, version: int, action: str, by: str, comment: str | None = None
    ) -> None:
        entry.changed = self._now()
        session.add(StepRow(entry=entry.id, version=version, action=action, by=by, at=self._now(), comment=comment))
        note_event(session, self._now(), by, f"entry.{action}", entry.id, version=version)

    def _keep(self, session: Session, entry: EntryRow, kept: Sequence[Mapping[str, str]]) -> None:
        """Replaces what is ticked; each text keeps the moment at which it was asked, from which the retention
        period counts."""
        before = {
            r.text: r.asked
            for r in session.scalars(
                select(KeptQuestionRow).where(KeptQuestionRow.entry == entry.id).order_by(KeptQuestionRow.asked.desc())
            )
        }
        asked = {
            r.text: r.asked
            for r in session.scalars(
                select(GapQuestionRow).where(GapQuestionRow.gap == entry.gap).order_by(GapQuestionRow.asked.desc())
            )
        }
        moments = {**before, **asked}
        session.execute(delete(KeptQuestionRow).where(KeptQuestionRow.entry == entry.id))
        session.add_all(
            KeptQuestionRow(
                entry=entry.id, language=k["language"], text=k["text"], asked=moments.get(k["text"], self._now())
            )
            for k in kept
        )

    @staticmethod
    def _kept(session: Session, identity: str) -> list[dict[str, str]]:
        rows = session.scalars(
            select(KeptQuestionRow).where(KeptQuestionRow.entry == identity).order_by(KeptQuestionRow.id)
        )
        return [{"language": r.language, "text": r.text} for r in rows]

    @staticmethod
    def _kept_before(
        session: Session, identity: str, questions: Sequence[EvaluationQuestion]
    ) -> list[EvaluationQuestion]:
        """Visitors' questions of earlier approvals, which are phrasings of no version: they stay, judged by the new
        answer of their language."""
        phrasings: set[str] = {q.text for q in questions}
        for content in session.scalars(select(VersionRow.content).where(VersionRow.entry == identity)):
            phrasings.update(text for texts in content.get("row", {}).get("questions", {}).values() for text in texts)
        judged = {q.language: q for q in questions}
        rows = session.scalars(
            select(EvaluationQuestionRow)
            .where(EvaluationQuestionRow.entry == identity)
            .order_by(EvaluationQuestionRow.id)
        )
        return [
            replace(judged[r.language], text=r.text) for r in rows if r.text not in phrasings and r.language in judged
        ]

    @staticmethod
    def _hands(session: Session, identity: str, version: int) -> set[str]:
        """Who submitted a version: they may not approve it either."""
        return set(
            session.scalars(
                select(StepRow.by).where(
                    StepRow.entry == identity, StepRow.version == version, StepRow.action == "submitted"
                )
            )
        )

    @staticmethod
    def _locked(session: Session, identity: str, states: tuple[str, ...]) -> EntryRow:
        entry = session.get(EntryRow, identity, with_for_update=True)
        if entry is None:
            raise EntryError("unknown")
        if entry.state not in states:
            raise EntryError("state")
        return entry

    @staticmethod
    def _raise_revision(session: Session) -> None:
        state = session.get(DeskStateRow, 1, with_for_update=True)
        if state is not None:
            state.revision += 1

    @staticmethod
    def _live(session: Session) -> dict[str, tuple[int, dict[str, Any]]]:
        rows = session.execute(
            select(VersionRow)
            .join(EntryRow, (EntryRow.id == VersionRow.entry) & (EntryRow.live == VersionRow.number))
            .order_by(EntryRow.id)
        )
        return {row.entry: (row.number, dict(row.content)) for row in rows.scalars()}


def _value(entry: EntryRow, version: VersionRow, kept: list[dict[str, str]]) -> DeskEntry:
    return DeskEntry(
        entry.id,
        entry.state,
        entry.newest,
        entry.live,
        entry.gap,
        entry.note,
        entry.changed,
        version.author,
        {**version.content, "kept": kept},
    )
