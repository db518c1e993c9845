"""The steps from a question to a checked answer, in order, on one screen."""

import datetime
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus, Declined, Draft, Handover
from assistant.answering.composing import Composed, Composer
from assistant.answering.composing.joining import join_drafts, shown_text
from assistant.answering.composing.verdicts import Verdicts
from assistant.answering.deciding import Decider, Thresholds
from assistant.answering.interpreting import Interpretations, Interpreter, names_year
from assistant.answering.replies import reply
from assistant.answering.retrieving import Retriever, phrasing_of
from assistant.answering.scoring.scorer import Scorer, fitted_for, heads_of
from assistant.answering.screening import Screen
from assistant.answering.search import Search
from assistant.answering.values import Candidate, Interpretation, Outcome, Question, Reason, Turn, Verdict
from assistant.languages import Tongue, detect, pack, requested_language, spoken_date, without_request
from index.values import ITSELF, Programme, starter_questions

LOG = logging.getLogger(__name__)
Announce = Callable[[str], None]
LOOKED_AT = 1000
"""So many characters of a text tell its language."""
NEAR = 3
_STATUS = {Outcome.CLARIFY: AnswerStatus.CLARIFY, Outcome.OUT_OF_SCOPE: AnswerStatus.OUT_OF_SCOPE}


@dataclass(frozen=True, slots=True)
class Consideration:
    """The answer and how it came about; `turn` is what a conversation remembers."""

    answer: Answer
    turn: Turn
    composed: tuple[Composed, ...] = ()


