"""What is embedded: the texts of passages, sentences, curated entries and figures, each with the way it is embedded."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from index.lexical import terms
from index.passages import split_sentences
from index.values import CuratedEntry, Figure, Holds, Passage, SourceDocument, in_language

Manner = Literal["question", "passage"]
Role = Literal["phrasing", "answer", "sentence", "claim", "outside"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A text to embed, as a question or as a passage."""

    text: str
    manner: Manner

    def digest(self, model_id: str) -> bytes:
        """16 bytes that identify the vector."""
        return hashlib.blake2b(f"{model_id}\0{self.manner}\0{self.text}".encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class AskedUnit:
    """A unit of a curated entry or figure: `owner` counts the entries, then the figures; one more owns the
    questions outside of the programme."""

    unit: Unit
    owner: int
    role: Role
    language: str


def passage_unit(passage: Passage, document: SourceDocument) -> Unit:
    """Heading path and text; the title too, unless it was only derived from the file's name."""
    path = [*([document.title] if document.titled else []), *passage.heading]
    return Unit("\n".join([*([" › ".join(path)] if path else []), passage.text]), "passage")


def sentence_units(passage: Passage) -> list[Unit]:
    """One unit a sentence; under a question each with the question before it, since it is the answer to that."""
    asked = passage.heading[-1] if passage.heading and passage.heading[-1].endswith("?") else ""
    return [Unit(f"{asked}\n{s.text}" if asked else s.text, "passage") for s in passage.sentences]


def asked_units(
    entries: Sequence[CuratedEntry], figures: Sequence[Figure], outside: Mapping[str, Sequence[str]]
) -> list[AskedUnit]:
    """Every phrasing as a question, question and answer together as a passage, every sentence of the answer and of
    the short answer as a passage, every question of a claim as a question; then the questions outside."""
    units: list[AskedUnit] = []
    for owner, entry in enumerate(entries):
        for language, answer in entry.answer.items():
            whole = " ".join([answer, *([entry.missing.get(language, "")] if entry.missing else [])]).strip()
            short = plain(in_language(entry.short, language)) if entry.short else ""
            units += _asked(owner, language, entry.questions.get(language, ()), plain(whole), short)
            units += [
                AskedUnit(Unit(question, "question"), owner, "claim", language)
                for _, _, question in claim_questions(entry, language)
            ]
    for owner, figure in enumerate(figures, len(entries)):
        for language, phrasings in figure.questions.items():
            units += _asked(owner, language, phrasings, figure_text(figure, language))
    owner = len(entries) + len(figures)
    return units + [
        AskedUnit(Unit(text, "question"), owner, "outside", language)
        for language, texts in outside.items()
        for text in texts
    ]


def claim_questions(entry: CuratedEntry, language: str) -> list[tuple[int, Holds, str]]:
    """The questions of an entry's claims in a language: number of the claim, what it answers, and the question."""
    return [
        (number, holds, question)
        for number, claim in enumerate(entry.claims)
        for holds, asked in claim.asked.items()
        for question in asked.get(language, ())
    ]


def _asked(owner: int, language: str, phrasings: Sequence[str], answer: str, short: str = "") -> list[AskedUnit]:
    units = [AskedUnit(Unit(phrasing, "question"), owner, "phrasing", language) for phrasing in phrasings]
    first = phrasings[0] if phrasings else ""
    if answer:
        units.append(AskedUnit(Unit(f"{first}\n{answer}"[:1500], "passage"), owner, "answer", language))
    sentences = list(dict.fromkeys([*split_sentences(answer, language), *split_sentences(short, language)]))
    units += [
        AskedUnit(Unit(sentence, "passage"), owner, "sentence", language)
        for sentence in sentences[:40]
        if len(sentence) > 15
    ]
    return units


def figure_text(figure: Figure, language: str) -> str:
    """A figure in sentences: what is counted, and each value with its date."""
    title, unit = figure.title.get(language, ""), figure.unit.get(language, "")
    told = (f"{title} {v.as_of or ''}: {in_language(v.value, language)} {unit}." for v in figure.values)
    return " ".join([f"{title} ({unit}).", *told])


def entry_terms(entry: CuratedEntry | Figure, language: str) -> list[str]:
    """The terms of an entry: all phrasings, the answer and what its claims are asked by (for a figure its title and
    values)."""
    if isinstance(entry, Figure):
        told = [figure_text(entry, language)]
    else:
        told = [plain(entry.answer.get(language, ""))]
        told += [question for _, _, question in claim_questions(entry, language)]
    return terms(" ".join([*entry.questions.get(language, ()), *told]), language)


def plain(markdown: str) -> str:
    """An answer without source markers, tags and emphasis."""
    import re

    text = re.sub(r"\s*\[\d+\]", "", markdown)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<[^>]{1,300}>", " ", text)
    return " ".join(text.replace("**", "").replace("__", "").split())
