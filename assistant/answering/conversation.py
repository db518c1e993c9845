"""Question, turn, and what of a conversation is remembered for follow-ups."""

from dataclasses import dataclass
from typing import Protocol

from assistant.answering.answer import Answer

LONGEST_QUESTION = 600
TURNS_REMEMBERED = 6


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was understood, with the answer's language and what the answer rested on."""

    question: str
    standalone: str
    language: str
    status: str
    topic: str | None
    entry: str | None = None
    """Id of the curated entry or figure that answered it."""
    probability: float | None = None
    threshold: float | None = None
    """How sure the least sure decision was, and how sure it had to be; None where nothing was searched."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks; `language` is a wish, `turns` are the turns before, oldest first."""

    text: str
    language: str | None = None
    turns: tuple[Turn, ...] = ()


class ConversationMemory(Protocol):
    """Keeps the turns of conversations on the server, by opaque token."""

    def turns(self, conversation: str) -> tuple[Turn, ...] | None:
        """The turns so far, or None for an unknown or expired token."""
        ...

    def remember(self, conversation: str | None, turn: Turn, answer: Answer) -> Answer:
        """Adds a turn (None begins a conversation); the answer comes back with its conversation's token and caller code."""
        ...
