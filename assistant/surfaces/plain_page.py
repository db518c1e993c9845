"""The plain page `/embed`, a form that works without JavaScript, and the script `/widget.js` that opens it on other
websites."""

import asyncio
import gzip
import json
import logging
from collections.abc import Mapping

from fastapi import FastAPI, Request
from fastapi.responses import Response
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import UploadFile

from assistant.answering.answer import AnswerStatus
from assistant.answering.replies import reply
from assistant.faults import cause
from assistant.languages import codes
from assistant.settings import Settings
from assistant.surfaces import plain_view
from assistant.surfaces.answer_view import shortened, shown
from assistant.surfaces.api import FeedbackStore, Metrics
from assistant.surfaces.page_frame import frame_of
from assistant.surfaces.plain_view import FOLDER, SCRIPT, Content, Place
from assistant.surfaces.rate_limit import client_address
from assistant.surfaces.service import AnswerService, Busy
from assistant.surfaces.static_file import StaticFile, accepts_gzip
from assistant.surfaces.texts import offered_language, surface_texts

LOG = logging.getLogger(__name__)


def _with_widget_words(script: str) -> str:
    """The widget's script with its two words in every language that has a pack."""
    words = {code: [text["button"], text["close"]] for code in codes() for text in [surface_texts(code)["widget"]]}
    return script.replace("WORDS", json.dumps(words, ensure_ascii=False, separators=(",", ":")))


WIDGET = StaticFile(FOLDER / "widget.js", fresh_seconds=3600, fill=_with_widget_words)
FRAGMENT = "text/html-fragment"
LONGEST_TOKEN = 200
MOST_FIELDS = 12
RETRY_SECONDS = 60


def sri_hash() -> str:
    """The `integrity` of `/widget.js` (sha384), for websites that pin it."""
    return WIDGET.integrity


