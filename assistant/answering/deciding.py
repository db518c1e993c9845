"""Answer, partial, clarify or decline: a calibrated probability from cheap features, per pair of languages.

The features follow the measurements in docs/decisions/0004: similarity separates well what lies outside of the documents, and
says little inside their subject; there the terms of the question, the type of answer asked for and the entity asked about decide.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from assistant.answering.answer_type import answer_type, holds_type
from assistant.answering.retrieval import AskedCandidate, Candidates
from index.values import PassageHit

FOREIGN_UNCOVERED = 0.2
CALIBRATION_FILE = Path(__file__).parent / "calibration.json"


class Outcome(StrEnum):
    """What is done with a question."""

    ANSWER = "answer"
    QUOTE = "quote"
    CLARIFY = "clarify"
    OUT_OF_SCOPE = "out_of_scope"
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome with what it rests on: the entry or figure chosen, the passages to quote, probability and threshold."""

    outcome: Outcome
    probability: float
    threshold: float
    chosen: AskedCandidate | None = None
    passages: tuple[PassageHit, ...] = ()
    options: tuple[AskedCandidate, ...] = ()
    entry_probability: float = 0.0
    passage_probability: float = 0.0
    note: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: probability = 1 / (1 + exp(-(bias + weights · features))), with the threshold for an answer."""

    bias: float
    weights: Mapping[str, float]
    threshold: float

    def probability(self, features: Mapping[str, float]) -> float:
        """0..1."""
        value = self.bias + sum(weight * features.get(name, 0.0) for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, value))))


@cache
def load_calibration(path: Path = CALIBRATION_FILE) -> dict[str, Any]:
    """The stored calibration: `{model id: {"passage": {pair: …}, "entry": {pair: …}, …}}`."""
    return json.loads(path.read_text(encoding="utf-8"))


class Decider:
    """Decides from candidates; `model_id` picks the calibration (the first stored one for an unknown model)."""

    def __init__(self, model_id: str, calibration: Mapping[str, Any] | None = None) -> None:
        known = calibration if calibration is not None else load_calibration()
        self.calibrated = model_id in known
        chosen: Mapping[str, Any] = known.get(model_id) or next(iter(known.values()))
        self._passage = {pair: Logistic(**row) for pair, row in chosen["passage"].items()}
        self._entry = {pair: Logistic(**row) for pair, row in chosen["entry"].items()}
        self._entry_alone = {pair: Logistic(**row) for pair, row in chosen.get("entry_alone", chosen["entry"]).items()}
        """For a corpus that names no questions outside of the programme."""
        self._scope: Mapping[str, float] = chosen["scope"]
        self._clarify: Mapping[str, float] = chosen["clarify"]
        self._quote: Mapping[str, float] = chosen["quote"]

    def decide(
        self, candidates: Candidates, terms: Sequence[str], *, clarify: bool = True, foreign: bool = False
    ) -> Decision:
        """The decision; `terms` are those of the question (`PassageSearch.terms`); `clarify` allows a question back."""
        entry_features = asked_features(candidates, terms, foreign=foreign)
        passage_features = quoted_features(candidates, terms)
        entry_models = self._entry_alone if candidates.found.outside is None else self._entry
        entry_model, passage_model = (
            self._model(entry_models, candidates, True),
            self._model(self._passage, candidates, False),
        )
        p_entry = entry_model.probability(entry_features) if candidates.asked else 0.0
        p_passage = passage_model.probability(passage_features) if candidates.passages else 0.0
        basis = _Basis(candidates, terms, p_entry, p_passage, entry_model.threshold, passage_model.threshold)
        return self._of_homonym(basis) or self._from_entries(basis, clarify) or self._from_passages(basis)

    def _of_homonym(self, basis: "_Basis") -> Decision | None:
        candidates = basis.candidates
        if candidates.homonym is None or self._meant(candidates):
            return None
        note = (candidates.homonym.note or {}).get(candidates.language)
        reason = f"homonym: {next(iter(candidates.homonym.name.values()))}"
        return replace(basis.decision(Outcome.OUT_OF_SCOPE, 0.0, basis.entry_threshold, reason), note=note)

    def _from_entries(self, basis: "_Basis", clarify: bool) -> Decision | None:
        """Answer from the best entry, or clarify where a few words fit two of them."""
        if basis.entry < basis.entry_threshold:
            return None
        asked = basis.candidates.asked
        top, margin = asked[0], self._clarify["margin"]
        unclear = (
            len(asked) > 1 and top.score - asked[1].score < margin and top.hit.phrasing < self._clarify["phrasing"]
        )
        if (
            clarify
            and unclear
            and len(basis.terms) <= self._clarify["terms"]
            and len(basis.candidates.question.split()) <= 2
        ):
            near = tuple(c for c in asked if top.score - c.score < 2 * margin)[:4]
            return replace(
                basis.decision(
                    Outcome.CLARIFY, basis.entry, basis.entry_threshold, "two readings about equally likely"
                ),
                options=near,
            )
        return replace(
            basis.decision(Outcome.ANSWER, basis.entry, basis.entry_threshold),
            chosen=top,
            passages=basis.candidates.passages,
        )

    def _from_passages(self, basis: "_Basis") -> Decision:
        """Quote the best passages when they hold what is asked for, else decline."""
        passages, threshold = basis.candidates.passages, basis.passage_threshold
        # Where an editor has written many entries, a question that none of them answers is seldom answered by a passage.
        edited = len(basis.candidates.asked) >= self._quote["entries"]
        floor = max(threshold, self._quote["floor"]) if edited else threshold
        kind = answer_type(basis.candidates.question)
        if basis.passage >= floor and edited and covered_share(basis.candidates, basis.terms) < self._quote["covered"]:
            return basis.decision(
                Outcome.NO_EVIDENCE, basis.passage, floor, "the best passage lacks the words of the question"
            )
        if basis.passage >= floor:
            if kind is None or holds_type(kind, [s.text for h in passages[:3] for s in h.passage.sentences]):
                return replace(basis.decision(Outcome.QUOTE, basis.passage, floor), passages=passages)
            return basis.decision(
                Outcome.NO_EVIDENCE,
                min(basis.passage, floor * 0.99),
                floor,
                f"no sentence holds what is asked for ({kind})",
            )
        best = max(basis.entry, basis.passage)
        outcome = Outcome.NO_EVIDENCE if best >= self._scope["least_probability"] else Outcome.OUT_OF_SCOPE
        return basis.decision(
            outcome, best, basis.entry_threshold if basis.candidates.asked else threshold, "below the threshold"
        )

    def _model(self, models: Mapping[str, Logistic], candidates: Candidates, asked: bool) -> Logistic:
        text_language = candidates.language
        if not asked and candidates.passages:
            text_language = candidates.passages[0].passage.language
        if asked and candidates.asked:
            top = candidates.asked[0].hit
            questions = top.entry or top.figure
            languages = questions.questions if questions else {}
            text_language = (
                candidates.language if candidates.language in languages else next(iter(languages), candidates.language)
            )
        return models.get(f"{candidates.language}>{text_language}") or next(iter(models.values()))

    @staticmethod
    def _meant(candidates: Candidates) -> bool:
        """Whether an entry speaks of the homonym itself."""
        if not candidates.asked or candidates.homonym is None:
            return False
        matched = candidates.asked[0].hit.matched.lower()
        return any(term in matched for term in candidates.homonym.terms)


@dataclass(frozen=True, slots=True)
class _Basis:
    """What a decision is taken from: candidates, the question's terms, both probabilities and thresholds."""

    candidates: Candidates
    terms: Sequence[str]
    entry: float
    passage: float
    entry_threshold: float
    passage_threshold: float

    def decision(self, outcome: Outcome, probability: float, threshold: float, *reasons: str) -> Decision:
        """A decision with both probabilities and its reasons."""
        return Decision(
            outcome,
            probability,
            threshold,
            entry_probability=self.entry,
            passage_probability=self.passage,
            reasons=reasons,
        )


