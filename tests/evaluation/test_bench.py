"""What the bench measures on is an index like any other."""

from pathlib import Path

from support import DATA, ROOT

import app as commands
from assistant.answering.answer import AnswerStatus
from assistant.answering.values import Question
from assistant.evaluation.bench import bench_nearest, synthetic_snapshot
from assistant.settings import Settings
from index.embedder import Embedder
from index.search import SnapshotSearch
from index.snapshot import current_snapshot


def test_a_synthetic_snapshot_opens_and_answers(
    shipped_search: SnapshotSearch, embedder: Embedder, tmp_path: Path
) -> None:
    folder = synthetic_snapshot(tmp_path / "large", DATA / "index", 300, embedder)
    opened = commands.open_index(Settings(data=DATA, corpus=ROOT / "corpus"), folder, embedder)
    assert opened.search.manifest.passages == 300
    assert opened.search.content.entries == shipped_search.content.entries
    assert opened.search.content.itself == shipped_search.content.itself
    answer = opened.assistant.answer(Question("Was kostet das Silber-Label?"))
    assert (answer.status, answer.entry) == (AnswerStatus.ANSWERED, "labels-price-silver")
    assert opened.assistant.answer(Question("Wer betreibt diesen Chatbot?")).status is AnswerStatus.SMALLTALK
    figures = bench_nearest(folder, opened.search, embedder, lambda _: None)
    assert figures["one by one"]["lost"] == 0
    assert current_snapshot(folder).name == "synthetic"
