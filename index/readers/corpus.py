"""Reads a corpus folder: programme, documents, curated entries, figures and pages."""

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from index.readers.blocks import Hints, Unreadable, decode
from index.readers.curated import read_entries, read_entry_table, read_figures
from index.readers.document import SIDECAR, read_document
from index.readers.fields import OutsideFields, ProgrammeFields, first_fault
from index.readers.files import Listed, files_of
from index.readers.quotes import check_sources
from index.readers.sandbox import file_parser
from index.readers.twins import without_twins
from index.readers.yaml_files import load_yaml
from index.values import Corpus, CorpusError, CuratedEntry, Figure, Page, Programme, Rejection, SourceDocument

_Identified = TypeVar("_Identified", SourceDocument, CuratedEntry, Figure)


def read_corpus(folder: Path) -> Corpus:
    """Everything in a corpus folder; single faulty files and entries come back as rejections.

    Raises CorpusError when there is no folder or no usable programme.yaml.
    """
    programme = read_programme(folder)
    rejections: list[Rejection] = []
    documents = _once(_documents(folder, programme.languages, rejections), "document", rejections)
    entries = _once(_curated(folder, programme, rejections), "entry", rejections)
    figures = _once(_figures(folder, programme, rejections), "figure", rejections)
    documents = without_twins(documents, entries, figures, rejections)
    outside = _outside(folder / "outside.yaml", rejections)
    entries, figures = check_sources(documents, entries, figures, rejections)
    return Corpus(
        programme,
        tuple(documents),
        tuple(entries),
        tuple(figures),
        tuple(_pages(folder, programme.languages[0], rejections)),
        tuple(rejections),
        outside,
    )


def read_programme(folder: Path) -> Programme:
    """programme.yaml, the only mandatory file."""
    if not folder.is_dir():
        raise CorpusError(f"no corpus folder at {folder}; name one with --corpus or CLUSTERLOTSE_CORPUS")
    path = folder / "programme.yaml"
    if not path.is_file():
        raise CorpusError(f"{path} is missing; it needs name, hotline (phone or email) and languages")
    try:
        return ProgrammeFields.model_validate(load_yaml(path.read_bytes())).value()
    except Unreadable as error:
        raise CorpusError(f"{path} {error}") from error
    except ValidationError as error:
        raise CorpusError(f"{path}: {first_fault(error)}") from error


def read_approved(folder: Path, programme: Programme) -> tuple[list[CuratedEntry | Figure], dict[str, tuple[str, ...]]]:
    """What a corpus answers without its documents, and the questions that are none of its business."""
    ignored: list[Rejection] = []
    approved = [*_curated(folder, programme, ignored), *_figures(folder, programme, ignored)]
    return approved, _outside(folder / "outside.yaml", ignored)


def corpus_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of all files of the corpus that are indexed; its question sets are not."""
    digest = hashlib.sha256()
    for file in files_of(folder):
        if file.name.startswith("questions/"):
            continue
        digest.update(file.name.encode() + b"\0")
        if not file.reason:
            with file.path.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


def _documents(folder: Path, languages: Sequence[str], rejections: list[Rejection]) -> Iterable[SourceDocument]:
    """The documents in the order of their paths; several are read at a time."""
    parser = file_parser()
    files = _taken(folder, "documents", "document", rejections)
    chosen = [f for f in files if not (f.path.suffix.lower() == SIDECAR and f.path.with_suffix("").is_file())]

    def read(file: Listed) -> SourceDocument | Rejection:
        try:
            return read_document(file.path, file.name.removeprefix("documents/"), languages, parser)
        except (Unreadable, OSError) as error:
            return Rejection(file.name, None, _reason(error), "document")
        except ValidationError as error:
            return Rejection(file.name, None, first_fault(error), "document")

    with ThreadPoolExecutor(parser.processes) as threads:
        for found in threads.map(read, chosen):
            if isinstance(found, Rejection):
                rejections.append(found)
            else:
                yield found


def _taken(folder: Path, room: str, kind: Any, rejections: list[Rejection]) -> list[Listed]:
    """The files of a room that may be read; the others are rejections."""
    files = files_of(folder, room)
    rejections += [Rejection(f.name, None, f.reason, kind) for f in files if f.reason]
    return [f for f in files if not f.reason]


def _reason(error: Exception) -> str:
    return (
        str(error)
        if isinstance(error, Unreadable)
        else f"cannot be opened: {getattr(error, 'strerror', None) or error}"
    )


def _curated(folder: Path, programme: Programme, rejections: list[Rejection]) -> Iterable[CuratedEntry]:
    readers = {".yaml": read_entries, ".yml": read_entries, ".csv": read_entry_table, ".xlsx": read_entry_table}
    yield from _listed(folder, "curated", readers, "entry", programme, rejections)


def _figures(folder: Path, programme: Programme, rejections: list[Rejection]) -> Iterable[Figure]:
    yield from _listed(
        folder, "figures", {".yaml": read_figures, ".yml": read_figures}, "figure", programme, rejections
    )


def _listed(
    folder: Path, room: str, readers: dict[str, Any], kind: Any, programme: Programme, rejections: list[Rejection]
) -> Iterable[Any]:
    for file in _taken(folder, room, kind, rejections):
        path, relative = file.path, file.name
        reader = readers.get(path.suffix.lower())
        if reader is None:
            rejections.append(
                Rejection(
                    relative, None, f"unknown format {path.suffix or '(none)'}; known are {' '.join(readers)}", kind
                )
            )
            continue
        try:
            for value in reader(path.read_bytes(), relative, programme):
                if isinstance(value, Rejection):
                    rejections.append(value)
                else:
                    yield value
        except (Unreadable, OSError) as error:
            rejections.append(Rejection(relative, None, _reason(error), kind))


def _outside(path: Path, rejections: list[Rejection]) -> dict[str, tuple[str, ...]]:
    if not path.is_file():
        return {}
    try:
        return OutsideFields.model_validate(load_yaml(path.read_bytes()) or {}).value()
    except (Unreadable, ValidationError) as error:
        reason = str(error) if isinstance(error, Unreadable) else first_fault(error)
        rejections.append(Rejection(path.name, None, reason, "outside"))
        return {}


def _pages(folder: Path, default_language: str, rejections: list[Rejection]) -> Iterable[Page]:
    for file in _taken(folder, "pages", "page", rejections):
        name, _, language = file.path.stem.partition(".")
        try:
            if file.path.suffix.lower() != ".md":
                raise Unreadable("is no Markdown file")
            raw = file.path.read_bytes()
            _, read = file_parser().parse(raw, ".md", Hints(None, (default_language,)))
            text = decode(raw)
            body = text.split("---", 2)[2] if text.startswith("---") and read.front_matter else text
            yield Page(name, language or default_language, read.title or name, body.strip())
        except (Unreadable, OSError) as error:
            rejections.append(Rejection(file.name, None, _reason(error), "page"))


def _once(values: Iterable[_Identified], kind: Any, rejections: list[Rejection]) -> list[_Identified]:
    """Of two with one id the first by path stays."""
    kept: dict[str, _Identified] = {}
    for value in values:
        first = kept.setdefault(value.id, value)
        if first is not value:
            rejections.append(Rejection(value.path, value.id, f"id: {value.id!r} is taken by {first.path}", kind))
    return list(kept.values())