def asked_features(candidates: Candidates, question_terms: Sequence[str], *, foreign: bool = False) -> dict[str, float]:
    """Features of the best curated entry or figure; the words of a `foreign` question, in neither German nor English, say nothing."""
    if not candidates.asked:
        return {}
    top = candidates.asked[0]
    rest = [c.score for c in candidates.asked[1:6]]
    mean = sum(rest) / len(rest) if rest else top.score - 0.1
    return {
        "score": top.score,
        "phrasing": top.hit.phrasing,
        "answer": top.hit.answer,
        "sentence": top.hit.sentence,
        "terms": top.hit.terms,
        "margin": top.score - (rest[0] if rest else mean),
        "lead": top.score - mean,
        "words": min(1.0, len(question_terms) / 8),
        "unknown": 0.0 if foreign else unknown_share(question_terms, candidates.found.rarity),
        "uncovered": FOREIGN_UNCOVERED if foreign else top.hit.uncovered,
        "outside": candidates.found.outside or 0.0,
    }


def quoted_features(candidates: Candidates, question_terms: Sequence[str]) -> dict[str, float]:
    """Features of the best passage and its best sentence."""
    if not candidates.passages:
        return {}
    top = candidates.passages[0]
    best_sentence = max((max(h.sentence_similarities, default=0.0) for h in candidates.passages[:1]), default=0.0)
    rest = [h.score for h in candidates.passages[1:6]]
    rest_sentences = [max(h.sentence_similarities, default=0.0) for h in candidates.passages[1:6]]
    mean = sum(rest) / len(rest) if rest else top.score - 0.05
    sentence_mean = sum(rest_sentences) / len(rest_sentences) if rest_sentences else best_sentence - 0.05
    return {
        "similarity": top.similarity,
        "sentence": best_sentence,
        "lead": top.score - mean,
        "margin": top.score - (rest[0] if rest else mean),
        "sentence_lead": best_sentence - sentence_mean,
        "above_mean": top.similarity - candidates.found.mean_similarity,
        "sentence_above_mean": best_sentence - candidates.found.mean_sentence_similarity,
        "terms": top.terms,
        "unknown": unknown_share(question_terms, candidates.found.rarity),
    }


def unknown_share(question_terms: Sequence[str], rarity: Mapping[str, float]) -> float:
    """Share of the question's terms, weighted by rarity, that no text of the index holds."""
    if not question_terms:
        return 0.0
    most = max(rarity.values(), default=0.0)
    weights = [rarity.get(term, 0.0) for term in question_terms]
    unknown = sum(w for w in weights if most and w >= most - 1e-6 and w > 4)
    return unknown / (sum(weights) or 1.0)


def covered_share(candidates: Candidates, question_terms: Sequence[str]) -> float:
    """Share of the question's terms, weighted by rarity, that the best passage holds; 1 across languages, where it tells nothing."""
    if not candidates.passages or not question_terms or candidates.passages[0].passage.language != candidates.language:
        return 1.0
    passage = candidates.passages[0].passage
    text = " ".join([*passage.heading, passage.text]).lower()
    weights = {t: candidates.found.rarity.get(t, 0.0) for t in question_terms}
    total = sum(weights.values())
    return sum(w for t, w in weights.items() if t[: max(4, len(t) - 2)] in text) / total if total else 1.0
