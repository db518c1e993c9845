"""Imports a list of questions and answers into the folder of a corpus."""

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from index.question_lists.entries import Origin, rows_of, slug, taken_by
from index.question_lists.fetch import Refused, fetch, is_public
from index.question_lists.gather import gather
from index.question_lists.notes import Notes
from index.readers.blocks import Hints, Unreadable
from index.readers.corpus import read_approved, read_programme
from index.readers.formats import LARGEST
from index.readers.sandbox import file_parser
from index.readers.yaml_files import load_yaml
from index.values import CorpusError

FOLDER = Path("curated") / "imported"


class ImportRefused(Exception):
    """A list that cannot be imported; the message says why, in one line."""


@dataclass(frozen=True, slots=True)
class Imported:
    """Where the entries stand, how many there are and in which languages, and what an editor should know."""

    path: Path
    entries: int
    languages: dict[str, int]
    changed: bool
    notes: tuple[str, ...]


def import_list(source: str, corpus: Path, allowed: Callable[[str], bool] = is_public) -> Imported:
    """Writes the entries of a list (a file or a web address) to `curated/imported/`. Raises ImportRefused."""
    try:
        programme = read_programme(corpus)
    except CorpusError as error:
        raise ImportRefused(str(error)) from error
    raw, ending, origin = _read(source, allowed)
    target = corpus / FOLDER / f"{slug(origin.name) or 'list'}.yaml"
    if not target.resolve().is_relative_to(corpus.resolve()):
        raise ImportRefused(f"{target.parent} leads out of the corpus; nothing is written there")
    notes = Notes()
    try:
        lists = file_parser().lists(raw, ending, Hints(None, programme.languages))
        before = _earlier(target)
    except Unreadable as error:
        raise ImportRefused(f"{source} {error}") from error
    found = gather(lists, programme.languages, notes)
    if not found and not notes.lines():
        raise ImportRefused(
            f"{source} holds no list of questions and answers; name the columns, such as question and answer"
        )
    if origin.url and lists and lists[0]["name"]:
        origin = Origin(origin.name, str(lists[0]["name"])[:200], origin.url)
    approved, outside = read_approved(corpus, programme)
    own = target.relative_to(corpus).as_posix()
    rows = rows_of(found, before, origin, programme, taken_by([a for a in approved if a.path != own], outside), notes)
    changed = rows != before
    if changed:
        _write(target, rows)
    languages = {code: sum(1 for row in rows if code in row["questions"]) for code in programme.languages}
    return Imported(target, len(rows), languages, changed, tuple(notes.lines()))


def _read(source: str, allowed: Callable[[str], bool]) -> tuple[bytes, str, Origin]:
    """Content, ending and origin of a list."""
    if re.match(r"[a-z][a-z0-9+.-]*://", source, re.IGNORECASE):
        try:
            fetched = fetch(source, allowed)
        except Refused as error:
            raise ImportRefused(str(error)) from error
        parts = urlsplit(source)
        name = f"{parts.hostname} {parts.path}".removesuffix("/")
        return fetched.raw, fetched.ending, Origin(name, parts.hostname or source, source)
    path = Path(source)
    try:
        if not path.is_file():
            raise ImportRefused(f"{source} is no file")
        if path.stat().st_size > LARGEST:
            raise ImportRefused(f"{source} is larger than {LARGEST >> 20} MB")
        return path.read_bytes(), path.suffix.lower(), Origin(path.stem, path.name)
    except OSError as error:
        raise ImportRefused(f"{source} cannot be read: {error.strerror}") from error


def _earlier(target: Path) -> list[dict[str, Any]]:
    """The rows of an earlier import."""
    if not target.is_file():
        return []
    rows = load_yaml(target.read_bytes()) or []
    whole = isinstance(rows, list) and all(
        isinstance(r, dict)
        and r.get("id")
        and isinstance(r.get("questions"), dict)
        and isinstance(r.get("answer"), dict)
        for r in rows
    )
    if not whole:
        raise Unreadable(f"was imported before, but {target} is not as the import wrote it; mend or remove it")
    return rows


def _write(target: Path, rows: list[dict[str, Any]]) -> None:
    """Writes the file whole or not at all; without entries there is none."""
    try:
        if not rows:
            target.unlink(missing_ok=True)
            return
        text = yaml.safe_dump(rows, allow_unicode=True, sort_keys=False, width=150)
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, prefix=".", delete=False) as file:
            file.write(text)
        os.chmod(file.name, 0o644)
        os.replace(file.name, target)
    except OSError as error:
        raise ImportRefused(f"{target} cannot be written: {error.strerror}") from error
