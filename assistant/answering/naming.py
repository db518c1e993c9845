"""The names that a programme tells apart: neighbour programmes, names that exclude each other, homonyms. All are
data of the corpus."""

import re
from collections.abc import Sequence

from index.values import NamedScope, Programme


class NamedThings:
    """Finds the names of one programme in texts. Names of contrast are `name 0`, `name 1` …, neighbours `scope 0` …"""

    def __init__(self, programme: Programme) -> None:
        self.contrasts = [p for names in programme.contrasts if (p := name_pattern(names))]
        """One pattern for each group of spellings that excludes the others."""
        self._patterns = {f"name {n}": p for n, p in enumerate(self.contrasts)}
        scopes = ((f"scope {n}", name_pattern(scope.terms)) for n, scope in enumerate(programme.neighbours))
        self._patterns.update({key: p for key, p in scopes if p})
        self._homonyms = [(scope, p) for scope in programme.homonyms if (p := name_pattern(scope.terms))]
        self.own = name_pattern(tuple(dict.fromkeys(programme.name.values())))
        """The programme's own name."""

    def in_text(self, text: str) -> frozenset[str]:
        """The keys of all names in a text."""
        return frozenset(key for key, pattern in self._patterns.items() if pattern.search(text))

    def in_order(self, text: str) -> list[str]:
        """The keys of all names in a text, in the order in which they stand."""
        found = [(match.start(), key) for key, pattern in self._patterns.items() for match in pattern.finditer(text)]
        return [key for _, key in sorted(found)]

    def homonym(self, text: str) -> NamedScope | None:
        """The first homonym that a text names."""
        return next((scope for scope, pattern in self._homonyms if pattern.search(text)), None)

    def without_own_name(self, text: str) -> str:
        """A text without the programme's name, unless hardly anything would be left."""
        rest = " ".join(self.own.sub(" ", text).split()) if self.own else text
        return rest if len(rest.split()) > 2 else text


def name_pattern(terms: Sequence[str]) -> re.Pattern[str] | None:
    """Any of several names as a whole word, with hyphen or blank and a short ending; None for no names."""
    if not terms:
        return None
    by_length = sorted(terms, key=len, reverse=True)
    joined = "|".join(re.escape(term).replace(r"\-", "[- ]?").replace(r"\ ", "[- ]") for term in by_length)
    return re.compile(rf"(?<![^\W_])(?:{joined})(?:s|es|en|n|e|er)?(?![^\W_])", re.IGNORECASE)
