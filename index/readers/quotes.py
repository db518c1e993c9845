"""A quote must stand in the document it names, in the language it is given in."""

from collections.abc import Sequence

from index.passages import normalised
from index.values import CuratedEntry, EntrySource, Figure, Rejection, SourceDocument


def check_sources(
    documents: Sequence[SourceDocument], entries: list[CuratedEntry], figures: list[Figure], rejections: list[Rejection]
) -> tuple[list[CuratedEntry], list[Figure]]:
    """The entries and figures whose sources hold; the others are added to `rejections` with entry and field named."""
    library = Library(documents)
    kept_entries: list[CuratedEntry] = []
    for entry in entries:
        if fault := library.fault(entry.sources):
            rejections.append(Rejection(entry.path, entry.id, f"sources.{fault}", "entry"))
        else:
            kept_entries.append(entry)
    kept_figures: list[Figure] = []
    for figure in figures:
        if fault := library.fault([value.source for value in figure.values]):
            rejections.append(Rejection(figure.path, figure.id, f"values.{fault}", "figure"))
        else:
            kept_figures.append(figure)
    return kept_entries, kept_figures


class Library:
    """Documents by id and language, with their normalised texts."""

    def __init__(self, documents: Sequence[SourceDocument]) -> None:
        self._versions: dict[str, dict[str, SourceDocument]] = {}
        self._texts: dict[str, str] = {}
        for document in documents:
            self._versions.setdefault(document.translation_of or document.id, {})[document.language] = document
        self._ids = {d.id: d.translation_of or d.id for d in documents}

    def fault(self, sources: Sequence[EntrySource]) -> str | None:
        """The first fault as `<number>.<field>: …`, or None."""
        for number, source in enumerate(sources, 1):
            if source.document is None:
                continue
            if source.document not in self._ids:
                return f"{number}.document: no document has the id {source.document!r}"
            for language, quote in (source.quote or {}).items():
                version = self._versions[self._ids[source.document]].get(language)
                if version is None:
                    return f"{number}.quote.{language}: {source.document!r} has no version in this language"
                if normalised(quote) not in self._text(version):
                    return f"{number}.quote.{language}: these words do not stand in {version.id!r}: {quote[:60]!r}"
        return None

    def _text(self, document: SourceDocument) -> str:
        if document.id not in self._texts:
            self._texts[document.id] = normalised("\n".join(b for s in document.sections for b in s.blocks))
        return self._texts[document.id]
