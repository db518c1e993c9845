"""Where what is shown at the desk comes from: the origins of a passage, the sources of a draft as an answer would
cite them."""

from collections.abc import Iterable, Mapping

from assistant.answering.answer import Source
from assistant.answering.composing.sources import cited_entry_source
from assistant.answering.search import Search
from assistant.desk.opened import Row
from index.values import EntrySource, Reference, Sentence, SourceDocument


def origins(document: SourceDocument, sentences: Iterable[Sentence]) -> tuple[Reference, ...]:
    """What the sentences of a summary are taken from, each once, in their order; empty for an original."""
    keys = dict.fromkeys(key for sentence in sentences for key in sentence.references)
    return tuple(document.references[key] for key in keys if key in document.references)


def summarised(search: Search, sources: Iterable[Source]) -> frozenset[int]:
    """The markers of sources that name the origin of a statement, and not the document that tells it."""
    told = ((s, search.version(s.document, s.language)) for s in sources if s.document)
    return frozenset(
        s.marker
        for s, document in told
        if document is not None and document.kind == "summary" and s.title != document.title
    )


def cited_sources(search: Search, row: Row, language: str) -> list[tuple[Source, Mapping[str, str]]]:
    """The sources of an entry with their quotes by language: title, publisher and date are those of the origin of
    what is quoted."""
    found: list[tuple[Source, Mapping[str, str]]] = []
    for number, fields in enumerate(row.get("sources") or (), 1):
        quote: Mapping[str, str] = fields.get("quote") or {}
        source = EntrySource(
            *(fields.get(name) for name in ("document", "quote", "url", "title", "publisher", "as_of"))
        )
        found.append((cited_entry_source(search, number, source, language), quote))
    return found
