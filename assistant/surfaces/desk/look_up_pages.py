"""Nachschlagen: one field, results while typing, answers to copy, sources to open."""

import asyncio
import datetime
import threading
from collections.abc import Callable, Sequence

from fastapi.responses import Response
from markupsafe import Markup

from assistant.answering.retrieving import calm
from assistant.desk.desk import Desk
from assistant.desk.look_up import FoundAnswer, LookedUp, LookUp
from assistant.desk.reply_mail import ASKED, answer_text, nothing_text, reply_mail
from assistant.surfaces.desk.guard import Guard, Visit
from assistant.surfaces.desk.rendering import html_of, render
from index.values import CuratedEntry


class LookUpPages:
    """The look-up, kept open for one snapshot."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard, self._desk, self._card = guard, desk, AnswerCards(desk.signature)
        self._open: tuple[str, LookUp] | None = None
        self._lock = threading.Lock()

    async def open(self, visit: Visit) -> Response:
        """GET: the page, with results where the address asks for them."""
        found = await asyncio.to_thread(self._find, visit)
        said = visit.request.query_params.get("said", "")
        signed = bool(self._desk.signature.strip())
        return self._guard.page(
            visit,
            "look_up.html",
            found=found,
            tongue=self._tongue(visit),
            card=self._card,
            nothing=self._nothing(found),
            said=said,
            signed=signed,
        )

    async def results(self, visit: Visit) -> Response:
        """GET: the results alone."""
        found = await asyncio.to_thread(self._find, visit)
        return self._guard.fragment(visit, "results.html", found=found, card=self._card, nothing=self._nothing(found))

    async def source(self, visit: Visit) -> Response:
        """GET: a document with its passages."""
        opened = self._desk.current()
        identity = visit.request.path_params["document"]
        document = opened.library.document(identity) if opened else None
        if opened is None or document is None:
            return self._guard.page(visit, "refused.html", status=404, reason="missing")
        passages = await asyncio.to_thread(opened.library.document_passages, identity)
        return self._guard.page(
            visit,
            "source.html",
            document=document,
            passages=passages,
            wanted=visit.request.query_params.get("passage", ""),
        )

    def find(self, query: str, language: str | None) -> LookedUp | None:
        """What is found for a query; None without an index."""
        opened = self._desk.current()
        if opened is None:
            return None
        with self._lock:
            if self._open is None or self._open[0] != opened.state.snapshot:
                self._open = (opened.state.snapshot, LookUp(opened))
                self._card = AnswerCards(self._desk.signature)
                threading.Thread(
                    target=warm, args=(self._open[1], self._desk.corpus.entries()), daemon=True, name="look-up-warm"
                ).start()
            look_up = self._open[1]
        return look_up.find(calm(query), language)

    def _nothing(self, found: LookedUp | None) -> list[tuple[str, str, str]]:
        """What can be said and written where nothing fits, by language."""
        opened = self._desk.current()
        if found is None or found.fits or opened is None:
            return []
        texts = [
            (language, nothing_text(language, opened.assistant.programme.hotline)) for language in self._desk.languages
        ]
        return [
            (language, text, reply_mail(ASKED, text, None, language, self._desk.signature)) for language, text in texts
        ]

    def _tongue(self, visit: Visit) -> str:
        wished = visit.request.query_params.get("tongue", "")
        return wished if wished in self._desk.languages else ""

    def _find(self, visit: Visit) -> LookedUp | None:
        return self.find(visit.request.query_params.get("q", ""), self._tongue(visit) or None)


class AnswerCards:
    """An answer as HTML with all that can be copied; one of an entry is rendered once a day, since it depends on
    nothing that is typed. `today` is the calendar."""

    def __init__(self, signature: str, *, today: Callable[[], datetime.date] = datetime.date.today) -> None:
        self._signature, self._today = signature, today
        self._cards: dict[tuple[str, str, str], Markup] = {}
        self._rendered_on: datetime.date | None = None

    def __len__(self) -> int:
        """How many cards are kept: at most one an entry, language of the caller and language of the page."""
        return len(self._cards)

    def __call__(self, answer: FoundAnswer, tongue: str, language: str) -> Markup:
        """The card; `tongue` is the caller's language, `language` that of the page."""
        if (today := self._today()) != self._rendered_on:
            self._cards, self._rendered_on = {}, today
        key = (answer.id, tongue, language)
        if answer.kind != "entry" or key not in self._cards:
            texts = [
                (
                    s,
                    answer_text(s.text, s.draft, s.language),
                    reply_mail(ASKED, s.text, s.draft, s.language, self._signature),
                )
                for s in answer.sides
            ]
            shown = Markup(render("card.html", language, answer=answer, tongue=tongue, texts=texts))  # noqa: S704 - a template of ours
            if answer.kind != "entry":
                return shown
            self._cards[key] = shown
        return self._cards[key]


def warm(look_up: LookUp, entries: Sequence[CuratedEntry]) -> None:
    """Composes and renders the answers of entries ahead of the first query."""
    for side in look_up.warm(entries):
        html_of(side.text, side.language)
