"""Everything that the pages of the desk work with, in one frozen value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from assistant.desk.opened import CorpusDesk, OpenedIndex
from assistant.desk.publishing import Publisher
from assistant.desk.rounds import Rounds
from assistant.languages import codes
from assistant.records.audit import AuditLog
from assistant.records.counting import CountBook
from assistant.records.entries import EntryBook
from assistant.records.gaps import GapBook
from assistant.records.staff import StaffBook
from assistant.records.switch import Switch
from assistant.records.takeover import TakeOver


class DocumentShelf(Protocol):
    """The documents that were uploaded at the desk."""

    def names(self) -> list[str]:
        """Their file names."""
        ...

    def fault(self, name: str, size: int) -> str | None:
        """`ending`, `name` or `size`: why a file would be refused."""
        ...

    def keep(self, name: str, content: bytes, fields: Mapping[str, Any]) -> None:
        """Writes a file and what is known about it. Raises ValueError with the reason of `fault`."""
        ...

    def withdraw(self, name: str) -> bool:
        """Deletes it; False where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The books, the open index and what publishes; `signature` closes e-mail replies."""

    current: Callable[[], OpenedIndex | None]
    corpus: CorpusDesk
    documents: DocumentShelf
    publisher: Publisher
    rounds: Rounds
    staff: StaffBook
    gaps: GapBook
    entries: EntryBook
    take_over: TakeOver
    counts: CountBook
    audit: AuditLog
    switch: Switch
    signature: str = ""

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the programme, the default first; all that there are where no index is open."""
        opened = self.current()
        return opened.assistant.programme.languages if opened else codes()
