"""A text becomes single questions, each understood, decided, composed and checked."""

import datetime
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answering.answer import Draft
from assistant.answering.checking import Check, check_draft
from assistant.answering.composing.curated import compose_curated
from assistant.answering.composing.figures import compose_figures
from assistant.answering.composing.quoting import compose_quoted
from assistant.answering.conversation import Turn
from assistant.answering.deciding import Decider, Decision, Outcome
from assistant.answering.rephrasing import QuestionRephraser, Rephrasing, bare, conditional, names_year, respelt
from assistant.answering.retrieval import (
    AskedCandidate,
    Candidates,
    Retriever,
    holds_what_is_asked,
    in_view_of,
    name_pattern,
    phrasing_of,
)
from assistant.answering.search import Search
from assistant.answering.splitting import asks, sentences_of, split_question
from index.values import Programme

LOG = logging.getLogger(__name__)
SURE = 0.97
"""A question that is nearly the phrasing of an entry is not taken apart."""
SURE_ALONE = 0.95
"""A short question that is nearly a phrasing by itself ("Und die Telefonnummer?") needs no turn before it."""
SURELY_ANSWERED = 0.8
"""A question with mended spelling, or one sentence of a text, is taken only where it is answered with this probability."""
BESIDE = 0.02
"""Entries whose scores differ by no more are given together: which of them is meant the scores do not tell. `make evaluate` prints what it contributes."""
ALSO_NAMED = 0.1
"""A second entry about another name of the question may score so much less."""
NEARLY_ASKED = 0.95
"""A question this similar to a phrasing of its entry is answered by that entry alone."""
MOST_WORDS = 170
"""Two entries are given together only within so many words."""
ELSEWHERE = 0.01
"""A follow-up that is nearer by so much to questions outside is not completed from the turns before."""
MOST_SENTENCES = 3
"""Where a text of few sentences is not answered, a single one of them may be."""
MOST_BROKEN = 3
"""After so many drafts that break a check the question is declined."""
_DECLINES = (Outcome.NO_EVIDENCE, Outcome.OUT_OF_SCOPE)
_SAYS_YES_OR_NO = re.compile(r"\W*(?:ja|nein|yes|no)\b", re.IGNORECASE)
"""An answer that begins so answers its own question, and is not given beside another."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One single question as it was understood, with everything that was concluded from it."""

    rephrasing: Rephrasing
    candidates: Candidates
    decision: Decision
    draft: Draft | None
    checks: tuple[Check, ...]
    beside: Draft | None = None
    """The draft of a second entry, where that may be meant just as well, or is about another name of the question."""


