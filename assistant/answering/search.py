"""What answering needs from a search: one protocol, which `index` satisfies; `app.py` joins the two."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from index.values import CuratedEntry, Found, Passage, SourceDocument


class Search(Protocol):
    """Finds passages, curated entries and figures for a question."""

    def embed(self, questions: Sequence[str]) -> Any:
        """The vectors of questions (n, dimension)."""
        ...

    def search_vector(
        self,
        question: str,
        vector: Any,
        language: str | None = None,
        *,
        count: int = 20,
        usable: Callable[[SourceDocument], bool] | None = None,
    ) -> Found:
        """The best candidates for a question whose vector is known; `usable` filters documents."""
        ...

    def version(self, document: str, language: str) -> SourceDocument | None:
        """The version of a document in a language, if there is one."""
        ...

    def quoted_passage(self, document: str, quote: str) -> Passage | None:
        """The passage that holds the words of a quote (white space and marks aside)."""
        ...

    @property
    def entries(self) -> Sequence[CuratedEntry]:
        """All curated entries."""
        ...

    @property
    def names_outside(self) -> bool:
        """Whether the corpus names questions outside of the programme."""
        ...

    @property
    def vocabulary(self) -> Mapping[str, frozenset[str]]:
        """Lower-case words of phrasings and answers, by language."""
        ...

    def rarity(self, term: str) -> float:
        """Inverse document frequency of a stem over everything in the index; larger is rarer."""
        ...

    def terms(self, text: str, language: str) -> Sequence[str]:
        """Stems of the words that carry meaning."""
        ...

    def sentences(self, text: str, language: str) -> Sequence[str]:
        """The sentences of a paragraph."""
        ...
