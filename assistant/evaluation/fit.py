"""`app.py fit`: fits the shipped model from several question sets together, and says how well each part holds on
what it has not seen.

Phrasings are dropped at random from all to none, entries and questions outside are subsampled: else a model learns
one corpus.
"""

import datetime
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.answering.scoring import features as measured
from assistant.answering.scoring.features import business_features, quoting_features
from assistant.answering.scoring.scorer import MODEL_FILE, Linear, shared, stored_model
from assistant.evaluation.benchmarks import opened_search, rows, xquad_corpus
from assistant.evaluation.calibrate import thresholds_of
from assistant.evaluation.claims import QUESTIONS, fit_claims
from assistant.evaluation.passage_weights import fit_passage_weights
from assistant.evaluation.simulated import (
    Effort,
    Sample,
    Source,
    VectorStore,
    benchmark_sources,
    own_source,
    simulate,
)
from assistant.settings import Settings
from index.question_space import StoredSpace, owner_means, scatter_within, store_space
from index.ranking import Weights, load_weights, save_weights
from index.readers import read_corpus
from index.units import Unit
from index.values import CuratedEntry

OWN_EFFORTS = (0, 1, 1, 2, 3, 3, 5, 8, 0, 1, 3, 8)
OWN_SHARES = (1.0, 1.0, 0.5, 1.0, 0.3, 1.0, 0.5)
"""Phrasings an entry and language, and share of the entries, of the simulated corpora of the own source, in turn."""
FURTHER: Mapping[str, Sequence[Effort]] = {
    "faq": (
        Effort(1, 1.0, ("en",)),
        Effort(1, 1.0, ("de",)),
        Effort(0),
        Effort(1, 0.6, ("en",)),
        Effort(1, 0.6, ("de",)),
        Effort(0, 0.6),
    ),
    "clinc": (Effort(1), Effort(3), Effort(5), Effort(10), Effort(1, 0.7), Effort(5, 0.7), Effort(3, 0.7)),
    "xquad": (Effort(0), Effort(0, 0.5)),
}
MOST = {"own": 1100, "faq": 400, "clinc": 950, "xquad": 1000}
"""Questions asked of a simulated corpus of each source, about half of them its own."""
SHRUNK = 1e-3
"""Weight of the squared weights in the fit of the right entry, in units of the scales."""
SCALES: Mapping[str, float] = {"coverage": 0.2, "type": 0.5, "name": 0.5, "year": 0.5, "dated": 0.5}
"""What a feature usually differs by; 0.1 for the others."""
Fitted = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Corpus:
    """The samples of one simulated corpus."""

    source: str
    effort: Effort
    samples: tuple[Sample, ...]


