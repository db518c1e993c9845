"""Curated entries that come from outside the corpus folder (approved at the desk), held to the same checks as the
corpus's own."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pydantic import ValidationError

from index.corpus_check import asked_twice, entry_findings
from index.findings import line_of
from index.readers.curated import entry_value
from index.readers.fields import EntryFields, first_fault
from index.readers.quotes import Library, check_sources
from index.snapshot import Content
from index.values import Claim, Corpus, CuratedEntry, Finding, Programme, Rejection, Severity

PATH = "desk"
"""Entries of the desk say `desk/<id>` where those of the corpus name their file."""


def read_desk_entries(
    rows: Iterable[Mapping[str, Any]], programme: Programme
) -> tuple[list[CuratedEntry], list[Rejection]]:
    """The entries of rows with the fields of contracts.md; faulty ones come back as rejections."""
    entries: list[CuratedEntry] = []
    rejections: list[Rejection] = []
    for row in rows:
        identity = str(row.get("id", ""))
        try:
            entries.append(entry_value(EntryFields.of(dict(row), programme), f"{PATH}/{identity}", programme))
        except ValidationError as error:
            rejections.append(Rejection(f"{PATH}/{identity}", identity, first_fault(error), "entry"))
    return entries, rejections


def joined_digest(corpus: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The digest of a corpus together with entries of the desk; that of the corpus alone where there are none."""
    if not rows:
        return corpus
    return hashlib.sha256((corpus + json.dumps(list(rows), sort_keys=True, ensure_ascii=False)).encode()).hexdigest()


def with_desk_entries(corpus: Corpus, rows: Sequence[Mapping[str, Any]]) -> Corpus:
    """The corpus with the entries of the desk. Of two with one id the corpus's own stays: there it has been taken
    over."""
    if not rows:
        return corpus
    entries, rejections = read_desk_entries(rows, corpus.programme)
    taken = {value.id for value in (*corpus.entries, *corpus.figures)}
    kept, _ = check_sources(corpus.documents, [e for e in entries if e.id not in taken], [], rejections)
    return replace(corpus, entries=(*corpus.entries, *kept), rejections=(*corpus.rejections, *rejections))


class DraftChecker:
    """Checks a draft against the content of an opened snapshot, as the corpus check and the build would."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._library = Library(
            tuple(content.documents.values()), lambda d: content.passages_at(content.passage_numbers(d.id))
        )

    def check(self, row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        """What stops the draft, and what an editor should know; each is one line with the field."""
        programme = self._content.programme
        entries, rejections = read_desk_entries([row], programme)
        if rejections:
            return [rejections[0].reason], []
        findings = self.findings(entries[0])
        lines = {s: [line_of(f) for f in findings if f.severity is s] for s in Severity}
        return lines[Severity.ERROR], lines[Severity.ADVICE]

    def findings(self, entry: CuratedEntry) -> list[Finding]:
        """Everything that the corpus check says of an entry among those of the snapshot."""
        content = self._content
        fault = self._library.fault(entry, "sources", entry.sources)
        others = [asked for asked in (*content.entries, *content.figures) if asked.id != entry.id]
        twice = asked_twice([*others, entry], content.outside)
        return [
            *([fault] if fault else []),
            *entry_findings(entry, content.programme.languages, self._library),
            *(f for f in twice if entry.id in (f.id, f.values["other"])),
        ]


def entry_row(entry: CuratedEntry) -> dict[str, Any]:
    """An entry as the fields of contracts.md, as a draft begins from it."""
    row = asdict(entry)
    row.pop("path")
    row["questions"] = {language: list(texts) for language, texts in entry.questions.items()}
    row["sources"] = [{k: v for k, v in asdict(s).items() if v is not None} for s in entry.sources]
    row["must_state"] = [dict(condition) for condition in entry.must_state]
    row["claims"] = [_claim_row(claim) for claim in entry.claims]
    return {k: v for k, v in row.items() if v not in (None, (), [])}


def _claim_row(claim: Claim) -> dict[str, Any]:
    """A claim as the fields of contracts.md."""
    asked = {
        f"{holds}_to": {language: list(texts) for language, texts in questions.items()}
        for holds, questions in claim.asked.items()
    }
    return {"says": dict(claim.says), **asked}
