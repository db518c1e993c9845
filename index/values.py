"""The words that both sides speak: what a corpus consists of, and what a search finds. A leaf: frozen values, no
behaviour, imports nothing of ours."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np

LocalText = Mapping[str, str]
"""A text by language code, `{"de": "…", "en": "…"}`; at least one language is present."""

DocumentKind = Literal["original", "summary"]
EntryStatus = Literal["answered", "partial", "unknown"]
"""`unknown`: nobody knows, and the answer says so first."""
Holds = Literal["yes", "no", "unknown"]
ITSELF = "itself"
"""The topic of entries about the assistant itself."""


class CorpusError(Exception):
    """Something in the corpus that stops the whole command (no programme.yaml, no folder)."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a statement of a summary comes from."""

    key: str
    title: str
    publisher: str | None
    url: str | None
    as_of: str | None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """The smallest retrievable unit: `start` and `end` are character offsets in the text of its passage."""

    start: int
    end: int
    text: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """The retrievable part of a document: heading path and text, with its sentences in reading order."""

    id: str
    document: str
    heading: tuple[str, ...]
    text: str
    sentences: tuple[Sentence, ...]
    language: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of a document under one heading path; `blocks` are paragraphs, list items or table rows."""

    heading: tuple[str, ...]
    blocks: tuple[str, ...]
    page: int | None = None


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document with what is known about it. Dates are ISO (`2019`, `2019-04` or `2019-04-11`) or None."""

    id: str
    path: str
    digest: str
    title: str
    language: str
    publisher: str | None
    source: str | None
    as_of: str | None
    kind: DocumentKind
    sections: tuple[Section, ...]
    translation_of: str | None = None
    topics: tuple[str, ...] = ()
    valid_from: str | None = None
    valid_until: str | None = None
    references: Mapping[str, Reference] = field(default_factory=dict[str, Reference])
    pages: int | None = None
    warnings: tuple[str, ...] = ()
    """What the reader of its format noticed."""
    derived: tuple[str, ...] = ()
    """Fields that nobody wrote down."""
    titled: bool = True
    """False when the title was derived from the file name (then it says nothing about the content)."""


@dataclass(frozen=True, slots=True)
class EntrySource:
    """A source of a curated entry or figure: a quoted document, or an address."""

    document: str | None
    quote: LocalText | None
    url: str | None = None
    title: str | None = None
    publisher: str | None = None
    as_of: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A yes-or-no statement of an entry: what it says, as the clause after "Yes, " or "No, " (a whole sentence where
    nobody knows), and the questions by language that it answers with yes, with no, or with "unknown"."""

    says: LocalText
    asked: Mapping[Holds, Mapping[str, tuple[str, ...]]]
    implied: bool = False
    """Whether nobody wrote it as a claim: the approved answer begins with yes or no."""


@dataclass(frozen=True, slots=True)
class CuratedEntry:
    """A question with its approved answer."""

    id: str
    path: str
    topic: str | None
    status: EntryStatus
    questions: Mapping[str, tuple[str, ...]]
    answer: LocalText
    sources: tuple[EntrySource, ...]
    missing: LocalText | None = None
    must_state: tuple[LocalText, ...] = ()
    as_of: str | None = None
    review_by: str | None = None
    valid_until: str | None = None
    plain: LocalText | None = None
    short: LocalText | None = None
    """The answer in one or two sentences, what was asked first."""
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class FigureValue:
    """One value of a figure; exactly one of `date`, `period` (`start/end`) is set, or neither when undated."""

    value: LocalText
    number: float | None
    date: str | None
    period: str | None
    note: LocalText | None
    source: EntrySource

    @property
    def as_of(self) -> str | None:
        """The date a reader would quote: the date itself, or the end of the period."""
        return self.date or (self.period.split("/")[-1] if self.period else None)


@dataclass(frozen=True, slots=True)
class Figure:
    """A dated value series that is answered by rule."""

    id: str
    path: str
    title: LocalText
    unit: LocalText
    questions: Mapping[str, tuple[str, ...]]
    values: tuple[FigureValue, ...]


@dataclass(frozen=True, slots=True)
class Hotline:
    """How to reach a person: by phone, by e-mail or both; a way that there is not is an empty text."""

    phone: str
    email: str
    hours: LocalText | None = None

    @property
    def ways(self) -> Literal["both", "phone", "email"]:
        """By which of the two it can be reached."""
        return "both" if self.phone and self.email else "phone" if self.phone else "email"


@dataclass(frozen=True, slots=True)
class NamedScope:
    """A neighbour programme or a homonym: names that mark it in a question, and what to say about it."""

    name: LocalText
    note: LocalText | None = None
    document: str | None = None
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StarterGroup:
    """A titled group of starter questions."""

    group: LocalText
    questions: tuple[LocalText, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """What the assistant informs about; everything that names the programme comes from here."""

    name: LocalText
    hotline: Hotline
    languages: tuple[str, ...]
    operator: LocalText | None = None
    ministry: LocalText | None = None
    website: str | None = None
    notice: LocalText | None = None
    greeting: LocalText | None = None
    topics: LocalText | None = None
    """What it can be asked about, in the words of a sentence: "Mitgliedschaft, Kriterien und Leistungen"."""
    default_publisher: str | None = None
    default_as_of: str | None = None
    """Of entries that name no source of their own."""
    official: bool = False
    starter_questions: tuple[StarterGroup, ...] = ()
    neighbours: tuple[NamedScope, ...] = ()
    homonyms: tuple[NamedScope, ...] = ()
    contrasts: tuple[tuple[str, ...], ...] = ()
    """Names that exclude each other, each with its spellings: what is true of one is not said of another."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the operator (imprint, privacy, accessibility) as Markdown."""

    name: str
    language: str
    title: str
    markdown: str


