"""Curated entries that come from outside the corpus folder (approved at the desk), held to the same checks as the corpus's own."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from pydantic import ValidationError

from index.corpus_check import asked_twice, entry_findings
from index.readers.curated import entry_value
from index.readers.fields import EntryFields, first_fault
from index.readers.quotes import Library, check_sources
from index.snapshot import Content
from index.values import Corpus, CuratedEntry, Rejection, Section, SourceDocument

PATH = "desk"
"""Entries of the desk say `desk/<id>` where those of the corpus name their file."""


def read_desk_entries(rows: Iterable[Mapping[str, Any]], language: str) -> tuple[list[CuratedEntry], list[Rejection]]:
    """The entries of rows with the fields of contracts.md; faulty ones come back as rejections."""
    entries: list[CuratedEntry] = []
    rejections: list[Rejection] = []
    for row in rows:
        identity = str(row.get("id", ""))
        try:
            entries.append(entry_value(EntryFields.model_validate(dict(row)), f"{PATH}/{identity}", language))
        except ValidationError as error:
            rejections.append(Rejection(f"{PATH}/{identity}", identity, first_fault(error), "entry"))
    return entries, rejections


def joined_digest(corpus: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The digest of a corpus together with entries of the desk; that of the corpus alone where there are none."""
    if not rows:
        return corpus
    return hashlib.sha256((corpus + json.dumps(list(rows), sort_keys=True, ensure_ascii=False)).encode()).hexdigest()


def with_desk_entries(corpus: Corpus, rows: Sequence[Mapping[str, Any]]) -> Corpus:
    """The corpus with the entries of the desk. Of two with one id the corpus's own stays: there it has been taken over."""
    if not rows:
        return corpus
    entries, rejections = read_desk_entries(rows, corpus.programme.languages[0])
    taken = {value.id for value in (*corpus.entries, *corpus.figures)}
    kept, _ = check_sources(corpus.documents, [e for e in entries if e.id not in taken], [], rejections)
    return replace(corpus, entries=(*corpus.entries, *kept), rejections=(*corpus.rejections, *rejections))


class DraftChecker:
    """Checks a draft against the content of an opened snapshot, as the corpus check and the build would."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._corpus: Corpus | None = None
        self._library: Library | None = None

    def check(self, row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
        """What stops the draft, and what an editor should know; each is one line with the field."""
        corpus = self._whole()
        entries, rejections = read_desk_entries([row], corpus.programme.languages[0])
        if rejections:
            return [rejections[0].reason], []
        entry = entries[0]
        library = self._library = self._library or Library(corpus.documents)
        faults = [f"sources.{fault}"] if (fault := library.fault(entry.sources)) else []
        findings = list(entry_findings(entry, corpus))
        others = [e for e in corpus.entries if e.id != entry.id]
        findings += asked_twice(replace(corpus, entries=(*others, entry)), only=entry.id)
        mild = [
            f
            for f in findings
            if f in entry.warnings or ": longer than " in f or ": missing in " in f or f.startswith("review_by")
        ]
        return faults + [f for f in findings if f not in mild], mild

    def _whole(self) -> Corpus:
        """The corpus as far as a snapshot holds it: the text of a document stands in its passages."""
        if self._corpus is None:
            content = self._content
            documents = tuple(self._with_text(d) for d in content.documents.values())
            self._corpus = Corpus(
                content.programme, documents, content.entries, content.figures, (), (), content.outside
            )
        return self._corpus

    def _with_text(self, document: SourceDocument) -> SourceDocument:
        passages = self._content.passages_at(self._content.passage_numbers(document.id))
        return replace(document, sections=tuple(Section(p.heading, (p.text,), p.page) for p in passages))


def entry_row(entry: CuratedEntry) -> dict[str, Any]:
    """An entry as the fields of contracts.md, as a draft begins from it."""
    row = asdict(entry)
    for name in ("path", "warnings"):
        row.pop(name)
    row["questions"] = {language: list(texts) for language, texts in entry.questions.items()}
    row["sources"] = [{k: v for k, v in asdict(s).items() if v is not None} for s in entry.sources]
    return {k: v for k, v in row.items() if v not in (None, (), [])}
