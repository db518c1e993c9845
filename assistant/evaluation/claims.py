"""Fits the head of verdicts on questions written beside a corpus's claims, near misses among them: does the nearest
question of a claim mean what was asked?"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.composing.verdicts import Claimed, Polarity, claim_features_of, nearest_claim
from assistant.answering.naming import NamedThings
from assistant.answering.scoring.features import CLAIM
from assistant.answering.scoring.scorer import Linear, shared
from assistant.evaluation.simulated import Asked, Source, VectorStore, samples_of
from index.asked_search import AskedSearch
from index.lexical import terms
from index.question_space import StoredSpace
from index.units import Unit, asked_units
from index.values import CuratedEntry, Figure

QUESTIONS, PAIRS = "claims_own.jsonl", "opposites_own.jsonl"
WRONG, BESIDE = 0.03, 0.1
"""Share of wrong verdicts among those given, and of claims beside the point among those stated, that are borne. The
questions are meant to mislead; what people ask does so far less."""
Row = tuple[dict[str, float], bool]


def fit_claims(
    own: Source, questions: Path, entry: Linear, store: VectorStore, stored: StoredSpace, say: Callable[[str], None]
) -> tuple[Linear, tuple[float, float]]:
    """The head, and the least probabilities for stating a claim and for a verdict on it."""
    from scipy.optimize import minimize
    from sklearn.model_selection import KFold

    rows = claim_rows(own, questions, entry, store, stored)
    x = np.asarray([[features[name] for name in CLAIM] for features, _ in rows])
    y = np.asarray([right for _, right in rows])

    def fitted(chosen: Any) -> Any:
        def loss(w: Any) -> float:
            z = (x[chosen] @ w[:-1] + w[-1]) * np.where(y[chosen], 1, -1)
            return float(np.logaddexp(0, -z).mean() + RIDGE * (w[:-1] ** 2).sum())

        bounds = [(0, None)] * len(CLAIM) + [(None, None)]
        return np.asarray(minimize(loss, np.zeros(len(CLAIM) + 1), method="L-BFGS-B", bounds=bounds).x)

    p = np.zeros(len(rows))
    for seen, unseen in KFold(8, shuffle=True, random_state=5).split(x):
        w = fitted(seen)
        p[unseen] = 1 / (1 + np.exp(-(x[unseen] @ w[:-1] + w[-1])))
    w = fitted(np.arange(len(rows)))
    stated, sure = (_least(p, y, share) for share in (BESIDE, WRONG))
    given = p >= sure
    say(
        f"claims: {len(rows)} questions, {y.mean():.2f} of the nearest claims right; verdicts on {given[y].mean():.3f} of "
        f"these, wrong {int((given & ~y).sum())}; least {stated:.3f} and {sure:.3f}"
    )
    head = Linear({n: float(v) for n, v in zip(CLAIM, w[:-1], strict=True)}, float(w[-1]))
    return head, (round(stated, 4), round(sure, 4))


RIDGE = 1e-3


def _least(p: Any, right: Any, share: float) -> float:
    """The least probability from which on at most `share` are wrong."""
    order = np.argsort(-p)
    wrong = np.cumsum(~right[order]) / np.arange(1, len(p) + 1)
    fine = np.flatnonzero(wrong <= share)
    return float(p[order[fine[-1]]]) if len(fine) else 1.0


def claim_rows(own: Source, questions: Path, entry: Linear, store: VectorStore, stored: StoredSpace) -> list[Row]:
    """Of each question whose nearest claim leads to a verdict: its features, and whether that is right."""
    values = list(own.entries)
    units = asked_units(*_by_kind(values), {})
    search = AskedSearch(
        values,
        [(u.owner, u.role, u.language) for u in units],
        store.of([u.unit for u in units]),
        stored,
        own.programme.languages,
    )
    asked, expected = _questions(questions)
    samples = samples_of(own, search, values, asked, store.of([Unit(a.text, "question") for a in asked]))
    polarity = Polarity(NamedThings(own.programme), own.programme.languages)
    rows: list[Row] = []
    for question, wanted, sample in zip(asked, expected, samples, strict=True):
        weighed = shared([_weighed(c, entry) for c in sample.evidence.candidates])
        hit = weighed[0].hit
        if hit.entry is None or not hit.claims:
            continue
        claimed = Claimed(question.text, question.text)
        top = nearest_claim(claimed, hit.claims, question.language, polarity)
        verdict = polarity.verdict(claimed, top.question, top.holds, question.language)
        if verdict in (None, "unknown"):
            continue
        rarity = search.coverage[question.language].rarity
        features = claim_features_of(claimed, hit, question.language, polarity, terms, rarity)
        rows.append((features, verdict == wanted))
    return rows


def _questions(path: Path) -> tuple[list[Asked], list[str]]:
    rows = _lines(path)
    asked = [Asked(row["question"], row["language"], frozenset()) for row in rows]
    expected = [row["verdict"] for row in rows]
    for row in _lines(path.with_name(PAIRS)):
        asked += [Asked(row[side], row["language"], frozenset()) for side in ("a", "b")]
        expected += [row[f"{side}_verdict"] for side in ("a", "b")]
    return asked, expected


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def _weighed(candidate: Any, entry: Linear) -> Any:
    from dataclasses import replace

    return replace(candidate, weight=entry.value(candidate.features))


def _by_kind(values: Sequence[CuratedEntry | Figure]) -> tuple[list[CuratedEntry], list[Figure]]:
    return [v for v in values if isinstance(v, CuratedEntry)], [v for v in values if isinstance(v, Figure)]
