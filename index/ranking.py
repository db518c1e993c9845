"""The weights of the one ranking: data fitted by `app.py calibrate`, kept with the model's id."""

import json
from dataclasses import dataclass, fields
from pathlib import Path

WEIGHTS_FILE = Path(__file__).parent / "weights.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """Scores are weighted means of cosines plus a share of term score, so those of passages and entries are comparable.

    A passage: `passage` and `sentence` (best sentence); an entry: `phrasing` (best), `answer` (question and answer together) and
    `answer_sentence` (best), and `entry_words` for words shared with one phrasing. `terms` and `entry_terms` are added where question and text share the language; `foreign_terms` where
    they do not: only names, numbers and loan words can match there. `entry_offset` sets entries against passages.
    """

    passage: float = 0.5
    sentence: float = 0.5
    terms: float = 0.1
    phrasing: float = 0.5
    answer: float = 0.3
    answer_sentence: float = 0.2
    entry_terms: float = 0.08
    entry_words: float = 0.06
    foreign_terms: float = 0.08
    entry_offset: float = 0.0

    @property
    def foreign_share(self) -> float:
        """How much a term score across languages counts against one within a language."""
        return self.foreign_terms / (self.terms or 1)


def load_weights(model_id: str, path: Path = WEIGHTS_FILE) -> Weights:
    """The weights fitted for a model, else the defaults (they hold for models of the e5 family)."""
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return Weights()
    return Weights(**known.get(model_id, {}))


def save_weights(model_id: str, weights: Weights, path: Path = WEIGHTS_FILE) -> None:
    """Stores fitted weights beside those of other models."""
    known = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    known[model_id] = {f.name: round(float(getattr(weights, f.name)), 4) for f in fields(Weights)}
    path.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
