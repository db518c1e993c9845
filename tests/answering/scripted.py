"""A search that finds what a test says: for tests of single rooms, without a model and without an index."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from index.units import claim_questions
from index.values import (
    AskedClaim,
    AskedHit,
    Claim,
    CuratedEntry,
    EntrySource,
    Figure,
    FigureValue,
    Found,
    Hotline,
    NamedScope,
    Passage,
    PassageHit,
    Programme,
    Sentence,
    SourceDocument,
)

PROGRAMME = Programme({"de": "Probe", "en": "Probe"}, Hotline("+49 30 1234567", "hilfe@example.org"), ("de", "en"))
DOCUMENT = SourceDocument("paper", "documents/paper.md", "", "Papier", "de", "Amt", None, "2025-03", "original", ())


def programme(**more: Any) -> Programme:
    """The programme of these tests with further fields."""
    fields = {name: getattr(PROGRAMME, name) for name in ("name", "hotline", "languages")}
    return Programme(**{**fields, **more})


def entry(
    identity: str,
    *phrasings: str,
    answer: str = "Ja. [1]",
    status: Any = "answered",
    short: str = "",
    claims: Sequence[Claim] = (),
    language: str = "de",
    must_state: Sequence[str] = (),
) -> CuratedEntry:
    """A curated entry in one language with one source that is an address."""
    source = EntrySource(None, None, "https://example.org", "Aushang")
    return CuratedEntry(
        identity,
        "",
        None,
        status,
        {language: phrasings},
        {language: answer},
        (source,),
        {language: "Mehr steht nirgends."} if status == "partial" else None,
        tuple({language: condition} for condition in must_state),
        short={language: short} if short else None,
        claims=tuple(claims),
    )


def claim(says: str, language: str = "de", **asked: Sequence[str]) -> Claim:
    """A claim in one language; `asked` are its questions by what they are answered with (`yes`, `no`, `unknown`)."""
    return Claim({language: says}, {holds: {language: tuple(texts)} for holds, texts in asked.items()})  # type: ignore[misc] - the keys are `Holds`


def figure(identity: str, *phrasings: str, **values: str) -> Figure:
    """A figure in German; `values` are by year as `y2019="87"`."""
    source = EntrySource(None, None, "https://example.org", "Bericht")
    rows = tuple(FigureValue({"de": v}, None, f"{y[1:]}-12-31", None, None, source) for y, v in values.items())
    return Figure(identity, "", {"de": "Zahl der Mitglieder"}, {"de": "Mitglieder"}, {"de": phrasings}, rows)


def hit(
    of: CuratedEntry | Figure,
    centre: float,
    *,
    coverage: float = 1.0,
    identical: bool = False,
    sentences: Mapping[str, float] | None = None,
    claims: Mapping[str, float] | None = None,
) -> AskedHit:
    """What was measured of an entry: all its similarities alike; `sentences` of its answer and questions of its
    `claims` are as near as they say, the others not at all."""
    signals = dict.fromkeys(("phrasing", "other", "centre", "answer", "sentence"), centre) | {"coverage": coverage}
    told = of if isinstance(of, CuratedEntry) else None
    matched = next((texts[0] for texts in of.questions.values() if texts), "")
    asked = (
        [
            AskedClaim(*one, (claims or {}).get(one[2], 0.0))
            for language in told.questions
            for one in claim_questions(told, language)
        ]
        if told
        else []
    )
    near = tuple(sorted(asked, key=lambda c: -c.similarity))
    return AskedHit(told, None if told else of, centre, signals, matched, identical, sentences or {}, near)  # type: ignore[arg-type] - one of the two is None


def passage(text: str, similarity: float, *sentences: float) -> PassageHit:
    """A passage of the one document, with the similarities of its sentences."""
    parts = [part.strip() + "." for part in text.split(".") if part.strip()]
    spans = tuple(Sentence(text.find(p[:-1]), text.find(p[:-1]) + len(p), p) for p in parts)
    told = Passage("paper#1", "paper", ("Abschnitt",), text, spans, "de")
    return PassageHit(told, DOCUMENT, similarity, similarity, sentences or (similarity,) * len(parts), 0.5)


class ScriptedSearch:
    """Finds for each question what `finds` says; counts calls of the embedding model and searches."""

    def __init__(
        self,
        finds: Callable[[str], Sequence[AskedHit]],
        passages: Callable[[str], Sequence[PassageHit]] = lambda _: (),
        *,
        outside: float | None = None,
        vocabulary: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self._finds, self._passages, self._outside = finds, passages, outside
        self.vocabulary: Mapping[str, frozenset[str]] = vocabulary or {}
        self.names_outside = outside is not None
        self.entries: Sequence[CuratedEntry] = ()
        self.embedded: list[Sequence[str]] = []
        self.searched: list[str] = []

    def embed(self, questions: Sequence[str]) -> Any:
        self.embedded.append(tuple(questions))
        return [None] * len(questions)

    def search_vector(self, question: str, vector: Any, language: str | None = None, **_: Any) -> Found:
        self.searched.append(question)
        hits = tuple(sorted(self._finds(question), key=lambda h: -h.score))
        stems = dict.fromkeys(self.terms(question, language or "de"), 1.0)
        near = hits[0].signals["centre"] if hits else 0.0
        return Found(
            question,
            language or "de",
            tuple(self._passages(question)),
            hits,
            (),
            0.6,
            0.6,
            stems,
            0.0,
            near,
            self._outside,
        )

    def version(self, document: str, language: str) -> SourceDocument | None:
        return DOCUMENT if document == "paper" else None

    def quoted_passage(self, document: str, quote: str) -> Passage | None:
        return None

    def rarity(self, term: str) -> float:
        """All words are alike."""
        return 1.0

    def terms(self, text: str, language: str) -> Sequence[str]:
        from index.lexical import terms

        return terms(text, language)

    def sentences(self, text: str, language: str) -> Sequence[str]:
        from index.passages import split_sentences

        return split_sentences(text, language)


__all__ = ["NamedScope", "ScriptedSearch", "claim", "entry", "figure", "hit", "passage", "programme"]
