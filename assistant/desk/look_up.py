"""Looks up while the caller is speaking: approved answers first, then passages, each with date and source."""

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.answering.answer import Draft
from assistant.answering.composing.curated import compose_curated
from assistant.answering.composing.figures import compose_figures
from assistant.answering.composing.joining import shown_text
from assistant.answering.interpreting import Interpretations
from assistant.answering.retrieving import phrasing_of
from assistant.answering.search import Search
from assistant.answering.values import (
    LONGEST_QUESTION,
    Candidate,
    Interpretation,
    Outcome,
    Reason,
    Verdict,
)
from assistant.desk.cited import origins, summarised
from assistant.desk.opened import OpenedIndex
from assistant.desk.reply_mail import own_question
from assistant.languages import detect
from index.values import CuratedEntry, Passage, PassageHit, Reference, SourceDocument

ANSWERS, PASSAGES = 5, 8
LEAST_SHARE = 0.0005
"""An answer whose share is so much less than the best one's is not shown."""
NEAREST_ANSWERS, NEAREST_PASSAGES = 2, 3
"""So many are shown where nothing fits."""
WORDS_FIT = 0.6
"""Share of the typed words, by weight, from which a result fits that answers no question: what is half typed, and
keywords."""
SNIPPET = 420
"""Characters of a passage that are shown at most; cut at the end of a sentence, in a longer one at the end of a
word."""


@dataclass(frozen=True, slots=True)
class Side:
    """An approved answer in one language."""

    language: str
    question: str
    text: str
    draft: Draft
    summarised: frozenset[int]
    """Markers of the sources that name the origin of what a summary tells."""


@dataclass(frozen=True, slots=True)
class FoundAnswer:
    """An approved answer or a dated figure, side by side in all its languages."""

    id: str
    kind: str
    topic: str | None
    review_by: str | None
    as_of: str | None
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class FoundPassage:
    """A passage with the lines about the best sentence; `parts` are pieces of text and whether to highlight them.

    `as_of` is the date of what the best sentence is taken from; `origins` are those of all that is shown, that of
    the best sentence first, none for an original.
    """

    document: SourceDocument
    passage: Passage
    as_of: str | None
    parts: tuple[tuple[str, bool], ...]
    origins: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class LookedUp:
    """What was found for a query; where nothing `fits`, a little of what is nearest.

    `language` is that of the caller; `asked` is the query as a question to quote, in the language `spoken`, empty
    for keywords.
    """

    query: str
    language: str
    answers: tuple[FoundAnswer, ...] = ()
    passages: tuple[FoundPassage, ...] = ()
    fits: bool = True
    asked: str = ""
    spoken: str = ""


class LookUp:
    """Looks up in one opened index."""

    def __init__(self, opened: OpenedIndex) -> None:
        self._search: Search = opened.assistant.search
        self._retriever, self._decider = opened.assistant.retriever, opened.assistant.decider
        self._languages = opened.assistant.languages
        self._composed: dict[tuple[str, str, str], Side] = {}
        self._composed_on = ""

    def warm(self, entries: Sequence[CuratedEntry]) -> Iterator[Side]:
        """Composes the answers of entries ahead of the first query."""
        today = datetime.date.today().isoformat()
        for entry in entries:
            for language in entry.answer:
                yield self._entry_side(entry, language, today)

    def find(self, query: str, language: str | None = None) -> LookedUp:
        """Answers and passages for a query, those in the caller's language first; `language` is that of the caller,
        by default the query's own."""
        text = " ".join(query.split())[:LONGEST_QUESTION]
        spoken = detect(text, self._languages, vocabulary=self._search.vocabulary).answer
        tongue = language or spoken
        if not any(c.isalnum() for c in text):
            return LookedUp(text, tongue)
        read = Interpretations((Interpretation(text, Reason.AS_ASKED, text),))
        verdict = self._decider.decide(read, self._retriever.retrieve(read.whole, tongue), ())[0]
        evidence = verdict.evidence
        candidates = [c for c in evidence.candidates if not c.hit.about_itself]
        best = candidates[0].share if candidates else 0.0
        today = datetime.date.today().isoformat()
        answers = [self._answer(c, text, today) for c in candidates[:ANSWERS] if c.share >= LEAST_SHARE * best]
        # of the other language's words "die" would be one that carries meaning
        words = self._search.terms(text, tongue) or [
            w for lang in self._languages for w in self._search.terms(text, lang)
        ]
        passages = [self._passage(hit, words) for hit in evidence.passages[:PASSAGES]]
        passages.sort(key=lambda found: found.passage.language != tongue)
        fits = self._fits(verdict)
        if not fits:
            answers, passages = answers[:NEAREST_ANSWERS], passages[:NEAREST_PASSAGES]
        return LookedUp(
            text, tongue, tuple(answers), tuple(passages), fits, own_question(text, self._languages), spoken
        )

    @staticmethod
    def _fits(verdict: Verdict) -> bool:
        """Whether the assistant would answer this, or the words are those of a result."""
        if verdict.outcome.answers or verdict.outcome is Outcome.CLARIFY:
            return True
        evidence = verdict.evidence
        best = [*(c.features["coverage"] for c in evidence.candidates[:1]), *(h.terms for h in evidence.passages[:1])]
        return max(best, default=0.0) >= WORDS_FIT

    def _answer(self, candidate: Candidate, query: str, today: str) -> FoundAnswer:
        entry, figure = candidate.hit.entry, candidate.hit.figure
        sides: list[Side] = []
        answered = entry.answer if entry else figure.questions if figure else ()
        for language in dict.fromkeys((*self._languages, *answered)):
            if entry is not None and language in entry.answer:
                sides.append(self._entry_side(entry, language, today))
            elif figure is not None and language in figure.questions:
                draft = compose_figures(self._search, figure, query, language)
                sides.append(
                    Side(
                        language,
                        phrasing_of(figure.questions, language),
                        _whole_text(draft, language),
                        draft,
                        summarised(self._search, draft.sources),
                    )
                )
        if entry is not None:
            return FoundAnswer(entry.id, "entry", entry.topic, entry.review_by, entry.as_of, tuple(sides))
        return FoundAnswer(candidate.id, "figure", None, None, sides[0].draft.as_of if sides else None, tuple(sides))

    def _entry_side(self, entry: CuratedEntry, language: str, today: str) -> Side:
        """Composed once a day and language: the text of an entry depends on nothing else."""
        key = (entry.id, language, today)
        if today != self._composed_on:
            self._composed, self._composed_on = {}, today
        side = self._composed.get(key)
        if side is None:
            draft = compose_curated(self._search, entry, language, today)
            side = self._composed[key] = Side(
                language,
                phrasing_of(entry.questions, language),
                _whole_text(draft, language),
                draft,
                summarised(self._search, draft.sources),
            )
        return side

    def _passage(self, hit: PassageHit, words: Sequence[str]) -> FoundPassage:
        passage, document = hit.passage, hit.document
        if not passage.sentences:
            return FoundPassage(
                document, passage, document.as_of, highlighted_parts(shortened(passage.text, SNIPPET), words)
            )
        first, last = shown_sentences(passage, hit.best_sentence)
        text = highlighted_parts(snippet(passage, first, last), words)
        best = passage.sentences[hit.best_sentence]
        taken, of_best = origins(document, (best, *passage.sentences[first : last + 1])), origins(document, (best,))
        return FoundPassage(document, passage, of_best[0].as_of if of_best else document.as_of, text, taken)


