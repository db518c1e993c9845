"""Questions and answers of a list as rows of a curated file; those that a file has already are brought up to date."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from index.corpus_check import entry_findings
from index.findings import errors_of, line_of
from index.question_lists.cells import marked
from index.question_lists.gather import Asked, bare
from index.question_lists.notes import Notes
from index.readers.curated import entry_value
from index.readers.fields import EntryFields, first_fault
from index.readers.quotes import Library
from index.readers.tables import read_table
from index.values import CuratedEntry, Figure, Programme

MOST_PHRASINGS = 10
LONGEST_ID = 60
"""Characters of an id."""
_OF_THE_ANSWER = ("short", "claims", "must_state", "plain", "missing", "status")
"""Fields that an editor wrote for the wording of an answer."""
_FROM_THE_LIST = ("id", "questions", "answer", "sources", "as_of")
_LINK = re.compile(r"\[(?P<title>[^\]]*)\]\((?P<url>https?://[^)\s]+)\)|(?P<bare>https?://[^\s<>]+|www\.[^\s<>]+)")


@dataclass(frozen=True, slots=True)
class Origin:
    """What a list is called, and where it comes from."""

    name: str
    title: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What the other files of a corpus hold: questions by language (with the id that asks them) and ids."""

    questions: Mapping[tuple[str, str], str]
    outside: frozenset[tuple[str, str]]
    ids: frozenset[str]


def taken_by(others: Sequence[CuratedEntry | Figure], outside: Mapping[str, Sequence[str]]) -> Taken:
    """What is asked already by entries, figures and claims, and what is named as nobody's business."""
    questions: dict[tuple[str, str], str] = {}
    for other in others:
        asked = [other.questions]
        if isinstance(other, CuratedEntry):
            asked += [texts for claim in other.claims for texts in claim.asked.values()]
        for texts in asked:
            questions |= {(code, bare(q)): other.id for code, listed in texts.items() for q in listed}
    return Taken(
        questions,
        frozenset((code, bare(q)) for code, listed in outside.items() for q in listed),
        frozenset(other.id for other in others),
    )


def rows_of(
    found: Sequence[Asked],
    before: Sequence[Mapping[str, Any]],
    origin: Origin,
    programme: Programme,
    taken: Taken,
    notes: Notes,
) -> list[dict[str, Any]]:
    """The rows to write; `before` are those that the file has."""
    new = [asked for asked in found if _left(asked, taken, notes)]
    old = _matched(new, before)
    ids = set(taken.ids) | {str(row["id"]) for row in old.values()}
    rows: list[dict[str, Any]] = []
    for number, asked in enumerate(new):
        earlier = old.get(number)
        identity = str(earlier["id"]) if earlier else _free(_wanted(asked, origin, programme), ids)
        ids.add(identity)
        row = _fields(asked, identity, origin, programme, notes)
        row = _with_earlier(row, earlier, notes) if earlier else row
        if fault := _fault(row, programme):
            notes.add("invalid", f"{asked.named}: {fault}")
            continue
        if before and earlier is None:
            notes.add("added", identity)
        elif earlier is not None and (changed := [k for k in {**earlier, **row} if row.get(k) != earlier.get(k)]):
            notes.add("changed", f"{identity}: {', '.join(changed)}")
        rows.append(row)
    kept = {row["id"] for row in rows}
    for row in before:
        if str(row["id"]) not in kept:
            notes.add("removed", str(row["id"]))
    return rows


def _left(asked: Asked, taken: Taken, notes: Notes) -> bool:
    """Takes out the phrasings that others ask; whether any is left."""
    for language, texts in list(asked.questions.items()):
        own: list[str] = []
        for text in texts:
            key = (language, bare(text))
            if key in taken.questions:
                notes.add("taken", f"{text} – {taken.questions[key]}")
            elif key in taken.outside:
                notes.add("outside", text)
            else:
                own.append(text)
        if len(own) > MOST_PHRASINGS:
            notes.add("too_many", own[0])
        asked.questions[language] = own[:MOST_PHRASINGS]
        if not own:
            del asked.questions[language], asked.answers[language]
    return bool(asked.questions)


