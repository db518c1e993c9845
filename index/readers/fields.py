"""The formats of the corpus as schemas: what a person may write, checked, and turned into the values of
`index.sources`.

Every schema refuses unknown fields, so that a misspelt one is noticed and not silently dropped.
"""

import datetime
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from assistant.languages import codes
from index.readers.dates import in_the_future
from index.values import (
    Claim,
    EntrySource,
    EntryStatus,
    Holds,
    Hotline,
    LocalText,
    NamedScope,
    Programme,
    Reference,
    StarterGroup,
)

_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:(?!\d+(?:/|$))")
_ISO_DATE = re.compile(r"^\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?$")


def _iso_date(value: Any) -> str | None:
    """YAML reads `2019` as a number and `2019-04-11` as a date; both mean the same as their text."""
    if value is None:
        return None
    if isinstance(value, datetime.date):
        value = value.isoformat()[:10]
    text = str(value).strip()
    if not _ISO_DATE.match(text):
        raise ValueError(f"is no date, year-month or year: {text!r}")
    if len(text) == len("2019-04-11"):
        datetime.date.fromisoformat(text)
    return text


def _local(value: Any) -> Any:
    """A plain string holds for the language of its file, marked here as `*`."""
    if isinstance(value, str):
        return {"*": value}
    return value


def _local_list(value: Any) -> Any:
    if isinstance(value, list):
        return {"*": value}
    return value