class Severity(StrEnum):
    """`error`: wrong in front of a caller; `advice`: an editor may mend it."""

    ERROR = "error"
    ADVICE = "advice"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: the file, the entry or document and the field it is in, its code in index/findings.yaml,
    and what it names."""

    path: str
    id: str | None
    field: str | None
    code: str
    severity: Severity
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file or entry that was not taken, with file, entry and field named in `reason`."""

    path: str
    id: str | None
    reason: str
    kind: Literal["document", "entry", "figure", "page", "outside"]
    fault: Finding | None = None
    """The same as a value, where it is more than a reader's message."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """Everything read from a corpus folder."""

    programme: Programme
    documents: tuple[SourceDocument, ...]
    entries: tuple[CuratedEntry, ...]
    figures: tuple[Figure, ...]
    pages: tuple[Page, ...]
    rejections: tuple[Rejection, ...]
    outside: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Questions by language that are none of the programme's business: what is nearer to them than to an entry is
    declined."""
    itself: tuple[CuratedEntry, ...] = ()
    """What people ask about the assistant; added by the build."""


def pick(text: LocalText | None, language: str) -> str | None:
    """The text in the language wanted, else in the first that there is."""
    if not text:
        return None
    return text.get(language) or next(iter(text.values()))


Kind = Literal["passage", "entry", "figure"]


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage with its scores; `sentence_similarities` are in the order of its sentences."""

    passage: Passage
    document: SourceDocument
    score: float
    similarity: float
    sentence_similarities: tuple[float, ...]
    terms: float
    signals: Mapping[str, float] = field(default_factory=dict[str, float])
    """What `AskedHit.signals` would be of an entry without phrasings that has this text as its answer; of the best
    few alone."""

    @property
    def best_sentence(self) -> int:
        """Number of the most similar sentence."""
        return int(np.argmax(self.sentence_similarities)) if self.sentence_similarities else 0


@dataclass(frozen=True, slots=True)
class AskedClaim:
    """A question of a claim beside the one that was asked: number of the claim in its entry, what it answers, the
    question, and how near it is (cosine of whitened vectors, -1..1)."""

    number: int
    holds: Holds
    question: str
    similarity: float


@dataclass(frozen=True, slots=True)
class AskedHit:
    """A curated entry or figure with what was measured of it."""

    entry: CuratedEntry | None
    figure: Figure | None
    score: float
    """The search's own ranking, comparable with that of passages."""
    signals: Mapping[str, float]
    """Cosines of centred vectors (-1..1): `phrasing` (the best in the question's language, whitened), `other` (the
    best in
    another), `centre` (all phrasings and the answer together, whitened), `answer` (question and answer together),
    `sentence` (the best of the answer); and `coverage` (0..1), the share of the question's words that it holds."""
    matched: str
    """The nearest phrasing."""
    identical: bool = False
    """Whether the question is one of its phrasings, word for word."""
    sentences: Mapping[str, float] = field(default_factory=dict[str, float])
    """How near each sentence of its answer (and of its short answer) in the question's language is, without markers:
    cosine of centred vectors, -1..1."""
    claims: tuple[AskedClaim, ...] = ()
    """The questions of its claims in the question's language, the nearest first."""

    @property
    def id(self) -> str:
        """Id of the entry or figure."""
        return self.entry.id if self.entry else self.figure.id if self.figure else ""

    @property
    def about_itself(self) -> bool:
        """Whether it is about the assistant, not the programme."""
        return self.entry is not None and self.entry.topic == ITSELF

    @property
    def questions(self) -> Mapping[str, tuple[str, ...]]:
        """Its phrasings by language."""
        asked = self.entry or self.figure
        return asked.questions if asked else {}


