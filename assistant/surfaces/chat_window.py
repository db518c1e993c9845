"""The chat window: Gradio's Blocks and Chatbot around the AnswerService. What is shown comes from the server's own
state, never from the client."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any, Literal

import gradio as gr

from assistant.answering.answer import Answer, AnswerStatus
from assistant.languages import codes
from assistant.surfaces.answer_view import answer_view, failure_view, hotline_of, question_view, shown, step_view
from assistant.surfaces.api import Metrics
from assistant.surfaces.service import LONGEST_TYPED, AnswerService, Busy
from assistant.surfaces.texts import page_language, surface_text

LOG = logging.getLogger(__name__)
SHOWN_MESSAGES = 60
STATE_SECONDS = 24 * 3600
SECONDS_BETWEEN_UPDATES = 0.25
QUEUED = 1024


@dataclass(frozen=True, slots=True)
class Message:
    """A message as shown: safe HTML."""

    role: Literal["user", "assistant"]
    content: str

    def as_shown(self) -> dict[str, str]:
        """The form that the Chatbot takes."""
        return {"role": self.role, "content": self.content}


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation as its page shows it; the token never leaves the server."""

    token: str | None = None
    messages: tuple[Message, ...] = ()

    def with_messages(self, *messages: Message, token: str | None = None) -> "Talk":
        """The same with more messages, the oldest dropped beyond a limit."""
        return replace(self, token=token or self.token, messages=(*self.messages, *messages)[-SHOWN_MESSAGES:])

    def shown(self, *more: Message) -> list[dict[str, str]]:
        """All messages, as the Chatbot takes them."""
        return [message.as_shown() for message in (*self.messages, *more)]


class Conversation:
    """Answers a page's questions one after another."""

    def __init__(self, service: AnswerService, metrics: Metrics) -> None:
        self._service, self._metrics = service, metrics

    async def respond(self, question: str, talk: Talk, request: gr.Request) -> AsyncIterator[tuple[Any, Any, Any]]:
        """Yields what field, conversation and state become: the steps in words, then the answer."""
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip()
            return
        language = page_language(str(request.query_params), self._service.languages)
        asked = Message("user", question_view(question, language))
        yield "", talk.shown(asked, Message("assistant", step_view("screening", language))), gr.skip()
        try:
            async for step in self._steps(question, language, talk):
                if isinstance(step, str):
                    yield gr.skip(), talk.shown(asked, Message("assistant", step_view(step, language))), gr.skip()
                    continue
                self._metrics.saw(step)
                reply = Message(
                    "assistant", answer_view(shown(step, question, language, self._service.opened), language)
                )
                talk = talk.with_messages(asked, reply, token=step.conversation)
        except Exception:
            # the outermost edge: whatever fails, a person sees a polite text and the hotline
            LOG.exception("the chat window failed")
            talk = talk.with_messages(
                asked, Message("assistant", failure_view(language, hotline_of(self._service.opened)))
            )
        # the field is not touched: the next question may be in it already
        yield gr.skip(), talk.shown(), talk

    async def _steps(self, question: str, language: str, talk: Talk) -> AsyncIterator[str | Answer]:
        """The steps as they begin, at most one every quarter of a second, then the answer."""
        steps: asyncio.Queue[str] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def announce(step: str) -> None:
            loop.call_soon_threadsafe(steps.put_nowait, step)

        task = asyncio.create_task(self._service.ask(question, language, talk.token, announce))
        shown = time.monotonic()
        while not task.done():
            waiting = asyncio.create_task(steps.get())
            await asyncio.wait((task, waiting), return_when=asyncio.FIRST_COMPLETED)
            if waiting.done() and not task.done() and time.monotonic() - shown >= SECONDS_BETWEEN_UPDATES:
                shown = time.monotonic()
                yield waiting.result()
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting
        try:
            yield task.result()
        except Busy:
            yield self._service.failed(AnswerStatus.ERROR_BUSY, language)


def labels() -> gr.I18n:
    """The labels of Gradio's own components in every language; the page's language decides."""
    return gr.I18n(
        **{
            language: {f"own.{key}": surface_text(key, language) for key in ("label", "send", "conversation")}
            for language in codes()
        }
    )


def theme() -> gr.themes.Base:
    """Gradio's plain theme with the fonts of the system: nothing is loaded for it."""
    fonts = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica", "Arial", "sans-serif")
    return gr.themes.Base(font=fonts, font_mono=("ui-monospace", "monospace"))


def build_chat_window(service: AnswerService, metrics: Metrics, *, places: int, texts: gr.I18n) -> gr.Blocks:
    """The blocks of the chat window. `places` is how many questions may be under way at once; AnswerService refuses
    politely before that."""
    conversation = Conversation(service, metrics)
    with gr.Blocks(analytics_enabled=False, title="Clusterlotse", fill_width=True) as window:
        talk = gr.State(Talk(), time_to_live=STATE_SECONDS)
        chat = gr.Chatbot(
            elem_id="chat", label=texts("own.conversation"), show_label=False, container=False, height=None,
            layout="panel", buttons=[], autoscroll=False, sanitize_html=False, latex_delimiters=[],
            feedback_options=None, group_consecutive_messages=False,
        )  # fmt: skip
        with gr.Row(elem_id="ask-row"):
            field = gr.Textbox(
                elem_id="question",
                label=texts("own.label"),
                lines=1,
                max_lines=5,
                max_length=LONGEST_TYPED,
                scale=1,
                autofocus=False,
            )
            send = gr.Button(texts("own.send"), elem_id="send", variant="primary", scale=0)
        gr.on(
            [field.submit, send.click], conversation.respond, [field, talk], [field, chat, talk],
            show_progress="hidden", trigger_mode="once", concurrency_limit=None, api_visibility="private",
        )  # fmt: skip
    # Gradio runs at most `max_threads` jobs at once, 40 by default, whatever the concurrency limit says
    window.max_threads = places
    return window.queue(max_size=QUEUED, default_concurrency_limit=None, api_open=False)