def fit(settings: Settings, *, embedder: Callable[..., Any], say: Callable[[str], None]) -> None:
    """Fits and stores everything for the settings' model. Raises ValueError where the benchmark sets are missing."""
    if settings.benchmarks is None:
        raise ValueError("fitting needs the benchmark sets: set CLUSTERLOTSE_BENCHMARKS to their folder")
    model = embedder(settings)
    store = VectorStore(model, settings.data / "fit" / f"{model.model_id.replace('/', '-')}.npz")
    own = own_source(read_corpus(settings.corpus), settings.corpus / "questions")
    sources = [own, *benchmark_sources(settings.benchmarks)]
    space = fitted_space(sources, store)
    store.save()
    corpora = _simulated(sources, store, sources, say)
    store.save()
    entry = fit_entry(corpora)
    say(f"right entry: {_spelt(entry.weights)}")
    held_out = _cross_validated(sources, corpora, say)
    business, with_outside = (
        fit_business(corpora, entry, names) for names in (measured.BUSINESS, measured.WITH_OUTSIDE)
    )
    for name, head in (("business", business), ("business with outside", with_outside)):
        say(f"{name}: {_spelt(head.weights)}")
    quoting, quoting_thresholds = fit_quoting(settings.benchmarks, model, say)
    claim, (stated, sure) = fit_claims(
        own, settings.corpus / "questions" / "strict" / QUESTIONS, entry, store, space, say
    )
    store.save()
    thresholds: Fitted = {
        "quoting": quoting_thresholds,
        "asking_back": {},
        "claim": {"stated": stated, "sure": sure},
    }
    for name, head in (("business", business), ("business_with_outside", with_outside)):
        found = business_thresholds(corpora, entry, head, settings.error_budget)
        thresholds[name], thresholds["asking_back"][name] = (round(value, 4) for value in found)
    say(f"thresholds: {thresholds}")
    known = stored_model() if MODEL_FILE.is_file() else {}
    known[model.model_id] = {
        "fitted_on": {s.name: {"entries": len(s.entries), "questions": len(s.asked)} for s in sources},
        "fitted": datetime.date.today().isoformat(),
        "held_out": held_out,
        "heads": {
            "entry": {"weights": _rounded(entry.weights)},
            "business": {"weights": _rounded(business.weights), "bias": round(business.bias, 4)},
            "business_with_outside": {"weights": _rounded(with_outside.weights), "bias": round(with_outside.bias, 4)},
            "claim": {"weights": _rounded(claim.weights), "bias": round(claim.bias, 4)},
            "quoting": {
                name: {"weights": _rounded(h.weights), "bias": round(h.bias, 4)} for name, h in quoting.items()
            },
        },
        "thresholds": thresholds,
    }
    MODEL_FILE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    store_space(model.model_id, space)
    passages = fit_passage_weights(settings.benchmarks, load_weights(model.model_id), model, say)
    _store_ranking(model.model_id, corpora, entry, passages)
    say(f"stored for {model.model_id}")


def fitted_space(sources: Sequence[Source], store: VectorStore) -> StoredSpace:
    """Means of questions and passages, and the covariance within an entry: of each source alike, whatever its size."""
    scatters: list[Any] = []
    questions: list[Any] = []
    passages: list[Any] = []
    for source in sources:
        groups = [[p for texts in e.questions.values() for p in texts] for e in source.entries]
        if source.name == "xquad":  # the same question in two languages
            pairs = [a.text for a in source.asked]
            groups = [pairs[n : n + 2] for n in range(0, len(pairs), 2)]
        owners = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
        vectors = store.of([Unit(text, "question") for group in groups for text in group])
        scatter, freedom = scatter_within(vectors, owners, len(groups))
        scatters.append(scatter / max(1, freedom) / max(float(np.trace(scatter / max(1, freedom))), 1e-9))
        questions.append(owner_means(vectors, owners, len(groups)).mean(axis=0))
        told = [text for e in source.entries if isinstance(e, CuratedEntry) for text in e.answer.values() if text]
        if told:
            passages.append(store.of([Unit(f"\n{text}"[:1500], "passage") for text in told]).mean(axis=0))
    covariance = np.mean(scatters, axis=0) * USUAL_SPREAD
    return StoredSpace(np.mean(questions, axis=0), np.mean(passages, axis=0), covariance.astype(np.float32))


USUAL_SPREAD = 0.13
"""Sum of the variances within an entry that was measured on average; it sets the stored covariance against a
corpus's own."""


def _simulated(
    sources: Sequence[Source], store: VectorStore, seen: Sequence[Source], say: Callable[[str], None]
) -> list[Corpus]:
    """The simulated corpora of all sources. Each is whitened by what the other sources tell, as a new corpus would
    be."""
    chance = random.Random(7)
    corpora: list[Corpus] = []
    for source in sources:
        others = fitted_space([s for s in seen if s is not source], store)
        whole = fitted_space(seen, store)
        efforts = FURTHER.get(source.name) or [
            Effort(k, OWN_SHARES[n % len(OWN_SHARES)], outside=n % 3 > 0, unphrased=0.3 * (n % 2))
            for n, k in enumerate(OWN_EFFORTS)
        ]
        for number, effort in enumerate(efforts):
            # the shipped space knows the own programme; half of its corpora do not, so that a new one is no surprise
            space = whole if source.name == "own" and number % 2 else others
            samples = simulate(source, effort, store, space, chance, MOST[source.name])
            corpora.append(Corpus(source.name, effort, tuple(samples)))
        say(
            f"{source.name}: {len(efforts)} corpora, {sum(len(c.samples) for c in corpora if c.source == source.name)} questions"
        )
    return corpora


