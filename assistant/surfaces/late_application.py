"""An application that is made in the background while its neighbours are served already."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.types import Receive, Scope, Send

LOG = logging.getLogger(__name__)


class LateApplication:
    """Passes requests on to what `make` returns; they wait until it is there. `make` runs once, in a thread, when
    the server starts."""

    def __init__(self, make: Callable[[], FastAPI]) -> None:
        self._make = make
        self._made: asyncio.Future[FastAPI] | None = None

    @asynccontextmanager
    async def lifespan(self) -> AsyncGenerator[None]:
        """Begins to make the application, and ends its own lifespan with this one."""
        made, stopping = asyncio.get_running_loop().create_future(), asyncio.Event()
        self._made = made
        running = asyncio.create_task(self._run(made, stopping))
        try:
            yield
        finally:
            stopping.set()
            await running

    async def _run(self, made: asyncio.Future[FastAPI], stopping: asyncio.Event) -> None:
        try:
            application = await asyncio.to_thread(self._make)
            # a mounted application's own lifespan is not run by the one that it is mounted in
            async with application.router.lifespan_context(application):
                made.set_result(application)
                await stopping.wait()
        except Exception as error:
            LOG.exception("a part of the server could not be made, or did not end well")
            if not made.done():
                made.set_exception(error)
                made.exception()  # whoever asks gets it; without a request nobody does

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Waits for the application and passes a request on. Raises RuntimeError outside of the lifespan, or what
        `make` raised."""
        if self._made is None:
            raise RuntimeError("the application's lifespan has not begun")
        application = await asyncio.shield(self._made)
        await application(scope, receive, send)
