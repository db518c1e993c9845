"""The page of the chat window: our own HTML with Gradio's scripts in it. Gradio's own page would load what a strict
policy forbids and speak English."""

import re
from dataclasses import dataclass

import httpx
from starlette.types import ASGIApp

from assistant.surfaces.answer_view import render
from assistant.surfaces.page_frame import Frame, asset_address, greeting, page
from assistant.surfaces.texts import surface_text
from index.values import starter_questions

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)
_STYLESHEET = re.compile(r'<link rel="stylesheet"[^>]*href="\./(?P<path>assets/[^"]+)"[^>]*>')
_MODULE = re.compile(r'src="\./(?P<path>assets/[^"]+)"')
SAID = (
    "working",
    "ready",
    "thanks",
    "not_sent",
    "copied",
    "copy",
    "sources_for",
    "conversation",
    "not_connected",
    "failed",
)
"""The texts that chat.js says, by their keys."""
_CONFIGURATION = ("window.gradio_config", "window.gradio_api_info")


@dataclass(frozen=True, slots=True)
class GradioParts:
    """What Gradio's page needs: inline scripts with its configuration, one module, one stylesheet."""

    configuration: tuple[str, ...]
    module: str
    stylesheet: str


class GradioPage:
    """Renders the page of a mounted Gradio application."""

    def __init__(self, gradio: ASGIApp) -> None:
        self._gradio = gradio
        self._parts: GradioParts | None = None

    async def render(self, frame: Frame, nonce: str) -> str:
        """The whole page; inline scripts carry the nonce."""
        if self._parts is None:
            transport = httpx.ASGITransport(app=self._gradio)
            # the host is a placeholder: chat.js sets the address that the browser really uses, so that no Host header
            # can forge one
            async with httpx.AsyncClient(transport=transport, base_url="http://clusterlotse.invalid") as client:
                self._parts = gradio_parts((await client.get("/")).text)
        return page(
            frame,
            title=surface_text("title", frame.language).format(programme=frame.name),
            head=_head(self._parts, nonce),
            content=_content(frame),
            path="/",
        )


def gradio_parts(source: str) -> GradioParts:
    """The needed parts of Gradio's page. Raises RuntimeError when one is missing: the page of another version."""
    scripts = [(m["attributes"], m["body"]) for m in _SCRIPT.finditer(source)]
    configuration = tuple(
        body for attributes, body in scripts if "src=" not in attributes and body.strip().startswith(_CONFIGURATION)
    )
    module = next(
        (
            found["path"]
            for attributes, _ in scripts
            if 'type="module"' in attributes and (found := _MODULE.search(attributes))
        ),
        None,
    )
    stylesheet = _STYLESHEET.search(source)
    if len(configuration) != len(_CONFIGURATION) or module is None or stylesheet is None:
        raise RuntimeError(
            "Gradio's page has another form than that of version 6.31; adapt assistant/surfaces/gradio_page.py"
        )
    return GradioParts(configuration, module, stylesheet["path"])


def _head(parts: GradioParts, nonce: str) -> str:
    inline = "".join(
        f'<script nonce="{nonce}">{body}</script>' for body in (*parts.configuration, 'window.__gradio_mode__ = "app";')
    )
    return (
        f'<base href="/">{inline}<script src="{asset_address("chat.js")}"></script>'
        f'<script type="module" src="/{parts.module}"></script><link rel="stylesheet" href="/{parts.stylesheet}">'
        f'<link rel="stylesheet" href="{asset_address("chat.css")}">'
    )


def _content(frame: Frame) -> str:
    """Greeting, the conversation with its field, starter questions, and the sources beside it."""
    return render(
        "chat.html",
        frame.language,
        chat=True,
        said=SAID,
        title=surface_text("title", frame.language).format(programme=frame.name),
        greeting=greeting(frame),
        starters=starter_questions(frame.programme, frame.language) if frame.programme else (),
    )
