"""The page of the chat window: our own HTML with Gradio's scripts in it. Gradio's own page would load what a strict
policy forbids and speak English."""

import html
import re
from dataclasses import dataclass

import httpx
from starlette.types import ASGIApp

from assistant.surfaces.page_frame import Frame, asset_address, page
from assistant.surfaces.texts import surface_text, surface_texts
from index.values import starter_questions

_SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL)
_STYLESHEET = re.compile(r'<link rel="stylesheet"[^>]*href="\./(?P<path>assets/[^"]+)"[^>]*>')
_MODULE = re.compile(r'src="\./(?P<path>assets/[^"]+)"')
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
        f'<base href="/">{inline}<script src="{asset_address("chat.js")}"></script><script type="module" src="/{parts.module}"></script>'
        f'<link rel="stylesheet" href="/{parts.stylesheet}"><link rel="stylesheet" href="{asset_address("chat.css")}">'
    )


def _content(frame: Frame) -> str:
    """Greeting, the conversation with its field, starter questions, and the sources beside it. What chat.js says
    comes from data attributes."""
    words = {
        key: html.escape(str(value), quote=True)
        for key, value in surface_texts(frame.language).items()
        if isinstance(value, str)
    }
    said = " ".join(
        f'data-{key.replace("_", "-")}="{words[key]}"'
        for key in (
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
    )
    # no main of ours: Gradio brings one, and there may be one only
    return (
        f'<div id="content" class="room" {said}><div class="talk"><section aria-label="{words["about"]}">'
        f'<h1 class="visually-hidden">{html.escape(surface_text("title", frame.language).format(programme=frame.name))}</h1>{_greeting(frame)}'
        f'<noscript><p class="noscript">{words["no_script"]} <a href="/embed?lang={frame.language}">{words["no_script_link"]}</a></p></noscript></section>'
        '<gradio-app control_page_title="false" embed="false" eager="true"></gradio-app>'
        f'<section aria-label="{words["note"]}"><p id="fault" role="alert" hidden></p><p class="hint">{words["hint"]} <a class="anew" href="/?lang={frame.language}">{words["new"]}</a></p><p id="status" class="visually-hidden" role="status"></p></section>'
        f'{_starters(frame)}</div><aside id="sources" aria-label="{words["sources"]}" hidden><h2>{words["sources"]}</h2><p class="for"></p><div class="cards"></div></aside></div>'
    )


def _greeting(frame: Frame) -> str:
    words = frame.programme.greeting if frame.programme else None
    return f'<p class="greeting" data-empty>{html.escape((words or {}).get(frame.language) or surface_text("greeting", frame.language))}</p>'


def _starters(frame: Frame) -> str:
    """The starter questions in their groups; `data-empty` is hidden once a conversation has begun."""
    groups = ""
    for number, group in enumerate(starter_questions(frame.programme, frame.language) if frame.programme else ()):
        questions = "".join(
            f'<li><button type="button" class="ask" data-ask="{html.escape(q, quote=True)}">{html.escape(q)}</button></li>'
            for q in group.questions
        )
        groups += f'<div class="group" role="group" aria-labelledby="group-{number}"><h3 id="group-{number}">{html.escape(group.group)}</h3><ul>{questions}</ul></div>'
    return (
        f'<section class="starters" aria-labelledby="starters" data-empty><h2 id="starters">{html.escape(surface_text("starters", frame.language))}</h2><div class="groups">{groups}</div></section>'
        if groups
        else ""
    )
