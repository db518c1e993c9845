"""The questions of a list with their answers, by language: rows paired over columns, ids, sheets and blocks."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from assistant.languages import language_of
from index.question_lists.cells import date_of, missing_answer, phrasings
from index.question_lists.columns import Block, blocks_of, language_named
from index.question_lists.notes import Notes
from index.readers.dates import in_the_future, stated_in

_RUNS = re.compile(r"\s*(?:javascript|data|vbscript|file)\s*:", re.IGNORECASE)
"""Addresses that are none of the web."""


@dataclass(slots=True)
class Asked:
    """A question in one or more languages with its answers."""

    identity: str = ""
    questions: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    answers: dict[str, str] = field(default_factory=dict[str, str])
    source: str = ""
    as_of: str | None = None
    group: tuple[int, int, str] | None = None
    """Sheet, block and the only language."""

    @property
    def languages(self) -> set[str]:
        """Those that it says anything in."""
        return {*self.questions, *self.answers}

    @property
    def named(self) -> str:
        """Its first question, or the beginning of its answer."""
        return next((q for texts in self.questions.values() for q in texts), next(iter(self.answers.values()), ""))

    def take(self, other: "Asked") -> None:
        """Adds what another says in languages that this one lacks, and its source and date."""
        for language in other.languages - self.languages:
            if language in other.questions:
                self.questions[language] = other.questions[language]
            if language in other.answers:
                self.answers[language] = other.answers[language]
        self.source, self.as_of = self.source or other.source, self.as_of or other.as_of


def gather(lists: Iterable[Mapping[str, Any]], languages: Sequence[str], notes: Notes) -> list[Asked]:
    """Every question that has an answer, each once; `lists` are those of `FileParser.lists`."""
    found: list[Asked] = []
    for number, given in enumerate(lists):
        blocks = blocks_of(given["rows"], languages)
        dates = (date for b in blocks for text in b.above for date in stated_in(text) if not in_the_future(date))
        stated = given["as_of"] if given["as_of"] and not in_the_future(given["as_of"]) else None
        as_of = next(dates, None) or next(stated_in(given["name"]), None) or stated
        for place, block in enumerate(blocks):
            for heading in block.unused:
                notes.add("unused_column", heading)
            for asked in _rows(block, languages, notes):
                asked.as_of = asked.as_of or as_of
                if len(asked.languages) == 1:
                    asked.group = (number, place, next(iter(asked.languages)))
                found.append(asked)
    paired = _by_order(_by_id(found), notes)
    return _joined([asked for asked in paired if _answered(asked, notes)], notes)


def _rows(block: Block, languages: Sequence[str], notes: Notes) -> Iterator[Asked]:
    for row in block.rows:
        cells = {c: row[c.place].strip() for c in block.columns if c.place < len(row) and row[c.place].strip()}
        texts = " ".join(text for c, text in cells.items() if c.kind in ("question", "answer"))
        if not texts:
            continue
        asked = Asked()
        named = next((text for c, text in cells.items() if c.kind == "language"), "")
        spoken = language_named(named) if named else None
        if named and spoken is None:
            notes.add("other_language", f"{named}: {texts}")
            continue
        foreign = ""
        for column, text in sorted(cells.items(), key=lambda cell: (cell[0].number, cell[0].place)):
            language = column.language or spoken or language_of(texts, languages) or languages[0]
            if column.kind == "id":
                asked.identity = text
            elif column.kind == "source" and not missing_answer(text) and not _RUNS.match(text):
                asked.source = f"{asked.source}\n{text}".strip()
            elif column.kind == "date":
                date, note = date_of(text, languages)
                asked.as_of = asked.as_of or date
                if note:
                    notes.add(note, text)
            elif column.kind in ("question", "answer") and language not in languages:
                foreign = foreign or text
            elif column.kind == "question":
                asked.questions.setdefault(language, []).extend(phrasings(text))
            elif column.kind == "answer":
                before = asked.answers.get(language)
                asked.answers[language] = f"{before}\n\n{text}" if before else text
        if foreign:
            notes.add("other_language", foreign)
        if asked.languages:
            yield asked


def _by_id(found: Iterable[Asked]) -> list[Asked]:
    """Rows of one id in different languages are one."""
    kept: list[Asked] = []
    named: dict[str, list[Asked]] = {}
    for asked in found:
        same = named.setdefault(asked.identity, []) if asked.identity else []
        partner = next((first for first in same if not first.languages & asked.languages), None)
        if partner is not None:
            partner.take(asked)
            partner.group = None
            continue
        same.append(asked)
        kept.append(asked)
    return kept


def _by_order(found: Sequence[Asked], notes: Notes) -> list[Asked]:
    """Sheets, blocks or runs of rows in different languages with equally many questions are paired by their order."""
    groups: dict[tuple[int, int, str], list[Asked]] = {}
    for asked in found:
        if asked.group and not asked.identity:
            groups.setdefault(asked.group, []).append(asked)
    gone: set[int] = set()
    joined: set[tuple[int, int, str]] = set()
    merged: set[tuple[int, int, str]] = set()
    near = sorted(combinations(groups, 2), key=lambda pair: pair[0][:2] != pair[1][:2])
    for one, other in near:
        if one[2] == other[2] or other in joined or one in merged:
            continue
        if len(groups[one]) != len(groups[other]) or (len(groups[one]) == 1 and len(groups) > 2):
            continue
        if any(a.languages & b.languages for a, b in zip(groups[one], groups[other], strict=True)):
            continue
        for first, second in zip(groups[one], groups[other], strict=True):
            first.take(second)
            gone.add(id(second))
            notes.add("by_order", first.named)
        joined |= {one, other}
        merged.add(other)
    alone = [group for group in groups if group not in joined]
    if len({group[2] for group in alone}) > 1:
        for group in alone:
            notes.add("not_paired", f"{len(groups[group])} in {group[2]}, first: {groups[group][0].named}")
    return [asked for asked in found if id(asked) not in gone]


def _answered(asked: Asked, notes: Notes) -> bool:
    """Takes out of a question what is no answer; whether anything is left."""
    for language in sorted(asked.languages):
        questions = [q for q in asked.questions.get(language, ()) if missing_answer(q) is None]
        answer = asked.answers.get(language, "")
        note = missing_answer(answer)
        if questions and note is None:
            asked.questions[language] = questions
            continue
        if questions or asked.questions.get(language):
            notes.add(note or "no_question", (questions or asked.questions[language])[0])
        elif note is None:
            notes.add("no_question", answer)
        asked.questions.pop(language, None)
        asked.answers.pop(language, None)
    return bool(asked.answers)


def _joined(found: Iterable[Asked], notes: Notes) -> list[Asked]:
    """One entry for all that ask the same."""
    kept: list[Asked] = []
    known: dict[tuple[str, str], Asked] = {}
    for asked in found:
        keys = [(language, bare(q)) for language, texts in asked.questions.items() for q in texts]
        first = next((known[key] for key in keys if key in known), None)
        if first is None:
            first = asked
            kept.append(asked)
        else:
            _join(first, asked, notes)
        known |= dict.fromkeys((key for key in keys if key not in known), first)
    for asked in kept:
        for language, texts in asked.questions.items():
            # of a phrasing that two ask the first keeps it
            own = {bare(text): text for text in reversed(texts) if known[(language, bare(text))] is asked}
            asked.questions[language] = list(reversed(own.values()))
    return kept


def _join(first: Asked, other: Asked, notes: Notes) -> None:
    differing = any(bare(first.answers[c]) != bare(other.answers[c]) for c in first.answers.keys() & other.answers)
    notes.add("differing" if differing else "joined", other.named)
    if differing and (other.as_of or "") > (first.as_of or ""):
        first.answers |= other.answers
        first.source, first.as_of = other.source or first.source, other.as_of
    for language in first.questions.keys() & other.questions:
        first.questions[language] += other.questions[language]
    first.take(other)


def bare(text: str) -> str:
    """The words alone, as the corpus check compares questions."""
    return " ".join(re.findall(r"\w+", text.lower()))
