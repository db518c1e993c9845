"""`check-corpus`: what is wrong in front of a caller, and what an editor may mend. Answers are checked by the same
functions as at runtime."""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.languages import pack, pattern, spoken_date
from assistant.languages.statements import (
    MARKER,
    Evidence,
    conditions_not_said,
    loose_tokens,
    markers_without_source,
)
from index.findings import found
from index.lexical import terms
from index.passages import references_in, split_sentences
from index.readers import read_corpus
from index.readers.dates import in_the_future
from index.readers.quotes import Library
from index.values import (
    Corpus,
    CuratedEntry,
    Figure,
    FigureValue,
    Finding,
    Holds,
    LocalText,
    SourceDocument,
    in_language,
)

LONGEST = 130
"""Words of an answer that people still read to the end, and a voice can say in a minute."""


def check(folder: Path) -> list[Finding]:
    """All findings of a corpus; an empty list means that nothing has to be mended. Raises CorpusError without a
    programme."""
    corpus = read_corpus(folder)
    library = Library(corpus.documents)
    findings = [r.fault or found("rejected", r.path, r.id, reason=r.reason) for r in corpus.rejections]
    for document in corpus.documents:
        findings += document_findings(document, corpus)
    for entry in corpus.entries:
        findings += entry_findings(entry, corpus.programme.languages, library)
    for figure in corpus.figures:
        findings += figure_findings(figure, corpus.programme.languages, library)
    findings += _parity(corpus)
    findings += asked_twice([*corpus.entries, *corpus.figures], corpus.outside)
    return findings


def document_findings(document: SourceDocument, corpus: Corpus) -> Iterator[Finding]:
    """What an editor should mend in one document."""
    path, names = document.path, {d.id for d in corpus.documents}
    if document.derived:
        yield found("derived", path, field="derived", which=", ".join(document.derived))
    for reason in document.warnings:
        yield found("read_in_part", path, reason=reason)
    used = set[str]()
    for section in document.sections:
        used |= references_in(section.blocks)
    for key in sorted(used - set(document.references)):
        yield found("unknown_reference", path, field="references", which=key)
    for key in sorted(set(document.references) - used):
        yield found("unused_reference", path, field="references", which=key)
    if document.kind == "summary" and document.references:
        for section in document.sections:
            for block in section.blocks:
                if not re.search(r"\[\^[^\]]+\]\s*$", block):
                    yield found("without_reference", path, quote=block[:60])
    if document.translation_of and document.translation_of not in names:
        yield found("unknown_original", path, field="translation_of", which=document.translation_of)
    if _passed(document.valid_until):
        yield found("expired", path, field="valid_until", date=document.valid_until or "")
    if document.valid_from and in_the_future(document.valid_from):
        yield found("not_yet_valid", path, field="valid_from", date=document.valid_from)


def entry_findings(entry: CuratedEntry, languages: Sequence[str], library: Library) -> Iterator[Finding]:
    """What is wrong in one entry, and what an editor may mend; `languages` are those of the programme."""
    path, identity = entry.path, entry.id
    if _passed(entry.valid_until):
        yield found("expired", path, identity, "valid_until", date=entry.valid_until or "")
    if _passed(entry.review_by):
        yield found("review_passed", path, identity, "review_by", date=entry.review_by or "")
    for code, field, given in (
        ("phrasings_missing", "questions", entry.questions),
        ("answer_missing", "answer", entry.answer),
        ("missing_missing", "missing", entry.missing or dict.fromkeys(languages)),
    ):
        if absent := sorted(set(languages) - set(given)):
            yield found(code, path, identity, field, where=", ".join(absent))
    if all(len(phrasings) == 1 for phrasings in entry.questions.values()):
        yield found("one_phrasing", path, identity, "questions", where=", ".join(entry.questions))
    if not any(source.document and source.quote for source in entry.sources):
        yield found("no_quoted_document", path, identity, "sources")
    for language, answer in entry.answer.items():
        yield from _answer_findings(entry, language, answer, library)
    for field, told in (("short", entry.short), *((f"claims.{n}", c.says) for n, c in enumerate(entry.claims, 1))):
        if told and (absent := sorted(set(entry.answer) - set(told))):
            yield found("short_missing", path, identity, field, where=", ".join(absent))
        for language, text in (told or {}).items():
            yield from _stated_findings(entry, f"{field}.{language}", text, language, library)


def _answer_findings(entry: CuratedEntry, language: str, answer: str, library: Library) -> Iterator[Finding]:
    path, identity, field = entry.path, entry.id, f"answer.{language}"
    numbers = range(1, len(entry.sources) + 1)
    marked = {int(m) for m in MARKER.findall(answer)}
    # one source alone needs no marker
    if (unused := sorted(set(numbers) - marked)) and (marked or len(entry.sources) > 1):
        yield found("source_never_marked", path, identity, field, which=_joined(unused))
    if len(answer.split()) > LONGEST:
        yield found("too_long", path, identity, field, most=str(LONGEST))
    conditions = [condition[language] for condition in entry.must_state if condition.get(language)]
    for lacking in conditions_not_said(answer, conditions, language, _Words()):
        yield found("condition_not_said", path, identity, "must_state", which=lacking, where=field)
    yield from _stated_findings(entry, field, answer, language, library)


def _stated_findings(entry: CuratedEntry, field: str, text: str, language: str, library: Library) -> Iterator[Finding]:
    """Markers without a source, and numbers and abbreviations that no cited source holds."""
    path, identity = entry.path, entry.id
    if unknown := markers_without_source(text, range(1, len(entry.sources) + 1)):
        yield found("marker_without_source", path, identity, field, which=_joined(unknown))
    evidence = {n: library.evidence(source, language) for n, source in enumerate(entry.sources, 1)}
    if loose := loose_tokens(text, evidence):
        yield found("unsupported", path, identity, field, which=", ".join(loose))


