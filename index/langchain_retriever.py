"""Our search as a LangChain retriever, for people who build on LangChain (docs/retriever.md shows ten lines of use)."""

from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from index.search import SnapshotSearch


class ClusterlotseRetriever(BaseRetriever):
    """Passages and approved answers for a question, best first; `metadata` holds document, passage, score, title, url and date."""

    search: Any
    """The opened `SnapshotSearch`."""
    k: int = 5
    language: str | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        search: SnapshotSearch = self.search
        found = search.search(query, self.language, count=max(20, 3 * self.k))
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