@dataclass(frozen=True, slots=True)
class Decided:
    """Probability (0..1) that the index answers a question, and the status that the threshold makes of it."""

    probability: float
    status: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What the assistant says of itself: the newest date of its documents, and for how many days questions are
    kept."""

    newest: str | None = None
    retention_days: int = 30


class Assistant:
    """Answers questions about one programme from one search.

    `thresholds` are those of the index, by default the ones shipped for the model.
    """

    def __init__(
        self,
        search: Search,
        programme: Programme,
        model_id: str,
        *,
        thresholds: Mapping[str, Any] | None = None,
        facts: Facts | None = None,
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        self.search, self.programme, self._facts = search, programme, facts or Facts()
        self.languages = tuple(programme.languages)
        self._screen = Screen(programme)
        self.retriever = Retriever(search, programme, today)
        contrasts = self.retriever.named.contrasts
        self.interpreter = Interpreter(
            self.languages, contrasts, search.vocabulary, search.terms, search.sentences, search.rarity
        )
        fitted = fitted_for(model_id)
        limits = Thresholds.of(thresholds or fitted["thresholds"], outside=search.names_outside)
        heads = heads_of(fitted)
        self.decider = Decider(search, Scorer(heads), limits, self.languages)
        """What decides whether the evidence answers a question."""
        claim = fitted["thresholds"]["claim"]
        verdicts = Verdicts(search, self.retriever.named, self.languages, heads.claim, (claim["stated"], claim["sure"]))
        self.composer = Composer(search, self.decider, verdicts, self.languages, today, self._of_itself)

    def answer(self, question: Question, announce: Announce | None = None) -> Answer:
        """One checked answer. Never raises: every failure is a status."""
        return self.consider(question, announce).answer

    def consider(self, question: Question, announce: Announce | None = None) -> Consideration:
        """The answer with all that led to it; `announce` hears the name of each step."""
        announce = announce or (lambda _: None)
        started = time.perf_counter()
        previous = question.turns[-1] if question.turns else None
        tongue = Tongue(question.language or (previous.language if previous else self.languages[0]))
        composed: tuple[Composed, ...] = ()
        topic, text, removed = None, question.text, ()
        try:
            announce("screening")
            tongue = self._tongue(question, previous)
            screened = self._screen.check(question.text, follows=bool(question.turns))
            text, removed = screened.text, screened.removed
            text, turns = self._in_other_language(text, _before(text, question.turns))
            announce("searching")
            verdicts = self._decided(text, turns, tongue)
            announce("composing")
            said = turns[-1].said if turns and len(verdicts) == 1 else ""
            composed = tuple(self.composer.compose(verdict, said) for verdict in verdicts)
            answer, topic = self._conclude(composed, tongue, turns)
        except Declined as declined:
            answer = self._fixed(declined, tongue.answer)
        except Exception as error:
            # the text of an error may hold the question: its kind and place must do
            LOG.error("answering failed: %s", type(error).__name__)
            answer = self._fixed(Declined(AnswerStatus.ERROR_MODEL), tongue.answer)
        times = {"total": round((time.perf_counter() - started) * 1e3, 2)}
        answer = replace(answer, timings_ms=times)
        if removed:
            what = ", ".join(reply(f"personal.{kind}", tongue.answer) for kind in removed)
            notice = f"{reply('private_removed', tongue.answer, what=what)} {answer.notice}"
            answer = replace(answer, notice=notice)
        asked = self.interpreter.asked(text) if removed or text != question.text else question.text
        return Consideration(answer, _turn(asked, text, answer, topic, tongue, composed), composed)

    def decide(self, text: str, language: str | None = None) -> Decided:
        """Whether the index answers a question, without screening."""
        tongue = self._tongue(Question(text, language), None)
        verdict = self._read([Interpretation(text[:LOOKED_AT] or " ", Reason.AS_ASKED)], tongue)[0]
        draft = next(iter(self.composer.compose(verdict).drafts), None)
        status = draft.status if draft else _STATUS.get(verdict.outcome, AnswerStatus.NO_EVIDENCE)
        return Decided(verdict.probability, status.value)

    def _of_itself(self, identity: str, language: str) -> str:
        """What is said to a question about the assistant; a fact that is not known has a sentence without it."""
        key = identity.replace(f"{ITSELF}-", f"{ITSELF}.")
        operator = (self.programme.operator or {}).get(language)
        newest = spoken_date(self._facts.newest, language) if self._facts.newest else None
        given = {"itself.operator": operator, "itself.current": newest}
        official = "official" if self.programme.official else "not_official"
        return reply(
            key if given.get(key, "known") else f"{key}_plain",
            language,
            self.programme,
            operator=operator or "",
            date=newest or "",
            days=str(self._facts.retention_days),
            languages=", ".join(pack(code).name for code in self.languages),
            official=reply(f"{ITSELF}.{official}", language),
        )

    def notice(self, language: str) -> str:
        """The line that every surface shows: an automated service, and whether it is official."""
        own = (self.programme.notice or {}).get(language) or reply("notice", language, self.programme)
        return own if self.programme.official else f"{own} {reply('demonstrator', language)}"

    # -- the single steps --------------------------------------------------------------------------------------------

    def _tongue(self, question: Question, previous: Turn | None) -> Tongue:
        before = previous.language if previous else None
        text = question.text[:LOOKED_AT]
        return detect(text, self.languages, question.language, before, self.search.vocabulary)

    def _in_other_language(self, text: str, turns: tuple[Turn, ...]) -> tuple[str, tuple[Turn, ...]]:
        """ "Auf Deutsch bitte" asks the last question again; the same wish beside a question is taken out of the
        text."""
        if requested_language(text, self.languages) is None:
            return text, turns
        rest = without_request(text, self.languages)
        asked = next((t for t in reversed(turns) if t.topic or t.status in ("answered", "partial")), None)
        return (asked.topic or asked.standalone, ()) if not rest and asked else (rest or text, turns)

    def _decided(self, text: str, turns: tuple[Turn, ...], tongue: Tongue) -> list[Verdict]:
        """The verdict on each question in a text."""
        asked = self.retriever.named.without_own_name(text) if tongue.other else text
        readings = self.interpreter.interpret(asked, turns, tongue.answer)
        return self._read((*readings.whole, *readings.parts), tongue, readings, turns)

    def _read(
        self,
        interpretations: Sequence[Interpretation],
        tongue: Tongue,
        readings: Interpretations | None = None,
        turns: Sequence[Turn] = (),
    ) -> list[Verdict]:
        evidence = self.retriever.retrieve(interpretations, tongue.answer, foreign=bool(tongue.other))
        return self.decider.decide(readings or Interpretations(tuple(interpretations)), evidence, turns)

    def _conclude(
        self, composed: Sequence[Composed], tongue: Tongue, turns: Sequence[Turn]
    ) -> tuple[Answer, str | None]:
        """The answer of all that was composed, and the topic for follow-ups."""
        given = {turn.entry for turn in turns}
        language = tongue.answer
        first = composed[0].verdict
        answered = [c for c in composed if c.drafts]
        if not answered:
            return self._without_answer(first, language, given), None
        drafts = [c.drafts[0] if len(c.drafts) == 1 else join_drafts(c.drafts, (), language) for c in answered]
        asked, unknown = (
            [
                self.interpreter.named(c.verdict.evidence.interpretation.own)
                for c in composed
                if bool(c.drafts) is given_any
            ]
            for given_any in (True, False)
        )
        draft = join_drafts(drafts, unknown, language, asked) if len(drafts) + len(unknown) > 1 else drafts[0]
        understood = None
        if any(c.verdict.evidence.interpretation.refers for c in composed):
            understood = topic_of(first, language) or first.evidence.interpretation.text
        answer = Answer(
            status=draft.status,
            mode=draft.mode,
            language=language,
            text=shown_text(draft, language),
            notice=self._noticed(tongue, understood, draft),
            more=draft.more,
            missing=draft.missing,
            entry=draft.entry,
            sources=draft.sources,
            as_of=draft.as_of,
            suggestions=self._near(first, language, {d.entry for c in composed for d in c.drafts} | given),
            handover=self._handover(draft.status, language),
        )
        return answer, topic_of(composed[-1].verdict, language)

    def _without_answer(self, verdict: Verdict, language: str, given: set[str | None]) -> Answer:
        """Asks back, or declines with the nearest questions that can be answered."""
        if verdict.outcome is Outcome.CLARIFY:
            options = tuple(dict.fromkeys(phrasing_of(c.hit.questions, language) for c in verdict.options))
            return Answer(
                AnswerStatus.CLARIFY, AnswerMode.FIXED, language, reply("clarify", language), self.notice(language),
                options=options, handover=self._handover(AnswerStatus.CLARIFY, language),
            )  # fmt: skip
        status = _STATUS.get(verdict.outcome, AnswerStatus.NO_EVIDENCE)
        near = self._near(verdict, language, given) if status is AnswerStatus.NO_EVIDENCE else ()
        raise Declined(status, note=verdict.note, near=near)

    def _near(self, verdict: Verdict, language: str, used: set[str | None]) -> tuple[str, ...]:
        """Questions near this one that the corpus answers, wholly."""

        def whole(candidate: Candidate) -> bool:
            entry = candidate.hit.entry
            return entry is None or (entry.status == "answered" and not candidate.hit.about_itself)

        near = [c for c in verdict.evidence.candidates if c.id not in used and whole(c)][:NEAR]
        return tuple(phrasing_of(c.hit.questions, language) for c in near)

    def _fixed(self, declined: Declined, language: str) -> Answer:
        """The fixed reply of a status."""
        status = declined.status
        values: dict[str, str] = {}
        if status is AnswerStatus.PERSONAL_DATA:
            kinds = (kind for kind in (declined.note or "").split(",") if kind)
            values["what"] = ", ".join(reply(f"personal.{kind}", language) for kind in kinds)
        text = reply(declined.reply or status.value, language, self.programme, **values)
        if status is AnswerStatus.OUT_OF_SCOPE and declined.note:
            text = f"{declined.note} {text}"
        starters = [question for group in starter_questions(self.programme, language) for question in group.questions]
        return Answer(
            status, AnswerMode.FIXED, language, text, self.notice(language),
            suggestions=declined.near or tuple(starters[::2][:NEAR]), handover=self._handover(status, language),
        )  # fmt: skip

    def _handover(self, status: AnswerStatus, language: str) -> Handover | None:
        if status in (AnswerStatus.ANSWERED, AnswerStatus.SMALLTALK):
            return None
        hotline = self.programme.hotline
        return Handover(hotline.phone, hotline.email, reply(f"reason.{status.value}", language))

    def _noticed(self, tongue: Tongue, understood: str | None, draft: Draft) -> str:
        parts = [reply("understood", tongue.answer, question=understood)] if understood else []
        if tongue.other:
            spoken = ", ".join(pack(code).name for code in self.languages)
            parts.append(reply("other_language", tongue.answer, languages=spoken))
            if url := next((s.url for s in draft.sources if s.url), None):
                parts.append(reply("original_here", tongue.answer, url=url))
        return " ".join([*parts, self.notice(tongue.answer)])


def topic_of(verdict: Verdict, language: str) -> str | None:
    """What the follow-ups of a question are about: the first phrasing of what answers it, or the question itself
    where that phrasing names a year."""
    if not verdict.chosen:
        return None
    phrasing = phrasing_of(verdict.chosen[0].hit.questions, language)
    return verdict.evidence.interpretation.text if names_year(phrasing) else phrasing


def _before(text: str, turns: tuple[Turn, ...]) -> tuple[Turn, ...]:
    """The turns before a question; one that asked the same in the same words is not what it follows."""
    words = re.findall(r"\w+", text.lower())
    while turns and re.findall(r"\w+", turns[-1].question.lower()) == words:
        turns = turns[:-1]
    return turns


def _turn(
    asked: str, text: str, answer: Answer, topic: str | None, tongue: Tongue, composed: Sequence[Composed]
) -> Turn:
    """What a conversation remembers of a question; of several parts the last one is what follow-ups are about, and
    the least sure one tells how sure the answer is."""
    standalone = composed[-1].verdict.evidence.interpretation.text if composed else text
    entry = next((c.drafts[0].entry for c in reversed(composed) if c.drafts), None)
    least = min((c.verdict for c in composed), key=lambda v: v.probability - v.threshold, default=None)
    sure = (least.probability, least.threshold) if least else (None, None)
    return Turn(asked, standalone, tongue.answer, answer.status.value, topic, entry, *sure, said=answer.text)
