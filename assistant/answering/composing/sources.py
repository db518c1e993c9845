"""Sources as an answer cites them."""

from collections.abc import Sequence

from assistant.answering.answer import Source
from assistant.answering.search import Search
from index.values import EntrySource, Passage, SourceDocument


def cited_entry_source(search: Search, marker: int, source: EntrySource, language: str) -> Source:
    """A source of an entry: the quoted document in the language of the answer, with the origin of the quoted statement."""
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
    version = search.version(source.document, language)
    quotes = source.quote or {}
    if version is None or version.language not in quotes:
        version = next((v for lang in quotes if (v := search.version(source.document, lang))), version)
    if version is None:
        return Source(
            marker, source.document, source.document, None, None, None, None, source.as_of, language, "summary", None
        )
    quote = quotes.get(version.language)
    passage = search.quoted_passage(version.id, quote) if quote else None
    keys: Sequence[str] = ()
    if passage is not None and quote:
        keys = next(
            (s.references for s in passage.sentences if (s.text[:40] and s.text[:40] in quote) or quote in s.text), ()
        )
    return cited(marker, version, passage, quote, keys)


def cited(
    marker: int, document: SourceDocument, passage: Passage | None, quote: str | None, keys: Sequence[str]
) -> Source:
    """A passage of a document; in a summary the origin of the statement gives title, publisher, address and date."""
    origin = next((document.references[k] for k in keys if k in document.references), None)
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