def _matched(new: Sequence[Asked], before: Sequence[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    """The earlier row of each question: by its id in the list, a phrasing, or an answer that stayed the same."""
    matched: dict[int, Mapping[str, Any]] = {}
    free = {str(row["id"]): row for row in before}
    signs = (
        lambda asked: {_listed_id(asked)} - {""},
        lambda asked: {(c, bare(q)) for c, texts in asked.questions.items() for q in texts},
        lambda asked: {(c, bare(text)) for c, text in asked.answers.items()},
    )
    earlier_signs = (
        lambda row: {str(row["id"])},
        lambda row: {(c, bare(q)) for c, texts in row["questions"].items() for q in texts},
        lambda row: {(c, bare(re.sub(r"\[\d+\]", "", text))) for c, text in row["answer"].items()},
    )
    for sign, earlier_sign in zip(signs, earlier_signs, strict=True):
        known: dict[Any, str] = {}
        for identity, row in free.items():
            for key in earlier_sign(row):
                known.setdefault(key, identity)
        for number, asked in enumerate(new):
            if number not in matched:
                identity = next((known[key] for key in sign(asked) if known.get(key) in free), None)
                if identity is not None:
                    matched[number] = free.pop(identity)
    return matched


def _fields(asked: Asked, identity: str, origin: Origin, programme: Programme, notes: Notes) -> dict[str, Any]:
    """The fields of an entry, read as the row of a table."""
    languages = [code for code in programme.languages if code in asked.questions]
    head = ["id", "source", "as_of", *(f"{kind}_{code}" for code in languages for kind in ("question", "answer"))]
    first, *further = asked.source.split("\n")
    cells = [part for code in languages for part in ("\n".join(asked.questions[code]), asked.answers[code])]
    date = asked.as_of or ""
    table = [head, [identity, first, date, *cells], *([identity, source, date] for source in further)]
    _, fields = next(iter(read_table(table, origin.name, programme.languages)))
    fields["sources"] = [_source(s, origin, programme) for s in fields.get("sources", [])]
    fields["sources"] = fields["sources"] or [_default_source(asked.as_of, origin, programme)]
    texts = {code: marked(text, len(fields["sources"])) for code, text in fields["answer"].items()}
    fields["answer"] = {code: text for code, (text, _) in texts.items()}
    if any(lost for _, lost in texts.values()):
        notes.add("marker", asked.named)
    return {name: fields[name] for name in _FROM_THE_LIST if fields.get(name)}


def _source(source: Mapping[str, str], origin: Origin, programme: Programme) -> dict[str, str]:
    """Title, address and publisher of a source that a cell names."""
    text = source.get("url") or source.get("title") or ""
    told = {name: value for name, value in source.items() if name == "as_of"}
    link = _LINK.search(text)
    if link is None:
        return {"title": text, "publisher": _publisher(origin, programme), **told}
    url = (link["url"] or link["bare"] or "").rstrip(".,;)")
    title = link["title"] or " ".join(text.replace(link.group(), " ").split()).strip(" ,;:()–-")
    address = url if url.startswith("http") else f"https://{url}"
    return {"title": title or url, "url": address, "publisher": _publisher(origin, programme), **told}


def _default_source(as_of: str | None, origin: Origin, programme: Programme) -> dict[str, str]:
    told = {"title": origin.title, "url": origin.url, "publisher": _publisher(origin, programme), "as_of": as_of}
    return {name: value for name, value in told.items() if value}


def _publisher(origin: Origin, programme: Programme) -> str:
    operator = programme.operator or {}
    own = next((operator[code] for code in programme.languages if operator.get(code)), None)
    return programme.default_publisher or own or origin.title


def _with_earlier(row: dict[str, Any], earlier: Mapping[str, Any], notes: Notes) -> dict[str, Any]:
    """The row with what an editor added to it, as far as it still fits the answer."""
    same = row["answer"] == earlier.get("answer")
    kept = {k: v for k, v in earlier.items() if k not in _FROM_THE_LIST and (same or k not in _OF_THE_ANSWER)}
    if any(name not in kept and name not in _FROM_THE_LIST for name in earlier):
        notes.add("emptied", row["id"])
    return {**row, **kept}


def _fault(row: Mapping[str, Any], programme: Programme) -> str | None:
    """What the corpus check would hold against an entry."""
    try:
        entry = entry_value(EntryFields.of(row, programme), "", programme)
    except ValidationError as error:
        return first_fault(error)
    if any(source.document for source in entry.sources):
        return None
    found = errors_of(entry_findings(entry, programme.languages, Library(())))
    return line_of(found[0]) if found else None


def _wanted(asked: Asked, origin: Origin, programme: Programme) -> str:
    first = next(asked.questions[code][0] for code in programme.languages if code in asked.questions)
    return _listed_id(asked) or slug(first) or slug(origin.name) or "entry"


def _listed_id(asked: Asked) -> str:
    """The id that the list itself gives, unless it only counts."""
    made = slug(asked.identity)
    return made if made[:1].isalpha() else ""


def slug(text: str) -> str:
    """Small letters, digits and hyphens; cut between words."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss")).encode("ascii", "ignore").decode()
    made = ""
    for word in re.findall(r"[a-z0-9]+", plain):
        if len(made) + len(word) >= LONGEST_ID:
            break
        made = f"{made}-{word}" if made else word
    return made


def _free(wanted: str, ids: set[str]) -> str:
    number, identity = 1, wanted
    while identity in ids:
        number += 1
        identity = f"{wanted}-{number}"
    return identity
