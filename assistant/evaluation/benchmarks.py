"""Question and passage sets that nobody here wrote; read where CLUSTERLOTSE_BENCHMARKS points, never copied into
the project."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

PROGRAMME = {
    "name": "Benchmark",
    "hotline": {"phone": "+49 30 000000", "email": "hotline@example.org"},
    "languages": ["de", "en"],
}


def rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """The rows of a JSONL file of the sets."""
    return [json.loads(line) for line in (folder / name).read_text(encoding="utf-8").splitlines() if line.strip()]


def write_corpus(
    folder: Path, documents: Iterable[tuple[str, str, str]] = (), entries: Iterable[Mapping[str, Any]] = ()
) -> Path:
    """A corpus in the formats of the product; `documents` are id, language and text."""
    (folder / "documents").mkdir(parents=True, exist_ok=True)
    (folder / "curated").mkdir(exist_ok=True)
    (folder / "programme.yaml").write_text(yaml.safe_dump(PROGRAMME), encoding="utf-8")
    for identity, language, text in documents:
        (folder / "documents" / f"{identity}.md").write_text(
            f"---\nid: {identity}\nlanguage: {language}\n---\n{text}\n", encoding="utf-8"
        )
    if listed := list(entries):
        (folder / "curated" / "entries.yaml").write_text(yaml.safe_dump(listed, allow_unicode=True), encoding="utf-8")
    return folder


def xquad_corpus(folder: Path, passages: Iterable[Mapping[str, Any]], language: str) -> Path:
    """The XQuAD passages of one language, one document each."""
    return write_corpus(folder, [(p["pid"], language, p[f"text_{language}"]) for p in passages])


def faq_corpus(folder: Path, faq: Iterable[Mapping[str, Any]], language: str) -> Path:
    """The federal FAQ of one language, one curated entry each, with one phrasing."""
    entries = [
        {
            "id": f["anchor"],
            "questions": {language: [f[f"q_{language}"]]},
            "answer": {language: f[f"a_{language}"]},
            "sources": [{"title": "FAQ", "url": "https://example.org"}],
        }
        for f in faq
    ]
    return write_corpus(folder, entries=entries)


def opened_search(corpus: Path, index: Path, embedder: Any) -> Any:
    """Builds the index of a corpus and opens its search."""
    from index.build import build_snapshot
    from index.search import open_search

    built = build_snapshot(corpus, index, model_id=embedder.model_id, embedder=lambda: embedder)
    return open_search(index, built.folder, embedder)