class QuestionReader:
    """Reads questions about one programme from one search; `today` decides what holds."""

    def __init__(
        self, search: Search, programme: Programme, decider: Decider, today: Callable[[], datetime.date]
    ) -> None:
        self._search, self._decider, self._today = search, decider, today
        self.gives_two = True
        """Whether two entries with nearly the same score are given together."""
        self._rephraser = QuestionRephraser(
            [pattern for names in programme.contrasts if (pattern := name_pattern(names))]
        )
        self._retriever = Retriever(search, programme, today)

    def read(self, text: str, language: str, turns: Sequence[Turn], *, foreign: bool = False) -> list[Reading]:
        """The reading of each single question in a text; that of an only one with what may be meant just as well."""
        readings = self._single(text, language, turns, foreign=foreign)
        return [replace(readings[0], beside=self._beside(readings[0], language))] if len(readings) == 1 else readings

    def _single(self, text: str, language: str, turns: Sequence[Turn], *, foreign: bool) -> list[Reading]:
        whole = self.understand(text, language, turns, foreign=foreign)
        parts = split_question(text)
        chosen = whole.decision.chosen
        if len(parts) < 2 or (chosen is not None and chosen.hit.phrasing >= SURE and text.count("?") < 2):
            declined = whole.decision.outcome in _DECLINES and whole.candidates.homonym is None
            return [(declined and self._of_one_sentence(text, language, foreign=foreign)) or whole]
        readings: list[Reading] = []
        before = list(turns)
        for part in parts:
            reading = self.understand(part, language, before, foreign=foreign)
            readings.append(reading)
            topic = topic_of(reading, language)
            entry = reading.draft.entry if reading.draft else None
            before.append(
                Turn(
                    part,
                    reading.rephrasing.text,
                    language,
                    "answered" if reading.draft else "declined_no_evidence",
                    topic,
                    entry,
                )
            )
        answered = [r for r in readings if r.draft is not None]
        if whole.draft is None and len(answered) < len(readings) and nearer_outside(whole.candidates):
            return [whole]
        distinct = {r.draft.text for r in answered if r.draft}
        if not answered or (len(distinct) < 2 and len(answered) == len(readings)):
            return [whole] if whole.draft is not None else readings[:1]
        if (
            len(distinct) == 1
            and whole.draft is not None
            and all(r.decision.outcome is Outcome.OUT_OF_SCOPE for r in readings if r.draft is None)
        ):
            return [whole]
        seen: set[str] = set()
        return [r for r in readings if r.draft is None or not (r.draft.text in seen or seen.add(r.draft.text))]

    def _of_one_sentence(self, text: str, language: str, *, foreign: bool) -> Reading | None:
        """The reading of the one sentence of an unanswered text that is surely answered: "Telefonnummer! Ich suche schon zehn Minuten."."""
        sentences = sentences_of(text)
        if not 1 < len(sentences) <= MOST_SENTENCES:
            return None
        found = [
            r
            for s in sentences
            if (r := self.understand(s, language, (), foreign=foreign)).draft is not None
            and r.decision.probability >= SURELY_ANSWERED
        ]
        return max(found, key=lambda r: r.decision.probability, default=None)

    def understand(self, text: str, language: str, turns: Sequence[Turn], *, foreign: bool = False) -> Reading:
        """Of all ways to read a question the one with the best evidence."""
        referred = self._rephraser.referred(text, turns)
        ways = self._rephraser.rephrase(referred, self._search.terms(referred.text, language))
        tried = [(way, self._retriever.retrieve(way.text, language)) for way in ways]
        if len(tried) > 1:
            tried = self._weighed(tried, referred.turns, language)
        way, candidates, decision = self._best(tried, foreign=foreign)
        if (
            decision.outcome in _DECLINES
            and candidates.homonym is None
            and (spelt := respelt(way.text, self._search.vocabulary))
        ):
            other = self._retriever.retrieve(spelt, language)
            again = self._decided(other)
            if again.outcome is Outcome.ANSWER and again.probability >= SURELY_ANSWERED:
                way, candidates, decision = replace(way, text=spelt), other, again
        return self._composed(Reading(way, candidates, decision, None, ()), language)

    def _best(
        self, tried: Sequence[tuple[Rephrasing, Candidates]], *, foreign: bool
    ) -> tuple[Rephrasing, Candidates, Decision]:
        """The way with the best evidence, decided. One completed from the turns before gives way to the question alone where they do not help, or where that is about something else."""
        way, candidates = max(tried, key=lambda t: (t[1].asked[0].score if t[1].asked else 0.0) - t[0].handicap)
        decision = self._decided(candidates, clarify=not way.completed, foreign=foreign)
        alone = next((t for t in tried if not t[0].completed), None)
        if not way.completed or alone is None:
            return way, candidates, decision
        if decision.outcome in _DECLINES:
            return (*alone, self._decided(alone[1], clarify=False, foreign=foreign))
        if is_elsewhere(*alone):
            own = self._decided(alone[1], clarify=False, foreign=foreign)
            if own.outcome in _DECLINES:
                return (
                    *alone,
                    replace(
                        own, outcome=Outcome.OUT_OF_SCOPE, reasons=("nearer to questions outside of the programme",)
                    ),
                )
        return way, candidates, decision

    def _weighed(
        self, tried: Sequence[tuple[Rephrasing, Candidates]], turns: Sequence[Turn], language: str
    ) -> list[tuple[Rephrasing, Candidates]]:
        """Readings of a follow-up with the scores of their candidates seen together; those that need no turn before alone, where that is sure."""
        alone_way, alone = next(((w, c) for w, c in tried if not w.completed))
        understood = any(way.replaced and way.handicap < 0 for way, _ in tried)
        if alone.asked and alone.asked[0].hit.phrasing >= SURE_ALONE and not alone_way.pointing and not understood:
            return [(way, c) for way, c in tried if not way.completed]
        given = (
            frozenset(t.entry for t in turns[-2:] if t.entry)
            if not (conditional(alone_way.text) or bare(alone_way.text))
            else frozenset[str]()
        )
        last = turns[-1].entry if turns else None
        still = None
        if bare(alone_way.text) or alone_way.pointing:
            meant = next((c.hit.entry for _, candidates in tried for c in candidates.asked if c.id == last), None)
            still = (
                last if holds_what_is_asked(meant, alone_way.text, language, sure=not bare(alone_way.text)) else None
            )
        alone = None if bare(alone_way.text) else alone
        return [
            (way, c if not way.completed else in_view_of(c, None if way.replaced else alone, given, still))
            for way, c in tried
        ]

    def _composed(self, reading: Reading, language: str) -> Reading:
        """With the draft that the decision allows. An entry whose draft breaks a check is left out, and decided again without it."""
        for _ in range(MOST_BROKEN):
            draft = self._draft(reading, language)
            checks = check_draft(draft, self._search) if draft else []
            reading = replace(reading, checks=(*reading.checks, *checks))
            broken = next((c for c in checks if not c.holds), None)
            if draft is None or broken is None:
                return replace(reading, draft=draft)
            LOG.warning("draft %s broken: %s", draft.entry or draft.mode, broken.name)
            left = replace(reading.candidates, asked=tuple(c for c in reading.candidates.asked if c.id != draft.entry))
            if draft.entry is None:
                left = replace(left, passages=())
            reading = replace(reading, candidates=left, decision=self._decided(left, clarify=False))
        return reading

    def _decided(self, candidates: Candidates, *, clarify: bool = True, foreign: bool = False) -> Decision:
        return self._decider.decide(
            candidates, self._search.terms(candidates.question, candidates.language), clarify=clarify, foreign=foreign
        )

    def _beside(self, reading: Reading, language: str) -> Draft | None:
        """The checked draft of a second entry, where that may be meant just as well or is meant too."""
        chosen, draft = reading.decision.chosen, reading.draft
        if not self.gives_two or draft is None or chosen is None:
            return None
        second = _second(chosen, reading.candidates)
        if second is None:
            return None
        other = self._draft(replace(reading, decision=replace(reading.decision, chosen=second)), language)
        if (
            other is None
            or (other.missing and draft.missing)
            or other.text == draft.text
            or len(f"{draft.text} {other.text}".split()) > MOST_WORDS
        ):
            return None
        if not all(check.holds for check in check_draft(other, self._search)):
            return None
        return other

    def _draft(self, reading: Reading, language: str) -> Draft | None:
        decision = reading.decision
        if decision.outcome is Outcome.ANSWER and decision.chosen:
            hit = decision.chosen.hit
            if hit.entry is not None:
                return compose_curated(self._search, hit.entry, language, self._today().isoformat())
            if hit.figure is not None:
                return compose_figures(self._search, hit.figure, reading.rephrasing.text, language)
        return compose_quoted(decision.passages, language) if decision.outcome is Outcome.QUOTE else None


