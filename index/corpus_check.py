"""`check-corpus`: what an editor should mend before publishing; every finding is one line with file, entry and field."""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.lexical import terms
from index.passages import normalised, references_in, split_sentences
from index.readers import read_corpus
from index.values import Corpus, CuratedEntry, Figure, SourceDocument

_MARKER = re.compile(r"\[(\d+)\]")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_OPPOSITE = {"ja": "nein", "nein": "ja", "yes": "no", "no": "yes"}


def check(folder: Path) -> list[str]:
    """All findings of a corpus; an empty list means that nothing has to be mended. Raises CorpusError without a programme."""
    corpus = read_corpus(folder)
    findings = [f"{r.path}{f' · {r.id}' if r.id else ''}: {r.reason}" for r in corpus.rejections]
    for document in corpus.documents:
        findings += [f"{document.path}: {text}" for text in _document_findings(document, corpus)]
    for entry in corpus.entries:
        findings += [f"{entry.path} · {entry.id}: {text}" for text in entry_findings(entry, corpus)]
    for figure in corpus.figures:
        findings += [f"{figure.path} · {figure.id}: {text}" for text in figure.warnings]
    findings += _parity(corpus)
    findings += asked_twice(corpus)
    return findings


def _document_findings(document: SourceDocument, corpus: Corpus) -> Iterator[str]:
    yield from document.warnings
    used = set[str]()
    for section in document.sections:
        used |= references_in(section.blocks)
    for key in sorted(used - set(document.references)):
        yield f"references: [^{key}] is not defined"
    for key in sorted(set(document.references) - used):
        yield f"references: {key} is never used"
    if document.kind == "summary" and document.references:
        for section in document.sections:
            for block in section.blocks:
                if not re.search(r"\[\^[^\]]+\]\s*$", block):
                    yield f"statement without a reference: {block[:60]!r}"
    if document.translation_of and document.translation_of not in {d.id for d in corpus.documents}:
        yield f"translation_of: no document has the id {document.translation_of!r}"
    yield from _past(document.valid_until, "valid_until")


def entry_findings(entry: CuratedEntry, corpus: Corpus) -> Iterator[str]:
    """What an editor should mend in one entry."""
    yield from entry.warnings
    yield from _past(entry.valid_until, "valid_until")
    yield from _past(entry.review_by, "review_by")
    languages = set(corpus.programme.languages)
    for name, texts in (
        ("questions", entry.questions),
        ("answer", entry.answer),
        *((("missing", entry.missing),) if entry.missing else ()),
    ):
        if absent := languages - set(texts):
            yield f"{name}: missing in {', '.join(sorted(absent))}"
    for language, answer in entry.answer.items():
        markers = {int(m) for m in _MARKER.findall(answer)}
        if unknown := markers - set(range(1, len(entry.sources) + 1)):
            yield f"answer.{language}: marker {sorted(unknown)} has no source"
        if unused := set(range(1, len(entry.sources) + 1)) - markers:
            yield f"answer.{language}: source {sorted(unused)} is never marked"
        if len(answer.split()) > 130:
            yield f"answer.{language}: longer than 130 words"
        for condition in entry.must_state:
            wanted = set(terms(condition.get(language, ""), language))
            if wanted and not any(wanted <= set(terms(s, language)) for s in split_sentences(answer, language)):
                yield f"must_state: {condition.get(language)!r} is not said in one sentence of answer.{language}"
        yield from _loose_numbers(entry, answer, language, corpus)


