"""Unterlagen: what the index was made from; upload, withdraw, build again."""

import asyncio
from typing import Any

from fastapi.responses import Response

from assistant.desk.desk import Desk
from assistant.surfaces.desk.guard import Guard, Handler, Visit, go

ENDINGS = (".md", ".txt", ".pdf", ".docx", ".html", ".pptx", ".xlsx")
PREFIX = "documents/desk/"


class DocumentPages:
    """Lists documents and keeps those of the desk."""

    def __init__(self, guard: Guard, desk: Desk) -> None:
        self._guard, self._desk = guard, desk

    async def open(self, visit: Visit) -> Response:
        """GET: the documents with the last report."""
        return await asyncio.to_thread(self._open, visit, visit.request.query_params.get("said", ""))

    def where_built(self, handler: Handler) -> Handler:
        """The handler, refused where this server only reads an index that is built elsewhere."""

        async def refusing(visit: Visit) -> Response:
            if not self._desk.publisher.enabled:
                return await asyncio.to_thread(self._open, visit, "refused_foreign", 409)
            return await handler(visit)

        return refusing

    async def upload(self, visit: Visit) -> Response:
        """POST: a new file; the index is built again at once."""
        file = visit.file("file")
        name = (file.filename or "").replace("\\", "/").rpartition("/")[2] if file else ""
        content = await file.read() if file else b""
        fault = self._desk.documents.fault(name, len(content))
        if fault is None and not visit.field("replace") and name in await asyncio.to_thread(self._desk.documents.names):
            return await asyncio.to_thread(self._open, visit, "refused_exists", 409)
        if fault:
            return await asyncio.to_thread(self._open, visit, f"refused_{fault}", 400)
        fields: dict[str, Any] = {
            name: visit.field(name).strip()[:300] for name in ("title", "publisher", "source", "as_of", "language")
        }
        # Markdown carries its own front matter, beside which a sidecar would count instead
        await asyncio.to_thread(
            self._desk.documents.keep, name, content, {} if name.lower().endswith(".md") else fields
        )
        await asyncio.to_thread(self._desk.audit.note, visit.who.name, "document.upload", name, bytes=len(content))
        self._desk.publisher.wake(force=True)
        return go("/desk/documents?said=uploaded")

    async def withdraw(self, visit: Visit) -> Response:
        """POST: deletes a file of the desk."""
        name = visit.field("name")
        done = await asyncio.to_thread(self._desk.documents.withdraw, name)
        if done:
            await asyncio.to_thread(self._desk.audit.note, visit.who.name, "document.withdraw", name)
            self._desk.publisher.wake(force=True)
        return go(f"/desk/documents?said={'withdrawn' if done else 'gone'}")

    async def rebuild(self, visit: Visit) -> Response:
        """POST: builds the index again."""
        await asyncio.to_thread(self._desk.audit.note, visit.who.name, "index.rebuild")
        self._desk.publisher.wake(force=True)
        return go("/desk/documents?said=building")

    async def progress(self, visit: Visit) -> Response:
        """GET: how far the building is."""
        return self._guard.fragment(visit, "progress.html", progress=self._desk.publisher.progress)

    def _open(self, visit: Visit, said: str, status: int = 200) -> Response:
        opened = self._desk.current()
        report = self._desk.corpus.report()
        rows = [row for row in report.get("documents", ()) if row["status"] != "withdrawn"]
        documents = [(row, opened.library.document(row["id"]) if opened and row["id"] else None) for row in rows]
        rejected = [
            row
            for room in ("documents", "entries", "figures")
            for row in report.get(room, ())
            if row["status"] == "rejected"
        ]
        return self._guard.page(
            visit, "documents.html", status=status, documents=documents, rejected=rejected, own={f"{PREFIX}{name}": name for name in self._desk.documents.names()},
            state=opened.state if opened else None, report=report, progress=self._desk.publisher.progress, said=said, endings=ENDINGS, enabled=self._desk.publisher.enabled,
        )  # fmt: skip
