"""Whether the records can be read and written, for the answers that must not wait for them."""

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from sqlalchemy.exc import DataError, IntegrityError, SQLAlchemyError

from assistant.faults import cause
from assistant.records.faults import RecordsFault

LOG = logging.getLogger(__name__)
PATIENCE_MS, HASTE_MS = 800, 20
"""How long an answer waits for its turn to write; and how long while the last one failed."""
SLOW_SECONDS, PAUSE_SECONDS = 0.3, 1.0
"""While the records fail the next answer tries them again, but after a fault that took so long only when so much
time has passed."""
LOOK_SECONDS = 1.0


class Health:
    """Remembers the last fault. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._again = self._looked = float("-inf")
        self._looking = threading.Lock()
        self.fault: str | None = None

    @contextmanager
    def watched(self, *, writes: bool = True) -> Generator[None]:
        """Runs what reads or writes. Raises RecordsFault when it fails, or at once while it is too early to try
        again."""
        began = self._clock()
        if self.fault is not None and began < self._again:
            raise RecordsFault(self.fault)
        try:
            yield
        except (DataError, IntegrityError) as error:  # this one row does not fit; the next may
            raise RecordsFault(cause(error)) from None
        except (SQLAlchemyError, OSError, RecordsFault) as error:
            self._failed(error.fault if isinstance(error, RecordsFault) else cause(error), began)
            raise RecordsFault(self.fault or "") from None
        if writes and self.fault is not None:
            LOG.warning("the records work again")
            self.fault = None

    def looked_at(self, look: Callable[[], None]) -> str | None:
        """The fault, after a look that is at most a second old; `look` reads and writes by `watched`."""
        if self._looking.acquire(blocking=False):
            try:
                if self._clock() - self._looked >= LOOK_SECONDS:
                    self._looked = self._clock()
                    look()
            except RecordsFault:
                pass  # `fault` says it
            finally:
                self._looking.release()
        return self.fault

    def _failed(self, fault: str, began: float) -> None:
        now = self._clock()
        self._again = now + PAUSE_SECONDS if now - began >= SLOW_SECONDS else now
        if fault != self.fault:
            LOG.error("the records fail: %s; answers go out without being recorded", fault)
        self.fault = fault
