"""A limit of questions per client address and minute, in memory."""

import ipaddress
import math
import time
from collections.abc import Callable, Sequence

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from assistant.languages import codes
from assistant.surfaces.api import problem
from assistant.surfaces.texts import page_language, surface_text

_ASKING = ("/api/v1/ask", "/gradio_api/queue/join", "/embed")
_SIGN_IN = "/desk/sign-in"
_RATING = "/api/v1/answers/"


def client_address(scope: Scope, trusted_proxies: int) -> str:
    """The address of the client: the connection's, or the n-th of X-Forwarded-For from the right behind n trusted
    proxies; of IPv6 the network (/64)."""
    address = (scope.get("client") or ("unknown", 0))[0]
    if trusted_proxies:
        forwarded = [
            part.strip()
            for line in Headers(scope=scope).getlist("x-forwarded-for")
            for part in line.split(",")
            if part.strip()
        ]
        if len(forwarded) >= trusted_proxies:
            address = forwarded[-trusted_proxies]
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    return str(ipaddress.ip_network((parsed, 64), strict=False).network_address) if parsed.version == 6 else str(parsed)


class RateLimit:
    """Answers 429 when a client asks more often than `per_minute`; ratings and sign-ins have their own counts of
    the same size. `languages` are those of the programme."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        per_minute: int,
        trusted_proxies: int = 0,
        languages: Callable[[], Sequence[str]] = codes,
    ) -> None:
        self._app, self._item, self._trusted = app, RateLimitItemPerMinute(per_minute), trusted_proxies
        self._languages = languages
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Counts questions and ratings and refuses those above the limit."""
        kind = _kind(scope)
        if kind is None:
            await self._app(scope, receive, send)
            return
        address = client_address(scope, self._trusted)
        if self._limiter.hit(self._item, kind, address):
            await self._app(scope, receive, send)
            return
        again = math.ceil(max(1.0, self._limiter.get_window_stats(self._item, kind, address).reset_time - time.time()))
        language = page_language(scope.get("query_string", b""), self._languages())
        detail = surface_text("too_often", language).format(seconds=again)
        await problem(429, "Too many requests", detail, headers={"Retry-After": str(again)})(scope, receive, send)


def _kind(scope: Scope) -> str | None:
    if scope["type"] != "http":
        return None
    path = scope["path"]
    if path.startswith(_SIGN_IN) and (scope["method"] == "POST" or path.startswith(f"{_SIGN_IN}/")):
        return "sign-in"
    if scope["method"] != "POST":
        return None
    return "ask" if path in _ASKING else "rate" if path.startswith(_RATING) else None
