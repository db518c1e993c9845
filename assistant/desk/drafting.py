"""A draft between the form of the editor and the fields of a curated entry; what its approval adds to the question
set; near duplicates."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answering.answer import AnswerStatus
from assistant.desk.gap_rules import gap_rules
from assistant.desk.opened import CorpusDesk, Row
from assistant.languages import codes
from assistant.records.entries import EvaluationQuestion

SOURCE_ROWS, CLAIM_ROWS = 6, 4
"""Sources and claims that the form has room for; of an entry that has more claims, all."""
_STATUSES = ("answered", "partial", "unknown")
_ASKED = ("yes", "no", "unknown")
_CLAIM_FIELD = re.compile(r"claim_(\d{1,3})_")
_PLAIN_SOURCE_FIELDS = ("document", "url", "title", "publisher", "as_of")
PREFIX = "desk-"
LONGEST_FIELD = 8000
_MOST_DUPLICATES = 3


@dataclass(frozen=True, slots=True)
class Duplicate:
    """An existing entry with a phrasing that means nearly the same."""

    id: str
    phrasing: str
    own: str
    similarity: float


def local_fields() -> list[str]:
    """The fields of the form that are there in every language."""
    names = ("questions", "answer", "short", "missing", "must", "plain")
    return [f"{name}_{language}" for name in names for language in codes()]


def source_fields() -> list[str]:
    """The fields of a source in the form."""
    return [*_PLAIN_SOURCE_FIELDS, *(f"quote_{language}" for language in codes())]


def claim_fields() -> list[str]:
    """The fields of a claim in the form: what it says, and what asks for it, by the answer."""
    return [f"{name}_{language}" for name in ("says", *_ASKED) for language in codes()]


def claim_rows(form: Mapping[str, str]) -> range:
    """The numbers of the claims that a form has."""
    given = (int(match[1]) for name in form if (match := _CLAIM_FIELD.match(name)))
    return range(1, max(CLAIM_ROWS, *given, 0) + 1)


def row_of(form: Mapping[str, str]) -> dict[str, Any]:
    """The fields of a curated entry from those of the form; empty ones are left out."""

    def text(name: str) -> str:
        return form.get(name, "").replace("\r\n", "\n").strip()[:LONGEST_FIELD]

    def local(name: str) -> dict[str, str]:
        return {language: value for language in codes() if (value := text(f"{name}_{language}"))}

    questions = {language: lines for language in codes() if (lines := _lines(text(f"questions_{language}")))}
    must = {language: _lines(text(f"must_{language}")) for language in codes()}
    conditions = [
        {language: must[language][n] for language in codes() if n < len(must[language])}
        for n in range(max(len(lines) for lines in must.values()))
    ]
    row: dict[str, Any] = {
        "id": text("id") or _slug(questions),
        "topic": text("topic") or None,
        "status": text("status") if text("status") in _STATUSES else "answered",
        "questions": questions,
        "answer": local("answer"),
        "short": local("short"),
        "missing": local("missing") if text("status") == "partial" else None,
        "must_state": conditions,
        "claims": [claim for n in claim_rows(form) if (claim := _claim(form, n))],
        "plain": local("plain"),
        "sources": [source for n in range(1, SOURCE_ROWS + 1) if (source := _source(form, n))],
        "as_of": text("as_of"),
        "review_by": text("review_by"),
        "valid_until": text("valid_until"),
    }
    return {name: value for name, value in row.items() if value}


def form_of(row: Row) -> dict[str, str]:
    """The other way round."""
    form = {name: str(row.get(name) or "") for name in ("id", "topic", "status", "as_of", "review_by", "valid_until")}
    for language in codes():
        form[f"questions_{language}"] = "\n".join((row.get("questions") or {}).get(language, ()))
        form[f"must_{language}"] = "\n".join(c.get(language, "") for c in row.get("must_state") or ())
        for name in ("answer", "short", "missing", "plain"):
            form[f"{name}_{language}"] = ((row.get(name) or {}).get(language) or "").strip()
    for number, source in enumerate(row.get("sources") or (), 1):
        for field in source_fields():
            quote = source.get("quote") or {}
            value = quote.get(field.removeprefix("quote_")) if field.startswith("quote_") else source.get(field)
            form[f"source_{number}_{field}"] = str(value or "")
    for number, claim in enumerate(row.get("claims") or (), 1):
        for language in codes():
            form[f"claim_{number}_says_{language}"] = (claim.get("says") or {}).get(language, "").strip()
            for holds in _ASKED:
                asked = (claim.get(f"{holds}_to") or {}).get(language, ())
                form[f"claim_{number}_{holds}_{language}"] = "\n".join(asked)
    return form


def evaluation_questions(content: Mapping[str, Any]) -> list[EvaluationQuestion]:
    """What the entry must answer from now on: its phrasings, and the visitors' questions that the editor kept."""
    row: Mapping[str, Any] = content["row"]
    kept: Sequence[Mapping[str, str]] = content.get("kept", ())
    statuses = _statuses_of(row)
    found: list[EvaluationQuestion] = []
    for language, answer in row["answer"].items():
        texts = [*row["questions"].get(language, ()), *(k["text"] for k in kept if k["language"] == language)]
        must = re.escape(re.split(r"\s*\[\d+\]|\n", answer.strip())[0][:60].strip())
        found += [
            EvaluationQuestion(row["id"], language, text, statuses, (must,), str(row.get("topic") or "desk"))
            for text in dict.fromkeys(texts)
        ]
    return found


