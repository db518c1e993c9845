"""What is asked twice: answered from memory, but only while the answer still holds."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support import SmallCorpus

from assistant.answering.answer import AnswerStatus
from assistant.answering.assistant import Assistant, Consideration
from assistant.answering.values import Question
from assistant.commands.opening import OpenedIndex, SnapshotLibrary, SnapshotState
from assistant.records.store import Records, open_engine
from assistant.surfaces.service import AnswerService

LAST_DAY = datetime.date(2026, 11, 30)
QUESTION = "Wie hoch ist der Zuschuss für Lemuren?"


class Counted:
    """The real assistant, which counts how often it is asked."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant, self.programme, self.asked = assistant, assistant.programme, 0

    def consider(self, question: Question, announce: Any = None) -> Consideration:
        self.asked += 1
        return self._assistant.consider(question, announce)


def service_of(corpus: SmallCorpus, folder: Path, today: Callable[[], datetime.date]) -> tuple[AnswerService, Counted]:
    search = corpus.search()
    counted = Counted(Assistant(search, search.content.programme, search.manifest.model, today=today))
    state = SnapshotState(search.manifest.id, search.manifest.created, {})
    opened: Any = OpenedIndex(counted, SnapshotLibrary(search.content), state, (), search)
    service = AnswerService(lambda: opened, Records(open_engine(None, folder)), lambda: counted.programme, today=today)
    return service, counted


def expiring(corpus: SmallCorpus) -> SmallCorpus:
    corpus.entries(
        [
            {
                "id": "lemur",
                "questions": {"de": [QUESTION]},
                "answer": {"de": "Der Zuschuss für Lemuren beträgt 40 Euro. [1]"},
                "sources": [{"url": "https://example.org", "title": "Satzung"}],
                "valid_until": LAST_DAY.isoformat(),
            }
        ]
    )
    return corpus


def test_an_answer_that_expired_overnight_is_not_given_from_memory(small_corpus: SmallCorpus, tmp_path: Path) -> None:
    day = [LAST_DAY]
    service, counted = service_of(expiring(small_corpus), tmp_path, lambda: day[0])
    assert "40 Euro" in service.ask_now(QUESTION, "de").text
    assert "40 Euro" in service.ask_now(QUESTION, "de").text
    assert counted.asked == 1, "the second answer of a day comes from memory"
    day[0] += datetime.timedelta(days=1)
    after = service.ask_now(QUESTION, "de")
    assert after.status is not AnswerStatus.ANSWERED
    assert "40 Euro" not in after.text


def test_an_answer_begun_before_midnight_is_not_kept(small_corpus: SmallCorpus, tmp_path: Path) -> None:
    day = [LAST_DAY]
    service, counted = service_of(expiring(small_corpus), tmp_path, lambda: day[0])

    def midnight(_: str) -> None:
        day[0] = LAST_DAY + datetime.timedelta(days=1)

    service.ask_now(QUESTION, "de", announce=midnight)
    day[0] = LAST_DAY
    service.ask_now(QUESTION, "de")
    assert counted.asked == 2
