"""Thresholds of one corpus: fitted on its own phrasings, each left out in turn, and shrunk towards the shipped ones."""

import json
import math
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assistant.answering.scoring.features import business_features
from assistant.answering.scoring.scorer import Heads, Linear, Scorer, fitted_for, heads_of
from assistant.evaluation.simulated import Asked, Sample, Source, samples_of
from index.asked_search import AskedSearch
from index.question_space import stored_space
from index.snapshot import Content, read_manifest
from index.values import CuratedEntry, Figure

FILE = "thresholds.json"
FOLDS = 5
"""Each phrasing is left out once, a fifth of them at a time; an entry keeps at least one in each language."""
MOST = 600
"""So many phrasings (and so many questions outside) are asked at most."""
PRIOR = 200
"""The shipped thresholds count as much as so many phrasings."""
NOT_ANSWERED, NOT_ASKED_BACK = 0.2, 0.08
"""Shares of the phrasings left out that get no answer, and that are not even asked back. They are kept because they
differ
most from the others, so they are harder than what people ask: of held-out questions a tenth of these shares is
refused."""


def thresholds_of(inside: Sequence[float], outside: Sequence[float], budget: float) -> tuple[float, float]:
    """Least probabilities for answering and for asking back.

    At most `budget` of the questions `outside` are to be answered, unless that refuses more than NOT_ANSWERED of
    those `inside`.
    """
    answering, asking = (float(np.quantile(inside, share)) for share in (NOT_ANSWERED, NOT_ASKED_BACK))
    if outside:
        answering = min(answering, float(np.quantile(outside, 1 - budget)))
    return answering, min(asking, answering)


def calibrate(folder: Path, embed: Any, error_budget: float) -> dict[str, Any]:
    """The thresholds for the snapshot in a folder, in the form that `app.py fit` stores; `embed` makes vectors of
    questions.

    A part of the corpus's own questions outside is left out too, where it names some.
    """
    manifest = read_manifest(folder)
    fitted = fitted_for(manifest.model)
    shipped: Mapping[str, Any] = fitted["thresholds"]
    content = Content(folder / "content.sqlite")
    heads = heads_of(fitted)
    name, head = (
        ("business_with_outside", heads.business_with_outside) if content.outside else ("business", heads.business)
    )
    inside, outside = _left_out(folder, content, heads, head, embed)
    answering, asking = float(shipped[name]), float(shipped["asking_back"][name])
    if inside:
        own = thresholds_of(inside, outside, error_budget)
        answering, asking = (
            _probability(_shrunk(_log_odds(mine), _log_odds(given), len(inside)))
            for mine, given in zip(own, (answering, asking), strict=True)
        )
    asked = {**shipped["asking_back"], name: round(asking, 4)}
    return {
        **shipped, name: round(answering, 4), "asking_back": asked, "phrasings": len(inside), "outside": len(outside)
    }  # fmt: skip


def write_thresholds(folder: Path, embed: Any, error_budget: float) -> None:
    """Fits the thresholds of a snapshot and writes them into its folder."""
    found = calibrate(folder, embed, error_budget)
    (folder / FILE).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def read_thresholds(folder: Path) -> dict[str, Any] | None:
    """The thresholds beside a snapshot; None where it has none and the shipped ones hold."""
    path = folder / FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _left_out(
    folder: Path, content: Content, heads: Heads, head: Linear, embed: Any
) -> tuple[list[float], list[float]]:
    """Probabilities of phrasings that were left out, and of questions outside that were."""
    manifest = read_manifest(folder)
    rows: list[tuple[int, str, str]] = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    if not any(role == "phrasing" for _, role, _ in rows):
        return [], []
    vectors = np.load(folder / "asked.npy").reshape(len(rows), -1)
    values = content.asked
    stored = stored_space(manifest.model, manifest.dimension)
    chance = random.Random(11)
    spelt = _spelt(values, content, rows)
    fold = {number: chance.randrange(FOLDS) for number in spelt}
    first = {
        (owner, language): n for n, (owner, role, language) in reversed(list(enumerate(rows))) if role == "phrasing"
    }
    # what is asked about the assistant says nothing of this corpus
    itself = range(len(content.entries), len(content.entries) + len(content.itself))
    kept_always = frozenset(first.values()) | {n for n in spelt if rows[n][0] in itself}
    source = Source("own", content.programme, tuple(values), ())
    scorer = Scorer(heads)
    inside: list[float] = []
    outside: list[float] = []
    for part in range(FOLDS):
        left = [n for n in spelt if fold[n] == part and n not in kept_always]
        keep = [n for n in range(len(rows)) if n not in set(left)]
        search = AskedSearch(
            _without(values, rows, spelt, frozenset(left)),
            [rows[n] for n in keep],
            vectors[keep],
            stored,
            content.programme.languages,
        )
        asked = [_asked(rows[n], spelt[n], values) for n in chance.sample(left, min(len(left), MOST // FOLDS))]
        for sample in samples_of(source, search, values, asked, embed([a.text for a in asked])) if asked else ():
            value = _value(sample, scorer, head)
            (inside if sample.kind == "asked" else outside).append(value)
    return inside, outside


def _spelt(
    values: Sequence[CuratedEntry | Figure], content: Content, rows: Sequence[tuple[int, str, str]]
) -> dict[int, str]:
    """The texts of all phrasings and questions outside, by row."""
    left: dict[tuple[int, str], list[str]] = {}
    for owner, value in enumerate(values):
        for language, phrasings in value.questions.items():
            left[owner, language] = list(phrasings)
    for language, listed in content.outside.items():
        left[len(values), language] = list(listed)
    spelt: dict[int, str] = {}
    for number, (owner, role, language) in enumerate(rows):
        if role in ("phrasing", "outside"):
            spelt[number] = left[owner, language].pop(0)
    return spelt


def _without(
    values: Sequence[CuratedEntry | Figure],
    rows: Sequence[tuple[int, str, str]],
    spelt: Mapping[int, str],
    left: frozenset[int],
) -> list[CuratedEntry | Figure]:
    """The entries and figures without the phrasings of some rows."""
    from dataclasses import replace

    gone: dict[tuple[int, str], set[str]] = {}
    for number in left:
        owner, _, language = rows[number]
        gone.setdefault((owner, language), set()).add(spelt[number])
    changed: list[CuratedEntry | Figure] = []
    for owner, value in enumerate(values):
        questions = {
            c: tuple(p for p in listed if p not in gone.get((owner, c), ())) for c, listed in value.questions.items()
        }
        changed.append(replace(value, questions=questions))
    return changed


def _asked(row: tuple[int, str, str], text: str, values: Sequence[CuratedEntry | Figure]) -> Asked:
    owner, role, language = row
    if role == "outside":
        return Asked(text, language, frozenset(), "outside")
    return Asked(text, language, frozenset((values[owner].id,)))


def _value(sample: Sample, scorer: Scorer, head: Linear) -> float:
    """The probability that a question is the programme's business."""
    return head.probability(
        business_features(sample.evidence, scorer.weighed(sample.evidence.candidates), sample.terms)
    )


def _shrunk(own: float, shipped: float, count: int) -> float:
    return (count * own + PRIOR * shipped) / (count + PRIOR)


def _log_odds(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
