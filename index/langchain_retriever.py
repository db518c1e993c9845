"""Our search as a LangChain retriever, for people who build on LangChain (docs/retriever.md shows ten lines of use)."""

from pathlib import Path
from typing import Any, Self

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field

from index.embedder import BUNDLED, load_embedder
from index.search import SnapshotSearch, open_search
from index.snapshot import current_snapshot


class ClusterlotseRetriever(BaseRetriever):
    """Passages and approved answers for a question, best first; `metadata` holds document, passage, score, title,
    url and date."""

    search: SnapshotSearch
    k: int = Field(default=5, ge=1)
    language: str | None = None
    """A hint where the language of a question cannot be told."""

    @classmethod
    def open(
        cls,
        index: Path | str,
        *,
        k: int = 5,
        language: str | None = None,
        model: str = BUNDLED,
        data: Path | None = None,
        chroma_url: str | None = None,
    ) -> Self:
        """Opens the snapshot in use below an index folder, as `app.py index` makes it.

        `model` is the embedding model that built it (`bundled`, a folder, or a name of the hub); the bundled one is
        unpacked once
        into `data`, by default the folder above the index. Raises SnapshotError, StoreError or ModelError with the
        remedy.
        """
        folder = Path(index)
        snapshot = current_snapshot(folder)
        embedder = load_embedder(model, data or folder.parent, questions_only=True)
        return cls(search=open_search(folder, snapshot, embedder, chroma_url=chroma_url), k=k, language=language)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.search.search(query, self.language, count=max(20, 3 * self.k))
        passages = {hit.passage.id: hit for hit in found.passages}
        asked = {hit.id: hit for hit in found.asked}
        documents: list[Document] = []
        for place in found.ranked[: self.k]:
            metadata: dict[str, Any] = {
                "document": place.document,
                "passage": place.passage,
                "score": place.score,
                "kind": place.kind,
            }
            if place.passage is not None:
                hit = passages[place.passage]
                metadata |= {"title": hit.document.title, "url": hit.document.source, "as_of": hit.document.as_of}
                documents.append(Document(page_content=hit.passage.text, metadata=metadata))
                continue
            entry, figure = asked[place.document].entry, asked[place.document].figure
            if entry is not None:
                text = entry.answer.get(found.language) or next(iter(entry.answer.values()))
                documents.append(
                    Document(
                        page_content=text,
                        metadata={**metadata, "title": asked[place.document].matched, "as_of": entry.as_of},
                    )
                )
            elif figure is not None:
                title = figure.title.get(found.language) or next(iter(figure.title.values()))
                values = "; ".join(
                    f"{value.value.get(found.language) or next(iter(value.value.values()))} ({value.as_of or '-'})"
                    for value in figure.values
                )
                documents.append(Document(page_content=f"{title}: {values}", metadata={**metadata, "title": title}))
        return documents
