"""The HTTP API: JSON and server-sent events, problem details (RFC 9457), liveness, readiness and metrics."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, FastAPI, Header, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, StreamingResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException

from assistant.answering.answer import Answer, AnswerStatus
from assistant.answering.checking import MARKER, marked_sentences
from assistant.answering.values import LONGEST_QUESTION
from assistant.faults import cause
from assistant.surfaces.service import AnswerService, Busy
from index.values import starter_questions

LOG = logging.getLogger(__name__)
PROBLEM = "application/problem+json"
RETRY_SECONDS = 5


Tongue = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""A language by its code (ISO 639-1)."""


class AskBody(BaseModel):
    """A question; `conversation` is the token of an earlier answer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"question": "Wer kann Mitglied werden?"}]}
    )
    # the limit is described, not declared: a longer question is refused as too long (413), not as misshapen (422)
    question: str = Field(
        description=f"The question, at most {LONGEST_QUESTION} characters.",
        json_schema_extra={"maxLength": LONGEST_QUESTION},
    )
    language: Tongue | None = Field(
        None, description="The language wanted, one of the programme's; by default that of the question."
    )
    conversation: str | None = Field(
        None, max_length=200, description="The token from an earlier answer; unknown or expired tokens start anew."
    )


class FeedbackBody(BaseModel):
    """A rating of an answer."""

    model_config = ConfigDict(extra="forbid")
    rating: Literal["up", "down"]
    reason: str | None = Field(None, max_length=64)
    comment: str | None = Field(None, max_length=1000)


class Problem(BaseModel):
    """An error as RFC 9457 describes it."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    answer_status: str | None = None


class SourceJson(BaseModel):
    """A source of an answer."""

    marker: int
    document: str | None
    title: str
    publisher: str | None
    heading: str | None
    url: str | None
    page: int | None
    as_of: str | None
    language: str
    kind: Literal["original", "summary"]
    quote: str | None


class HandoverJson(BaseModel):
    """Where a person can be reached."""

    phone: str
    email: str
    reason: str


class AnswerJson(BaseModel):
    """An answer, the same on every surface."""

    answer_id: str
    conversation: str
    code: str | None
    status: AnswerStatus
    mode: Literal["curated", "figures", "quoted", "selected", "generated", "fixed"]
    language: Tongue
    text: str
    more: str | None = Field(description="The rest of the approved answer, with markers of the same sources.")
    missing: str | None
    entry: str | None = Field(description="The entry or figure that answered.")
    sources: list[SourceJson]
    as_of: str | None
    suggestions: list[str]
    options: list[str]
    handover: HandoverJson | None
    notice: str
    timings_ms: dict[str, float]


class FeedbackStore(Protocol):
    """Keeps ratings."""

    def rate(self, answer_id: str, rating: str, reason: str | None, comment: str | None) -> bool:
        """False for an unknown answer."""
        ...

    def fault(self) -> str | None:
        """What keeps answers and ratings from being recorded; None while all is well."""
        ...


def problem(
    status: int, title: str, detail: str, *, answer_status: str | None = None, headers: dict[str, str] | None = None
) -> JSONResponse:
    """A problem-details response."""
    body = Problem(title=title, status=status, detail=detail, answer_status=answer_status).model_dump(exclude_none=True)
    return JSONResponse(body, status, media_type=PROBLEM, headers=headers)