# -- the right entry -------------------------------------------------------------------------------------------------


def fit_entry(corpora: Sequence[Corpus], names: Sequence[str] = measured.ENTRY) -> Linear:
    """A linear softmax over the candidates of a question (conditional logit), each corpus alike; no weight below
    zero."""
    from scipy.optimize import minimize

    scale = np.asarray([SCALES.get(name, 0.1) for name in names])
    blocks = [block for c in corpora if (block := _block(c.samples, names, scale)) is not None]

    def loss(weights: Any) -> tuple[float, Any]:
        value, slope = SHRUNK * float(weights @ weights), 2 * SHRUNK * weights
        for x, right, real in blocks:
            logits = np.where(real, x @ weights, -1e9)
            logits -= logits.max(axis=1, keepdims=True)
            share = np.exp(logits)
            share /= share.sum(axis=1, keepdims=True)
            hit = (share * right).sum(axis=1)
            value -= float(np.log(hit + 1e-9).mean()) / len(blocks)
            wanted = share * right / (hit + 1e-9)[:, None]
            slope = slope - ((wanted - share)[:, :, None] * x).sum(axis=1).mean(axis=0) / len(blocks)
        return value, slope

    found: Any = minimize(loss, np.full(len(names), 0.1), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names))
    return Linear({n: float(w) for n, w in zip(names, found.x / scale, strict=True)})


def _block(
    samples: Sequence[Sample], names: Sequence[str], scale: Any
) -> tuple[Any, NDArray[np.bool_], NDArray[np.bool_]] | None:
    """Features (questions, candidates, features), which are right, and which are there, of the answerable questions."""
    some = [s for s in samples if s.answerable]
    if not some:
        return None
    widest = max(len(s.right) for s in some)
    x = np.zeros((len(some), widest, len(names)))
    right, real = np.zeros((2, len(some), widest), bool)
    for n, sample in enumerate(some):
        x[n, : len(sample.right)] = [[c.features[name] for name in names] for c in sample.evidence.candidates]
        right[n, : len(sample.right)] = sample.right
        real[n, : len(sample.right)] = True
    return x / scale, right, real


def first_hits(samples: Sequence[Sample], head: Linear) -> float:
    """Share of the answerable questions whose best candidate is right."""
    some = [s for s in samples if s.answerable]
    hits = [s.right[int(np.argmax([head.value(c.features) for c in s.evidence.candidates]))] for s in some]
    return sum(hits) / max(1, len(hits))


def _cross_validated(sources: Sequence[Source], corpora: Sequence[Corpus], say: Callable[[str], None]) -> Fitted:
    """First hits of each set by a head fitted without it, and of the own entries by one fitted on the other half of
    them; beside plain cosine."""
    found: Fitted = {}
    for source in sources:
        head = fit_entry([c for c in corpora if c.source != source.name])
        for corpus in (c for c in corpora if c.source == source.name and c.effort.entries == 1.0):
            some = [s for s in corpus.samples if s.answerable]
            spoken = " in " + " and ".join(corpus.effort.languages)
            found[f"{source.name}, {corpus.effort.phrasings} phrasings{spoken}"] = {
                "fitted_without": round(first_hits(some, head), 3),
                "plain_cosine": round(sum(s.cosine_right for s in some) / max(1, len(some)), 3),
            }
    own = [c for c in corpora if c.source == "own"]
    ids = sorted({c.id for corpus in own for s in corpus.samples for c in s.evidence.candidates})
    half = frozenset(ids[::2])
    others = [c for c in corpora if c.source != "own"]
    hits: list[tuple[int, float, float]] = []
    for part in (half, frozenset(ids) - half):
        seen = [Corpus(c.source, c.effort, tuple(s for s in c.samples if not _rights(s) & part)) for c in own]
        head = fit_entry([*others, *seen])
        for corpus in own:
            unseen = [s for s in corpus.samples if s.answerable and _rights(s) <= part]
            plain = sum(s.cosine_right for s in unseen) / max(1, len(unseen))
            hits.append((corpus.effort.phrasings, first_hits(unseen, head), plain))
    for k in sorted({k for k, _, _ in hits}):
        found[f"own entries not seen, {k} phrasings"] = {
            "fitted_without": round(float(np.mean([h for n, h, _ in hits if n == k])), 3),
            "plain_cosine": round(float(np.mean([p for n, _, p in hits if n == k])), 3),
        }
    for name, row in found.items():
        say(f"first hit, {name}: {row['fitted_without']:.3f} (plain cosine {row['plain_cosine']:.3f})")
    return found


