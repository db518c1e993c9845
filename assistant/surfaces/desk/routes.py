"""All routes of the desk with the role that each needs."""

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from assistant.desk.desk import Desk
from assistant.desk.roles import Role
from assistant.settings import Settings
from assistant.surfaces.api import problem
from assistant.surfaces.desk.answer_pages import AnswerPages
from assistant.surfaces.desk.conversation_pages import ConversationPages
from assistant.surfaces.desk.document_pages import DocumentPages
from assistant.surfaces.desk.figure_pages import FigurePages
from assistant.surfaces.desk.gap_pages import GapPages
from assistant.surfaces.desk.guard import Guard, Visit
from assistant.surfaces.desk.look_up_pages import LookUpPages
from assistant.surfaces.desk.rendering import SCRIPT, SIGN_IN_STYLE, STYLE
from assistant.surfaces.desk.sign_in import add_sign_in
from assistant.surfaces.desk.switch_pages import SwitchPages

UPLOAD = "/desk/documents/upload"
"""The one route whose body may be large; it is read only for somebody who is signed in."""


def add_desk(app: FastAPI, desk: Desk, settings: Settings) -> Guard:
    """Adds everything below /desk. The guard's table names every guarded route."""
    guard = Guard(app, desk, settings)
    sign_in = add_sign_in(app, guard, settings)

    @app.get(f"/desk/{SIGN_IN_STYLE.path.name}", include_in_schema=False)
    async def sign_in_style(request: Request) -> Response:
        return SIGN_IN_STYLE.response(request)

    for file in (STYLE, SCRIPT):

        async def asset(visit: Visit, file: object = file) -> Response:
            return (STYLE if file is STYLE else SCRIPT).response(visit.request)

        guard.add("GET", f"/desk/{file.path.name}", Role.AGENT, asset, "asset")
    guard.add("POST", "/desk/sign-out", Role.AGENT, sign_in.sign_out)
    _add_pages(guard, desk)

    @app.get("/desk", include_in_schema=False)
    async def without_slash() -> Response:
        return RedirectResponse("/desk/", 303)

    async def missing(visit: Visit) -> Response:
        return guard.page(visit, "refused.html", status=404, reason="missing")

    guard.add("GET", "/desk/{rest:path}", Role.AGENT, missing)

    @app.api_route(
        "/desk/{rest:path}", methods=["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"], include_in_schema=False
    )
    async def other(rest: str) -> Response:
        del rest
        return problem(401, "Not signed in", "Sign in at /desk/sign-in.")

    return guard


def _add_pages(guard: Guard, desk: Desk) -> None:
    agent, editor, admin = Role.AGENT, Role.EDITOR, Role.ADMIN
    look_up = LookUpPages(guard, desk)
    guard.add("GET", "/desk/", agent, look_up.open)
    guard.add("GET", "/desk/results", agent, look_up.results, "data")
    guard.add("GET", "/desk/source/{document}", agent, look_up.source)
    conversations = ConversationPages(guard, desk)
    guard.add("GET", "/desk/conversations", agent, conversations.open)
    guard.add("POST", "/desk/conversations", agent, conversations.by_code)
    guard.add("POST", "/desk/conversations/outcome", agent, conversations.outcome)
    gaps = GapPages(guard, desk)
    guard.add("GET", "/desk/gaps", agent, gaps.open)
    guard.add("POST", "/desk/gaps/report", agent, gaps.report)
    guard.add("POST", "/desk/gaps/dismiss", editor, gaps.dismiss)
    guard.add("POST", "/desk/gaps/reopen", editor, gaps.reopen)
    guard.add("POST", "/desk/gaps/merge", editor, gaps.merge)
    answers = AnswerPages(guard, desk)
    guard.add("GET", "/desk/answers", agent, answers.listed)
    guard.add("GET", "/desk/answers/new", editor, answers.new)
    guard.add("POST", "/desk/answers/save", editor, answers.save)
    guard.add("POST", "/desk/answers/check", editor, answers.check, "data")
    guard.add("GET", "/desk/passages", editor, answers.passages, "data")
    guard.add("GET", "/desk/answers/{entry}", agent, answers.one)
    guard.add("GET", "/desk/answers/{entry}/published", agent, answers.published, "data")
    guard.add("GET", "/desk/answers/{entry}/edit", editor, answers.edit)
    guard.add("POST", "/desk/answers/{entry}/submit", editor, answers.submit)
    guard.add("POST", "/desk/answers/{entry}/approve", editor, answers.approve)
    guard.add("POST", "/desk/answers/{entry}/reject", editor, answers.reject)
    guard.add("POST", "/desk/answers/{entry}/withdraw", editor, answers.withdraw)
    documents = DocumentPages(guard, desk)
    guard.add("GET", "/desk/documents", agent, documents.open)
    guard.add("POST", UPLOAD, editor, documents.where_built(documents.upload))
    guard.add("POST", "/desk/documents/withdraw", editor, documents.where_built(documents.withdraw))
    guard.add("POST", "/desk/documents/rebuild", editor, documents.where_built(documents.rebuild))
    guard.add("GET", "/desk/documents/progress", agent, documents.progress, "data")
    figures = FigurePages(guard, desk)
    guard.add("GET", "/desk/figures", agent, figures.open)
    guard.add("GET", "/desk/figures.csv", agent, figures.table, "data")
    switch = SwitchPages(guard, desk)
    guard.add("GET", "/desk/switch", admin, switch.open)
    guard.add("POST", "/desk/switch", admin, switch.turn)