class PlainPage:
    """Asks, rates, and shows both as HTML."""

    def __init__(
        self,
        service: AnswerService,
        feedback: FeedbackStore,
        metrics: Metrics,
        *,
        per_minute: int,
        trusted_proxies: int,
    ) -> None:
        self._service, self._feedback, self._metrics = service, feedback, metrics
        # links that ask (GET) and ratings are counted here; questions by POST are counted for all surfaces together
        self._item, self._limiter, self._trusted = (
            RateLimitItemPerMinute(per_minute),
            MovingWindowRateLimiter(MemoryStorage()),
            trusted_proxies,
        )

    async def open(self, request: Request) -> Response:
        """GET: the empty page, or with `?question=` the answer at once."""
        query = request.query_params
        place = self._place(query)
        question = query.get("question", "").strip()
        if not question:
            return self._page(request, place, Content(), kept="no-cache")
        if not self._allowed("link", request):
            fault = surface_texts(place.language)["too_often"].format(seconds=RETRY_SECONDS)
            return self._page(request, place, Content(fault=fault, prefilled=question), status=429)
        return await self._answered(request, place, question, "")

    async def ask(self, request: Request) -> Response:
        """POST: the answer as a page, or alone where the script asks for it. What was said before is known to the
        server only."""
        fields = await _fields(request)
        # a browser writes line breaks of a form as CRLF
        question = (fields.get("choice") or fields.get("question", "")).replace("\r\n", "\n")
        return await self._answered(
            request,
            self._place({**request.query_params, **fields}),
            question,
            fields.get("conversation", "")[:LONGEST_TOKEN],
        )

    async def rate(self, request: Request) -> Response:
        """POST: keeps a rating `up`, `down` or `down:reason`."""
        fields = await _fields(request)
        place = self._place(request.query_params)
        words = surface_texts(place.language)
        rating, _, reason = fields.get("rating", "").partition(":")
        reasons = {key: key for key in words["reasons"] if key != "none"}
        status, said = 200, words["thanks"]
        if not self._allowed("rate", request):
            status, said = 429, words["too_often"].format(seconds=RETRY_SECONDS)
        elif rating not in ("up", "down"):
            status, said = 404, words["unrated"]
        else:
            status, said = await self._rated(fields.get("answer", "")[:64], rating, reasons.get(reason), place.language)
        if _wants_fragment(request):
            return Response(said, status, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})
        token = fields.get("conversation", "")[:LONGEST_TOKEN]
        return self._page(
            request, place, Content(thanks=said, earlier=await self._earlier(token), conversation=token), status=status
        )

    async def _rated(self, answer: str, rating: str, reason: str | None, language: str) -> tuple[int, str]:
        """Status and what is said."""
        words = surface_texts(language)
        try:
            known = await asyncio.to_thread(self._feedback.rate, answer, rating, reason, None)
        except Exception as error:
            LOG.warning("a rating was not recorded: %s", cause(error))
            return 503, reply("not_recorded", language)
        if not known:
            return 404, words["unrated"]
        self._metrics.feedback.labels(rating).inc()
        return 200, words["thanks"]

    async def _answered(self, request: Request, place: Place, question: str, conversation: str) -> Response:
        scripted = _wants_fragment(request)
        earlier = () if scripted else await self._earlier(conversation)
        try:
            answer = await self._service.ask(question, place.language, conversation or None)
        except Busy:
            answer = self._service.failed(AnswerStatus.ERROR_BUSY, place.language)
        self._metrics.saw(answer)
        failed = answer.status.value.startswith("error")
        turn = shown(answer, question, place.language, self._service.opened)
        if scripted:
            headers = {"Cache-Control": "no-store", "Vary": "Accept", "Content-Language": answer.language}
            return Response(
                plain_view.fragment(turn, place),
                503 if failed else 200,
                media_type=f"{FRAGMENT}; charset=utf-8",
                headers=headers,
            )
        token = conversation if failed else answer.conversation
        return self._page(
            request,
            place,
            Content(turn=turn, earlier=earlier, conversation=token, title=shortened(turn.told)),
            status=503 if failed else 200,
        )

    def _place(self, values: Mapping[str, str]) -> Place:
        return Place(offered_language(values.get("lang"), self._service.languages), values.get("frame") == "1")

    async def _earlier(self, conversation: str) -> tuple[str, ...]:
        """The questions asked before in a conversation; nothing for an unknown or expired token."""
        if not conversation:
            return ()
        turns = await asyncio.to_thread(self._service.turns, conversation)
        return tuple(dict.fromkeys(turn.question for turn in turns or () if turn.question.strip()))

    def _page(
        self, request: Request, place: Place, content: Content, *, status: int = 200, kept: str = "no-store"
    ) -> Response:
        body = plain_view.page(frame_of(self._service.opened, place.language), place, content).encode()
        headers = {"Cache-Control": kept, "Content-Language": place.language, "Vary": "Accept, Accept-Encoding"}
        if status in (429, 503):
            headers["Retry-After"] = str(RETRY_SECONDS)
        if accepts_gzip(request):
            body, headers["Content-Encoding"] = gzip.compress(body, 5, mtime=0), "gzip"
        return Response(body, status, media_type="text/html; charset=utf-8", headers=headers)

    def _allowed(self, kind: str, request: Request) -> bool:
        return self._limiter.hit(self._item, kind, client_address(request.scope, self._trusted))


def add_plain_page(
    app: FastAPI, service: AnswerService, feedback: FeedbackStore, metrics: Metrics, settings: Settings
) -> None:
    """Adds `/embed`, `/embed/feedback`, `/embed.js` and `/widget.js`."""
    plain = PlainPage(
        service, feedback, metrics, per_minute=settings.rate_per_minute, trusted_proxies=settings.trusted_proxies
    )
    app.add_api_route("/embed", plain.open, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_api_route("/embed", plain.ask, methods=["POST"], include_in_schema=False)
    app.add_api_route("/embed/feedback", plain.rate, methods=["POST"], include_in_schema=False)

    @app.api_route("/embed.js", methods=["GET", "HEAD"], include_in_schema=False)
    async def script(request: Request) -> Response:
        return SCRIPT.response(request)

    @app.api_route("/widget.js", methods=["GET", "HEAD"], include_in_schema=False)
    async def widget(request: Request) -> Response:
        return WIDGET.response(request, anyone=True)


async def _fields(request: Request) -> dict[str, str]:
    """The text fields of a form; files are ignored."""
    async with request.form(max_files=1, max_fields=MOST_FIELDS) as form:
        return {name: value for name, value in form.items() if not isinstance(value, UploadFile)}


def _wants_fragment(request: Request) -> bool:
    return FRAGMENT in request.headers.get("accept", "")
