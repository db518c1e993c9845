"""Corpora as editors have them, made of fuller ones: with few phrasings or none, with a part of the entries, with
other questions outside."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.naming import NamedThings
from assistant.answering.scoring.features import YEAR, Traits, entry_features
from assistant.answering.values import Candidate, Evidence, Interpretation, Reason
from assistant.evaluation.benchmarks import rows
from assistant.evaluation.question_sets import Expected, load_questions
from assistant.languages import answer_type
from index.asked_search import AskedSearch
from index.embedder import Embedder, Vectors
from index.lexical import terms
from index.question_space import StoredSpace
from index.ranking import Weights
from index.units import Unit, asked_units
from index.values import CuratedEntry, Figure, Found, Hotline, Programme

CANDIDATES = 40
NOT_ASKING = frozenset({"hostile", "personal-data", "smalltalk", "person", "unreadable", "other-language", "handover"})
"""Tags of rows that are answered without a search."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the ids of the entries that answer it; none where nothing does."""

    text: str
    language: str
    right: frozenset[str]
    kind: str = "asked"
    """`asked` of the subject, `outside` of it."""


@dataclass(frozen=True, slots=True)
class Source:
    """A set to fit on: entries with all their phrasings, questions, and questions outside."""

    name: str
    programme: Programme
    entries: tuple[CuratedEntry | Figure, ...]
    asked: tuple[Asked, ...]
    outside: tuple[tuple[str, str], ...] = ()
    """Questions (text, language) that a corpus may name as outside."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One question in one simulated corpus: candidates' features best first, which are right, and what the
    question's features rest on."""

    evidence: Evidence
    terms: tuple[str, ...]
    right: tuple[bool, ...]
    kind: str
    cosine_right: bool
    """Whether plain cosine with the nearest phrasing (or answer, where there is none) would have been right."""

    @property
    def answerable(self) -> bool:
        """Whether any entry is right."""
        return any(self.right)


