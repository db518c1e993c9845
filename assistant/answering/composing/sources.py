"""Sources as an answer cites them."""

from collections.abc import Sequence

from assistant.answering.answer import Source
from assistant.answering.search import Search
from index.values import EntrySource, Passage, Reference, SourceDocument, origin_of, quoted_version


def cited_entry_source(search: Search, marker: int, source: EntrySource, language: str) -> Source:
    """A source of an entry: the quoted document in the language of the answer, with the origin of the quoted
    statement."""
    if source.document is None:
        return Source(
            marker,
            None,
            source.title or source.url or "",
            source.publisher,
            None,
            source.url,
            None,
            source.as_of,
            language,
            "original",
            None,
        )
    version, quote = quoted_version(source, language, search.version)
    if version is None:
        return Source(
            marker, source.document, source.document, None, None, None, None, source.as_of, language, "summary", None
        )
    passage = search.quoted_passage(version.id, quote) if quote else None
    return _cited(marker, version, passage, quote, origin_of(version, passage, quote))


def cited(
    marker: int, document: SourceDocument, passage: Passage | None, quote: str | None, keys: Sequence[str]
) -> Source:
    """A passage of a document; in a summary the origin of the statement (`keys` are its references) gives title,
    publisher, address and date."""
    origin = next((document.references[k] for k in keys if k in document.references), None)
    return _cited(marker, document, passage, quote, origin)


def _cited(
    marker: int, document: SourceDocument, passage: Passage | None, quote: str | None, origin: Reference | None
) -> Source:
    heading = " › ".join(passage.heading) if passage and passage.heading else None
    page, context = (passage.page, passage.text) if passage else (None, None)
    if origin is not None:
        return Source(
            marker,
            document.id,
            origin.title,
            origin.publisher,
            heading,
            origin.url,
            page,
            origin.as_of,
            document.language,
            document.kind,
            quote,
            context,
        )
    return Source(
        marker,
        document.id,
        document.title,
        document.publisher,
        heading,
        document.source,
        page,
        document.as_of,
        document.language,
        document.kind,
        quote,
        context,
    )


def oldest(sources: Sequence[Source]) -> str | None:
    """The oldest date among sources; None where none is dated."""
    return min((s.as_of for s in sources if s.as_of), default=None)