class Metrics:
    """What Prometheus reads; no question text, no addresses."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "clusterlotse_answers",
            "Answers by status, mode and language",
            ["status", "mode", "language"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "clusterlotse_answer_seconds",
            "Time to a finished answer",
            registry=self.registry,
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
        )
        self.feedback = Counter("clusterlotse_feedback", "Ratings", ["rating"], registry=self.registry)
        self.unrecorded = Counter(
            "clusterlotse_answers_unrecorded", "Answers given that could not be recorded", registry=self.registry
        )
        self.failing = Gauge(
            "clusterlotse_records_failing", "1 while answers and ratings cannot be recorded", registry=self.registry
        )

    def saw(self, answer: Answer) -> None:
        """Counts an answer."""
        self.answers.labels(answer.status.value, answer.mode.value, answer.language).inc()
        # what is recorded has a caller code
        if answer.code is None and not answer.status.value.startswith("error"):
            self.unrecorded.inc()
        self.seconds.observe(answer.timings_ms.get("total", 0.0) / 1e3)


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"description": text, "content": {PROBLEM: {"schema": Problem.model_json_schema()}}}
    for code, text in {
        400: "Empty question",
        413: f"Longer than {LONGEST_QUESTION} characters",
        422: "Wrong shape",
        429: "Too many requests; see Retry-After",
        503: "No index, a fault of the model, or too many questions",
    }.items()
}


def add_api(app: FastAPI, service: AnswerService, feedback: FeedbackStore, metrics: Metrics) -> None:
    """Adds `/api/v1`, `/healthz`, `/readyz` and `/metrics`."""
    router = APIRouter(prefix="/api/v1")

    @router.post(
        "/ask",
        response_model=AnswerJson,
        responses={
            **_PROBLEMS,
            200: {
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
                "description": "The answer; as events with Accept: text/event-stream",
            },
        },
    )
    async def ask(body: AskBody, accept: str = Header("application/json")) -> Response:
        """Answers a question. With `Accept: text/event-stream`: events `step`, `sentence`, `answer`, `error`."""
        if not body.question.strip():
            return problem(400, "Empty question", f"Write a question of at most {LONGEST_QUESTION} characters.")
        if len(body.question) > LONGEST_QUESTION:
            return problem(
                413,
                "Question too long",
                f"A question has at most {LONGEST_QUESTION} characters, got {len(body.question)}.",
            )
        if (refused := _unspoken(body.language, service.languages)) is not None:
            return refused
        if "text/event-stream" in accept:
            return StreamingResponse(
                _events(service, metrics, body),
                media_type="text/event-stream",
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
        try:
            answer = await service.ask(body.question, body.language, body.conversation)
        except Busy:
            answer = service.failed(AnswerStatus.ERROR_BUSY, body.language)
        metrics.saw(answer)
        if answer.status.value.startswith("error"):
            return _failed(answer)
        return JSONResponse(answer.as_json(), headers={"Cache-Control": "no-store"})

    @router.post(
        "/answers/{answer_id}/feedback",
        status_code=204,
        responses={
            404: {**_PROBLEMS[400], "description": "Unknown answer"},
            422: _PROBLEMS[422],
            503: {**_PROBLEMS[503], "description": "The records fail"},
        },
    )
    async def rate(body: FeedbackBody, answer_id: str = Path(max_length=64)) -> Response:
        """Rates an answer."""
        try:
            known = await asyncio.to_thread(feedback.rate, answer_id, body.rating, body.reason, body.comment)
        except Exception as error:
            LOG.warning("a rating was not recorded: %s", cause(error))
            headers = {"Retry-After": str(RETRY_SECONDS)}
            return problem(503, "Not recorded", "The records fail; try again later.", headers=headers)
        if not known:
            return problem(404, "Unknown answer", "No answer has this id.")
        metrics.feedback.labels(body.rating).inc()
        return Response(status_code=204)

    @router.get("/starter-questions", responses={422: _PROBLEMS[422], 503: _PROBLEMS[503]})
    async def starters(
        language: Annotated[
            Tongue | None, Query(description="One of the programme's languages; by default its first.")
        ] = None,
    ) -> Any:
        """Starter questions by group."""
        if (refused := _unspoken(language, service.languages)) is not None:
            return refused
        opened = service.opened
        if opened is None:
            return _failed(service.failed(AnswerStatus.ERROR_INDEX, language))
        return [
            {"group": g.group, "questions": g.questions}
            for g in starter_questions(opened.assistant.programme, language or service.languages[0])
        ]

    @router.get(
        "/sources/{document}",
        responses={
            404: {**_PROBLEMS[400], "description": "Unknown document"},
            422: _PROBLEMS[422],
            503: _PROBLEMS[503],
        },
    )
    async def source(document: str = Path(max_length=300)) -> Any:
        """A document with its passages, for "show me the source"."""
        opened = service.opened
        if opened is None:
            return _failed(service.failed(AnswerStatus.ERROR_INDEX, None))
        found = opened.library.document(document)
        if found is None:
            return problem(404, "Unknown document", "No document has this id.")
        passages = await asyncio.to_thread(opened.library.document_passages, document)
        return {
            "document": found.id,
            "title": found.title,
            "publisher": found.publisher,
            "as_of": found.as_of,
            "url": found.source,
            "language": found.language,
            "kind": found.kind,
            "passages": [
                {"passage": p.id, "heading": list(p.heading), "text": p.text, "page": p.page} for p in passages
            ],
        }

    @app.get("/healthz", include_in_schema=False)
    async def healthz() -> dict[str, str]:
        return {"status": "live"}

    @app.get("/readyz", include_in_schema=False)
    async def readyz() -> Response:
        opened = service.opened
        if opened is None:
            return problem(
                503,
                "Not ready",
                "No index is loaded; build one with `python app.py index`.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        if (fault := await asyncio.to_thread(feedback.fault)) is not None:
            return problem(
                503,
                "Not ready",
                f"records: failing ({fault}). Answers go out, without rating and caller code.",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        state = opened.state
        return JSONResponse(
            {
                "status": "ready",
                "records": "working",
                "snapshot": state.snapshot,
                "created": state.created,
                **state.counts,
            }
        )

    @app.get("/metrics", include_in_schema=False)
    async def read_metrics() -> Response:
        metrics.failing.set(await asyncio.to_thread(feedback.fault) is not None)
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    app.include_router(router)
    _add_problem_handlers(app)


async def _events(service: AnswerService, metrics: Metrics, body: AskBody) -> AsyncIterator[str]:
    steps: asyncio.Queue[str | None] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    async def work() -> Answer:
        try:
            return await service.ask(
                body.question,
                body.language,
                body.conversation,
                lambda step: loop.call_soon_threadsafe(steps.put_nowait, step) and None,
            )
        except Busy:
            return service.failed(AnswerStatus.ERROR_BUSY, body.language)
        finally:
            loop.call_soon(steps.put_nowait, None)

    task = asyncio.create_task(work())
    while (step := await steps.get()) is not None:
        yield event("step", {"step": step})
    answer = await task
    metrics.saw(answer)
    if answer.status.value.startswith("error"):
        code = 503
        yield event(
            "error",
            Problem(
                title="Not answered", status=code, detail=answer.text, answer_status=answer.status.value
            ).model_dump(),
        )
        return
    for line in answer.text.split("\n"):
        parts = marked_sentences(line) or ([(line, ())] if line.strip() else [])
        for sentence, markers in parts:
            if sentence:
                yield event("sentence", {"text": MARKER.sub("", sentence).strip(), "markers": list(markers)})
    yield event("answer", answer.as_json())


def event(name: str, data: Any) -> str:
    """One server-sent event."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"


def _unspoken(language: str | None, languages: Sequence[str]) -> JSONResponse | None:
    """The refusal of a language that is none of the programme's."""
    if language is None or language in languages:
        return None
    return problem(422, "Wrong shape", f"language: must be one of {', '.join(languages)}, got {language!r}")


def _failed(answer: Answer) -> JSONResponse:
    return problem(
        503, "Not answered", answer.text, answer_status=answer.status.value, headers={"Retry-After": str(RETRY_SECONDS)}
    )


def _add_problem_handlers(app: FastAPI) -> None:
    async def wrong_shape(_: Request, error: Exception) -> Response:
        first = (
            error.errors()[0]
            if isinstance(error, RequestValidationError) and error.errors()
            else {"loc": (), "msg": "wrong shape"}
        )
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        return problem(422, "Wrong shape", f"{where}: {first['msg']}" if where else str(first["msg"]))

    async def refused(_: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = str(error.detail) if isinstance(error, HTTPException) else "An internal fault."
        return problem(
            status, detail, detail, headers=dict(error.headers or {}) if isinstance(error, HTTPException) else None
        )

    app.add_exception_handler(RequestValidationError, wrong_shape)
    app.add_exception_handler(HTTPException, refused)
