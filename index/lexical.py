"""German and English term ranking: stemmed BM25 (bm25s), one index a language."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from index.language import ENGLISH_WORDS, GERMAN_WORDS

K1, B = 1.2, 0.75
PIECE = 5
"""Length of the pieces that stems are cut into: 4 and 5 find equally well, 5 is faster."""
_WORD = re.compile(r"\w+")
_QUESTION_WORDS = frozenset(
    "wer was wo wann warum wieso welche welcher welches welchen wie kann können muss müssen viel viele nicht kein keine who what where when why how which can could must may should not no many much".split()
)
_STEMMERS = {"de": "german", "en": "english"}
_FOLD = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e", "á": "a", "à": "a", "ç": "c"})
_SPELT_OUT = re.compile(r"(?<![aeouq])([aou])e(?=[^aeiou])")


@lru_cache(maxsize=4)
def _stemmer(language: str) -> Any:
    return Stemmer.Stemmer(_STEMMERS.get(language, "german"))


def terms(text: str, language: str) -> list[str]:
    """Stems of the words that carry meaning, umlauts folded so that `Förderung`, `Foerderung` and `Forderung` meet."""
    stop = GERMAN_WORDS if language == "de" else ENGLISH_WORDS
    words = [word for word in _WORD.findall(text.lower()) if word not in stop]
    return [fold(stem) for stem in _stemmer(language).stemWords(words)]


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Without umlauts and accents; `ae oe ue` before a consonant count as umlauts."""
    return _SPELT_OUT.sub(r"\1", word.translate(_FOLD))


def pieces(stems: Sequence[str]) -> list[str]:
    """Every run of five letters of each stem: compounds meet their parts (`Clustermanagement`, `Managements`), and misspelt words what is right in them."""
    return [stem[i : i + PIECE] for stem in stems for i in range(max(1, len(stem) - PIECE + 1))]


def asked_terms(text: str, language: str) -> frozenset[str]:
    """The terms of a question with its question words: `Wer kann …` and `Was kann …` ask for different things."""
    words = [
        word
        for word in _WORD.findall(text.lower())
        if word in _QUESTION_WORDS or word not in (GERMAN_WORDS if language == "de" else ENGLISH_WORDS)
    ]
    return frozenset(fold(stem) for stem in _stemmer(language).stemWords(words))


class PhrasingIndex:
    """How far a question and each phrasing consist of the same words, weighted by rarity (Dice's coefficient, 0..1)."""

    def __init__(self, phrasings: Sequence[str], languages: Sequence[str]) -> None:
        self._count = len(phrasings)
        found = [asked_terms(text, language) for text, language in zip(phrasings, languages, strict=True)]
        rows: dict[tuple[str, str], list[int]] = {}
        for number, (words, language) in enumerate(zip(found, languages, strict=True)):
            for word in words:
                rows.setdefault((language, word), []).append(number)
        sizes = {language: max(1, list(languages).count(language)) for language in set(languages)}
        self._unknown = {language: float(np.log(1 + size / 0.5)) for language, size in sizes.items()}
        self._idf = {key: float(np.log(1 + sizes[key[0]] / (len(listed) + 0.5))) for key, listed in rows.items()}
        self._rows = {key: np.asarray(listed, np.int64) for key, listed in rows.items()}
        self._weights = np.asarray(
            [sum(self._idf[(language, w)] for w in words) for words, language in zip(found, languages, strict=True)],
            np.float32,
        )

    def scores(self, question: str, languages: Sequence[str]) -> NDArray[np.float32]:
        """One value a phrasing; 0 for phrasings in other languages than those given."""
        best = np.zeros(self._count, np.float32)
        for language in languages:
            words = asked_terms(question, language)
            own = sum(self._idf.get((language, w), self._unknown.get(language, 0.0)) for w in words)
            common = np.zeros(self._count, np.float32)
            for word in words:
                rows = self._rows.get((language, word))
                if rows is not None:
                    common[rows] += self._idf[(language, word)]
            best = np.maximum(best, 2 * common / np.maximum(own + self._weights, 1e-6))
        return best


