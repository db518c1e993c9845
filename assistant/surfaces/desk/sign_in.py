"""Sign-in by name and password, or through an OpenID Connect provider; sign-out."""

import asyncio
import logging
import secrets
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from assistant.settings import Settings
from assistant.surfaces.desk.guard import COOKIE, SIGN_IN, Guard, Visit, desk_language, go, read_form, remember_language
from assistant.surfaces.desk.provider import IdentityProvider, ProviderError
from assistant.surfaces.desk.rendering import render

LOG = logging.getLogger(__name__)
LONGEST_SESSION_SECONDS = 10 * 3600
STATE_COOKIE, RETURN_PATH = "desk_provider", f"{SIGN_IN}/provider"


class SignIn:
    """The sign-in page and what it leads to."""

    def __init__(self, guard: Guard, provider: IdentityProvider | None) -> None:
        self._guard, self._staff, self._provider = guard, guard.desk.staff, provider

    async def open(self, request: Request) -> Response:
        """GET: the form."""
        return self._page(request)

    async def sign_in(self, request: Request) -> Response:
        """POST: a new session, or the form again with a reason that tells nothing about accounts."""
        if self._guard.from_elsewhere(request):
            return self._page(request, "elsewhere", status=403)
        form = await read_form(request, max_files=0, max_fields=4)
        name, password = str(form.get("name", ""))[:100], str(form.get("password", ""))[:1000]
        result = await asyncio.to_thread(self._staff.sign_in, name, password, self._guard.address(request))
        if result.token is None:
            reason = "locked" if result.wait_seconds else "wrong"
            return self._page(
                request, reason, status=429 if result.wait_seconds else 401, wait=result.wait_seconds, name=name
            )
        return self._signed_in(go("/desk/"), result.token)

    async def to_provider(self, request: Request) -> Response:
        """GET: to the identity provider."""
        if self._provider is None:
            return RedirectResponse(SIGN_IN, 303)
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(64)
        state = await asyncio.to_thread(self._staff.begin_at_provider, nonce, verifier)
        try:
            to = await self._provider.address(state, nonce, verifier, self._return_address(request))
        except ProviderError as error:
            LOG.warning("identity provider: %s", error)
            return self._page(request, "provider", status=502)
        response = RedirectResponse(to, 303, headers={"Cache-Control": "no-store"})
        # the way back begins at another site, where a strict cookie would not be sent
        response.set_cookie(
            STATE_COOKIE, state, path=RETURN_PATH, max_age=600, httponly=True, samesite="lax", secure=self._guard.secure
        )
        return response

    async def from_provider(self, request: Request) -> Response:
        """GET: back from the identity provider. A page of our own goes on, so that the strict session cookie is
        sent."""
        state, code = request.query_params.get("state", ""), request.query_params.get("code", "")
        expected = request.cookies.get(STATE_COOKIE, "")
        begun = (
            await asyncio.to_thread(self._staff.back_from_provider, state)
            if state and secrets.compare_digest(state.encode(), expected.encode())
            else None
        )
        if self._provider is None or begun is None or not code:
            return self._page(request, "provider", status=401)
        nonce, verifier = begun
        try:
            names = await self._provider.names(code, nonce, verifier, self._return_address(request))
        except ProviderError as error:
            LOG.warning("identity provider: %s", error)
            return self._page(request, "provider", status=401)
        for name in names:
            token = await asyncio.to_thread(self._staff.sign_in_known, name)
            if token is not None:
                response = HTMLResponse(
                    render("onward.html", desk_language(request, self._guard.desk.languages)),
                    headers={"Cache-Control": "no-store"},
                )
                response.delete_cookie(STATE_COOKIE, path=RETURN_PATH)
                return self._signed_in(response, token)
        return self._page(request, "no_account", status=403)

    async def sign_out(self, visit: Visit) -> Response:
        """POST: ends the session."""
        await asyncio.to_thread(self._staff.sign_out, visit.request.cookies.get(COOKIE, ""))
        response = go(SIGN_IN)
        response.delete_cookie(COOKIE, path="/desk", httponly=True, samesite="strict", secure=self._guard.secure)
        return response

    def _signed_in(self, response: Response, token: str) -> Response:
        response.set_cookie(
            COOKIE,
            token,
            path="/desk",
            max_age=LONGEST_SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            secure=self._guard.secure,
        )
        return response

    def _page(self, request: Request, fault: str = "", *, status: int = 200, wait: int = 0, name: str = "") -> Response:
        languages = self._guard.desk.languages
        language = desk_language(request, languages)
        values: dict[str, Any] = {"fault": fault, "wait": wait, "name": name, "provider": self._provider is not None}
        headers = {
            "Cache-Control": "no-store",
            "Content-Language": language,
            **({"Retry-After": str(wait)} if wait else {}),
        }
        return remember_language(
            request,
            HTMLResponse(render("sign_in.html", language, languages=languages, **values), status, headers=headers),
            languages,
            secure=self._guard.secure,
        )

    def _return_address(self, request: Request) -> str:
        return self._guard.own_address(request) + RETURN_PATH


def add_sign_in(app: FastAPI, guard: Guard, settings: Settings) -> SignIn:
    """Adds the routes that need no session."""
    provider = None
    if settings.oidc_issuer and settings.oidc_client_id:
        secret = settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else ""
        provider = IdentityProvider(settings.oidc_issuer, settings.oidc_client_id, secret)
    sign_in = SignIn(guard, provider)
    app.add_api_route(SIGN_IN, sign_in.open, methods=["GET"], include_in_schema=False, response_model=None)
    app.add_api_route(SIGN_IN, sign_in.sign_in, methods=["POST"], include_in_schema=False, response_model=None)
    app.add_api_route(
        f"{SIGN_IN}/to-provider", sign_in.to_provider, methods=["GET"], include_in_schema=False, response_model=None
    )
    app.add_api_route(RETURN_PATH, sign_in.from_provider, methods=["GET"], include_in_schema=False, response_model=None)
    return sign_in
