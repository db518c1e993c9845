"""Fits thresholds and weights from question sets: few parameters, kept as data with the model's id.

Passages: XQuAD, half of the articles indexed, all questions asked, both halves in turn. Entries: the programme's own questions (the
first half of them; the other half stays apart for the evaluation) against questions about anything else.
"""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.assistant import Assistant
from assistant.answering.deciding import CALIBRATION_FILE, asked_features, quoted_features
from assistant.answering.retrieval import Retriever
from assistant.evaluation.answers import load_questions
from assistant.evaluation.benchmarks import opened_search, rows, xquad_corpus
from assistant.evaluation.fitting import fit_weights
from assistant.settings import Settings
from index.ranking import save_weights

QUESTIONS = Path(__file__).parents[2] / "tests" / "evaluation" / "questions.jsonl"
OUTSIDE = QUESTIONS.with_name("outside.jsonl")
"""Questions that sound like an information desk and are none of the programme's business."""
ENTRY_FEATURES = ("phrasing", "answer", "sentence", "terms", "lead", "unknown", "words", "uncovered", "outside")
ALONE_FEATURES = ENTRY_FEATURES[:-1]
"""For corpora that name no questions outside of the programme."""
PASSAGE_FEATURES = (
    "similarity",
    "sentence",
    "lead",
    "margin",
    "sentence_lead",
    "sentence_above_mean",
    "terms",
    "unknown",
)
FOREIGN_PASSAGE_FEATURES = ("similarity", "sentence", "lead", "margin", "sentence_lead", "sentence_above_mean", "terms")
REFUSED = 0.02
"""Share of answerable questions that the threshold of entries may refuse at most: a caller who is sent away wrongly is a fault too."""
Features = dict[str, float]


def calibrate(
    settings: Settings, *, open_index: Callable[..., Any], embedder: Callable[..., Any], say: Callable[[str], None]
) -> None:
    """Fits and stores the calibration of the settings' model."""
    if settings.benchmarks is None:
        raise ValueError("calibration needs the benchmark sets: set CLUSTERLOTSE_BENCHMARKS to their folder")
    model = embedder(settings)
    opened = open_index(settings, settings.index_folder, model)
    weights = fit_weights(QUESTIONS, settings.benchmarks, opened.search, model, say)
    save_weights(model.model_id, weights)
    opened.search.weights = weights
    passages, queries = (
        rows(settings.benchmarks, "xquad_passages.jsonl"),
        rows(settings.benchmarks, "xquad_queries.jsonl"),
    )
    stored: dict[str, Any] = {"passage": {}, "entry": {}, "entry_alone": {}}
    with tempfile.TemporaryDirectory() as scratch:
        for text in ("de", "en"):
            samples: dict[str, list[tuple[Features, bool]]] = {"de": [], "en": []}
            for half in (0, 1):
                kept = [p for p in passages if p["article"] % 2 == half]
                search = opened_search(
                    xquad_corpus(Path(scratch) / f"{text}{half}", kept, text),
                    Path(scratch) / f"{text}{half}-index",
                    model,
                )
                inside = {p["pid"] for p in kept}
                for asked in ("de", "en"):
                    samples[asked] += [
                        (passage_features(search, q[f"q_{asked}"], asked), q["pid"] in inside) for q in queries
                    ]
            for asked in ("de", "en"):
                names = PASSAGE_FEATURES if asked == text else FOREIGN_PASSAGE_FEATURES
                fitted, auroc = fit(samples[asked], names, settings.error_budget)
                stored["passage"][f"{asked}>{text}"] = fitted
                say(f"passages {asked}>{text}: AUROC {auroc:.4f}, threshold {fitted['threshold']:.3f}")
    off_topic = [(q[f"q_{lang}"], lang) for q in queries[::2] for lang in ("de", "en")]
    off_topic += [
        (f[f"q_{lang}"], lang) for f in rows(settings.benchmarks, "federal_faq_parallel.jsonl") for lang in ("de", "en")
    ]
    off_topic += [
        (r["text"][:400], r["lang_guess"])
        for r in rows(settings.benchmarks, "injections.jsonl")
        if not r["label"] and r["lang_guess"] in ("de", "en")
    ]
    outside = [json.loads(line) for line in OUTSIDE.read_text(encoding="utf-8").splitlines()]
    samples_by = entry_samples(opened.assistant, off_topic, [(row["text"], row["language"]) for row in outside])
    for lang in ("de", "en"):
        for kind, names in (("entry", ENTRY_FEATURES), ("entry_alone", ALONE_FEATURES)):
            fitted, auroc = fit(samples_by[lang], names, settings.error_budget, REFUSED)
            stored[kind][f"{lang}>{lang}"] = fitted
            say(f"{kind} {lang}: AUROC {auroc:.4f}, threshold {fitted['threshold']:.3f}")
    known: dict[str, Any] = json.loads(CALIBRATION_FILE.read_text(encoding="utf-8"))
    before = known.get(model.model_id) or next(iter(known.values()))
    known[model.model_id] = {**before, **stored}
    CALIBRATION_FILE.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    say(f"stored in {CALIBRATION_FILE.name} for {model.model_id}")


