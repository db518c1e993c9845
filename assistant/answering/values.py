"""The words of answering: what goes from one step to the next. All frozen."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from assistant.answering.answer import Answer
from index.values import AskedHit, Found, NamedScope, PassageHit

LONGEST_QUESTION = 2000
"""Characters."""
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
    said: str = ""
    """The text of the answer."""


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
        """Adds a turn (None begins a conversation); the answer comes back with its token and caller code."""
        ...


class Reason(StrEnum):
    """Why there is an interpretation."""

    AS_ASKED = "as asked"
    CARRIED = "with the subject of the last turn"
    EXCHANGED = "the last question about another name or year"
    PART = "a part of what was asked"
    SENTENCE = "one sentence of what was written"
    MENDED = "with words exchanged for the nearest of the corpus"


@dataclass(frozen=True, slots=True)
class Interpretation:
    """One way to read a question, complete in itself."""

    text: str
    reason: Reason
    own: str = ""
    """What the question itself says, where the text holds words of a turn before."""
    must_refer: bool = False
    """Whether the question says too little by itself ("Since when?"), so that the turn before must be meant."""
    asks_by_itself: bool = False
    """Whether the question is complete, with nothing that points back: then what it is completed with must hold its
    words."""
    information: float = 0.0
    """What the question itself says: its stems weighted by rarity, in words that nothing in the index has."""

    @property
    def refers(self) -> bool:
        """Whether it takes something from a turn before."""
        return self.reason in (Reason.CARRIED, Reason.EXCHANGED)

    @property
    def asks(self) -> str:
        """What is asked: of a completed question its own words; "And Friday?" asks all of the last question."""
        return self.text if self.reason is Reason.EXCHANGED or not self.own else self.own


@dataclass(frozen=True, slots=True)
class Candidate:
    """A curated entry or figure before the decision, with what tells it from others (language-neutral, see
    scoring/features)."""

    hit: AskedHit
    features: Mapping[str, float]
    about: frozenset[str] = frozenset()
    """The contrasted names and neighbour programmes that it is about."""
    weight: float = 0.0
    """The linear head's value; the larger, the more likely that it is the one."""
    share: float = 0.0
    """Probability (0..1) that it is the one, if any is."""

    @property
    def id(self) -> str:
        """Id of the entry or figure."""
        return self.hit.id


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the search found for an interpretation, best first."""

    interpretation: Interpretation
    language: str
    found: Found
    candidates: tuple[Candidate, ...]
    passages: tuple[PassageHit, ...]
    named: frozenset[str] = frozenset()
    """The contrasted names and neighbour programmes that the question names, in the terms of `Candidate.about`."""
    homonym: NamedScope | None = None
    """A homonym that the question names."""
    told: tuple[Mapping[str, float], ...] = ()
    """Features of the best passages, as of entries without phrasings."""
    foreign: bool = False
    """Whether the question is in a language that the programme does not speak."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Evidence with its probabilities (0..1)."""

    evidence: Evidence
    business: float
    """That the entries answer it: that it is the programme's business."""
    quotable: float
    """That the best passages answer it."""
    features: Mapping[str, float] = field(default_factory=dict[str, float])
    """What the first rests on."""
    told: float = -math.inf
    """The linear value of the best passage, as of an entry without phrasings: against that of the best entry it
    says which of the two answers."""
    elsewhere: bool = False
    """Whether it is nearer to questions outside of the programme than to any that is answered."""


class Outcome(StrEnum):
    """What is done with a question."""

    ANSWER = "answer"
    QUOTE = "quote"
    CLARIFY = "clarify"
    OUT_OF_SCOPE = "out_of_scope"
    NO_EVIDENCE = "no_evidence"

    @property
    def answers(self) -> bool:
        """Whether something is stated."""
        return self in (Outcome.ANSWER, Outcome.QUOTE)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is done with an interpretation, before the words are chosen."""

    scored: Scored
    outcome: Outcome
    probability: float
    threshold: float
    chosen: tuple[Candidate, ...] = ()
    """The entry or figure that answers; a second one that may be meant just as well, or is about another name of
    the question."""
    options: tuple[Candidate, ...] = ()
    """What is asked back."""
    note: str | None = None
    reasons: tuple[str, ...] = ()

    @property
    def evidence(self) -> Evidence:
        """What it rests on."""
        return self.scored.evidence