def _rights(sample: Sample) -> frozenset[str]:
    return frozenset(c.id for c, right in zip(sample.evidence.candidates, sample.right, strict=True) if right)


# -- the programme's business ----------------------------------------------------------------------------------------


def _business_rows(
    corpora: Sequence[Corpus], entry: Linear, names: Sequence[str]
) -> list[tuple[Corpus, Any, Any, Any]]:
    """For each corpus features (questions, features), which are answerable, and which are outside."""
    found: list[tuple[Corpus, Any, Any, Any]] = []
    for corpus in corpora:
        kept = [s for s in corpus.samples if "outside" not in names or s.evidence.found.outside is not None]
        listed: list[dict[str, float]] = []
        for sample in kept:
            weighed = shared([_weighed(c, entry) for c in sample.evidence.candidates])
            listed.append(business_features(sample.evidence, weighed, sample.terms))
        if (
            kept
            and corpus.source != "xquad"
            and any(s.answerable for s in kept)
            and not all(s.answerable for s in kept)
        ):
            x = np.asarray([[f[name] for name in names] for f in listed])
            y = np.asarray([s.answerable for s in kept])
            found.append((corpus, x, y, np.asarray([s.kind == "outside" for s in kept])))
    return found


def _weighed(candidate: Any, entry: Linear) -> Any:
    from dataclasses import replace

    return replace(candidate, weight=entry.value(candidate.features))


