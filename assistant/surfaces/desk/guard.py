"""Every route of the desk behind sign-in, role, origin and CSRF token; the table of routes is what the tests walk
over."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from assistant.desk.desk import Desk
from assistant.desk.naming import title_of
from assistant.desk.roles import Role, SignedIn
from assistant.settings import Settings
from assistant.surfaces.api import problem
from assistant.surfaces.desk.rendering import render
from assistant.surfaces.rate_limit import client_address

COOKIE, LANGUAGE_COOKIE = "desk_session", "desk_language"
SIGN_IN = "/desk/sign-in"
MOST_FIELDS = 200
LARGEST_FIELD = 64 * 1024
LARGEST_UPLOAD = 21 * 1024 * 1024
Kind = Literal["page", "data", "asset"]


@dataclass(frozen=True)
class Visit:
    """A permitted request of somebody who is signed in."""

    request: Request
    who: SignedIn
    language: str
    form: FormData | None = None

    def field(self, name: str) -> str:
        """A text field of the form, else an empty text."""
        value = self.form.get(name, "") if self.form else ""
        return value if isinstance(value, str) else ""

    def fields(self) -> dict[str, str]:
        """All text fields; of several with one name the last."""
        return {name: value for name, value in self.form.multi_items() if isinstance(value, str)} if self.form else {}

    def values(self, name: str) -> list[str]:
        """All values of a field."""
        return [v for v in self.form.getlist(name) if isinstance(v, str)] if self.form else []

    def file(self, name: str) -> UploadFile | None:
        """An uploaded file."""
        value = self.form.get(name) if self.form else None
        return value if isinstance(value, UploadFile) else None


Handler = Callable[[Visit], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class DeskRoute:
    """A guarded route: who may use it, and what it gives."""

    method: str
    path: str
    role: Role
    kind: Kind


class Guard:
    """Adds guarded routes to the application."""

    def __init__(self, app: FastAPI, desk: Desk, settings: Settings) -> None:
        self._app, self.desk = app, desk
        self.secure = (settings.public_url or "").startswith("https://")
        self._public_url, self._trusted = (settings.public_url or "").rstrip("/"), settings.trusted_proxies
        parts = urlsplit(self._public_url)
        self._public_origin = f"{parts.scheme}://{parts.netloc}"
        self.table: list[DeskRoute] = []

    def add(self, method: str, path: str, role: Role, handler: Handler, kind: Kind = "page") -> None:
        """One route."""
        self.table.append(DeskRoute(method, path, role, kind))

        async def guarded(request: Request) -> Response:
            return await self._guarded(request, role, kind, handler)

        self._app.add_api_route(path, guarded, methods=[method], include_in_schema=False, response_model=None)

    def page(self, visit: Visit, template: str, *, status: int = 200, **values: Any) -> Response:
        """A whole page."""
        shown = render(
            template,
            visit.language,
            title=self._title(visit),
            who=visit.who,
            Role=Role,
            path=visit.request.url.path,
            languages=self.desk.languages,
            **values,
        )
        return HTMLResponse(shown, status, headers={"Cache-Control": "no-store", "Content-Language": visit.language})

    def fragment(self, visit: Visit, template: str, **values: Any) -> Response:
        """A part of a page."""
        shown = render(
            template,
            visit.language,
            title=self._title(visit),
            who=visit.who,
            Role=Role,
            languages=self.desk.languages,
            **values,
        )
        return HTMLResponse(shown, headers={"Cache-Control": "no-store", "Content-Language": visit.language})

    def address(self, request: Request) -> str:
        """The address of the client."""
        return client_address(request.scope, self._trusted)

    def own_address(self, request: Request) -> str:
        """Scheme and host under which people reach the desk."""
        return self._public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"

    def from_elsewhere(self, request: Request) -> bool:
        """Whether a browser says that another site sent the request."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return True
        origin = request.headers.get("origin")
        if origin is None:
            return False
        return origin != self._public_origin and origin != f"{request.url.scheme}://{request.headers.get('host', '')}"

    def _title(self, visit: Visit) -> Callable[[str], str | None]:
        return cache(lambda identity: title_of(self.desk, identity, visit.language))

    async def _guarded(self, request: Request, role: Role, kind: Kind, handler: Handler) -> Response:
        request = without_nul(request)
        who = await asyncio.to_thread(self.desk.staff.signed_in, request.cookies.get(COOKIE))
        if who is None:
            if kind == "page":
                return RedirectResponse(SIGN_IN, 303, headers={"Cache-Control": "no-store"})
            return problem(401, "Not signed in", "Sign in at /desk/sign-in.", headers={"Cache-Control": "no-store"})
        language = desk_language(request, self.desk.languages)
        visit = Visit(request, who, language)
        if not who.role.may(role):
            return self._refused(visit, kind, 403, "forbidden")
        if request.method == "POST":
            if self.from_elsewhere(request):
                return self._refused(visit, kind, 403, "elsewhere")
            announced = request.headers.get("content-length", "")
            if not announced.isdigit() or int(announced) > LARGEST_UPLOAD:
                return self._refused(visit, kind, 413, "too_large")
            form = await read_form(request, max_files=1, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)
            visit = Visit(request, who, language, form)
            given = request.headers.get("x-csrf-token") or visit.field("csrf")
            if not hmac.compare_digest(given.encode(), who.csrf.encode()):
                return self._refused(visit, kind, 403, "stale_form")
        response = await handler(visit)
        return remember_language(request, response, self.desk.languages, secure=self.secure)

    def _refused(self, visit: Visit, kind: Kind, status: int, reason: str) -> Response:
        if kind == "page":
            return self.page(visit, "refused.html", status=status, reason=reason)
        return problem(status, "Refused", reason)


async def read_form(request: Request, **limits: int) -> FormData:
    """The form of a request without NUL characters, which no database takes."""
    form = await request.form(**limits)
    return FormData(
        [
            (_without_nul(name), _without_nul(value) if isinstance(value, str) else value)
            for name, value in form.multi_items()
        ]
    )


def without_nul(request: Request) -> Request:
    """The same request without NUL characters in its address."""
    query = urlencode([(_without_nul(name), _without_nul(value)) for name, value in request.query_params.multi_items()])
    named = {name: _without_nul(str(value)) for name, value in request.path_params.items()}
    return Request(
        {
            **request.scope,
            "path": _without_nul(request.scope["path"]),
            "query_string": query.encode(),
            "path_params": named,
        },
        request.receive,
    )


def _without_nul(text: str) -> str:
    return text.replace("\0", "")


def desk_language(request: Request, languages: Sequence[str]) -> str:
    """Of the languages that asked for with `?lang=`, else the one chosen before, else the first."""
    for wished in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wished is not None and wished in languages:
            return wished
    return languages[0]


def remember_language(request: Request, response: Response, languages: Sequence[str], *, secure: bool) -> Response:
    """Keeps a language that was asked for with `?lang=`."""
    if request.query_params.get("lang") in languages:
        response.set_cookie(
            LANGUAGE_COOKIE,
            desk_language(request, languages),
            path="/desk",
            max_age=31_536_000,
            httponly=True,
            samesite="strict",
            secure=secure,
        )
    return response


def go(to: str) -> Response:
    """After a POST: to another page."""
    return RedirectResponse(to, 303, headers={"Cache-Control": "no-store"})
