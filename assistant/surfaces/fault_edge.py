"""The outermost edge of the web application: whatever fails behind it ends as a polite response and one line in the
log."""

import html
import logging

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.answering.replies import reply
from assistant.faults import in_one_line
from assistant.surfaces.api import RETRY_SECONDS, problem
from assistant.surfaces.page_frame import frame_of, page
from assistant.surfaces.service import AnswerService
from assistant.surfaces.texts import page_language

LOG = logging.getLogger(__name__)


class FaultEdge:
    """Answers 503 where what it wraps raises: a page for browsers, problem details for the rest."""

    def __init__(self, app: ASGIApp, *, service: AnswerService) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            LOG.error("%s %s failed: %s", scope["method"], scope["path"].split("/")[1], in_one_line(error))
            if begun:
                raise  # the server cuts the connection, so that nobody takes a half for the whole
            await self._told(scope)(scope, receive, send)

    def _told(self, scope: Scope) -> Response:
        language, headers = (
            page_language(scope.get("query_string", b""), self._service.languages),
            {"Retry-After": str(RETRY_SECONDS)},
        )
        said = reply("error_model", language)
        if "text/html" not in Headers(scope=scope).get("accept", ""):
            return problem(503, "Not available", said, headers=headers)
        frame = frame_of(self._service.opened, language)
        content = f'<main id="content" class="document" tabindex="-1"><h1>{html.escape(frame.name)}</h1><p>{html.escape(said)}</p></main>'
        shown = page(frame, title=frame.name, head="", content=content, path="/")
        return HTMLResponse(shown, 503, headers={**headers, "Cache-Control": "no-store"})
