"""Antworten: all entries, their history, the editor, approval."""

import asyncio
import datetime
import re
from collections.abc import Mapping
from typing import Any

from fastapi.responses import Response

from assistant.answering.values import LONGEST_QUESTION
from assistant.desk.cited import cited_sources, summarised
from assistant.desk.desk import Desk
from assistant.desk.drafting import (
    SOURCE_ROWS,
    claim_fields,
    claim_rows,
    evaluation_questions,
    form_of,
    local_fields,
    near_duplicates,
    row_of,
    source_fields,
)
from assistant.desk.entry_list import STATES, narrowed
from assistant.desk.look_up import LookUp, counterparts
from assistant.desk.opened import Findings, Row
from assistant.desk.roles import EntryError
from assistant.surfaces.desk.guard import Guard, Visit, go

_ID = re.compile(r"[a-z0-9][a-z0-9-]{2,79}")
SUGGESTED_PHRASINGS = 12
REVIEW_AFTER = datetime.timedelta(days=365)
LONGEST_COMMENT = 500


class AnswerPages:
    """Lists, edits, submits, approves and withdraws entries."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard, self._desk = guard, desk

    # -- reading -----------------------------------------------------------------------------------------------------

    async def listed(self, visit: Visit) -> Response:
        """GET: every entry, those of the desk that need somebody first."""
        return await asyncio.to_thread(self._listed, visit)

    async def one(self, visit: Visit) -> Response:
        """GET: an entry with its history, and the decision where one waits."""
        return await asyncio.to_thread(self._one, visit, _entry(visit), visit.request.query_params.get("said", ""))

    async def published(self, visit: Visit) -> Response:
        """GET: how far publishing is, and what came of the questions asked again."""
        identity = _entry(visit)
        entry = await asyncio.to_thread(self._desk.entries.entry, identity)
        again = await asyncio.to_thread(self._desk.entries.asked_again, identity, entry.live or 0) if entry else []
        return self._guard.fragment(
            visit, "published.html", entry=entry, again=again, progress=self._desk.publisher.progress
        )

    async def passages(self, visit: Visit) -> Response:
        """GET: the passages nearest to a text, each beside its counterparts in the other languages."""
        return await asyncio.to_thread(self._passages, visit)

    # -- writing -----------------------------------------------------------------------------------------------------

    async def new(self, visit: Visit) -> Response:
        """GET: an empty draft, or one for a gap."""
        number = visit.request.query_params.get("gap", "")
        gap = (
            await asyncio.to_thread(self._desk.gaps.gap, int(number))
            if number.isascii() and number.isdigit() and len(number) < 10
            else None
        )
        review = (datetime.date.today() + REVIEW_AFTER).isoformat()
        form = {"status": "answered", "review_by": review}
        if gap is not None:
            for language in self._desk.languages:
                form[f"questions_{language}"] = "\n".join(gap.texts(language)[:1])
        return await asyncio.to_thread(self._editor, visit, form, gap, None)

    async def edit(self, visit: Visit) -> Response:
        """GET: the newest version as a draft."""
        entry = await asyncio.to_thread(self._desk.entries.entry, _entry(visit))
        if entry is None or entry.state == "submitted":
            return self._guard.page(visit, "refused.html", status=404, reason="missing")
        gap = await asyncio.to_thread(self._desk.gaps.gap, entry.gap) if entry.gap else None
        return await asyncio.to_thread(self._editor, visit, form_of(entry.content["row"]), gap, entry)

    async def check(self, visit: Visit) -> Response:
        """POST: what the checks say of the draft as it stands."""
        row = row_of(visit.fields())
        findings = await asyncio.to_thread(self._desk.corpus.check, row)
        duplicates = await asyncio.to_thread(near_duplicates, row, self._desk.corpus)
        return self._guard.fragment(
            visit, "findings.html", findings=findings, duplicates=duplicates, begun=bool(row.get("answer"))
        )

    async def save(self, visit: Visit) -> Response:
        """POST: a new version; with `then=submit` it goes to another person at once, if nothing stops it."""
        return await asyncio.to_thread(self._save, visit)

    async def submit(self, visit: Visit) -> Response:
        """POST: hands the draft over."""
        return await asyncio.to_thread(self._submit, visit, _entry(visit))

    async def approve(self, visit: Visit) -> Response:
        """POST: the version answers from now on."""
        return await asyncio.to_thread(self._approve, visit, _entry(visit))

    async def reject(self, visit: Visit) -> Response:
        """POST: back to the author with a comment."""
        identity, comment = _entry(visit), visit.field("comment").strip()[:LONGEST_COMMENT]
        if not comment:
            return await asyncio.to_thread(self._one, visit, identity, "comment_missing", 400)
        try:
            await asyncio.to_thread(self._desk.entries.reject, identity, _version(visit), visit.who.name, comment)
        except EntryError as error:
            return await asyncio.to_thread(self._one, visit, identity, error.reason, 409)
        return go(f"/desk/answers/{identity}?said=rejected")

    async def withdraw(self, visit: Visit) -> Response:
        """POST: the entry stops answering."""
        identity = _entry(visit)
        done = await asyncio.to_thread(
            self._desk.entries.withdraw,
            identity,
            visit.field("comment").strip()[:LONGEST_COMMENT] or "–",
            visit.who.name,
        )
        self._desk.publisher.wake()
        return go(f"/desk/answers/{identity}?said={'withdrawn' if done else 'state'}")

    # -- the single steps --------------------------------------------------------------------------------------------

    def _listed(self, visit: Visit) -> Response:
        wished = visit.request.query_params
        query, state = " ".join(wished.get("q", "").split())[:LONGEST_QUESTION], wished.get("state", "")
        state = state if state in STATES else ""
        own = self._desk.entries.entries()
        known = {e.id for e in own}
        corpus = [row for row in self._desk.corpus.entry_rows() if not str(row["path"]).startswith("desk/")]
        today = datetime.date.today()
        found = narrowed(own, [r for r in corpus if r["id"] not in known], query, state, today)
        return self._guard.page(
            visit, "answers.html", found=found, taken_over={r["id"] for r in corpus if r["id"] in known}, uses=self._desk.counts.uses(), today=today.isoformat(),
            said=wished.get("said", ""), query=query, state=state, states=STATES,
        )  # fmt: skip

    def _one(self, visit: Visit, identity: str, said: str = "", status: int = 200) -> Response:
        entry = self._desk.entries.entry(identity)
        if entry is None:
            kept = next((r for r in self._desk.corpus.entry_rows() if r["id"] == identity), None)
            if kept is None:
                return self._guard.page(visit, "refused.html", status=404, reason="missing")
            return self._guard.page(
                visit,
                "corpus_answer.html",
                row=kept,
                **self._sources(kept, visit.language),
                uses=self._desk.counts.uses().get(identity, 0),
            )
        row: Mapping[str, Any] = entry.content["row"]
        again = self._desk.entries.asked_again(identity, entry.live) if entry.live else []
        return self._guard.page(
            visit, "answer.html", status=status, entry=entry, row=row, **self._sources(row, visit.language), findings=self._desk.corpus.check(row), duplicates=near_duplicates(row, self._desk.corpus),
            steps=self._desk.entries.steps(identity), uses=self._desk.counts.uses().get(identity, 0), again=again, progress=self._desk.publisher.progress,
            questions=evaluation_questions(entry.content) if entry.state in ("submitted", "approved") else [], said=said, mine=entry.author == visit.who.name,
        )  # fmt: skip

    def _sources(self, row: Row, language: str) -> dict[str, Any]:
        opened = self._desk.current()
        if opened is None:
            return {"sources": [], "summarised": frozenset()}
        sources = cited_sources(opened.assistant.search, row, language)
        return {"sources": sources, "summarised": summarised(opened.assistant.search, [s for s, _ in sources])}

    def _editor(
        self, visit: Visit, form: Mapping[str, str], gap: Any, entry: Any, fault: str = "", status: int = 200
    ) -> Response:
        row = row_of(form)
        findings = self._desk.corpus.check(row) if row.get("answer") else Findings()
        topics = sorted({str(r["topic"]) for r in self._desk.corpus.entry_rows() if r.get("topic")})
        begin = (gap.questions[0].text if gap and gap.questions else "") or next(
            (t for texts in (row.get("questions") or {}).values() for t in texts), ""
        )
        return self._guard.page(
            visit, "editor.html", status=status, form={name: form.get(name, "") for name in _names(form)}, gap=gap, begun=bool(row.get("answer")), entry=entry, findings=findings,
            duplicates=near_duplicates(row, self._desk.corpus), topics=topics, rows=range(1, SOURCE_ROWS + 1), claim_rows=claim_rows(form), fault=fault, begin=begin, found=self._near(begin),
            kept={k["text"] for k in entry.content.get("kept", ())} if entry else set(), suggested=SUGGESTED_PHRASINGS,
            tongues=tuple(dict.fromkeys((*self._desk.languages, *_languages_of(row)))),
            base=form.get("base") or (entry.newest if entry else ""),
        )  # fmt: skip

    def _save(self, visit: Visit) -> Response:
        fields = visit.fields()
        row = row_of(fields)
        identity = str(row.get("id", ""))
        new = visit.field("known") != identity
        number = visit.field("gap")
        gap = self._desk.gaps.gap(int(number)) if number.isascii() and number.isdigit() and len(number) < 10 else None
        taken = new and any(r["id"] == identity for r in self._desk.corpus.entry_rows())
        fault = (
            "bad_id" if not _ID.fullmatch(identity) else "taken" if taken else "empty" if not row.get("answer") else ""
        )
        if not fault:
            chosen = set(visit.values("kept"))
            kept = [{"language": q.language, "text": q.text} for q in gap.questions if q.text in chosen] if gap else []
            old = self._desk.entries.entry(identity)
            if old is not None and not gap:
                kept = old.content.get("kept", [])
            try:
                self._desk.entries.save(
                    identity,
                    {"row": row, "kept": list({k["text"]: k for k in kept}.values())},
                    visit.who.name,
                    gap=gap.id if gap else None,
                    new=new,
                    base=_number(visit.field("base")),
                )
            except EntryError as error:
                fault = error.reason
        if fault:
            return self._editor(visit, fields, gap, self._desk.entries.entry(visit.field("known")), fault, 400)
        if visit.field("then") == "submit":
            return self._submit(visit, identity)
        return go(f"/desk/answers/{identity}?said=saved")

    def _submit(self, visit: Visit, identity: str) -> Response:
        entry = self._desk.entries.entry(identity)
        if entry is None or self._desk.corpus.check(entry.content["row"]).faults:
            return self._one(visit, identity, "has_faults", 409)
        try:
            self._desk.entries.submit(identity, visit.who.name)
        except EntryError as error:
            return self._one(visit, identity, error.reason, 409)
        return go(f"/desk/answers/{identity}?said=submitted")

    def _approve(self, visit: Visit, identity: str) -> Response:
        entry = self._desk.entries.entry(identity)
        if entry is None or self._desk.corpus.check(entry.content["row"]).faults:
            return self._one(visit, identity, "has_faults", 409)
        try:
            self._desk.entries.approve(identity, _version(visit), visit.who.name, evaluation_questions(entry.content))
        except EntryError as error:
            return self._one(visit, identity, error.reason, 403 if error.reason == "same_person" else 409)
        self._desk.publisher.wake()
        return go(f"/desk/answers/{identity}?said=approved")

    def _passages(self, visit: Visit) -> Response:
        return self._guard.fragment(visit, "passages.html", found=self._near(visit.request.query_params.get("q", "")))

    def _near(self, text: str) -> list[tuple[Any, list[Any]]]:
        """Passages near a text: document, and the passage in each language that there is."""
        opened = self._desk.current()
        if opened is None or not text.strip():
            return []
        found: dict[str, tuple[Any, list[Any]]] = {}
        for hit in LookUp(opened).find(text).passages:
            group = hit.document.translation_of or hit.document.id
            key = f"{group}#{hit.passage.id.rpartition('#')[2]}"
            both = sorted([hit.passage, *counterparts(opened, hit.passage)], key=lambda p: p.language)
            found.setdefault(key, (opened.library.document(group) or hit.document, both))
        return list(found.values())[:6]


def _languages_of(row: Row) -> list[str]:
    """The languages that an entry says something in."""
    texts = [row.get("questions"), row.get("answer"), *(s.get("quote") for s in row.get("sources") or ())]
    return [language for text in texts for language in text or {}]


def _names(form: Mapping[str, str]) -> list[str]:
    return [
        "id",
        "topic",
        "status",
        "as_of",
        "review_by",
        "valid_until",
        *local_fields(),
        *(f"source_{n}_{field}" for n in range(1, SOURCE_ROWS + 1) for field in source_fields()),
        *(f"claim_{n}_{field}" for n in claim_rows(form) for field in claim_fields()),
    ]


def _entry(visit: Visit) -> str:
    return str(visit.request.path_params["entry"])[:200]


def _version(visit: Visit) -> int:
    return _number(visit.field("version")) or 0


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
