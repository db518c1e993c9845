"""The weights of the one ranking: data fitted by `app.py fit`, kept with the model's id."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WEIGHTS_FILE = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """Scores of passages and entries are comparable: both are about a mean of cosines plus a share of term score.

    A passage: `passage` and `sentence` (best sentence) as weighted mean; `terms` are added where question and text
    share the
    language, `foreign_terms` where they do not: only names, numbers and loan words can match there. An entry:
    `entry_base` and
    `entries`, the weights of what `AskedHit.signals` names (the linear head of the right entry, brought to the same
    scale).
    """

    passage: float = 0.4
    sentence: float = 0.5
    terms: float = 0.1
    foreign_terms: float = 0.08
    entry_base: float = 0.7
    entries: Mapping[str, float] = field(default_factory=lambda: dict(_ENTRIES))

    @property
    def foreign_share(self) -> float:
        """How much a term score across languages counts against one within a language."""
        return self.foreign_terms / (self.terms or 1)

    def of_entries(self, signals: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
        """The score of each entry and figure (n,)."""
        total = np.full(len(next(iter(signals.values()))), self.entry_base, np.float32)
        for name, weight in self.entries.items():
            total += np.float32(weight) * signals[name]
        return total


_ENTRIES = {"other": 0.05, "centre": 0.1, "answer": 0.02, "sentence": 0.05, "coverage": 0.04}
"""For a model that nothing was fitted for: in the proportion that was fitted for multilingual-e5-small."""


def load_weights(model_id: str, path: Path = WEIGHTS_FILE) -> Weights:
    """The weights fitted for a model, else the defaults."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return Weights()
    return Weights(**known.get(model_id, {}))


def save_weights(model_id: str, weights: Weights, path: Path = WEIGHTS_FILE) -> None:
    """Stores fitted weights beside those of other models."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known[model_id] = asdict(weights)
    path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
