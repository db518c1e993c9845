"""Mode `curated`: the approved answer, its own sentences unchanged."""

from collections.abc import Mapping

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft
from assistant.answering.composing.sources import cited_entry_source
from assistant.answering.replies import reply
from assistant.answering.search import Search
from index.values import CuratedEntry, EntryStatus

_STATUS: Mapping[EntryStatus, AnswerStatus] = {
    "answered": AnswerStatus.ANSWERED,
    "partial": AnswerStatus.PARTIAL,
    "unknown": AnswerStatus.NO_EVIDENCE,
}


def compose_curated(search: Search, entry: CuratedEntry, language: str, today: str) -> Draft:
    """The entry's answer with its sources; `text` is what is known, `missing` what is not."""
    given = language if language in entry.answer else next(iter(entry.answer))
    text = entry.answer[given].strip()
    missing = (entry.missing or {}).get(given)
    sources = tuple(cited_entry_source(search, n, s, given) for n, s in enumerate(entry.sources, 1))
    status = _STATUS[entry.status]
    if entry.review_by and entry.review_by < today:
        text += f"\n\n*{reply('review_due', given)}*"
    conditions = tuple(condition[given] for condition in entry.must_state if condition.get(given))
    return Draft(
        AnswerMode.CURATED, status, text, sources, entry.as_of,
        missing=missing if status is AnswerStatus.PARTIAL else None, entry=entry.id, conditions=conditions, language=given,
    )  # fmt: skip
