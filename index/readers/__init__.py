"""Reads a corpus folder: one reader a format, all behind `read_corpus`."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from assistant.languages import codes, language_of
from index.readers.blocks import ReadFile, Unreadable
from index.readers.curated import load_yaml, read_entries, read_entry_table, read_figures
from index.readers.documents import read_docx, read_html, read_pdf, read_pptx, read_text, read_xlsx
from index.readers.fields import DocumentFields, OutsideFields, ProgrammeFields, first_fault
from index.readers.markdown import read_markdown
from index.readers.quotes import check_sources
from index.values import Corpus, CorpusError, CuratedEntry, Figure, Page, Programme, Rejection, SourceDocument

READERS: dict[str, Callable[[bytes], ReadFile]] = {
    ".md": read_markdown,
    ".txt": read_text,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".html": read_html,
    ".pptx": read_pptx,
    ".xlsx": read_xlsx,
}
_SIDECAR = ".yaml"
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


def corpus_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of all files of the corpus that are indexed; its question sets are not."""
    digest = hashlib.sha256()
    for path in _files(folder):
        if path.is_relative_to(folder / "questions"):
            continue
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def read_document(path: Path, relative: str, languages: Sequence[str]) -> SourceDocument:
    """One document with its front matter or sidecar; where neither names a language it is guessed among
    `languages`, the default first.

    Raises Unreadable or ValidationError.
    """
    raw = path.read_bytes()
    if not raw.strip():
        raise Unreadable("is empty")
    try:
        read = READERS[path.suffix.lower()](raw)
    except (Unreadable, MemoryError):
        raise
    except Exception as error:  # the format libraries raise whatever they like on damaged files
        raise Unreadable(
            f"cannot be read as {path.suffix[1:].upper()}: {type(error).__name__}: {' '.join(str(error).split())[:120]}"
        ) from error
    sidecar = path.with_name(path.name + _SIDECAR)
    given: Any = read.front_matter or {}
    if sidecar.is_file():
        given = load_yaml(sidecar.read_bytes()) or {}
        raw += sidecar.read_bytes()
    fields = DocumentFields.model_validate(given)
    if not any(section.blocks for section in read.sections):
        raise Unreadable("holds no text")
    markdown = path.suffix.lower() == ".md"
    language = fields.language or (read.language if read.language in codes() else None)
    derived = tuple(
        name
        for name in ("title", "language", "publisher", "as_of")
        if getattr(fields, name) is None and name not in given
    )
    return SourceDocument(
        id=fields.id or document_id(relative),
        path=f"documents/{relative}",
        digest=hashlib.sha256(raw).hexdigest(),
        title=fields.title or read.title or path.stem.replace("_", " ").replace("-", " "),
        titled=bool(fields.title or read.title),
        language=language or _guessed_language(read, languages),
        publisher=fields.publisher,
        source=fields.source,
        as_of=fields.as_of,
        kind=fields.kind or ("summary" if markdown else "original"),
        sections=read.sections,
        translation_of=fields.translation_of,
        topics=tuple(fields.topics),
        valid_from=fields.valid_from,
        valid_until=fields.valid_until,
        references=fields.named_references(),
        pages=read.pages,
        warnings=read.warnings,
        derived=derived,
    )


def document_id(relative: str) -> str:
    """`Sub Folder/My File.pdf` -> `sub-folder-my-file`."""
    return str(Path(relative).with_suffix("")).lower().replace("/", "-").replace(" ", "-")


def _guessed_language(read: ReadFile, languages: Sequence[str]) -> str:
    text = " ".join(block for section in read.sections for block in section.blocks)[:4000]
    return language_of(text, languages) or languages[0]


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.name.startswith((".", "~$")))


def _documents(folder: Path, languages: Sequence[str], rejections: list[Rejection]) -> Iterable[SourceDocument]:
    base = folder / "documents"
    for path in _files(base):
        relative = path.relative_to(base).as_posix()
        if path.suffix.lower() == _SIDECAR and path.with_suffix("").is_file():
            continue
        if path.suffix.lower() not in READERS:
            rejections.append(
                Rejection(
                    f"documents/{relative}",
                    None,
                    f"unknown format {path.suffix or '(none)'}; known are {' '.join(READERS)}",
                    "document",
                )
            )
            continue
        try:
            yield read_document(path, relative, languages)
        except Unreadable as error:
            rejections.append(Rejection(f"documents/{relative}", None, str(error), "document"))
        except ValidationError as error:
            rejections.append(Rejection(f"documents/{relative}", None, first_fault(error), "document"))


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
    for path in _files(folder / room):
        relative = path.relative_to(folder).as_posix()
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
        except Unreadable as error:
            rejections.append(Rejection(relative, None, str(error), kind))
        except Exception as error:  # a damaged workbook
            rejections.append(
                Rejection(
                    relative,
                    None,
                    f"cannot be read: {type(error).__name__}: {' '.join(str(error).split())[:120]}",
                    kind,
                )
            )


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
    base = folder / "pages"
    for path in _files(base):
        relative = f"pages/{path.relative_to(base).as_posix()}"
        name, _, language = path.stem.partition(".")
        try:
            if path.suffix.lower() != ".md":
                raise Unreadable("is no Markdown file")
            read = read_markdown(path.read_bytes())
            text = path.read_text(encoding="utf-8")
            body = text.split("---", 2)[2] if text.startswith("---") and read.front_matter else text
            yield Page(name, language or default_language, read.title or name, body.strip())
        except Unreadable as error:
            rejections.append(Rejection(relative, None, str(error), "page"))


def _once(values: Iterable[_Identified], kind: Any, rejections: list[Rejection]) -> list[_Identified]:
    """Of two with one id the first by path stays."""
    kept: dict[str, _Identified] = {}
    for value in values:
        first = kept.setdefault(value.id, value)
        if first is not value:
            rejections.append(Rejection(value.path, value.id, f"id: {value.id!r} is taken by {first.path}", kind))
    return list(kept.values())
