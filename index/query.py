"""A question as the term rankings see it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assistant.languages import detect, pack
from index.lexical import TermRanking, terms


@dataclass(frozen=True, slots=True)
class Query:
    """A question, its language, the languages whose terms it may share, and its terms as texts in each language
    spell them."""

    question: str
    language: str
    shared: tuple[str, ...]
    terms: Mapping[str, list[str]]

    def scores(self, ranking: TermRanking, language: str, foreign_share: float) -> NDArray[np.float32]:
        """What its terms score among the texts of a language (one value a row of the ranking); across languages a
        share of it."""
        own = language in self.shared
        return ranking.scores(self.terms[language], foreign=not own) * np.float32(1 if own else foreign_share)


def query_of(question: str, hint: str | None, languages: Sequence[str]) -> Query:
    """Reads a question; `hint` is its language where the words do not tell, `languages` are those of the texts."""
    words = [word.lower() for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", question)]
    told = any(word in pack(code).stop_words for word in words for code in languages)
    language = detect(question, languages, hint).answer
    # a few keywords may be of any language
    shared = (language,) if told or len(languages) == 1 else tuple(languages)
    spelt = {
        code: terms(question, code) if code in shared else foreign_terms(question, code, languages)
        for code in languages
    }
    return Query(question, language, shared, spelt)


def foreign_terms(question: str, language: str, languages: Sequence[str]) -> list[str]:
    """The terms of a question as a text in another language would spell them: without the function words of all
    languages."""
    words = [
        w for w in question.split() if not any(w.lower().strip("?!.,;:") in pack(code).stop_words for code in languages)
    ]
    return terms(" ".join(words), language)
