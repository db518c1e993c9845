"""Nachschlagen: one field, results while typing, answers to copy, sources to open."""

import asyncio
import threading
from collections.abc import Callable, Sequence

from fastapi.responses import Response

from assistant.answering.evidence import Entry
from assistant.answering.retrieval import calm
from assistant.desk.desk import Desk
from assistant.desk.look_up import LANGUAGES, FoundAnswer, LookedUp, LookUp
from assistant.desk.reply_mail import answer_text, reply_mail
from assistant.surfaces.desk.guard import Guard, Visit
from assistant.surfaces.desk.rendering import html_of


class LookUpPages:
    """The look-up, kept open for one snapshot."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard, self._desk, self._texts = guard, desk, copied_texts(desk.signature)
        self._open: tuple[str, LookUp] | None = None
        self._lock = threading.Lock()

    async def open(self, visit: Visit) -> Response:
        """GET: the page, with results where the address asks for them."""
        found = await asyncio.to_thread(self._find, visit)
        return self._guard.page(visit, "look_up.html", found=found, tongue=_tongue(visit), texts=self._texts)

    async def results(self, visit: Visit) -> Response:
        """GET: the results alone."""
        found = await asyncio.to_thread(self._find, visit)
        return self._guard.fragment(visit, "results.html", found=found, texts=self._texts)

    async def source(self, visit: Visit) -> Response:
        """GET: a document with its passages."""
        opened = self._desk.current()
        identity = visit.request.path_params["document"]
        document = opened.library.document(identity) if opened else None
        if opened is None or document is None:
            return self._guard.page(visit, "refused.html", status=404, reason="missing")
        passages = await asyncio.to_thread(opened.library.document_passages, identity)
        return self._guard.page(visit, "source.html", document=document, passages=passages, wanted=visit.request.query_params.get("passage", ""))

    def find(self, query: str, language: str | None) -> LookedUp | None:
        """What is found for a query; None without an index."""
        opened = self._desk.current()
        if opened is None:
            return None
        with self._lock:
            if self._open is None or self._open[0] != opened.state.snapshot:
                self._open = (opened.state.snapshot, LookUp(opened))
                threading.Thread(target=warm, args=(self._open[1], self._desk.corpus.entries()), daemon=True, name="look-up-warm").start()
            look_up = self._open[1]
        return look_up.find(calm(query), language)

    def _find(self, visit: Visit) -> LookedUp | None:
        return self.find(visit.request.query_params.get("q", ""), _tongue(visit) or None)


def warm(look_up: LookUp, entries: Sequence[Entry]) -> None:
    """Composes and renders the answers of entries ahead of the first query."""
    for side in look_up.warm(entries):
        html_of(side.text, side.language)


def copied_texts(signature: str) -> Callable[[LookedUp, FoundAnswer], list[tuple[str, str, str]]]:
    """What Alt+C and Alt+E copy, for each language of an answer: language, answer, e-mail."""

    def texts(found: LookedUp, answer: FoundAnswer) -> list[tuple[str, str, str]]:
        rows: list[tuple[str, str, str]] = []
        for s in answer.sides:
            asked = found.query if s.language == found.language else s.question
            rows.append((s.language, answer_text(s.text, s.draft, s.language), reply_mail(asked, s.text, s.draft, s.language, signature)))
        return rows

    return texts


def _tongue(visit: Visit) -> str:
    wished = visit.request.query_params.get("tongue", "")
    return wished if wished in LANGUAGES else ""
