"""Makes approved entries answer: rebuilds the index in the background, suspends what no longer holds, asks the
questions again."""

import datetime
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.answering.retrieving import is_valid
from assistant.answering.values import Question
from assistant.desk.opened import BuildBusy, BuildFailed, CorpusDesk, OpenedIndex
from assistant.records.entries import AskedAgain, EntryBook
from assistant.records.gaps import GapBook

LOG = logging.getLogger(__name__)
POLL_SECONDS = 2.0
REST_SECONDS = 60.0
"""After a build that failed; asking for one at the desk does not wait."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the building is; `fault` is why the last one failed."""

    running: bool = False
    step: str = ""
    done: int = 0
    total: int = 0
    finished: str = ""
    fault: str = ""
    report: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Publisher:
    """Rebuilds when what is approved has changed, here or in another process, or when asked to.

    `corpus` builds; `current` gives the open index. Call `publish` for one round in the calling thread, `start` for
    a thread of its own.
    """

    def __init__(
        self,
        entries: EntryBook,
        gaps: GapBook,
        corpus: CorpusDesk,
        current: Callable[[], OpenedIndex | None],
        *,
        enabled: bool = True,
    ) -> None:
        self._entries, self._gaps, self._corpus, self._current, self.enabled = entries, gaps, corpus, current, enabled
        self._published = 0
        self._wanted = threading.Event()
        self._forced = threading.Event()
        self._alone = threading.Lock()
        self._progress = Progress()
        self._rests_until = 0.0

    @property
    def progress(self) -> Progress:
        """How far the building is."""
        return self._progress

    def wake(self, *, force: bool = False) -> None:
        """Asks for a round now; `force` builds even when nothing at the desk has changed."""
        if force:
            self._forced.set()
            self._progress = replace(self._progress, running=True, step="reading", done=0, total=0)
        self._wanted.set()

    def start(self) -> None:
        """Looks every few seconds, in the background."""

        def look() -> None:
            while True:
                self._wanted.wait(POLL_SECONDS)
                self._wanted.clear()
                try:
                    self.publish()
                except Exception:
                    LOG.exception("publishing failed")

        if self.enabled:
            threading.Thread(target=look, daemon=True, name="publisher").start()

    def publish(self) -> bool:
        """One round; True when everything approved answers."""
        with self._alone:
            while True:
                revision = self._entries.revision()
                forced = self._forced.is_set()
                if not forced and time.monotonic() < self._rests_until:
                    return False
                if revision == self._published and not forced:
                    return True
                self._forced.clear()
                if self._suspend_expired():
                    continue
                if not self._build(forced):
                    return False
                if self._entries.revision() == revision:
                    self._published = revision
                    self._ask_again()
                    return True

    # -- for the watcher of a build ----------------------------------------------------------------------------------

    def step(self, name: str) -> None:
        """A new step begins."""
        self._progress = replace(self._progress, step=name, done=0, total=0)

    def embedding(self, done: int, total: int) -> None:
        """So many of so many texts are embedded."""
        self._progress = replace(self._progress, step="embedding", done=done, total=total)

    def _build(self, forced: bool) -> bool:
        self._progress = replace(self._progress, running=True, step="reading", done=0, total=0, fault="")
        answering = self._entries.answering()
        try:
            outcome = self._corpus.build([content["row"] for _, content in answering.values()], self)
        except BuildBusy:
            self._progress = replace(self._progress, step="waiting")
            if forced:
                self._forced.set()
            return False
        except BuildFailed as error:
            self._rests_until = time.monotonic() + REST_SECONDS
            self._progress = replace(self._progress, running=False, fault=str(error))
            return False
        for identity, reason in outcome.refused.items():
            if identity in answering:
                self._entries.suspend(identity, answering[identity][0], reason)
        finished = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        self._progress = Progress(finished=finished, report=outcome.report)
        return True

    def _suspend_expired(self) -> bool:
        """Suspends entries that are past their validity, or one of whose documents is."""
        today = datetime.date.today().isoformat()
        opened = self._current()
        suspended = False
        for identity, (version, content) in self._entries.answering().items():
            row: Mapping[str, Any] = content["row"]
            if not is_valid(None, row.get("valid_until"), today):
                suspended |= self._entries.suspend(identity, version, f"valid_until: {row.get('valid_until')}")
                continue
            for source in row.get("sources", ()):
                document = opened.library.document(source["document"]) if opened and source.get("document") else None
                if document is not None and not is_valid(None, document.valid_until, today):
                    suspended |= self._entries.suspend(
                        identity, version, f"sources: {document.id} valid_until {document.valid_until}"
                    )
                    break
        return suspended

    def expire(self) -> None:
        """Suspends what has expired since the last look, and rebuilds."""
        if self._suspend_expired():
            self.wake()

    def _ask_again(self) -> None:
        """Asks the questions of entries that answer now and were not asked again yet."""
        opened = self._current()
        if opened is None:
            return
        permanent = self._entries.evaluation_questions()
        for entry in self._entries.entries():
            if entry.live is None or self._entries.asked_again(entry.id, entry.live):
                continue
            content = self._entries.content(entry.id, entry.live) or {}
            row: Mapping[str, Any] = content.get("row", {})
            gap = self._gaps.gap(entry.gap) if entry.gap else None
            asked = [(q.text, q.language) for q in gap.questions] if gap else []
            asked += [(q.text, q.language) for q in permanent if q.entry == entry.id]
            asked += [(text, language) for language, texts in row.get("questions", {}).items() for text in texts]
            results: list[AskedAgain] = []
            for text, language in dict.fromkeys(asked):
                considered = opened.assistant.consider(Question(text, language))
                results.append(AskedAgain(text, language, considered.answer.status.value, considered.turn.entry))
            self._entries.keep_asked_again(entry.id, entry.live, results)
