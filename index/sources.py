"""What a corpus consists of: frozen values that the readers make and everything else reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

LANGUAGES = ("de", "en")

LocalText = Mapping[str, str]
"""A text by language code, `{"de": "…", "en": "…"}`; at least one language is present."""

DocumentKind = Literal["original", "summary"]
EntryStatus = Literal["answered", "partial"]


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
    warnings: tuple[str, ...] = ()


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
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Hotline:
    """How to reach a person."""

    phone: str
    email: str
    hours: LocalText | None = None


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


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file or entry that was not taken, with file, entry and field named in `reason`."""

    path: str
    id: str | None
    reason: str
    kind: Literal["document", "entry", "figure", "page", "outside"]


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
    """Questions by language that are none of the programme's business: what is nearer to them than to an entry is declined."""


def pick(text: LocalText | None, language: str) -> str | None:
    """The text in the language wanted, else in German, else in whatever language there is."""
    if not text:
        return None
    return text.get(language) or text.get("de") or next(iter(text.values()))
