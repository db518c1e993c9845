"""The steps from a question to a checked answer, in order, on one screen."""

import datetime
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answering import language as tongues
from assistant.answering.answer import Answer, AnswerMode, AnswerStatus, Declined, Draft, Handover
from assistant.answering.checking import Check, check_draft
from assistant.answering.composing.curated import compose_curated
from assistant.answering.composing.figures import compose_figures
from assistant.answering.composing.joining import join_drafts, shown_text, split_question
from assistant.answering.composing.quoting import compose_quoted
from assistant.answering.conversation import TURNS_REMEMBERED, Question, Turn
from assistant.answering.deciding import Decider, Decision, Outcome
from assistant.answering.evidence import PassageSearch, Programme
from assistant.answering.language import Tongue
from assistant.answering.rephrasing import QuestionRephraser, Rephrasing, bare, respelt
from assistant.answering.replies import reply
from assistant.answering.retrieval import Candidates, Retriever, holds_what_is_asked, in_view_of, name_pattern, phrasing_of
from assistant.answering.screening import Screen

LOG = logging.getLogger(__name__)
SURE = 0.97
"""A question that is nearly the phrasing of an entry is not taken apart."""
SURE_ALONE = 0.95
"""A short question that is nearly a phrasing by itself ("Und die Telefonnummer?") needs no turn before it."""
RESPELT_SURE = 0.8
"""A question with mended spelling is taken only where it is answered with this probability."""
MOST_BROKEN = 3
"""After so many drafts that break a check the question is declined."""
Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """One single question as it was understood, with everything that was concluded from it."""

    rephrasing: Rephrasing
    candidates: Candidates
    decision: Decision
    draft: Draft | None
    checks: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Consideration:
    """The answer and how it came about; `turn` is what a conversation remembers."""

    answer: Answer
    turn: Turn
    readings: tuple[Reading, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """Probability (0..1) that the index answers a question, and the status that the threshold makes of it."""

    probability: float
    status: str


_STATUS = {Outcome.CLARIFY: AnswerStatus.CLARIFY, Outcome.OUT_OF_SCOPE: AnswerStatus.OUT_OF_SCOPE}


class Assistant:
    """Answers questions about one programme from one search."""

    def __init__(
        self,
        search: PassageSearch,
        programme: Programme,
        model_id: str,
        *,
        decider: Decider | None = None,
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        self.search, self.programme = search, programme
        self._screen = Screen(programme)
        self._rephraser = QuestionRephraser([pattern for names in programme.contrasts if (pattern := name_pattern(names))])
        self._retriever, self._decider, self._today = Retriever(search, programme, today), decider or Decider(model_id), today

    def answer(self, question: Question, announce: Announce | None = None) -> Answer:
        """One checked answer. Never raises: every failure is a status."""
        return self.consider(question, announce).answer

    def consider(self, question: Question, announce: Announce | None = None) -> Consideration:
        """The answer with all that led to it; `announce` hears the name of each step."""
        announce = announce or (lambda _: None)
        started = time.perf_counter()
        previous = question.turns[-1] if question.turns else None
        tongue = Tongue(question.language or (previous.language if previous else "de"))
        readings: list[Reading] = []
        topic, text = None, question.text
        try:
            announce("screening")
            tongue = tongues.detect(question.text[:1000], question.language, previous.language if previous else None, self.search.vocabulary)
            text = self._screen.check(question.text, follows=bool(question.turns)).text
            text, turns = self._in_other_language(text, question.turns)
            announce("searching")
            readings = self._read(self._without_name(text) if tongue.other else text, tongue.answer, turns, foreign=bool(tongue.other))
            if tongue.other and not any(r.draft for r in readings):
                readings = self._read(text, tongue.answer, turns, foreign=True)
            announce("composing")
            answer, topic = self._conclude(readings, tongue)
        except Declined as declined:
            answer = self._fixed(declined, tongue.answer)
        except Exception:
            LOG.exception("answering failed")
            answer = self._fixed(Declined(AnswerStatus.ERROR_MODEL), tongue.answer)
        times = {"total": (time.perf_counter() - started) * 1e3}
        if readings:
            times["embed"] = sum(r.candidates.found.embed_ms for r in readings)
        answer = replace(answer, timings_ms={name: round(value, 2) for name, value in times.items()})
        standalone = readings[-1].rephrasing.text if readings else text
        entry = next((r.draft.entry for r in reversed(readings) if r.draft), None)
        least = min((r.decision for r in readings), key=lambda d: d.probability - d.threshold, default=None)
        sureness = (least.probability, least.threshold) if least else (None, None)
        return Consideration(answer, Turn(question.text, standalone, tongue.answer, answer.status.value, topic, entry, *sureness), tuple(readings))

    def decide(self, text: str, language: str | None = None) -> Decided:
        """Whether the index answers a question, without screening."""
        tongue = tongues.detect(text[:1000], language, vocabulary=self.search.vocabulary)
        reading = self._understand(text[:1000] or " ", tongue.answer, (), foreign=bool(tongue.other))
        status = reading.draft.status if reading.draft else _STATUS.get(reading.decision.outcome, AnswerStatus.NO_EVIDENCE)
        return Decided(reading.decision.probability, status.value)

    @property
    def decider(self) -> Decider:
        """What tells whether candidates answer a question."""
        return self._decider

    def starter_questions(self, language: str) -> list[dict[str, object]]:
        """The starter questions by group."""
        pick = lambda text: text.get(language) or next(iter(text.values()))  # noqa: E731
        return [{"group": pick(g.group), "questions": [pick(q) for q in g.questions]} for g in self.programme.starter_questions]

    def notice(self, language: str) -> str:
        """The line that every surface shows: an automated service, and whether it is official."""
        own = (self.programme.notice or {}).get(language) or reply("notice", language, self.programme)
        return own if self.programme.official else f"{own} {reply('demonstrator', language)}"

    # -- the single steps -------------------------------------------------------------------------------------------------------

    def _in_other_language(self, text: str, turns: tuple[Turn, ...]) -> tuple[str, tuple[Turn, ...]]:
        """ "Auf Deutsch bitte" asks the last question again; a wish inside a question is taken out of it."""
        if tongues.requested_language(text) is None:
            return text, turns[-TURNS_REMEMBERED:]
        rest = tongues.without_request(text)
        asked = next((t for t in reversed(turns) if t.topic or t.status in ("answered", "partial")), None)
        return (asked.topic or asked.standalone, ()) if not rest and asked else (rest or text, turns[-TURNS_REMEMBERED:])

    def _without_name(self, text: str) -> str:
        """In a foreign language the programme's name, alike in all of them, would outweigh the words that ask."""
        pattern = name_pattern(tuple(dict.fromkeys(self.programme.name.values())))
        rest = " ".join(pattern.sub(" ", text).split()) if pattern else text
        return rest if len(rest.split()) > 2 else text

    def _read(self, text: str, language: str, turns: Sequence[Turn], *, foreign: bool = False) -> list[Reading]:
        """The reading of each single question in a text."""
        whole = self._understand(text, language, turns, foreign=foreign)
        parts = split_question(text)
        chosen = whole.decision.chosen
        if len(parts) < 2 or (chosen is not None and chosen.hit.phrasing >= SURE):
            return [whole]
        readings: list[Reading] = []
        before = list(turns)
        for part in parts:
            reading = self._understand(part, language, before, foreign=foreign)
            readings.append(reading)
            topic = self._topic(reading, language)
            entry = reading.draft.entry if reading.draft else None
            before.append(Turn(part, reading.rephrasing.text, language, "answered" if reading.draft else "declined_no_evidence", topic, entry))
        answered = [r for r in readings if r.draft is not None]
        distinct = {r.draft.text for r in answered if r.draft}
        if not answered or (len(distinct) < 2 and len(answered) == len(readings)):
            return [whole] if whole.draft is not None else readings[:1]
        if len(distinct) == 1 and whole.draft is not None and all(r.decision.outcome is Outcome.OUT_OF_SCOPE for r in readings if r.draft is None):
            return [whole]
        seen: set[str] = set()
        return [r for r in readings if r.draft is None or not (r.draft.text in seen or seen.add(r.draft.text))]

    def _understand(self, text: str, language: str, turns: Sequence[Turn], *, foreign: bool = False) -> Reading:
        """Of all ways to read a question the one with the best evidence."""
        referred = self._rephraser.referred(text, turns)
        ways = self._rephraser.rephrase(referred, self.search.terms(referred.text, language))
        tried = [(way, self._retriever.retrieve(way.text, language)) for way in ways]
        if len(tried) > 1:
            tried = self._weighed(tried, referred.turns, language)
        way, candidates = max(tried, key=lambda t: (t[1].asked[0].score if t[1].asked else 0.0) - t[0].handicap)
        decision = self._decider.decide(candidates, {language: self.search.terms(way.text, language)}, clarify=not way.completed, foreign=foreign)
        if way.completed and decision.outcome in (Outcome.NO_EVIDENCE, Outcome.OUT_OF_SCOPE):
            # what no turn before helps to answer is declined for what it says by itself
            way, candidates = next((t for t in tried if not t[0].completed), (way, candidates))
            decision = self._decider.decide(candidates, {language: self.search.terms(way.text, language)}, clarify=False, foreign=foreign)
        if decision.outcome in (Outcome.NO_EVIDENCE, Outcome.OUT_OF_SCOPE) and candidates.homonym is None and (spelt := respelt(way.text, self.search.vocabulary)):
            other = self._retriever.retrieve(spelt, language)
            again = self._decider.decide(other, {language: self.search.terms(spelt, language)})
            if again.outcome is Outcome.ANSWER and again.probability >= RESPELT_SURE:
                way, candidates, decision = replace(way, text=spelt), other, again
        return self._composed(Reading(way, candidates, decision, None, ()), language)

    def _weighed(self, tried: Sequence[tuple[Rephrasing, Candidates]], turns: Sequence[Turn], language: str) -> list[tuple[Rephrasing, Candidates]]:
        """Readings of a follow-up with the scores of their candidates seen together; those that need no turn before alone, where that is sure."""
        alone_way, alone = next(((w, c) for w, c in tried if not w.completed))
        understood = any(way.replaced and way.handicap < 0 for way, _ in tried)
        if alone.asked and alone.asked[0].hit.phrasing >= SURE_ALONE and not alone_way.pointing and not understood:
            return [(way, c) for way, c in tried if not way.completed]
        given = frozenset[str]() if bare(alone_way.text) else frozenset(t.entry for t in turns[-2:] if t.entry)
        last = turns[-1].entry if turns else None
        still = None
        if bare(alone_way.text) or alone_way.pointing:
            meant = next((c.hit.entry for _, candidates in tried for c in candidates.asked if c.id == last), None)
            still = last if holds_what_is_asked(meant, alone_way.text, language, sure=not bare(alone_way.text)) else None
        alone = None if bare(alone_way.text) else alone
        return [(way, c if not way.completed else in_view_of(c, None if way.replaced else alone, given, still)) for way, c in tried]

    def _composed(self, reading: Reading, language: str) -> Reading:
        """With the draft that the decision allows. An entry whose draft breaks a check is left out, and decided again without it."""
        for _ in range(MOST_BROKEN):
            draft = self._draft(reading, language)
            checks = check_draft(draft, self.search) if draft else []
            reading = replace(reading, checks=(*reading.checks, *checks))
            broken = next((c for c in checks if not c.holds), None)
            if draft is None or broken is None:
                return replace(reading, draft=draft)
            LOG.warning("draft %s broken: %s", draft.entry or draft.mode, broken.name)
            left = replace(reading.candidates, asked=tuple(c for c in reading.candidates.asked if c.id != draft.entry))
            if draft.entry is None:
                left = replace(left, passages=())
            reading = replace(reading, candidates=left, decision=self._decider.decide(left, {language: self.search.terms(reading.rephrasing.text, language)}, clarify=False))
        return reading

    def _draft(self, reading: Reading, language: str) -> Draft | None:
        decision = reading.decision
        if decision.outcome is Outcome.ANSWER and decision.chosen:
            hit = decision.chosen.hit
            if hit.entry is not None:
                return compose_curated(self.search, hit.entry, language, self._today().isoformat())
            if hit.figure is not None:
                return compose_figures(self.search, hit.figure, reading.rephrasing.text, language)
        return compose_quoted(decision.passages, language) if decision.outcome is Outcome.QUOTE else None

    def _conclude(self, readings: Sequence[Reading], tongue: Tongue) -> tuple[Answer, str | None]:
        """The answer of all readings, and the topic for follow-ups."""
        language = tongue.answer
        drafts = [r.draft for r in readings if r.draft is not None]
        first = readings[0]
        if not drafts:
            if first.decision.outcome is Outcome.CLARIFY:
                return self._clarifying(first, language), None
            raise Declined(_STATUS.get(first.decision.outcome, AnswerStatus.NO_EVIDENCE), note=first.decision.note)
        unknown = [r.rephrasing.text for r in readings if r.draft is None]
        draft = join_drafts(drafts, unknown, language) if len(readings) > 1 else drafts[0]
        understood = self._topic(first, language) or first.rephrasing.text if any(r.rephrasing.completed for r in readings) else None
        answer = Answer(
            status=draft.status,
            mode=draft.mode,
            language=language,
            text=shown_text(draft, language),
            notice=self._noticed(tongue, understood, draft),
            missing=draft.missing,
            sources=draft.sources,
            as_of=draft.as_of,
            suggestions=tuple(self._near(first, language, {d.entry for d in drafts})),
            handover=self._handover(draft.status, language),
        )
        return answer, self._topic(readings[-1], language)

    def _topic(self, reading: Reading, language: str) -> str | None:
        chosen = reading.decision.chosen
        asked = (chosen.hit.entry or chosen.hit.figure) if chosen else None
        return phrasing_of(asked, language) if asked else None

    def _near(self, reading: Reading, language: str, used: set[str | None]) -> list[str]:
        """Questions near this one that the corpus answers."""
        near = [c for c in reading.candidates.asked if c.id not in used][:3]
        return [phrasing_of(asked, language) for c in near if (asked := c.hit.entry or c.hit.figure)]

    def _clarifying(self, reading: Reading, language: str) -> Answer:
        options = [phrasing_of(asked, language) for c in reading.decision.options if (asked := c.hit.entry or c.hit.figure)]
        return Answer(
            AnswerStatus.CLARIFY, AnswerMode.FIXED, language, reply("clarify", language), self.notice(language),
            options=tuple(dict.fromkeys(options)), handover=self._handover(AnswerStatus.CLARIFY, language),
        )  # fmt: skip

    def _fixed(self, declined: Declined, language: str) -> Answer:
        """The fixed reply of a status."""
        status = declined.status
        values: dict[str, str] = {}
        if status is AnswerStatus.PERSONAL_DATA:
            values["what"] = ", ".join(reply(f"personal.{kind}", language) for kind in (declined.note or "").split(",") if kind)
        text = reply(declined.reply or status.value, language, self.programme, **values)
        if status is AnswerStatus.OUT_OF_SCOPE and declined.note:
            text = f"{declined.note} {text}"
        starters = [q for group in self.starter_questions(language) for q in group["questions"]]  # pyright: ignore[reportGeneralTypeIssues]
        return Answer(
            status, AnswerMode.FIXED, language, text, self.notice(language),
            suggestions=tuple(str(q) for q in starters[::2][:3]), handover=self._handover(status, language),
        )  # fmt: skip

    def _handover(self, status: AnswerStatus, language: str) -> Handover | None:
        if status in (AnswerStatus.ANSWERED, AnswerStatus.SMALLTALK):
            return None
        hotline = self.programme.hotline
        return Handover(hotline.phone, hotline.email, reply(f"reason.{status.value}", language))

    def _noticed(self, tongue: Tongue, understood: str | None, draft: Draft) -> str:
        parts = [reply("understood", tongue.answer, question=understood)] if understood else []
        if tongue.other:
            parts.append(reply("other_language", tongue.answer))
            if url := next((s.url for s in draft.sources if s.url), None):
                parts.append(reply("original_here", tongue.answer, url=url))
        return " ".join([*parts, self.notice(tongue.answer)])
