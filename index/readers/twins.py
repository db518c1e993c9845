"""The same document twice: in two formats, or an older version beside a newer one. The newer is kept."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from index.values import CuratedEntry, Figure, Rejection, SourceDocument

SHARED = 0.85
"""Share of the lines of the shorter document that the other has too, for the same document in two formats."""
ALIKE = 80
"""How alike (rapidfuzz, 0..100) the texts of two versions of one title are."""
COMPARED = 20_000
"""Characters of two versions that are compared."""
_YEARS = re.compile(r"\b(?:19|20)\d\d\b|\b(?:v|version)\s*\d[\d.]*|\W+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Twins:
    """Two documents with one content: `newer` is kept."""

    newer: SourceDocument
    older: SourceDocument


def without_twins(
    documents: Sequence[SourceDocument],
    entries: Sequence[CuratedEntry],
    figures: Sequence[Figure],
    rejections: list[Rejection],
) -> list[SourceDocument]:
    """The documents without older versions of others; each pair is named in `rejections` and in the newer one's
    warnings. What an entry, a figure or a translation refers to stays, with a warning."""
    named = {s.document for e in entries for s in e.sources} | {v.source.document for f in figures for v in f.values}
    named |= {d.translation_of for d in documents}
    gone: dict[str, str] = {}
    said: dict[str, list[str]] = defaultdict(list)
    for pair in _pairs(documents):
        newer, older = pair.newer, pair.older
        if newer.id in gone or older.id in gone:
            continue
        if older.id in named and newer.id not in named and not _dated_later(newer, older):
            newer, older = older, newer
        if older.id in named or older.translation_of:
            said[newer.id].append(
                f"the same document as {older.path}, which an entry or a translation refers to; both are kept"
            )
            continue
        gone[older.id] = newer.path
        said[newer.id].append(f"the same document as {older.path} ({_date(older)}), which is left out")
        reason = f"the same document as {newer.path} ({_date(newer)}), which is kept because it is {_why(newer, older)}"
        rejections.append(Rejection(older.path, older.id, reason, "document"))
    kept = [d for d in documents if d.id not in gone]
    return [replace(d, warnings=(*d.warnings, *said[d.id])) if said.get(d.id) else d for d in kept]


def _pairs(documents: Sequence[SourceDocument]) -> Iterator[Twins]:
    """Documents of one language that share most of their lines, or that have one title and nearly one text."""
    lines = {d.id: _lines(d) for d in documents}
    holders: dict[tuple[str, str], list[SourceDocument]] = defaultdict(list)
    titled: dict[tuple[str, str], list[SourceDocument]] = defaultdict(list)
    for document in documents:
        for line in lines[document.id]:
            holders[(document.language, line)].append(document)
        titled[(document.language, _YEARS.sub(" ", document.title.lower()).strip())].append(document)
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for holding in holders.values():
        if len(holding) <= 10:  # what stands in more is a phrase of the house
            for n, one in enumerate(holding):
                for other in holding[n + 1 :]:
                    shared[(one.id, other.id)] += 1
    by_id = {d.id: d for d in documents}
    for (one, other), count in shared.items():
        most = max(len(lines[one]), len(lines[other]))
        if count >= SHARED * min(len(lines[one]), len(lines[other])) and count >= 0.6 * most:
            yield _ranked(by_id[one], by_id[other])
    for alike in titled.values():
        for n, one in enumerate(alike[:20]):
            for other in alike[n + 1 : 20]:
                if one.as_of != other.as_of and one.titled and other.titled and _alike(lines[one.id], lines[other.id]):
                    yield _ranked(one, other)


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    first, second = (" ".join(lines)[:COMPARED] for lines in (one, other))
    return fuzz.ratio(first, second) >= ALIKE


def _lines(document: SourceDocument) -> list[str]:
    """The blocks in small letters, without signs; short ones are none of its own."""
    words = (
        " ".join(re.findall(r"\w+", re.sub(r"\[\^[^\]]+\]", "", b).lower()))
        for s in document.sections
        for b in s.blocks
    )
    return list(dict.fromkeys(text for text in words if len(text) > 15))


def _ranked(one: SourceDocument, other: SourceDocument) -> Twins:
    """The newer first: by date, a dated one before an undated, then the first by path."""
    return Twins(other, one) if _dated_later(other, one) else Twins(one, other)


def _dated_later(one: SourceDocument, other: SourceDocument) -> bool:
    return (one.as_of or "") > (other.as_of or "")


def _date(document: SourceDocument) -> str:
    return document.as_of or "undated"


def _why(newer: SourceDocument, older: SourceDocument) -> str:
    if not _dated_later(newer, older):
        return "the first by name" if newer.as_of == older.as_of else "named by an entry"
    return "newer" if older.as_of else "dated"
