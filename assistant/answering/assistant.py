"""The steps from a question to a checked answer, in order, on one screen."""

import datetime
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answering import language as tongues
from assistant.answering.answer import Answer, AnswerMode, AnswerStatus, Declined, Draft, Handover
from assistant.answering.composing.joining import join_drafts, shown_text
from assistant.answering.conversation import TURNS_REMEMBERED, Question, Turn
from assistant.answering.deciding import Decider, Outcome
from assistant.answering.language import Tongue
from assistant.answering.reading import QuestionReader, Reading, topic_of
from assistant.answering.replies import reply
from assistant.answering.retrieval import name_pattern, phrasing_of
from assistant.answering.screening import Screen
from assistant.answering.search import Search
from index.values import Programme, starter_questions

LOG = logging.getLogger(__name__)
Announce = Callable[[str], None]


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
        search: Search,
        programme: Programme,
        model_id: str,
        *,
        decider: Decider | None = None,
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        self.search, self.programme = search, programme
        self._screen = Screen(programme)
        self.decider = decider or Decider(model_id)
        """What decides whether candidates answer a question."""
        self.reader = QuestionReader(search, programme, self.decider, today)

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
            tongue = tongues.detect(
                question.text[:1000], question.language, previous.language if previous else None, self.search.vocabulary
            )
            text = self._screen.check(question.text, follows=bool(question.turns)).text
            text, turns = self._in_other_language(text, question.turns)
            announce("searching")
            readings = self.reader.read(
                self._without_name(text) if tongue.other else text, tongue.answer, turns, foreign=bool(tongue.other)
            )
            if tongue.other and not any(r.draft for r in readings):
                readings = self.reader.read(text, tongue.answer, turns, foreign=True)
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
        return Consideration(
            answer,
            Turn(question.text, standalone, tongue.answer, answer.status.value, topic, entry, *sureness),
            tuple(readings),
        )

    def decide(self, text: str, language: str | None = None) -> Decided:
        """Whether the index answers a question, without screening."""
        tongue = tongues.detect(text[:1000], language, vocabulary=self.search.vocabulary)
        reading = self.reader.understand(text[:1000] or " ", tongue.answer, (), foreign=bool(tongue.other))
        status = (
            reading.draft.status if reading.draft else _STATUS.get(reading.decision.outcome, AnswerStatus.NO_EVIDENCE)
        )
        return Decided(reading.decision.probability, status.value)

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
        return (
            (asked.topic or asked.standalone, ()) if not rest and asked else (rest or text, turns[-TURNS_REMEMBERED:])
        )

    def _without_name(self, text: str) -> str:
        """In a foreign language the programme's name, alike in all of them, would outweigh the words that ask."""
        pattern = name_pattern(tuple(dict.fromkeys(self.programme.name.values())))
        rest = " ".join(pattern.sub(" ", text).split()) if pattern else text
        return rest if len(rest.split()) > 2 else text

    def _conclude(self, readings: Sequence[Reading], tongue: Tongue) -> tuple[Answer, str | None]:
        """The answer of all readings, and the topic for follow-ups."""
        language = tongue.answer
        drafts = [r.draft for r in readings if r.draft is not None]
        first = readings[0]
        if first.beside is not None:
            drafts.append(first.beside)
        if not drafts:
            if first.decision.outcome is Outcome.CLARIFY:
                return self._clarifying(first, language), None
            status = _STATUS.get(first.decision.outcome, AnswerStatus.NO_EVIDENCE)
            raise Declined(
                status,
                note=first.decision.note,
                near=self._near(first, language, set()) if status is AnswerStatus.NO_EVIDENCE else (),
            )
        unknown = [r.rephrasing.text for r in readings if r.draft is None]
        draft = join_drafts(drafts, unknown, language) if len(drafts) + len(unknown) > 1 else drafts[0]
        understood = (
            topic_of(first, language) or first.rephrasing.text
            if any(r.rephrasing.completed for r in readings)
            else None
        )
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
        return answer, topic_of(readings[-1], language)

    def _near(self, reading: Reading, language: str, used: set[str | None]) -> list[str]:
        """Questions near this one that the corpus answers, wholly."""
        near = [
            c
            for c in reading.candidates.asked
            if c.id not in used and (c.hit.entry is None or c.hit.entry.status == "answered")
        ][:3]
        return [phrasing_of(asked, language) for c in near if (asked := c.hit.entry or c.hit.figure)]

    def _clarifying(self, reading: Reading, language: str) -> Answer:
        options = [
            phrasing_of(asked, language) for c in reading.decision.options if (asked := c.hit.entry or c.hit.figure)
        ]
        return Answer(
            AnswerStatus.CLARIFY, AnswerMode.FIXED, language, reply("clarify", language), self.notice(language),
            options=tuple(dict.fromkeys(options)), handover=self._handover(AnswerStatus.CLARIFY, language),
        )  # fmt: skip

    def _fixed(self, declined: Declined, language: str) -> Answer:
        """The fixed reply of a status."""
        status = declined.status
        values: dict[str, str] = {}
        if status is AnswerStatus.PERSONAL_DATA:
            values["what"] = ", ".join(
                reply(f"personal.{kind}", language) for kind in (declined.note or "").split(",") if kind
            )
        text = reply(declined.reply or status.value, language, self.programme, **values)
        if status is AnswerStatus.OUT_OF_SCOPE and declined.note:
            text = f"{declined.note} {text}"
        starters = [question for group in starter_questions(self.programme, language) for question in group.questions]
        return Answer(
            status, AnswerMode.FIXED, language, text, self.notice(language),
            suggestions=declined.near or tuple(starters[::2][:3]), handover=self._handover(status, language),
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