@dataclass(frozen=True, slots=True)
class Ranked:
    """One place in the one ranking: translations of a content are one."""

    kind: Kind
    document: str
    passage: str | None
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found, best first, and statistics that a decision needs."""

    question: str
    language: str
    passages: tuple[PassageHit, ...]
    asked: tuple[AskedHit, ...]
    ranked: tuple[Ranked, ...]
    mean_similarity: float
    mean_sentence_similarity: float
    rarity: Mapping[str, float]
    """Inverse document frequency of the question's stems over everything in the index."""
    unknown: float
    """Share of the question's stems, weighted by rarity, that nothing in the index has."""
    inside: float
    """Mean cosine of the nearest phrasings of any entry (of answers, where there are no phrasings)."""
    outside: float | None
    """Mean cosine of the nearest questions that are known to be outside of the programme; None where none are known."""


def in_language(text: LocalText, language: str) -> str:
    """A text in a language, else in any that there is."""
    return text.get(language) or next(iter(text.values()))


def quoted_version(
    source: EntrySource, language: str, version: Callable[[str, str], SourceDocument | None]
) -> tuple[SourceDocument | None, str | None]:
    """The version of a source's document that a text in a language cites, and the quote from it: in that language,
    else in one that is quoted.

    `version` gives the version of a document (by id) in a language.
    """
    if source.document is None:
        return None, None
    quotes = source.quote or {}
    found = version(source.document, language)
    if found is None or found.language not in quotes:
        found = next((v for tongue in quotes if (v := version(source.document, tongue))), found)
    return found, quotes.get(found.language) if found else None


def origin_of(document: SourceDocument, passage: Passage | None, quote: str | None) -> Reference | None:
    """Where a summary says that a quoted statement comes from; None for a document that speaks for itself."""
    if passage is None or not quote:
        return None
    sentences = (s for s in passage.sentences if (s.text[:40] and s.text[:40] in quote) or quote in s.text)
    keys = next((s.references for s in sentences), ())
    return next((document.references[key] for key in keys if key in document.references), None)


@dataclass(frozen=True, slots=True)
class StarterQuestions:
    """A titled group of starter questions in one language."""

    group: str
    questions: tuple[str, ...]


def starter_questions(programme: Programme, language: str) -> list[StarterQuestions]:
    """The starter questions of a programme by group."""
    return [
        StarterQuestions(in_language(g.group, language), tuple(in_language(q, language) for q in g.questions))
        for g in programme.starter_questions
    ]