@dataclass(frozen=True, slots=True)
class VectorStore:
    """Vectors of texts, each embedded once and kept in a file."""

    embedder: Embedder
    path: Path
    _known: dict[str, Vectors] = field(default_factory=dict[str, Vectors])

    def of(self, units: Sequence[Unit]) -> Vectors:
        """The vectors of units (n, dimension)."""
        if not self._known and self.path.is_file():
            with np.load(self.path) as stored:
                self._known.update(zip(stored["keys"].tolist(), stored["vectors"].astype(np.float32), strict=True))
        wanted = {unit.digest(self.embedder.model_id).hex(): unit for unit in units}
        fresh = {key: unit for key, unit in wanted.items() if key not in self._known}
        for manner, embed in (("question", self.embedder.embed_questions), ("passage", self.embedder.embed_passages)):
            part = {key: unit.text for key, unit in fresh.items() if unit.manner == manner}
            if part:
                self._known.update(zip(part, embed(list(part.values())), strict=True))
        if not units:
            return np.zeros((0, self.embedder.dimension), np.float32)
        return np.stack([self._known[unit.digest(self.embedder.model_id).hex()] for unit in units])

    def save(self) -> None:
        """Writes them for the next time."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(self.path, keys=np.asarray(list(self._known)), vectors=np.stack(list(self._known.values())))


def own_source(corpus: Any, questions: Path) -> Source:
    """A read corpus with its own questions (`own.jsonl`) and what it names as outside; its sets kept apart are not
    touched."""
    answering = (*corpus.entries, *corpus.figures)
    single = [r for r in load_questions(questions / "own.jsonl") if r.single and not r.tags & NOT_ASKING]
    read = [(r, right_entries(r, answering)) for r in single]
    asked = [Asked(r.turns[0], r.language, ids) for r, ids in read if not r.answerable or (r.must and ids)]
    further = [
        Asked(r.turns[0], r.language, frozenset(), "outside") for r in load_questions(questions / "outside.jsonl")
    ]
    outside = tuple((text, language) for language, texts in corpus.outside.items() for text in texts)
    return Source("own", corpus.programme, (*corpus.entries, *corpus.figures), (*asked, *further), outside)


def right_entries(row: Expected, entries: Sequence[CuratedEntry | Figure]) -> frozenset[str]:
    """Ids of the entries and figures that would answer a row rightly: of an allowed status, with all that must be
    said and nothing that must not.

    A figure answers questions that name a year, with the values of that year or that there are none.
    """
    years = YEAR.findall(" ".join(row.turns))

    def fits(entry: CuratedEntry | Figure) -> bool:
        if isinstance(entry, Figure):
            values = [v for v in entry.values if (v.as_of or "")[:4] in years]
            text = " ".join(" ".join((v.value.get(row.language, ""), v.as_of or "")) for v in values)
            return bool(values) and bool(row.must) and _says(row, text)
        text = " ".join((entry.answer.get(row.language, ""), (entry.missing or {}).get(row.language, "")))
        told = entry.status in row.statuses or (entry.status == "unknown" and "partial" in row.statuses)
        return told and _says(row, text)

    return frozenset(entry.id for entry in entries if fits(entry)) if row.answerable else frozenset()


def _says(row: Expected, text: str) -> bool:
    """Whether a text has all that must be said and nothing that must not."""
    said = all(re.search(p, text, re.IGNORECASE) for p in row.must)
    return said and not any(re.search(p, text, re.IGNORECASE) for p in row.never)


def benchmark_sources(folder: Path) -> list[Source]:
    """The federal FAQ (its questions across the languages), CLINC's intents, and XQuAD's paragraphs as entries
    without phrasings."""
    faq, intents, queries = (
        rows(folder, f"{n}.jsonl") for n in ("federal_faq_parallel", "clinc_fewshot", "xquad_queries")
    )
    paragraphs = rows(folder, "xquad_passages.jsonl")
    programme = Programme({"en": "Benchmark"}, Hotline("", ""), ("de", "en"))
    pair = ("de", "en")
    found = [
        Source(
            "faq",
            programme,
            tuple(_entry(f["anchor"], {c: (f[f"q_{c}"],) for c in pair}, {c: f[f"a_{c}"] for c in pair}) for f in faq),
            tuple(Asked(f[f"q_{c}"], c, frozenset((f["anchor"],))) for f in faq for c in pair),
        )
    ]
    phrasings: dict[str, list[str]] = {}
    for row in intents:
        if row["split"] == "phrasing":
            phrasings.setdefault(row["intent"], []).append(row["text"])
    found.append(
        Source(
            "clinc",
            programme,
            tuple(_entry(name, {"en": tuple(texts)}, {"en": ""}) for name, texts in phrasings.items()),
            tuple(
                Asked(
                    r["text"],
                    "en",
                    frozenset((r["intent"],) if r["intent"] else ()),
                    "asked" if r["intent"] else "outside",
                )
                for r in intents
                if r["split"] != "phrasing"
            ),
        )
    )
    found.append(
        Source(
            "xquad",
            programme,
            tuple(_entry(p["pid"], {}, {c: p[f"text_{c}"] for c in pair}) for p in paragraphs),
            tuple(Asked(q[f"q_{c}"], c, frozenset((q["pid"],))) for q in queries for c in pair),
        )
    )
    return found


def _entry(identity: str, questions: Mapping[str, tuple[str, ...]], answer: Mapping[str, str]) -> CuratedEntry:
    return CuratedEntry(identity, "", None, "answered", questions, answer, ())


@dataclass(frozen=True, slots=True)
class Effort:
    """How much of a source a simulated corpus has: phrasings an entry and language, share of the entries, languages
    of its texts."""

    phrasings: int
    entries: float = 1.0
    languages: tuple[str, ...] = ("de", "en")
    outside: bool = True
    unphrased: float = 0.0
    """Share of the entries that have no phrasing at all, as passages of documents have none."""


def simulate(
    source: Source, effort: Effort, store: VectorStore, stored: StoredSpace, chance: random.Random, most: int
) -> list[Sample]:
    """Samples of at most `most` questions: phrasings left out, the source's own, and questions outside that the
    corpus does not name."""
    kept, dropped = _reduced(source, effort, chance)
    known, others = _halves(source.outside, chance) if effort.outside else ((), source.outside)
    names = {code: tuple(text for text, language in known if language == code) for code in source.programme.languages}
    entries = [e for e in kept if isinstance(e, CuratedEntry)]
    figures = [e for e in kept if isinstance(e, Figure)]
    units = asked_units(entries, figures, {code: texts for code, texts in names.items() if texts})
    units = [u for u in units if u.role == "phrasing" or u.role == "outside" or u.unit.text.strip()]
    vectors = store.of([u.unit for u in units])
    search = AskedSearch(
        kept, [(u.owner, u.role, u.language) for u in units], vectors, stored, source.programme.languages
    )
    left = frozenset(e.id for e in kept)
    phrased = {p for e in kept for texts in e.questions.values() for p in texts}
    asked = [replace(a, right=a.right & left) for a in source.asked if a.text not in phrased]
    asked = chance.sample(asked, min(len(asked), most // 2)) + chance.sample(dropped, min(len(dropped), most // 3))
    asked += [Asked(t, c, frozenset(), "outside") for t, c in chance.sample(others, min(len(others), most // 6))]
    shuffled = chance.sample(source.asked, min(len(source.asked), most // 25))
    asked += [Asked(gibberish(a.text, chance), a.language, frozenset()) for a in shuffled]
    return samples_of(source, search, kept, asked, store.of([Unit(a.text, "question") for a in asked]))


def gibberish(text: str, chance: random.Random) -> str:
    """A text with the letters of each word in another order: what is typed at random is nobody's business."""
    return re.sub(r"\w+", lambda word: "".join(chance.sample(word.group().lower(), len(word.group()))), text)