def fit_business(corpora: Sequence[Corpus], entry: Linear, names: Sequence[str]) -> Linear:
    """A logistic regression: answerable or not, both weighing alike in each corpus."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    parts = _business_rows(corpora, entry, names)
    x, y = np.concatenate([p[1] for p in parts]), np.concatenate([p[2] for p in parts])
    weight = np.concatenate([np.where(p[2], 1 / max(1, p[2].sum()), 1 / max(1, (~p[2]).sum())) for p in parts])
    scaler = StandardScaler().fit(x)
    model: Any = LogisticRegression(C=1.0, max_iter=3000).fit(scaler.transform(x), y, sample_weight=1000 * weight)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    return Linear({n: float(w) for n, w in zip(names, weights, strict=True)}, bias)


def business_thresholds(corpora: Sequence[Corpus], entry: Linear, head: Linear, budget: float) -> tuple[float, float]:
    """The thresholds for answering and for asking back, of the own corpora with all their entries (see
    `thresholds_of`)."""
    inside: list[float] = []
    outside: list[float] = []
    for corpus, x, y, apart in _business_rows(corpora, entry, tuple(head.weights)):
        if corpus.source != "own" or corpus.effort.entries < 1:
            continue
        values = 1 / (1 + np.exp(-(head.bias + x @ np.asarray(list(head.weights.values())))))
        inside += values[y].tolist()
        outside += values[apart].tolist()
    return thresholds_of(inside, outside, budget)


# -- quoting ---------------------------------------------------------------------------------------------------------


def fit_quoting(benchmarks: Path, model: Any, say: Callable[[str], None]) -> tuple[dict[str, Linear], dict[str, float]]:
    """Heads and thresholds of quoting, from XQuAD with half of its articles indexed, each half in turn: in one
    language and across two."""
    import tempfile

    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.preprocessing import StandardScaler

    passages, queries = rows(benchmarks, "xquad_passages.jsonl"), rows(benchmarks, "xquad_queries.jsonl")
    samples: dict[str, list[tuple[dict[str, float], bool]]] = {"same": [], "across": []}
    with tempfile.TemporaryDirectory() as scratch:
        for text in ("de", "en"):
            for half in (0, 1):
                kept = [p for p in passages if p["article"] % 2 == half]
                inside = {p["pid"] for p in kept}
                folder = Path(scratch) / f"{text}{half}"
                search = opened_search(
                    xquad_corpus(folder, kept, text), folder.with_name(f"{folder.name}-index"), model
                )
                for asked in ("de", "en"):
                    pair = "same" if asked == text else "across"
                    samples[pair] += [(_quoting(search, q[f"q_{asked}"], asked), q["pid"] in inside) for q in queries]
    heads: dict[str, Linear] = {}
    thresholds: dict[str, float] = {}
    names = measured.QUOTING
    for pair, listed in samples.items():
        x, y = (
            np.asarray([[f[n] for n in names] for f, _ in listed]),
            np.asarray([answerable for _, answerable in listed]),
        )
        scaler = StandardScaler().fit(x)
        fitted: Any = LogisticRegression(C=1.0, max_iter=3000).fit(scaler.transform(x), y)
        weights = fitted.coef_[0] / scaler.scale_
        bias = float(fitted.intercept_[0] - (weights * scaler.mean_).sum())
        heads[pair] = Linear({n: float(w) for n, w in zip(names, weights, strict=True)}, bias)
        values = 1 / (1 + np.exp(-(bias + x @ weights)))
        thresholds[pair] = round(float(np.quantile(values[~y], 1 - QUOTED_WRONGLY)), 4)
        say(f"quoting, {pair}: AUROC {roc_auc_score(y, values):.4f}, threshold {thresholds[pair]}")
    return heads, thresholds


QUOTED_WRONGLY = 0.01
"""Share of unanswerable questions of XQuAD that may be quoted to at most; quality.md asks for one in a hundred in
one language."""


def _quoting(search: Any, question: str, language: str) -> dict[str, float]:
    from assistant.answering.retrieving import Retriever
    from assistant.answering.values import Interpretation, Reason

    retriever = Retriever(search, search.content.programme)
    return quoting_features(retriever.retrieve([Interpretation(question, Reason.AS_ASKED)], language)[0])


# -- the search's own ranking ----------------------------------------------------------------------------------------


def _store_ranking(model_id: str, corpora: Sequence[Corpus], entry: Linear, passages: Weights) -> None:
    """The weights of the signals among the features, brought to the scale of passages: right ones score as a right
    passage does."""
    from dataclasses import replace

    names = [n for n in measured.ENTRY if n in ("other", "centre", "answer", "sentence", "coverage")]
    values = [
        sum(entry.weights[n] * c.features[n] for n in names)
        for corpus in corpora
        for s in corpus.samples
        for c, right in zip(s.evidence.candidates, s.right, strict=True)
        if right
    ]
    spread = RIGHT_SPREAD / float(np.std(values))
    weights = {name: round(entry.weights[name] * spread, 5) for name in names}
    base = round(RIGHT_MEAN - spread * float(np.mean(values)), 5)
    save_weights(model_id, replace(passages, entries=weights, entry_base=base))


RIGHT_MEAN, RIGHT_SPREAD = 0.91, 0.025
"""Mean and standard deviation of the scores of right passages on XQuAD."""


def _rounded(weights: Mapping[str, float]) -> dict[str, float]:
    return {name: round(weight, 4) for name, weight in weights.items()}


def _spelt(weights: Mapping[str, float]) -> str:
    return " · ".join(f"{name} {weight:.2f}" for name, weight in weights.items())
