"""What a build did, file by file, as `index` reports it."""

import datetime
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from index.snapshot import Content, Manifest
from index.values import Corpus, Passage, SourceDocument


def build_report(
    corpus: Corpus, passages: Sequence[tuple[Passage, SourceDocument]], previous: tuple[Path, Manifest] | None
) -> dict[str, list[dict[str, Any]]]:
    """A row a document, entry and figure: path, id, status, counts, warnings, reason; `previous` is the snapshot
    that they are compared with."""
    before = Content(previous[0] / "content.sqlite") if previous else None
    old_documents = {d.id: d.digest for d in before.documents.values()} if before else {}
    old_entries = {e.id: e for e in before.entries} if before else {}
    old_figures = {f.id: f for f in before.figures} if before else {}
    passage_count = Counter(p.document for p, _ in passages)
    sentence_count: Counter[str] = Counter()
    for passage, _ in passages:
        sentence_count[passage.document] += len(passage.sentences)

    def row(path: str, identity: str | None, status: str, **more: Any) -> dict[str, Any]:
        return {
            "path": path,
            "id": identity,
            "status": status,
            "pages": None,
            "passages": 0,
            "sentences": 0,
            "warnings": [],
            "reason": None,
            **more,
        }

    rooms: dict[str, list[dict[str, Any]]] = {"documents": [], "entries": [], "figures": []}
    for d in corpus.documents:
        counts = {
            "pages": d.pages,
            "passages": passage_count[d.id],
            "sentences": sentence_count[d.id],
            "warnings": [
                *d.warnings,
                *_validity(d.valid_from, d.valid_until),
                *([f"derived: {', '.join(d.derived)}"] if d.derived else []),
            ],
        }
        rooms["documents"].append(
            row(d.path, d.id, "unchanged" if old_documents.get(d.id) == d.digest else "indexed", **counts)
        )
    for e in corpus.entries:
        status = "unchanged" if old_entries.get(e.id) == e else "indexed"
        rooms["entries"].append(row(e.path, e.id, status, warnings=list(_validity(None, e.valid_until))))
    for f in corpus.figures:
        rooms["figures"].append(row(f.path, f.id, "unchanged" if old_figures.get(f.id) == f else "indexed"))
    for r in corpus.rejections:
        room = {"document": "documents", "entry": "entries", "figure": "figures"}.get(r.kind, "documents")
        rooms[room].append(row(r.path, r.id, "rejected", reason=r.reason))
    for room, old in (("documents", old_documents), ("entries", old_entries), ("figures", old_figures)):
        present = {line["id"] for line in rooms[room]}
        rooms[room] += [
            row("", identity, "withdrawn", reason="no longer in the corpus")
            for identity in old
            if identity not in present
        ]
    return rooms


def _validity(valid_from: str | None, valid_until: str | None) -> Iterator[str]:
    """Why something that is indexed does not answer today."""
    today = datetime.date.today().isoformat()
    if valid_from and valid_from > today[: len(valid_from)]:
        yield f"valid from {valid_from}: nothing of it is answered before"
    if valid_until and valid_until < today[: len(valid_until)]:
        yield f"valid until {valid_until}: nothing of it is answered any more"