def _second(chosen: AskedCandidate, candidates: Candidates) -> AskedCandidate | None:
    """The candidate about a name that the question sets beside the chosen one's ("Silber oder Gold?"), else the next, where its score is nearly the same and neither is sure."""
    rest = [c for c in candidates.asked if c.id != chosen.id]
    lacking = candidates.named - chosen.about if candidates.named & chosen.about else frozenset[str]()
    if lacking and (
        other := next((c for c in rest if lacking & c.about and chosen.score - c.score <= ALSO_NAMED), None)
    ):
        return other
    rest = [
        c for c in rest if not _SAYS_YES_OR_NO.match(next(iter(c.hit.entry.answer.values()), "") if c.hit.entry else "")
    ]
    alike = (
        bool(rest)
        and rest[0].hit.entry is not None
        and chosen.score - rest[0].score <= BESIDE
        and chosen.hit.phrasing < NEARLY_ASKED
    )
    return rest[0] if alike else None


def is_elsewhere(way: Rephrasing, candidates: Candidates) -> bool:
    """Whether a follow-up by itself is nearer to questions outside of the programme than to the phrasings found: "And who will win the election?"."""
    return not way.pointing and not bare(way.text) and asks(way.text) and nearer_outside(candidates, ELSEWHERE)


def nearer_outside(candidates: Candidates, margin: float = 0.0) -> bool:
    """Whether a question is nearer to questions outside of the programme than to the phrasings found; never where nothing is curated."""
    if not candidates.asked or candidates.found.outside is None:
        return False
    return candidates.found.outside > max(c.hit.phrasing for c in candidates.asked) + margin


def topic_of(reading: Reading, language: str) -> str | None:
    """What the follow-ups of a question are about: the first phrasing of the entry or figure that answers it, or the question itself where that phrasing names a year."""
    chosen = reading.decision.chosen
    asked = (chosen.hit.entry or chosen.hit.figure) if chosen else None
    if asked is None:
        return None
    phrasing = phrasing_of(asked, language)
    return reading.rephrasing.text if names_year(phrasing) else phrasing