def _reduced(source: Source, effort: Effort, chance: random.Random) -> tuple[list[CuratedEntry | Figure], list[Asked]]:
    count = max(2, round(len(source.entries) * effort.entries))
    chosen = source.entries if effort.entries >= 1 else chance.sample(source.entries, count)
    kept: list[CuratedEntry | Figure] = []
    dropped: list[Asked] = []
    for entry in chosen:
        questions: dict[str, tuple[str, ...]] = {}
        bare = chance.random() < effort.unphrased
        for language, phrasings in entry.questions.items():
            few = effort.phrasings if language in effort.languages and not bare else 0
            taken = chance.sample(phrasings, min(few, len(phrasings)))
            questions[language] = tuple(taken)
            dropped += [Asked(p, language, frozenset((entry.id,))) for p in phrasings if p not in taken]
        few = {"questions": questions}
        kept.append(replace(entry, **few, claims=()) if isinstance(entry, CuratedEntry) else replace(entry, **few))
    # units stand in the order of entries, then figures
    kept.sort(key=lambda value: isinstance(value, Figure))
    return kept, dropped if source.name == "own" else []


def _halves(
    listed: Sequence[tuple[str, str]], chance: random.Random
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    mixed = chance.sample(list(listed), len(listed))
    return mixed[: len(mixed) // 2], mixed[len(mixed) // 2 :]


def samples_of(
    source: Source, search: AskedSearch, kept: Sequence[CuratedEntry | Figure], asked: Sequence[Asked], vectors: Vectors
) -> list[Sample]:
    """What a search finds for questions whose `vectors` (n, dimension) are known; `kept` are its entries and
    figures."""
    named = NamedThings(source.programme)
    traits: dict[str, Traits] = {}
    languages = tuple(source.programme.languages)
    samples: list[Sample] = []
    for question, vector in zip(asked, vectors, strict=True):
        hits = search.best(question.text, vector, question.language, Weights(), CANDIDATES)
        names = named.in_text(question.text)
        kind = answer_type(question.text, languages)
        candidates: list[Candidate] = []
        for hit in hits:
            if hit.id not in traits:
                traits[hit.id] = Traits(hit, named, languages)
            candidates.append(Candidate(hit, entry_features(hit, traits[hit.id], question.text, kind, names)))
        stems = tuple(dict.fromkeys(terms(question.text, question.language)))
        coverage = search.coverage[question.language]
        rarity = {stem: coverage.rarity(stem) for stem in stems}
        unknown = sum(w for stem, w in rarity.items() if stem not in coverage) / (sum(rarity.values()) or 1.0)
        near = search.nearness(vector)
        found = Found(
            question.text, question.language, (), tuple(hits), (), 0.0, 0.0, rarity, unknown, near.inside, near.outside
        )
        evidence = Evidence(
            Interpretation(question.text, Reason.AS_ASKED), question.language, found, tuple(candidates), ()
        )
        plain = search.plain_cosine(vector)
        right = tuple(c.id in question.right for c in candidates)
        samples.append(Sample(evidence, stems, right, question.kind, kept[int(plain.argmax())].id in question.right))
    return samples
