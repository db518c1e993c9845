"""The operator's pages (imprint, privacy, accessibility) from the corpus, and the static files of the web surfaces."""

import html
import re
from collections.abc import Sequence

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from assistant.surfaces.api import problem
from assistant.surfaces.page_frame import ASSETS, PAGES, frame_of, page
from assistant.surfaces.rendering import markdown_html
from assistant.surfaces.service import AnswerService, OperatorPage
from assistant.surfaces.texts import page_language, surface_text

_MEDIA = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
_FIRST_HEADING = re.compile(r"\A\s*#\s+.*(?:\n|\Z)")


def add_operator_pages(app: FastAPI, service: AnswerService) -> None:
    """Adds `/pages/{name}`."""

    @app.get("/pages/{name}", include_in_schema=False)
    async def operator_page(request: Request, name: str) -> Response:
        language = page_language(request.url.query, service.languages)
        opened = service.opened
        found = _version(list(opened.pages) if opened else [], name, (language, *service.languages))
        frame = frame_of(opened, language)
        if found is not None:
            title, tongue, body = (
                found.title,
                found.language,
                markdown_html(_FIRST_HEADING.sub("", found.markdown), language),
            )
        else:
            title = surface_text(f"pages.{name}", language) if name in PAGES else surface_text("page_missing", language)
            tongue, body = language, f"<p>{html.escape(surface_text('page_missing', language))}</p>"
        back = f'<p class="back"><a href="/?lang={language}">{html.escape(surface_text("back", language))}</a></p>'
        content = f'<main id="content" class="document" tabindex="-1"><article lang="{html.escape(tongue, quote=True)}"><h1>{html.escape(title)}</h1>{body}</article>{back}</main>'
        return HTMLResponse(
            page(frame, title=f"{title} – {frame.name}", head="", content=content, path=f"/pages/{name}"),
            200 if found else 404,
            headers={"Cache-Control": "no-cache"},
        )


def add_assets(app: FastAPI) -> None:
    """Adds `/surface/{name}`: our own stylesheets and scripts."""
    files = {path.name: path for path in ASSETS.iterdir() if path.suffix in _MEDIA}

    @app.get("/surface/{name}", include_in_schema=False)
    async def asset(name: str) -> Response:
        found = files.get(name)
        if found is None:
            return problem(404, "Not Found", "There is no such file.")
        return FileResponse(
            found, media_type=_MEDIA[found.suffix], headers={"Cache-Control": "public, max-age=31536000, immutable"}
        )


def _version(pages: list[OperatorPage], name: str, languages: Sequence[str]) -> OperatorPage | None:
    """The page in the first of the languages that it is there in, else in any."""
    named = [p for p in pages if p.name == name]
    return next((p for wished in languages for p in named if p.language == wished), named[0] if named else None)
