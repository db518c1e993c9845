"""The answer: status, mode, text, sources. The same value on every surface."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any


class AnswerStatus(StrEnum):
    """Why an answer is what it is."""

    ANSWERED = "answered"
    PARTIAL = "partial"
    CLARIFY = "clarify"
    OUT_OF_SCOPE = "declined_out_of_scope"
    NO_EVIDENCE = "declined_no_evidence"
    PERSONAL_DATA = "declined_personal_data"
    UNSAFE = "declined_unsafe"
    UNREADABLE = "declined_unreadable"
    HANDOVER = "handover"
    SMALLTALK = "smalltalk"
    ERROR_MODEL = "error_model"
    ERROR_INDEX = "error_index"
    ERROR_BUSY = "error_busy"

    @property
    def carries_statements(self) -> bool:
        """Whether the answer says something about the programme and so needs sources."""
        return self in (AnswerStatus.ANSWERED, AnswerStatus.PARTIAL)


class AnswerMode(StrEnum):
    """How the text came about."""

    CURATED = "curated"
    FIGURES = "figures"
    QUOTED = "quoted"
    SELECTED = "selected"
    GENERATED = "generated"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class Source:
    """A passage or entry that an answer cites. `context` is the passage around the quote, for showing; it is not
    part of the JSON."""

    marker: int
    document: str | None
    title: str
    publisher: str | None
    heading: str | None
    url: str | None
    page: int | None
    as_of: str | None
    language: str
    kind: str
    quote: str | None
    context: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields of contracts.md."""
        return {name: getattr(self, name) for name in Source.__slots__ if name != "context"}


@dataclass(frozen=True, slots=True)
class Handover:
    """Where a person can be reached, and why that is suggested."""

    phone: str
    email: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One finished answer. Dates are ISO texts or None."""

    status: AnswerStatus
    mode: AnswerMode
    language: str
    text: str
    notice: str
    more: str | None = None
    """The rest of the approved answer, folded away; Markdown with markers of the same sources."""
    missing: str | None = None
    entry: str | None = None
    """Id of the entry or figure that answered; None for quotes and fixed texts."""
    sources: tuple[Source, ...] = ()
    as_of: str | None = None
    suggestions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    handover: Handover | None = None
    timings_ms: dict[str, float] = field(default_factory=dict[str, float])
    answer_id: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    conversation: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    code: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The fields of contracts.md, in its order."""
        handover = self.handover and {
            "phone": self.handover.phone,
            "email": self.handover.email,
            "reason": self.handover.reason,
        }
        return {
            "answer_id": self.answer_id,
            "conversation": self.conversation,
            "code": self.code,
            "status": self.status.value,
            "mode": self.mode.value,
            "language": self.language,
            "text": self.text,
            "more": self.more,
            "missing": self.missing,
            "entry": self.entry,
            "sources": [source.as_json() for source in self.sources],
            "as_of": self.as_of,
            "suggestions": list(self.suggestions),
            "options": list(self.options),
            "handover": handover,
            "notice": self.notice,
            "timings_ms": {name: round(value, 2) for name, value in self.timings_ms.items()},
        }

    def identity(self) -> dict[str, Any]:
        """The fields in which two identical answers agree (contracts.md)."""
        return {
            k: v
            for k, v in self.as_json().items()
            if k in ("status", "mode", "language", "text", "more", "missing", "sources", "as_of", "options")
        }

    @property
    def whole(self) -> str:
        """Everything that it says, folded away or not."""
        return f"{self.text}\n\n{self.more}" if self.more else self.text

    def within(self, conversation: str, code: str | None) -> "Answer":
        """The same answer as a part of a conversation."""
        return replace(self, conversation=conversation, code=code)


@dataclass(frozen=True, slots=True)
class Draft:
    """A composed answer before it is checked."""

    mode: AnswerMode
    status: AnswerStatus
    text: str
    sources: tuple[Source, ...]
    as_of: str | None
    missing: str | None = None
    more: str | None = None
    """What else belongs to the answer, folded away."""
    entry: str | None = None
    """Id of the curated entry or figure that it rests on."""
    conditions: tuple[str, ...] = ()
    """What the answer has to state to be given at all."""
    language: str = ""
    """In which the conditions are looked for."""

    @property
    def whole(self) -> str:
        """Everything that it says, folded away or not."""
        return f"{self.text}\n\n{self.more}" if self.more else self.text


class Declined(Exception):
    """Ends the steps early with a status; `reply` names a fixed reply that differs from the status's own, `near`
    are questions that can be answered."""

    def __init__(
        self, status: AnswerStatus, *, reply: str | None = None, note: str | None = None, near: Sequence[str] = ()
    ) -> None:
        super().__init__(status.value)
        self.status, self.reply, self.note, self.near = status, reply, note, tuple(near)