def _whole_text(draft: Draft, language: str) -> str:
    """All that a draft says, folded away or not."""
    return shown_text(replace(draft, text=draft.whole), language)


def shown_sentences(passage: Passage, best: int) -> tuple[int, int]:
    """The first and the last of the sentences about the best one that are shown together."""
    text, sentences = passage.text, passage.sentences
    first = last = best
    while True:
        wider = [(first - 1, last)] if first > 0 else []
        wider = [*wider, *([(first, last + 1)] if last + 1 < len(sentences) else [])]
        fitting = [(a, b) for a, b in wider if sentences[b].end - sentences[a].start <= SNIPPET]
        if not fitting:
            return first, last
        # what completes a line comes before what begins another
        first, last = min(fitting, key=lambda span: text[sentences[span[0]].start : sentences[span[1]].end].count("\n"))


def snippet(passage: Passage, first: int, last: int) -> str:
    """The text from one sentence to another; an ellipsis stands where a line goes on."""
    text, begin, end = passage.text, passage.sentences[first].start, passage.sentences[last].end
    line_begin, line_end = text.rfind("\n", 0, begin) + 1, (text.find("\n", end) + 1 or len(text) + 1) - 1
    whole = shortened(text[begin:end], SNIPPET)
    before = text[line_begin:begin]
    lead = before if before in ("", "- ") else "… "
    return lead + whole + (" …" if text[end:line_end].strip() and not whole.endswith("…") else "")


def shortened(text: str, most: int) -> str:
    """A text of at most so many characters, cut after a word."""
    if len(text) <= most:
        return text
    return text[: most + 1].rsplit(None, 1)[0].rstrip(" ,;:–-") + " …"


def highlighted_parts(text: str, stems: Sequence[str]) -> tuple[tuple[str, bool], ...]:
    """The text in pieces; words that begin like a stem are to be highlighted."""
    beginnings = tuple({s.lower()[: max(4, len(s) - 1)] for s in stems if len(s) > 2})
    parts: list[tuple[str, bool]] = []
    for piece in re.split(r"(\w+)", text):
        marked = bool(beginnings) and piece.lower().startswith(beginnings)
        if parts and parts[-1][1] == marked:
            parts[-1] = (parts[-1][0] + piece, marked)
        else:
            parts.append((piece, marked))
    return tuple(p for p in parts if p[0])


def counterparts(opened: OpenedIndex, passage: Passage) -> list[Passage]:
    """The passages at the same place in the versions of its document in the programme's other languages."""
    found: list[Passage] = []
    number = int(passage.id.rpartition("#")[2]) - 1
    for other in opened.assistant.programme.languages:
        version = opened.assistant.search.version(passage.document, other) if other != passage.language else None
        if version is not None and version.language == other:
            found += opened.library.document_passages(version.id)[number : number + 1]
    return found
