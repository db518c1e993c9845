"""A question as the term rankings see it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.language import ENGLISH_WORDS, GERMAN_WORDS, language_weights
from index.lexical import TermRanking, terms


@dataclass(frozen=True, slots=True)
class Query:
    """A question, its language, the languages whose terms it may share, and its terms as texts in each language spell them."""

    question: str
    language: str
    shared: tuple[str, ...]
    terms: dict[str, list[str]]

    def scores(self, ranking: TermRanking, language: str, foreign_share: float) -> NDArray[np.float32]:
        """What its terms score among the texts of a language (one value a row of the ranking); across languages a share of it."""
        own = language in self.shared
        return ranking.scores(self.terms[language], foreign=not own) * np.float32(1 if own else foreign_share)


def query_of(question: str, hint: str | None) -> Query:
    """Reads a question; `hint` is its language where the words do not tell."""
    language, shared = question_languages(question, hint)
    return Query(
        question,
        language,
        shared,
        {
            tongue: terms(question, tongue) if tongue in shared else foreign_terms(question, tongue)
            for tongue in ("de", "en")
        },
    )


def foreign_terms(question: str, language: str) -> list[str]:
    """The terms of a question as a text in another language would spell them: without the function words of both languages."""
    words = [w for w in question.split() if w.lower().strip("?!.,;:") not in GERMAN_WORDS | ENGLISH_WORDS]
    return terms(" ".join(words), language)


def question_languages(question: str, hint: str | None) -> tuple[str, tuple[str, ...]]:
    """The language of a question, and the languages whose terms it may share (both when a few keywords do not tell)."""
    german, english = language_weights(question)
    if german == english:
        return hint or "de", ("de", "en")
    language = "de" if german > english else "en"
    return language, (language,)
