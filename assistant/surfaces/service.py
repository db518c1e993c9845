"""What every surface asks: the assistant with its conversations, bounded in concurrency."""

import asyncio
import datetime
import logging
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Protocol

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus, Handover
from assistant.answering.assistant import Assistant, Consideration
from assistant.answering.replies import reply
from assistant.answering.values import LONGEST_QUESTION, ConversationMemory, Question, Turn
from assistant.faults import cause
from assistant.surfaces.texts import offered_language, spoken_languages
from index.values import Passage, Programme, SourceDocument

LOG = logging.getLogger(__name__)
CACHED_ANSWERS = 2048
LONGEST_TYPED = 2 * LONGEST_QUESTION
"""Characters that a field for a question takes: more than a question may have, so that a pasted text that is too long
is answered with the reason and not cut silently."""
CacheKey = tuple[str, datetime.date, str, str | None]
"""Snapshot, day, question, language wished for."""


class Library(Protocol):
    """The documents of the index in use."""

    def document(self, identity: str) -> SourceDocument | None:
        """A document by id."""
        ...

    def document_passages(self, identity: str) -> Sequence[Passage]:
        """Its passages in reading order."""
        ...


class OperatorPage(Protocol):
    """Imprint, privacy, accessibility."""

    @property
    def name(self) -> str: ...
    @property
    def language(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def markdown(self) -> str: ...


class IndexState(Protocol):
    """What `/readyz` tells."""

    @property
    def snapshot(self) -> str: ...
    @property
    def created(self) -> str: ...
    @property
    def newest(self) -> str | None: ...
    @property
    def counts(self) -> dict[str, int]: ...


class Opened(Protocol):
    """An opened index with its assistant."""

    @property
    def assistant(self) -> Assistant: ...
    @property
    def library(self) -> Library: ...
    @property
    def state(self) -> IndexState: ...
    @property
    def pages(self) -> Sequence[OperatorPage]: ...


class Busy(Exception):
    """As many questions as allowed are being answered already."""


class AnswerService:
    """Answers questions of all surfaces.

    `current` gives the index in use (None: there is none) and follows swaps; `paused` what visitors are told instead of
    answers, by language (None: go on); `today` is the calendar.
    """

    def __init__(
        self,
        current: Callable[[], Opened | None],
        memory: ConversationMemory,
        programme: Callable[[], Programme | None],
        *,
        workers: int = 2,
        waiting: int = 256,
        paused: Callable[[str], str | None] = lambda _: None,
        today: Callable[[], datetime.date] = datetime.date.today,
    ) -> None:
        self._current, self._memory, self._programme, self._paused = current, memory, programme, paused
        self._today = today
        self._pool = ThreadPoolExecutor(max_workers=workers, thread_name_prefix="answer")
        self._places = waiting
        self._taken = 0
        self._told: str | None = None
        self._cache: OrderedDict[CacheKey, Consideration] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def opened(self) -> Opened | None:
        """The index in use."""
        return self._current()

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the programme, the default first."""
        return spoken_languages(self._programme())

    async def ask(
        self,
        text: str,
        language: str | None = None,
        conversation: str | None = None,
        announce: Callable[[str], None] | None = None,
    ) -> Answer:
        """One answer, remembered in its conversation; a fault is an answer too. Raises Busy when too many questions
        wait already."""
        if self._taken >= self._places:
            raise Busy
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._pool, self.ask_now, text, language, conversation, announce
            )
        except Exception:
            # the edge of all surfaces: whatever fails, a person gets a polite text and the hotline
            LOG.exception("a question failed")
            return self.failed(AnswerStatus.ERROR_MODEL, language)
        finally:
            self._taken -= 1

    def ask_now(
        self,
        text: str,
        language: str | None = None,
        conversation: str | None = None,
        announce: Callable[[str], None] | None = None,
    ) -> Answer:
        """The same, in the calling thread."""
        if (notice := self._paused(offered_language(language, self.languages))) is not None:
            busy = self.failed(AnswerStatus.ERROR_BUSY, language)
            return replace(busy, text=notice or busy.text)
        opened = self._current()
        if opened is None:
            return self.failed(AnswerStatus.ERROR_INDEX, language)
        turns = self.turns(conversation) if conversation else None
        considered = self._considered(opened, text, language, turns or (), announce)
        answer = replace(considered.answer, answer_id=_new_id())
        try:
            kept = self._memory.remember(conversation if turns is not None else None, considered.turn, answer)
        except Exception as error:
            # an answer is worth more than its record
            self._tell_once(cause(error))
            notice = f"{reply('not_recorded', answer.language)} {answer.notice}"
            return replace(answer, notice=notice).within(conversation or _new_token(), None)
        self._told = None
        return kept

    def turns(self, conversation: str) -> tuple[Turn, ...] | None:
        """What was said before in a conversation; None for an unknown or expired token, or while the records cannot
        be read."""
        try:
            return self._memory.turns(conversation)
        except Exception as error:
            self._tell_once(cause(error))
            return None

    def _tell_once(self, fault: str) -> None:
        """A fault that lasts is one line, not one a question."""
        if fault != self._told:
            LOG.warning("answers are not recorded: %s", fault)
        self._told = fault

    def failed(self, status: AnswerStatus, language: str | None) -> Answer:
        """The answer when there is no index, or everything is busy."""
        tongue = offered_language(language, self.languages)
        programme = self._programme()
        phone, email = (programme.hotline.phone, programme.hotline.email) if programme else ("-", "-")
        notice = reply("notice", tongue, programme) if programme else reply("demonstrator", tongue)
        return Answer(
            status,
            AnswerMode.FIXED,
            tongue,
            reply(status.value, tongue),
            notice,
            handover=Handover(phone, email, reply(f"reason.{status.value}", tongue)),
        )

    def _considered(
        self,
        opened: Opened,
        text: str,
        language: str | None,
        turns: tuple[Turn, ...],
        announce: Callable[[str], None] | None,
    ) -> Consideration:
        """First questions of a conversation are cached: on one day the same question to the same snapshot has the
        same answer."""
        key = (opened.state.snapshot, day := self._today(), text, language)
        if not turns:
            with self._lock:
                if key in self._cache:
                    self._cache.move_to_end(key)
                    return self._cache[key]
        considered = opened.assistant.consider(Question(text, language, turns), announce)
        lasting = not considered.answer.status.value.startswith(("error", "declined_personal"))
        # one that was begun before midnight belongs to neither day
        if not turns and lasting and self._today() == day:
            slim = replace(considered, composed=())
            with self._lock:
                self._cache[key] = slim
                while len(self._cache) > CACHED_ANSWERS:
                    self._cache.popitem(last=False)
        return considered


def _new_id() -> str:
    return secrets.token_urlsafe(12)


def _new_token() -> str:
    """One that no conversation has."""
    return secrets.token_urlsafe(24)