def passage_features(search: Any, question: str, language: str) -> Features:
    """Features of a question as `Decider` computes them."""
    candidates = Retriever(search, search.content.programme).retrieve(question, language)
    return quoted_features(candidates, search.terms(question, language))


def entry_samples(
    assistant: Assistant, off_topic: Sequence[tuple[str, str]], outside: Sequence[tuple[str, str]] = ()
) -> dict[str, list[tuple[Features, bool]]]:
    """Own answerable questions (every second row) against questions about anything else, by language."""
    samples: dict[str, list[tuple[Features, bool]]] = {"de": [], "en": []}
    retriever = Retriever(assistant.search, assistant.programme)

    def add(question: str, language: str, answerable: bool, weight: int = 1) -> None:
        features = asked_features(retriever.retrieve(question, language), assistant.search.terms(question, language))
        samples[language] += [(features, answerable)] * weight

    for row in load_questions(QUESTIONS)[::2]:
        if (
            len(row.turns) == 1
            and "multi" not in row.tags
            and row.language in samples
            and not row.tags & {"hostile", "personal-data", "smalltalk", "person", "unreadable", "other-language"}
        ):
            add(row.turns[0], row.language, row.answerable, 1 if row.answerable else 5)
    for question, language in off_topic:
        add(question, language, False)
    for question, language in outside:
        add(question, language, False)
    return samples


def fit(
    samples: Sequence[tuple[Features, bool]], names: Sequence[str], error_budget: float, refused: float = 1.0
) -> tuple[dict[str, Any], float]:
    """A logistic regression with its threshold: the smallest probability at which at most `error_budget` of the unanswerable get an answer.

    Where that would refuse more than the share `refused` of the answerable, the threshold is lower.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.preprocessing import StandardScaler

    x = np.asarray([[features.get(name, 0.0) for name in names] for features, _ in samples])
    y = np.asarray([answerable for _, answerable in samples])
    scaler = StandardScaler().fit(x)
    model: Any = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000).fit(scaler.transform(x), y)
    weights = model.coef_[0] / scaler.scale_
    bias = float(model.intercept_[0] - (weights * scaler.mean_).sum())
    probabilities = 1 / (1 + np.exp(-(bias + x @ weights)))
    threshold = float(min(np.quantile(probabilities[~y], 1 - error_budget), np.quantile(probabilities[y], refused)))
    fitted = {
        "bias": round(bias, 4),
        "weights": {n: round(float(w), 4) for n, w in zip(names, weights, strict=True)},
        "threshold": round(min(0.95, max(0.15, threshold)), 4),
    }
    return fitted, float(roc_auc_score(y, probabilities))
