"""Term ranking: stemmed BM25 (bm25s), one index a language, and the share of a question's words that an entry holds."""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from assistant.languages import pack

K1, B = 1.2, 0.75
PIECE = 5
"""Length of the pieces that stems are cut into: 4 and 5 find equally well, 5 is faster."""
_WORD = re.compile(r"\w+")
_FOLD = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss", "é": "e", "è": "e", "ê": "e", "á": "a", "à": "a",
                       "â": "a", "ç": "c", "î": "i", "ô": "o", "û": "u", "ù": "u", "ï": "i", "ë": "e"})  # fmt: skip
_SPELT_OUT = re.compile(r"(?<![aeouq])([aou])e(?=[^aeiou])")


@lru_cache(maxsize=8)
def _stemmer(name: str) -> Any:
    return Stemmer.Stemmer(name)


def terms(text: str, language: str) -> list[str]:
    """Stems of the words that carry meaning, umlauts folded so that `Förderung`, `Foerderung` and `Forderung` meet."""
    tongue = pack(language)
    words = [word for word in _WORD.findall(text.lower()) if word not in tongue.stop_words]
    return [fold(stem) for stem in _stemmer(tongue.stemmer).stemWords(words)]


@lru_cache(maxsize=100_000)
def fold(word: str) -> str:
    """Without umlauts and accents; `ae oe ue` before a consonant count as umlauts."""
    return _SPELT_OUT.sub(r"\1", word.translate(_FOLD))


def pieces(stems: Sequence[str]) -> list[str]:
    """Every run of five letters of each stem: compounds meet their parts (`Clustermanagement`, `Managements`), and
    misspelt words what is right in them."""
    return [stem[i : i + PIECE] for stem in stems for i in range(max(1, len(stem) - PIECE + 1))]


class Coverage:
    """How much of a question's words each owner of texts in one language holds, weighted by rarity (0..1)."""

    def __init__(self, stems: Sequence[frozenset[str]]) -> None:
        """`stems` are those of each owner, in their order; an owner without texts in the language has none."""
        self._count = len(stems)
        rows: dict[str, list[int]] = {}
        spread: dict[str, int] = {}
        for number, held in enumerate(stems):
            for stem in held:
                spread[stem] = spread.get(stem, 0) + 1
            for piece in held.union(pieces(sorted(held))):
                rows.setdefault(piece, []).append(number)
        self._rows = {piece: np.asarray(found, np.int64) for piece, found in rows.items()}
        owners = max(1, sum(bool(held) for held in stems))
        self._idf = {s: float(np.log(1 + (owners - n + 0.5) / (n + 0.5))) for s, n in spread.items()}
        self._unknown = float(np.log(1 + (owners + 0.5) / 0.5))

    def rarity(self, stem: str) -> float:
        """Inverse document frequency (Lucene's form); a stem that no owner has counts most."""
        return self._idf.get(stem, self._unknown)

    def __contains__(self, stem: str) -> bool:
        """Whether any owner has a stem."""
        return stem in self._idf

    def scores(self, stems: Sequence[str]) -> NDArray[np.float32]:
        """One value an owner: a stem counts by as many of its pieces as the owner holds, so compounds meet their
        parts."""
        held = np.zeros(self._count, np.float32)
        total = 0.0
        for stem in dict.fromkeys(stems):
            weight = self.rarity(stem)
            total += weight
            parts = pieces([stem]) if len(stem) >= PIECE else [stem]
            for part in parts:
                if (rows := self._rows.get(part)) is not None:
                    held[rows] += weight / len(parts)
        return held / total if total else held


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

    def __contains__(self, term: str) -> bool:
        """Whether any text has a term."""
        return term in self._vocabulary

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
    """Terms of the texts of one language: by pieces for a question of that language, by whole stems for one of
    another."""

    def __init__(self, stems: LexicalIndex, parts: LexicalIndex) -> None:
        self._stems, self._parts = stems, parts
        self.rows = stems.rows

    def idf(self, term: str) -> float:
        """Inverse document frequency of a stem."""
        return self._stems.idf(term)

    def __contains__(self, stem: str) -> bool:
        """Whether any text has a stem."""
        return stem in self._stems

    def scores(self, query: Sequence[str], *, foreign: bool) -> NDArray[np.float32]:
        """0..1 for each of `rows`. Across languages only names, numbers and loan words can match, and pieces match
        by chance."""
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