def _loose_numbers(entry: CuratedEntry, answer: str, language: str, corpus: Corpus) -> Iterator[str]:
    """A number in an answer stands in a quote, in the passage around it, or in a date of a source."""
    carried = ""
    by_id = {d.id: d for d in corpus.documents}
    versions = {(d.translation_of or d.id, d.language): d for d in corpus.documents}
    for source in entry.sources:
        carried += (
            " ".join(filter(None, (source.title, source.publisher, source.as_of, (source.quote or {}).get(language))))
            + " "
        )
        document = by_id.get(source.document or "")
        document = versions.get((document.translation_of or document.id, language)) if document else None
        if document:
            carried += (
                " ".join(
                    b
                    for s in document.sections
                    for b in s.blocks
                    if any(q in b for q in _first_words(source.quote, language))
                )
                + " "
            )
        if not source.quote:
            return
    known = {_canonical(n) for n in _NUMBER.findall(carried)}
    loose = [n for n in _NUMBER.findall(_MARKER.sub("", answer)) if _canonical(n) not in known]
    if loose:
        yield f"answer.{language}: {', '.join(dict.fromkeys(loose))} stands in no quoted passage"


def _first_words(quote: object, language: str) -> list[str]:
    text = quote.get(language, "") if isinstance(quote, dict) else ""
    return [normalised(text)[:30]] if text else []


def _canonical(number: str) -> str:
    return re.sub(r"(?<=\d)[.,](?=\d{3}(?:\D|$))", "", number).rstrip(".,")


def _past(date: str | None, field: str) -> Iterator[str]:
    if date and date < datetime.date.today().isoformat()[: len(date)]:
        yield f"{field}: {date} has passed"


def _parity(corpus: Corpus) -> Iterator[str]:
    """Every document exists in every language of the programme, with the same references in the same number of statements."""
    groups: dict[str, list[SourceDocument]] = defaultdict(list)
    for document in corpus.documents:
        groups[document.translation_of or document.id].append(document)
    for identity, versions in groups.items():
        if len(versions) == 1 and versions[0].kind == "original":
            continue
        if absent := set(corpus.programme.languages) - {v.language for v in versions}:
            yield f"{versions[0].path}: {identity} has no version in {', '.join(sorted(absent))}"
        if len({tuple(sorted(v.references)) for v in versions}) > 1:
            yield f"{versions[0].path}: the versions of {identity} have different references"
        if len({sum(len(s.blocks) for s in v.sections) for v in versions}) > 1:
            yield f"{versions[0].path}: the versions of {identity} have different numbers of statements"
        for key in set.intersection(*(set(v.references) for v in versions)):
            if len({(v.references[key].url, v.references[key].as_of) for v in versions}) > 1:
                yield f"{versions[0].path}: reference {key} differs between the versions"


def asked_twice(corpus: Corpus, only: str | None = None) -> Iterator[str]:
    """The same phrasing in two entries, or in one and outside of the programme; worse when their answers begin with opposite words. `only` names the one entry that is of interest."""
    seen: dict[tuple[str, ...], CuratedEntry | Figure] = {}
    asked: Sequence[CuratedEntry | Figure] = [*corpus.entries, *corpus.figures]
    for entry in asked:
        for language, phrasings in entry.questions.items():
            for phrasing in phrasings:
                key = (language, " ".join(re.findall(r"\w+", phrasing.lower())))
                first = seen.setdefault(key, entry)
                if first is not entry and only in (None, entry.id, first.id):
                    yield f"{entry.path} · {entry.id}: {phrasing!r} is asked by {first.id} too{_contradicting(first, entry, language)}"
    for language, phrasings in corpus.outside.items():
        for phrasing in phrasings:
            first = seen.get((language, " ".join(re.findall(r"\w+", phrasing.lower()))))
            if first and only in (None, first.id):
                yield f"outside.yaml: {phrasing!r} is asked by {first.id}"


def _contradicting(one: CuratedEntry | Figure, other: CuratedEntry | Figure, language: str) -> str:
    if not (isinstance(one, CuratedEntry) and isinstance(other, CuratedEntry)):
        return ""
    first, second = (re.findall(r"\w+", e.answer.get(language, "").lower())[:1] for e in (one, other))
    return (
        ", and the answers contradict each other" if first and second and _OPPOSITE.get(first[0]) == second[0] else ""
    )