def _statuses_of(row: Row) -> tuple[str, ...]:
    """The statuses that answers from an entry may have: its own, and what its claims lead to."""
    own = row.get("status", "answered")
    given = [AnswerStatus.NO_EVIDENCE.value if own == "unknown" else str(own)]
    for claim in row.get("claims") or ():
        known = claim.get("yes_to") or claim.get("no_to")
        given.append((AnswerStatus.ANSWERED if known else AnswerStatus.NO_EVIDENCE).value)
    return tuple(dict.fromkeys(given))


def near_duplicates(row: Row, corpus: CorpusDesk) -> list[Duplicate]:
    """Existing entries that one of the draft's phrasings nearly asks for already."""
    own = [p for phrasings in (row.get("questions") or {}).values() for p in phrasings][:20]
    if not own:
        return []
    found: dict[str, Duplicate] = {}
    for text, near in zip(own, corpus.nearest_phrasings(own, exclude=str(row.get("id", ""))), strict=True):
        for identity, phrasing, similarity in near:
            if similarity >= gap_rules().near_duplicate and (
                identity not in found or found[identity].similarity < similarity
            ):
                found[identity] = Duplicate(identity, phrasing, text, similarity)
    return sorted(found.values(), key=lambda d: -d.similarity)[:_MOST_DUPLICATES]


def _lines(text: str) -> list[str]:
    return list(dict.fromkeys(line.strip(" -•\t") for line in text.splitlines() if line.strip(" -•\t")))


def _source(form: Mapping[str, str], number: int) -> dict[str, Any]:
    fields = {
        name: " ".join(form.get(f"source_{number}_{name}", "").split())[:LONGEST_FIELD] for name in source_fields()
    }
    quote = {language: fields[f"quote_{language}"] for language in codes() if fields[f"quote_{language}"]}
    source: dict[str, Any] = {name: fields[name] for name in _PLAIN_SOURCE_FIELDS if fields[name]}
    return {**source, "quote": quote} if quote else source


def _claim(form: Mapping[str, str], number: int) -> dict[str, Any]:
    """A claim of the form; empty where nothing is said and nothing asked."""
    fields = {name: form.get(f"claim_{number}_{name}", "")[:LONGEST_FIELD] for name in claim_fields()}
    says = {language: text for language in codes() if (text := " ".join(fields[f"says_{language}"].split()))}
    asked = {
        f"{holds}_to": texts
        for holds in _ASKED
        if (texts := {language: lines for language in codes() if (lines := _lines(fields[f"{holds}_{language}"]))})
    }
    return {"says": says, **asked} if says or asked else {}


def _slug(questions: Mapping[str, Sequence[str]]) -> str:
    first = next((texts[0] for texts in questions.values()), "")
    plain = unicodedata.normalize("NFKD", first.lower().replace("ß", "ss")).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)[:6]
    return PREFIX + "-".join(words) if words else ""
