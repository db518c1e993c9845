"""The fitted heads: which entry is the one, whether the question is the programme's business, whether the best
passages answer."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from assistant.answering.scoring.features import business_features, quoting_features
from assistant.answering.values import Candidate, Evidence, Scored

MODEL_FILE = Path(__file__).parent / "model.json"
MOST_CANDIDATES = 40
"""The head of the right entry was fitted on so many candidates a question."""


@dataclass(frozen=True, slots=True)
class Linear:
    """A linear head: `bias` + the sum of weights · features; through the logistic function it is a probability."""

    weights: Mapping[str, float]
    bias: float = 0.0

    def value(self, features: Mapping[str, float]) -> float:
        """Any number; 0 is as likely as not. Raises KeyError for a feature that is missing."""
        return self.bias + sum(weight * features[name] for name, weight in self.weights.items())

    def probability(self, features: Mapping[str, float]) -> float:
        """0..1."""
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, self.value(features)))))


@dataclass(frozen=True, slots=True)
class Heads:
    """All heads of one model. `quoting` is by whether question and passage share their language."""

    entry: Linear
    business: Linear
    business_with_outside: Linear
    quoting: Mapping[bool, Linear]
    claim: Linear
    """That a claim's question means the same as the one asked."""


@cache
def stored_model(path: Path = MODEL_FILE) -> dict[str, Any]:
    """What `app.py fit` stored: by model id heads, thresholds and what they were fitted on."""
    return json.loads(path.read_text(encoding="utf-8"))


def fitted_for(model_id: str) -> dict[str, Any]:
    """The stored part of a model; of the first one stored for a model that nothing was fitted for."""
    known = stored_model()
    return known.get(model_id) or next(iter(known.values()))


def heads_of(fitted: Mapping[str, Any]) -> Heads:
    """The heads in what `app.py fit` stored for a model."""
    heads = fitted["heads"]
    return Heads(
        entry=Linear(heads["entry"]["weights"]),
        business=Linear(**heads["business"]),
        business_with_outside=Linear(**heads["business_with_outside"]),
        claim=Linear(**heads["claim"]),
        quoting={True: Linear(**heads["quoting"]["same"]), False: Linear(**heads["quoting"]["across"])},
    )


class Scorer:
    """Gives evidence its probabilities."""

    def __init__(self, heads: Heads) -> None:
        self._heads = heads

    def score(self, evidence: Evidence, terms: Sequence[str]) -> Scored:
        """The evidence with its candidates best first; `terms` are the stems of the question."""
        return self.rescored(evidence, self.weighed(evidence.candidates), terms)

    def rescored(self, evidence: Evidence, candidates: Sequence[Candidate], terms: Sequence[str]) -> Scored:
        """The same with candidates that are weighed already, best first."""
        evidence = replace(evidence, candidates=tuple(candidates))
        features = business_features(evidence, candidates, terms)
        business = 0.0
        if features:
            head = self._heads.business_with_outside if "outside" in features else self._heads.business
            business = head.probability(features)
        quoted = quoting_features(evidence)
        quotable = 0.0
        if quoted:
            same = evidence.passages[0].passage.language == evidence.language and not evidence.foreign
            quotable = self._heads.quoting[same].probability(quoted)
        outside = evidence.found.outside
        elsewhere = outside is not None and outside > evidence.found.inside
        told = max((self._heads.entry.value(f) for f in evidence.told), default=-math.inf)
        return Scored(evidence, business, quotable, features, told, elsewhere)

    def weighed(self, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """Candidates with weight and share, best first."""
        weighed = [replace(c, weight=self._heads.entry.value(c.features)) for c in candidates]
        return shared(weighed)


def shared(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Weighed candidates with the share of each among the best (softmax), best first; one that was asked word for
    word comes first."""
    ranked = sorted(candidates, key=lambda c: (not c.hit.identical, -c.weight))[:MOST_CANDIDATES]
    if not ranked:
        return ()
    most = max(c.weight for c in ranked)
    parts = [math.exp(c.weight - most) for c in ranked]
    total = sum(parts)
    return tuple(replace(c, share=part / total) for c, part in zip(ranked, parts, strict=True))
