"""Interpretations -> evidence: one call of the embedding model for all of them, and no text searched twice in a
turn."""

import datetime
from collections.abc import Callable, Mapping, Sequence

from assistant.answering.naming import NamedThings
from assistant.answering.scoring.features import Traits, entry_features, passage_features
from assistant.answering.search import Search
from assistant.answering.values import Candidate, Evidence, Interpretation, Reason
from assistant.languages import answer_type
from index.values import AskedHit, Programme, SourceDocument

MOST_PASSAGES = 20


class Retriever:
    """Finds the evidence for interpretations; `today` decides what is valid."""

    def __init__(
        self, search: Search, programme: Programme, today: Callable[[], datetime.date] = datetime.date.today
    ) -> None:
        self._search, self._today = search, today
        self.named = NamedThings(programme)
        self._languages = tuple(programme.languages)
        self._traits: dict[str, Traits] = {}

    def retrieve(
        self, interpretations: Sequence[Interpretation], language: str, *, foreign: bool = False
    ) -> list[Evidence]:
        """The evidence of each interpretation, in their order; `language` is that of the answer."""
        texts = list(dict.fromkeys(calm(i.text) for i in interpretations))
        vectors = self._search.embed(texts)
        today = self._today().isoformat()

        def usable(document: SourceDocument) -> bool:
            return is_valid(document.valid_from, document.valid_until, today)

        found = {
            text: self._search.search_vector(text, vector, language, count=MOST_PASSAGES, usable=usable)
            for text, vector in zip(texts, vectors, strict=True)
        }
        evidence: list[Evidence] = []
        for interpretation in interpretations:
            hits = found[calm(interpretation.text)]
            named = self.named.in_text(interpretation.text)
            # of a completed question its own words tell what kind of answer is wanted
            own = interpretation.own if interpretation.reason is Reason.CARRIED else interpretation.text
            kind = answer_type(own, self._languages)
            candidates = [
                Candidate(
                    hit,
                    entry_features(hit, self._traits_of(hit), interpretation.text, kind, named),
                    self._traits_of(hit).about,
                )
                for hit in hits.asked
                if hit.entry is None or is_valid(None, hit.entry.valid_until, today)
            ]
            evidence.append(
                Evidence(
                    interpretation=interpretation,
                    language=language,
                    found=hits,
                    candidates=tuple(candidates),
                    passages=tuple(hits.passages),
                    named=named,
                    homonym=self.named.homonym(interpretation.text),
                    told=tuple(
                        passage_features(p, interpretation.text, kind, named, self.named, self._languages)
                        for p in hits.passages
                        if p.signals
                    ),
                    foreign=foreign,
                )
            )
        return evidence

    def _traits_of(self, hit: AskedHit) -> Traits:
        if hit.id not in self._traits:
            self._traits[hit.id] = Traits(hit, self.named, self._languages)
        return self._traits[hit.id]


def is_valid(valid_from: str | None, valid_until: str | None, today: str) -> bool:
    """Whether something holds on a day; dates may be years or months and count whole."""
    return (valid_from is None or valid_from <= today) and (
        valid_until is None or valid_until >= today[: len(valid_until)]
    )


def calm(question: str) -> str:
    """A question shouted in capitals is embedded in ordinary letters: the model tells them apart."""
    letters = [c for c in question if c.isalpha()]
    shouted = len(letters) > 8 and sum(c.isupper() for c in letters) > 0.8 * len(letters)
    return question.lower() if shouted else question


def phrasing_of(questions: Mapping[str, Sequence[str]], language: str) -> str:
    """The first phrasing in a language, else in any."""
    texts = questions.get(language) or next(iter(questions.values()), [""])
    return texts[0] if texts else ""
