"""Protection of the web application as pure ASGI: security headers with a content security policy per route, a
limit for request bodies, and the routes of Gradio that are let through."""

import re
import secrets
from collections.abc import Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.surfaces.api import problem

LARGEST_BODY = 64 * 1024
GRADIO_PAGES = ("/",)
HTML_PREFIXES = ("/pages/", "/embed", "/desk")
EMBEDDABLE = "/embed"
LOADABLE_ELSEWHERE = "/widget.js"
GRADIO_STYLE = "'sha256-g1bHISw0wC5zPcnfBxdUydnwBkCuBpNPwannoyMIG3M='"
"""The one inline style of Gradio 6.31 (measured in Chromium; another version needs another)."""
_NEEDED = re.compile(
    r"(?:/assets/[\w.-]+(?:/[\w.-]+)*|/static/fonts/[\w./-]+|/theme\.css|/gradio_api/(?:queue/join|queue/data|heartbeat/\w+|cancel))"
)
_ORIGIN = re.compile(r"https?://(?:\*\.)?[A-Za-z0-9.-]+(?::\d{1,5})?")
_PERMISSIONS = (
    "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)"
)


def parse_origins(text: str) -> tuple[str, ...]:
    """The origins of a list separated by commas or blanks. Raises ValueError for what is no origin."""
    origins = tuple(part.rstrip("/") for part in re.split(r"[\s,]+", text) if part)
    for origin in origins:
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(
                f"CLUSTERLOTSE_EMBED_ORIGINS: {origin!r} is no origin; write scheme and host, such as https://www.example.org"
            )
    return origins


def policy(path: str, nonce: str, embed_origins: Sequence[str], embed_style: str = "") -> str:
    """The content security policy of a route; `embed_style` is the source of the plain page's inline style."""
    if path in GRADIO_PAGES:
        return (
            f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' {GRADIO_STYLE}; img-src 'self'; font-src 'self'; "
            "connect-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
        )
    if path.startswith(HTML_PREFIXES):
        embeddable = path.startswith(EMBEDDABLE)
        ancestors = " ".join(("'self'", *embed_origins)) if embeddable else "'none'"
        style = (embeddable and embed_style) or "'self'"
        return f"default-src 'none'; script-src 'self'; style-src {style}; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {ancestors}"
    return "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """Puts the security headers on every response; `request.state.nonce` is what the page's inline scripts carry."""

    def __init__(
        self, app: ASGIApp, *, embed_origins: Sequence[str] = (), embed_style: str = "", https: bool = False
    ) -> None:
        self._app, self._embed_origins, self._embed_style, self._https = app, tuple(embed_origins), embed_style, https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on and completes the headers of its response."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        nonce = secrets.token_urlsafe(18)
        scope.setdefault("state", {})["nonce"] = nonce
        path: str = scope["path"]

        async def protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["Content-Security-Policy"] = policy(path, nonce, self._embed_origins, self._embed_style)
                headers["X-Content-Type-Options"] = "nosniff"
                # without any referrer browsers send the forms of the desk with the origin "null", which it refuses
                headers["Referrer-Policy"] = "same-origin" if path.startswith("/desk") else "no-referrer"
                headers["Permissions-Policy"] = _PERMISSIONS
                headers["Cross-Origin-Opener-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = (
                    "cross-origin" if path == LOADABLE_ELSEWHERE or path.startswith(EMBEDDABLE) else "same-origin"
                )
                if not path.startswith(EMBEDDABLE):
                    headers["X-Frame-Options"] = "DENY"
                if self._https:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        await self._app(scope, receive, protected)


class BodyLimit:
    """Refuses request bodies above a limit with 413, whether they announce their length or not; paths in `unread`
    limit their own."""

    def __init__(self, app: ASGIApp, *, most: int = LARGEST_BODY, unread: Sequence[str] = ()) -> None:
        if most < 1:
            raise ValueError(f"most must be at least 1 byte, got {most}")
        self._app, self._most, self._unread = app, most, tuple(unread)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Reads the body up to the limit, then passes the request on with it."""
        if scope["type"] != "http" or scope["method"] in ("GET", "HEAD", "OPTIONS") or scope["path"] in self._unread:
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        body, more = b"", not (announced.isdigit() and int(announced) > self._most)
        too_large = not more
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._most:
                too_large, more = True, False
        if too_large:
            await problem(
                413, "Request too large", f"A request has at most {self._most} bytes.", headers={"Connection": "close"}
            )(scope, receive, send)
            return
        replayed = False

        async def replay() -> Message:
            nonlocal replayed
            if not replayed:
                replayed = True
                return {"type": "http.request", "body": body, "more_body": False}
            return await receive()

        await self._app(scope, replay, send)


class NeededRoutes:
    """Lets only those routes of a Gradio application through that its page needs; everything else is 404."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a needed request on, refuses any other."""
        # a mounted application sees the whole path, and the mount point in root_path
        path = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        if scope["type"] == "http" and not (_NEEDED.fullmatch(path) and ".." not in path):
            await problem(404, "Not Found", "There is no such page.")(scope, receive, send)
            return
        await self._app(scope, receive, send)