def _tuple(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _past(value: str | None) -> str | None:
    if value and in_the_future(value):
        raise ValueError(f"lies in the future: {value}")
    return value


def _web_address(value: str | None) -> str | None:
    bare = re.sub(r"[\s\x00-\x20]+", "", value or "").lower()
    if _SCHEME.match(bare) and not bare.startswith(("http://", "https://")):
        raise ValueError(f"is no web address (http:// or https://): {(value or '')[:60]!r}")
    return value


Date = Annotated[str | None, BeforeValidator(_iso_date)]
PastDate = Annotated[Date, AfterValidator(_past)]
"""The date of a statement: it can't lie in the future."""
Address = Annotated[str | None, AfterValidator(_web_address)]
"""A web address; those that run something (`javascript:`) or lead to files are none."""


def _known_language(code: str) -> str:
    if code not in codes():
        raise ValueError(f"no language {code!r} is known; known are {', '.join(codes())}")
    return code


def _known_or_any(code: str) -> str:
    return code if code == "*" else _known_language(code)


Language = Annotated[str, AfterValidator(_known_language)]
"""The code of a language that has a pack."""
Tongue = Annotated[str, AfterValidator(_known_or_any)]
Text = Annotated[dict[Tongue, Annotated[str, Field(min_length=1)]], BeforeValidator(_local), Field(min_length=1)]
Texts = Annotated[
    dict[Tongue, Annotated[list[Annotated[str, Field(min_length=1)]], Field(min_length=1)]],
    BeforeValidator(_local_list),
    Field(min_length=1),
]
Names = Annotated[list[str], BeforeValidator(_tuple)]


class _Schema(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, coerce_numbers_to_str=True)


class ReferenceFields(_Schema):
    """An origin named in the front matter of a summary."""

    title: str
    publisher: str | None = None
    url: Address = None
    as_of: PastDate = None
    note: str | None = None


class DocumentFields(_Schema):
    """Front matter of a Markdown file, or the sidecar of any other file. Every field is optional."""

    id: str | None = None
    title: str | None = None
    language: Language | None = None
    publisher: str | None = None
    source: Address = None
    as_of: Date = None
    kind: Literal["original", "summary"] | None = None
    valid_from: Date = None
    valid_until: Date = None
    translation_of: str | None = None
    topics: Names = []
    references: dict[str, ReferenceFields] = {}

    def named_references(self) -> dict[str, Reference]:
        """The references by key."""
        return {key: Reference(key, r.title, r.publisher, r.url, r.as_of, r.note) for key, r in self.references.items()}


class SourceFields(_Schema):
    """A source of a curated entry or figure value."""

    document: str | None = None
    quote: Text | None = None
    url: Address = None
    title: str | None = None
    publisher: str | None = None
    as_of: PastDate = None

    @model_validator(mode="after")
    def _named(self) -> "SourceFields":
        if not (self.document or self.url or self.title):
            raise ValueError("a source names a document, an address or at least a title")
        return self

    def value(self, language: str) -> EntrySource:
        """The frozen value; plain strings count as `language`."""
        quote = local_text(self.quote, language) if self.quote else None
        return EntrySource(self.document, quote, self.url, self.title, self.publisher, self.as_of)


class ClaimFields(_Schema):
    """A yes-or-no statement, and the questions that it answers."""

    says: Text
    yes_to: Texts | None = None
    no_to: Texts | None = None
    unknown_to: Texts | None = None

    @model_validator(mode="after")
    def _asked(self) -> "ClaimFields":
        known = self.yes_to or self.no_to
        if not (known or self.unknown_to):
            raise ValueError("names no question; yes_to, no_to or unknown_to holds at least one")
        if known and self.unknown_to:
            raise ValueError("unknown_to: what is known can't be unknown; make two claims of it")
        return self

    def value(self, language: str) -> Claim:
        """The frozen value."""
        questions: dict[Holds, dict[Any, list[str]] | None] = {
            "yes": self.yes_to,
            "no": self.no_to,
            "unknown": self.unknown_to,
        }
        asked: dict[Holds, Mapping[str, tuple[str, ...]]] = {
            holds: local_texts(texts, language) for holds, texts in questions.items() if texts
        }
        return Claim(local_text(self.says, language), asked)


class EntryFields(_Schema):
    """A curated entry."""

    id: str
    topic: str | None = None
    status: EntryStatus = "answered"
    questions: Texts
    answer: Text
    missing: Text | None = None
    must_state: list[Text] = []
    sources: list[SourceFields] = []
    as_of: PastDate = None
    review_by: Date = None
    valid_until: Date = None
    plain: Text | None = None
    short: Text | None = None
    claims: list[ClaimFields] = []

    @model_validator(mode="after")
    def _whole(self) -> "EntryFields":
        unanswered = sorted(set(self.questions) - set(self.answer))
        if unanswered and "*" not in self.answer:
            raise ValueError(f"answer: missing in {', '.join(unanswered)}, in which there are questions")
        if self.status == "partial" and not self.missing:
            raise ValueError("missing: a partial entry says what the documents do not say")
        return self

    @model_validator(mode="after")
    def _sourced(self, info: ValidationInfo) -> "EntryFields":
        if not self.sources and not (info.context or {}).get("publisher"):
            raise ValueError(
                "sources: mandatory field is missing; name one, or a publisher for all in defaults of programme.yaml"
            )
        return self

    @classmethod
    def of(cls, row: Any, programme: Programme) -> "EntryFields":
        """The checked fields of a row; without a source it needs the programme's default publisher. Raises
        ValidationError."""
        return cls.model_validate(row, context={"publisher": programme.default_publisher})


class FigureValueFields(_Schema):
    """One value of a figure."""

    date: Date = None
    period: str | None = None
    undated: bool = False
    value: Any
    note: Text | None = None
    source: SourceFields

    @model_validator(mode="after")
    def _dated_once(self) -> "FigureValueFields":
        if (self.date is not None) + (self.period is not None) + self.undated != 1:
            raise ValueError("exactly one of date, period and undated: true is needed")
        if self.period is not None:
            for part in self.period.split("/"):
                _iso_date(part)
        if not isinstance(self.value, str | int | float | dict) or isinstance(self.value, bool):
            raise ValueError(f"value: a number, a text or a text by language, got {self.value!r}")
        return self


class FigureFields(_Schema):
    """A dated value series."""

    id: str
    title: Text
    unit: Text
    questions: Texts
    values: Annotated[list[FigureValueFields], Field(min_length=1)]


class HotlineFields(_Schema):
    """How to reach a person: by phone, by e-mail or both."""

    phone: str = ""
    email: str = ""
    hours: Text | None = None

    @model_validator(mode="after")
    def _reachable(self) -> "HotlineFields":
        if not (self.phone or self.email):
            raise ValueError("names neither a phone nor an email; one is enough")
        return self


class StarterFields(_Schema):
    """A group of starter questions."""

    group: Text
    questions: Annotated[list[Text], Field(min_length=1)]


class ScopeFields(_Schema):
    """A neighbour programme or homonym; a plain string is its name."""

    name: Text
    note: Text | None = None
    document: str | None = None
    terms: Names = []

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    def value(self, language: str) -> NamedScope:
        """The frozen value."""
        return NamedScope(
            local_text(self.name, language),
            self.note and local_text(self.note, language),
            self.document,
            tuple(self.terms),
        )


class DefaultFields(_Schema):
    """What holds for entries that name no source of their own."""

    publisher: str | None = None
    as_of: PastDate = None


class ProgrammeFields(_Schema):
    """programme.yaml."""

    name: Text
    hotline: HotlineFields
    languages: Annotated[list[Language], Field(min_length=1)]
    operator: Text | None = None
    ministry: Text | None = None
    website: Address = None
    notice: Text | None = None
    greeting: Text | None = None
    topics: Text | None = None
    defaults: DefaultFields = DefaultFields()
    official: bool = False
    starter_questions: list[StarterFields] = []
    neighbours: list[ScopeFields] = []
    homonyms: list[ScopeFields] = []
    contrasts: list[Names] = []

    def value(self) -> Programme:
        """The frozen value; plain strings count for every language of the programme."""
        language = self.languages[0]

        def local(text: dict[Any, str] | None) -> LocalText | None:
            if text and set(text) == {"*"}:
                return dict.fromkeys(self.languages, text["*"])
            return text and local_text(text, language)

        return Programme(
            name=local(self.name) or {},
            hotline=Hotline(self.hotline.phone, self.hotline.email, local(self.hotline.hours)),
            languages=tuple(dict.fromkeys(self.languages)),
            operator=local(self.operator),
            ministry=local(self.ministry),
            website=self.website,
            notice=local(self.notice),
            greeting=local(self.greeting),
            topics=local(self.topics),
            default_publisher=self.defaults.publisher,
            default_as_of=self.defaults.as_of,
            official=self.official,
            starter_questions=tuple(
                StarterGroup(local(s.group) or {}, tuple(local(q) or {} for q in s.questions))
                for s in self.starter_questions
            ),
            neighbours=tuple(n.value(language) for n in self.neighbours),
            homonyms=tuple(h.value(language) for h in self.homonyms),
            contrasts=tuple(tuple(names) for names in self.contrasts),
        )


class OutsideFields(RootModel[dict[Language, list[str]]]):
    """outside.yaml."""

    def value(self) -> dict[str, tuple[str, ...]]:
        """The questions by language, each once and none empty."""
        found = {
            language: tuple(dict.fromkeys(text.strip() for text in self.root.get(language, ()) if text.strip()))
            for language in codes()
        }
        return {language: texts for language, texts in found.items() if texts}


def local_text(text: Mapping[Any, str], language: str) -> dict[str, str]:
    """`{"*": x}` becomes `{language: x}`; languages keep a fixed order so that digests do not depend on the file."""
    named = {(language if key == "*" else key): value for key, value in text.items()}
    return {key: named[key] for key in codes() if key in named}


def local_texts(texts: Mapping[Any, list[str]], language: str) -> dict[str, tuple[str, ...]]:
    """Lists of texts by language, each text once."""
    return {(language if key == "*" else key): tuple(dict.fromkeys(values)) for key, values in texts.items()}


def first_fault(error: ValidationError) -> str:
    """The first fault as one line: `field: what is wrong`."""
    fault = error.errors()[0]
    where = ".".join(str(part) for part in fault["loc"] if part not in ("*", "[key]"))
    messages = {"extra_forbidden": "unknown field", "missing": "mandatory field is missing"}
    message = messages.get(fault["type"], fault["msg"].removeprefix("Value error, "))
    return f"{where}: {message}" if where else message