class LexicalIndex:
    """BM25 over the texts of one language; `rows` maps its documents to row numbers of the caller."""

    def __init__(self, bm25: Any, rows: NDArray[np.int32]) -> None:
        self._bm25 = bm25
        self.rows = rows
        self._vocabulary: dict[str, int] = bm25.vocab_dict
        lengths = np.diff(np.asarray(bm25.scores["indptr"], np.int64)).astype(np.float64)
        count = max(1, len(rows))
        self._idf = np.log(1 + (count - lengths + 0.5) / (lengths + 0.5))
        self._unknown_idf = float(np.log(1 + (count + 0.5) / 0.5))

    def idf(self, term: str) -> float:
        """Inverse document frequency (Lucene's form); a term that no text has counts most."""
        number = self._vocabulary.get(term)
        return self._unknown_idf if number is None or number >= len(self._idf) else float(self._idf[number])

    def scores(self, query: Sequence[str]) -> NDArray[np.float32]:
        """0..1 for each of `rows`: BM25 divided by the most that this query could reach (each term saturated)."""
        known = [t for t in dict.fromkeys(query) if t in self._vocabulary]
        if not known or not len(self.rows):
            return np.zeros(len(self.rows), np.float32)
        most = sum(self.idf(t) for t in dict.fromkeys(query)) * (K1 + 1)
        return np.asarray(self._bm25.get_scores(known), np.float32) * ((K1 + 1) / most)

    def save(self, folder: Path) -> None:
        """Writes the index below `folder`."""
        self._bm25.save(str(folder), show_progress=False)
        np.save(folder / "rows.npy", self.rows)

    @classmethod
    def load(cls, folder: Path) -> "LexicalIndex":
        """Opens what `save` wrote, memory-mapped."""
        bm25: Any = bm25s.BM25.load(str(folder), mmap=True, load_corpus=False)
        bm25.scores = {
            name: value.view(np.ndarray) if isinstance(value, np.memmap) else value
            for name, value in bm25.scores.items()
        }
        return cls(bm25, np.load(folder / "rows.npy"))

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]], rows: Sequence[int]) -> "LexicalIndex":
        """From the terms of each text and its row number."""
        bm25: Any = bm25s.BM25(method="lucene", k1=K1, b=B)
        bm25.index([list(t) for t in texts], show_progress=False)
        return cls(bm25, np.asarray(rows, np.int32))


class TermRanking:
    """Terms of the texts of one language: by pieces for a question of that language, by whole stems for one of another."""

    def __init__(self, stems: LexicalIndex, parts: LexicalIndex) -> None:
        self._stems, self._parts = stems, parts
        self.rows = stems.rows

    def idf(self, term: str) -> float:
        """Inverse document frequency of a stem."""
        return self._stems.idf(term)

    def scores(self, query: Sequence[str], *, foreign: bool) -> NDArray[np.float32]:
        """0..1 for each of `rows`. Across languages only names, numbers and loan words can match, and pieces match by chance."""
        return self._stems.scores(query) if foreign else self._parts.scores(pieces(query))

    def save(self, folder: Path) -> None:
        """Writes both below `folder`."""
        self._stems.save(folder / "stems")
        self._parts.save(folder / "pieces")

    @classmethod
    def load(cls, folder: Path) -> "TermRanking":
        """Opens what `save` wrote."""
        return cls(LexicalIndex.load(folder / "stems"), LexicalIndex.load(folder / "pieces"))

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]], rows: Sequence[int]) -> "TermRanking":
        """From the stems of each text and its row number."""
        return cls(LexicalIndex.build(texts, rows), LexicalIndex.build([pieces(stems) for stems in texts], rows))
