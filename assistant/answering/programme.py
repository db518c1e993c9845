"""What the assistant informs about, as far as answering needs it: names, hotline, scope, starter questions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


class Hotline(Protocol):
    """How to reach a person."""

    @property
    def phone(self) -> str: ...
    @property
    def email(self) -> str: ...


class NamedScope(Protocol):
    """A neighbour programme or homonym."""

    @property
    def name(self) -> Mapping[str, str]: ...
    @property
    def note(self) -> Mapping[str, str] | None: ...
    @property
    def document(self) -> str | None: ...
    @property
    def terms(self) -> Sequence[str]: ...


class StarterGroup(Protocol):
    """A titled group of starter questions."""

    @property
    def group(self) -> Mapping[str, str]: ...
    @property
    def questions(self) -> Sequence[Mapping[str, str]]: ...


class Programme(Protocol):
    """What the assistant informs about."""

    @property
    def name(self) -> Mapping[str, str]: ...
    @property
    def hotline(self) -> Hotline: ...
    @property
    def languages(self) -> Sequence[str]: ...
    @property
    def website(self) -> str | None: ...
    @property
    def operator(self) -> Mapping[str, str] | None: ...
    @property
    def ministry(self) -> Mapping[str, str] | None: ...
    @property
    def notice(self) -> Mapping[str, str] | None: ...
    @property
    def greeting(self) -> Mapping[str, str] | None: ...
    @property
    def official(self) -> bool: ...
    @property
    def starter_questions(self) -> Sequence[StarterGroup]: ...
    @property
    def neighbours(self) -> Sequence[NamedScope]: ...
    @property
    def homonyms(self) -> Sequence[NamedScope]: ...
    @property
    def contrasts(self) -> Sequence[Sequence[str]]: ...


@dataclass(frozen=True, slots=True)
class StarterQuestions:
    """A titled group of starter questions in one language."""

    group: str
    questions: tuple[str, ...]


def in_language(text: Mapping[str, str], language: str) -> str:
    """A text in a language, else in any that there is."""
    return text.get(language) or next(iter(text.values()))


def starter_questions(programme: Programme, language: str) -> list[StarterQuestions]:
    """The starter questions by group."""
    return [StarterQuestions(in_language(g.group, language), tuple(in_language(q, language) for q in g.questions)) for g in programme.starter_questions]
