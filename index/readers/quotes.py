"""A quote must stand in the document it names, in the language it is given in."""

from collections.abc import Callable, Sequence

from assistant.languages.statements import Evidence
from index.findings import found, line_of
from index.passages import normalised, split_passages
from index.quoted import quoted_passage
from index.values import (
    CuratedEntry,
    EntrySource,
    Figure,
    Finding,
    Passage,
    Rejection,
    SourceDocument,
    origin_of,
    quoted_version,
)


def check_sources(
    documents: Sequence[SourceDocument], entries: list[CuratedEntry], figures: list[Figure], rejections: list[Rejection]
) -> tuple[list[CuratedEntry], list[Figure]]:
    """The entries and figures whose sources hold; the others are added to `rejections` with entry and field named."""
    library = Library(documents)
    kept_entries: list[CuratedEntry] = []
    for entry in entries:
        if fault := library.fault(entry, "sources", entry.sources):
            rejections.append(Rejection(entry.path, entry.id, line_of(fault), "entry", fault))
        else:
            kept_entries.append(entry)
    kept_figures: list[Figure] = []
    for figure in figures:
        if fault := library.fault(figure, "values", [value.source for value in figure.values]):
            rejections.append(Rejection(figure.path, figure.id, line_of(fault), "figure", fault))
        else:
            kept_figures.append(figure)
    return kept_entries, kept_figures


class Library:
    """Documents by id and language, with their normalised texts; `passages_of` gives the passages of one."""

    def __init__(
        self,
        documents: Sequence[SourceDocument],
        passages_of: Callable[[SourceDocument], Sequence[Passage]] = split_passages,
    ) -> None:
        self._versions: dict[str, dict[str, SourceDocument]] = {}
        self._texts: dict[str, str] = {}
        self._passages: dict[str, Sequence[Passage]] = {}
        self._passages_of = passages_of
        for document in documents:
            self._versions.setdefault(document.translation_of or document.id, {})[document.language] = document
        self._documents = {d.id: d for d in documents}

    def fault(self, owner: CuratedEntry | Figure, field: str, sources: Sequence[EntrySource]) -> Finding | None:
        """The first fault of the sources of an entry or figure, or None; its field is `<field>.<number>.…`."""
        for number, source in enumerate(sources, 1):
            if source.document is None:
                continue
            at = f"{field}.{number}"
            given = self._documents.get(source.document)
            if given is None:
                return found("unknown_document", owner.path, owner.id, f"{at}.document", which=source.document)
            for language, quote in (source.quote or {}).items():
                version = self._versions[given.translation_of or given.id].get(language)
                at_quote = f"{at}.quote.{language}"
                if version is None:
                    return found("no_version", owner.path, owner.id, at_quote, which=source.document)
                if normalised(quote) not in self._text(version):
                    return found("quote_not_found", owner.path, owner.id, at_quote, which=version.id, quote=quote[:60])
        return None

    def version(self, document: str, language: str) -> SourceDocument | None:
        """The version of a document in a language, if there is one."""
        given = self._documents.get(document)
        if given is None or given.language == language:
            return given
        return self._versions[given.translation_of or given.id].get(language)

    def evidence(self, source: EntrySource, language: str) -> Evidence | None:
        """What a text in a language may state on the authority of a source, as an answer cites it; None where there
        is no quote."""
        version, quote = quoted_version(source, language, self.version)
        if version is None or quote is None:
            return None
        passage = quoted_passage(self._passages_in(version), quote)
        named = origin_of(version, passage, quote) or version
        around = (passage.text, *passage.heading) if passage else ()
        words = (quote, *around, named.title, named.publisher)
        return Evidence("\n".join(filter(None, words)), named.as_of)

    def _text(self, document: SourceDocument) -> str:
        if document.id not in self._texts:
            # documents of an opened index have no sections: their text lives in their passages
            blocks = [b for s in document.sections for b in s.blocks] or [p.text for p in self._passages_in(document)]
            self._texts[document.id] = normalised("\n".join(blocks))
        return self._texts[document.id]

    def _passages_in(self, document: SourceDocument) -> Sequence[Passage]:
        if document.id not in self._passages:
            self._passages[document.id] = self._passages_of(document)
        return self._passages[document.id]