def figure_findings(figure: Figure, languages: Sequence[str], library: Library) -> Iterator[Finding]:
    """Values whose number, date or note does not stand in their source, as an answer would say them."""
    for number, value in enumerate(figure.values, 1):
        for language in languages:
            evidence: Mapping[int, Evidence | None] = {1: library.evidence(value.source, language)}
            if loose := loose_tokens(_said(figure, value, language), evidence):
                field = f"values.{number}.{language}"
                yield found("unsupported", figure.path, figure.id, field, which=", ".join(loose))


def _said(figure: Figure, value: FigureValue, language: str) -> str:
    """Everything that an answer says of a value, without the words between."""
    dates = [spoken_date(part, language) for part in (value.period or value.date or "").split("/") if part]
    texts: list[LocalText] = [figure.title, value.value, figure.unit, *([value.note] if value.note else [])]
    return "; ".join([*(in_language(text, language) for text in texts), *dates])


class _Words:
    """The words of a text as the index reads them."""

    def sentences(self, text: str, language: str) -> list[str]:
        """In reading order."""
        return split_sentences(text, language)

    def terms(self, text: str, language: str) -> list[str]:
        """Stems of the words that carry meaning."""
        return terms(text, language)


def _joined(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


def _passed(date: str | None) -> bool:
    return bool(date) and (date or "") < datetime.date.today().isoformat()[: len(date or "")]


def _parity(corpus: Corpus) -> Iterator[Finding]:
    """Every document exists in every language of the programme, with the same references in the same number of
    statements."""
    groups: dict[str, list[SourceDocument]] = defaultdict(list)
    for document in corpus.documents:
        groups[document.translation_of or document.id].append(document)
    for identity, versions in groups.items():
        if len(versions) == 1 and versions[0].kind == "original":
            continue
        path = versions[0].path
        if absent := sorted(set(corpus.programme.languages) - {v.language for v in versions}):
            yield found("no_translation", path, which=identity, where=", ".join(absent))
        if len({tuple(sorted(v.references)) for v in versions}) > 1:
            yield found("other_references", path, which=identity)
        if len({sum(len(s.blocks) for s in v.sections) for v in versions}) > 1:
            yield found("other_length", path, which=identity)
        for key in sorted(set.intersection(*(set(v.references) for v in versions))):
            if len({(v.references[key].url, v.references[key].as_of) for v in versions}) > 1:
                yield found("other_origin", path, which=key)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question and where it stands: as a phrasing (`claim` 0), or as a question of a claim with what it is answered
    with."""

    entry: CuratedEntry | Figure
    text: str
    claim: int = 0
    holds: Holds | None = None


def asked_twice(asked: Sequence[CuratedEntry | Figure], outside: Mapping[str, Sequence[str]]) -> Iterator[Finding]:
    """The same question in two entries or in two claims (the finding is in the later one), or in one and outside of
    the programme; worse when it is answered with opposite words. A phrasing of an entry may be a question of one of
    its own claims."""
    seen: dict[tuple[str, str], list[_Asked]] = {}
    for entry in asked:
        for language, question in _questions(entry):
            before = seen.setdefault((language, _bare(question.text)), [])
            first = next((b for b in before if _twice(b, question)), None)
            if first is not None:
                code = "contradiction" if _contradict(first, question, language) else "asked_twice"
                field = f"claims.{question.claim}" if question.claim else "questions"
                yield found(code, entry.path, entry.id, field, which=question.text, other=first.entry.id)
            before.append(question)
    for language, phrasings in outside.items():
        for phrasing in phrasings:
            if first := next(iter(seen.get((language, _bare(phrasing)), ())), None):
                yield found("asked_outside", "outside.yaml", field=language, which=phrasing, other=first.entry.id)


def _questions(entry: CuratedEntry | Figure) -> Iterator[tuple[str, _Asked]]:
    """Every question of an entry with its language: its phrasings, then those of its claims."""
    for language, phrasings in entry.questions.items():
        yield from ((language, _Asked(entry, phrasing)) for phrasing in phrasings)
    for number, claim in enumerate(entry.claims if isinstance(entry, CuratedEntry) else (), 1):
        for holds, texts in claim.asked.items():
            for language, questions in texts.items():
                yield from ((language, _Asked(entry, question, number, holds)) for question in questions)


def _twice(one: _Asked, other: _Asked) -> bool:
    """Whether the same words in both places are one too many."""
    if one.entry is not other.entry:
        return True
    return bool(one.claim and other.claim) and (one.claim, one.holds) != (other.claim, other.holds)


def _bare(phrasing: str) -> str:
    return " ".join(re.findall(r"\w+", phrasing.lower()))


def _contradict(one: _Asked, other: _Asked, language: str) -> bool:
    """Whether one question is answered with yes and the other with no."""
    first, second = (_answered_with(asked, language) for asked in (one, other))
    return first is not None and second is not None and first != second


def _answered_with(asked: _Asked, language: str) -> str | None:
    """What a question is answered with: what its claim holds, or the yes or no with which the answer begins."""
    if asked.holds is not None:
        return asked.holds
    answer = asked.entry.answer.get(language, "") if isinstance(asked.entry, CuratedEntry) else ""
    begins = pattern("yes_or_no", (language,)).match(answer)
    verdicts = {word.lower(): holds for holds, word in pack(language).verdicts.items()}
    return verdicts.get(begins.group().lower()) if begins else None
