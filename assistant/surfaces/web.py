"""The web application: API, chat window and the operator's pages behind one protection."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from starlette.middleware.cors import CORSMiddleware

from assistant.answering.values import ConversationMemory
from assistant.desk.desk import Desk
from assistant.settings import Settings
from assistant.surfaces.api import FeedbackStore, Metrics, add_api
from assistant.surfaces.desk.routes import UPLOAD, add_desk
from assistant.surfaces.fault_edge import FaultEdge
from assistant.surfaces.gradio_page import GradioPage
from assistant.surfaces.late_application import LateApplication
from assistant.surfaces.operator_pages import add_assets, add_operator_pages
from assistant.surfaces.page_frame import frame_of
from assistant.surfaces.plain_page import add_plain_page
from assistant.surfaces.plain_view import STYLE
from assistant.surfaces.protection import BodyLimit, NeededRoutes, SecurityHeaders, parse_origins
from assistant.surfaces.rate_limit import RateLimit
from assistant.surfaces.service import AnswerService, Opened
from assistant.surfaces.texts import page_language
from index.values import Programme


class WebRecords(ConversationMemory, FeedbackStore, Protocol):
    """What the web surfaces need of the records."""


def build_web_app(
    settings: Settings, current: Callable[[], Opened | None], records: WebRecords, desk: Desk | None = None
) -> FastAPI:
    """The whole application. `current` gives the index in use; `desk` adds the pages of the staff. Raises
    ValueError for origins that are none."""

    def programme() -> Programme | None:
        opened = current()
        return opened.assistant.programme if opened else None

    waiting = settings.concurrent_answers
    service = AnswerService(
        current, records, programme, waiting=waiting, paused=desk.switch.notice if desk else lambda _: None
    )
    metrics = Metrics()
    # importing Gradio takes as long as everything else together: the other surfaces do not wait for it
    gradio = LateApplication(lambda: _gradio_app(service, metrics, 2 * waiting))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncGenerator[None]:
        async with gradio.lifespan():
            yield

    app = FastAPI(
        title="Clusterlotse", openapi_url="/api/v1/openapi.json", docs_url=None, redoc_url=None, lifespan=lifespan
    )
    add_api(app, service, records, metrics)
    add_assets(app)
    add_operator_pages(app, service)
    add_plain_page(app, service, records, metrics, settings)
    if desk is not None:
        add_desk(app, desk, settings)
    # further surfaces go here, one line each, before the chat window: it is mounted at "/" and takes what is left
    _add_chat_window(app, service, gradio)
    app.add_middleware(
        RateLimit,
        per_minute=settings.rate_per_minute,
        trusted_proxies=settings.trusted_proxies,
        languages=lambda: service.languages,
    )
    app.add_middleware(BodyLimit, unread=(UPLOAD,))
    app.add_middleware(FaultEdge, service=service)
    app.add_middleware(
        SecurityHeaders,
        embed_origins=parse_origins(settings.embed_origins),
        embed_style=STYLE.csp_source,
        https=(settings.public_url or "").startswith("https://"),
    )
    return app


def _add_chat_window(app: FastAPI, service: AnswerService, gradio: LateApplication) -> None:
    """The page at `/`, and of Gradio's own routes only those that it needs."""
    page = GradioPage(gradio)

    @app.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
    async def chat_page(request: Request) -> Response:
        frame = frame_of(service.opened, page_language(request.url.query, service.languages))
        return HTMLResponse(
            await page.render(frame, request.state.nonce),
            headers={"Cache-Control": "no-store", "Content-Language": frame.language},
        )

    app.mount("/", NeededRoutes(gradio))


def _gradio_app(service: AnswerService, metrics: Metrics, places: int) -> FastAPI:
    """Gradio in an application of its own."""
    import gradio as gr

    from assistant.surfaces.chat_window import build_chat_window, labels, theme

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    # without a CORS middleware of ours Gradio adds one that mirrors any origin
    app.add_middleware(CORSMiddleware, allow_origins=())
    texts = labels()
    window = build_chat_window(service, metrics, places=places, texts=texts)
    return gr.mount_gradio_app(
        app,
        window,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        i18n=texts,
        theme=theme(),
    )
