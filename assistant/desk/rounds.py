"""What the desk does by itself: collect gaps and counts, forget old texts once a day, suspend what has expired."""

import datetime
import logging
import threading
import time
from collections.abc import Callable

from assistant.desk.opened import CorpusDesk
from assistant.desk.publishing import Publisher
from assistant.records.gaps import GapBook

LOG = logging.getLogger(__name__)
COLLECT_SECONDS = 3.0
HOUSEKEEPING_SECONDS = 600.0


class Rounds:
    """Runs in the background of a server. `forget` deletes old texts once a day, whichever process comes first;
    `opened` says whether an index is open."""

    def __init__(
        self,
        gaps: GapBook,
        corpus: CorpusDesk,
        publisher: Publisher,
        forget: Callable[[datetime.date], object],
        opened: Callable[[], bool],
    ) -> None:
        self._gaps, self._corpus, self._publisher, self._forget, self._opened = gaps, corpus, publisher, forget, opened

    def collect(self) -> int:
        """Counts and sorts what was asked since the last time."""
        return self._gaps.collect(self._corpus.embed if self._opened() else None)

    def keep_house(self) -> None:
        """Forgets and suspends; one that fails does not stop the other."""
        _tried("forgetting", lambda: self._forget(datetime.datetime.now(datetime.UTC).date()))
        if self._publisher.enabled:
            _tried("suspending what expired", self._publisher.expire)

    def start(self) -> None:
        """Begins."""

        def go() -> None:
            next_housekeeping = 0.0
            while True:
                _tried("collecting", self.collect)
                if time.monotonic() >= next_housekeeping:
                    self.keep_house()
                    next_housekeeping = time.monotonic() + HOUSEKEEPING_SECONDS
                time.sleep(COLLECT_SECONDS)

        threading.Thread(target=go, daemon=True, name="desk-rounds").start()


def _tried(what: str, do: Callable[[], object]) -> None:
    """Old texts must go however long something else fails."""
    try:
        do()
    except Exception:
        LOG.exception("the desk's round failed: %s", what)
