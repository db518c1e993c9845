"""Answer, partial, clarify or decline: a calibrated probability from cheap features, per pair of languages.

The features follow the measurements in docs/decisions/0004: similarity separates well what lies outside of the documents, and
says little inside their subject; there the terms of the question, the type of answer asked for and the entity asked about decide.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from assistant.answering.evidence import PassageHit
from assistant.answering.retrieval import AskedCandidate, Candidates

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
        self._scope: Mapping[str, float] = chosen["scope"]
        self._clarify: Mapping[str, float] = chosen["clarify"]

    def decide(self, candidates: Candidates, terms: Mapping[str, Sequence[str]]) -> Decision:
        """The decision; `terms` are the question's terms by language (`PassageSearch.terms`)."""
        question_terms = list(terms.get(candidates.language, ()))
        entry_features = asked_features(candidates, question_terms)
        passage_features = quoted_features(candidates, question_terms)
        entry_model, passage_model = self._model(self._entry, candidates, True), self._model(self._passage, candidates, False)
        p_entry = entry_model.probability(entry_features) if candidates.asked else 0.0
        p_passage = passage_model.probability(passage_features) if candidates.passages else 0.0
        reasons: list[str] = []
        if candidates.homonym and not self._meant(candidates):
            reasons.append(f"homonym: {next(iter(candidates.homonym.name.values()))}")
            note = (candidates.homonym.note or {}).get(candidates.language)
            return Decision(Outcome.OUT_OF_SCOPE, 0.0, entry_model.threshold, entry_probability=p_entry, passage_probability=p_passage, note=note, reasons=tuple(reasons))
        passages = candidates.passages
        type_asked = answer_type(candidates.question)
        if type_asked:
            reasons.append(f"asks for: {type_asked}")
        values = {"entry_probability": p_entry, "passage_probability": p_passage}
        if p_entry >= entry_model.threshold:
            top = candidates.asked[0]
            second = candidates.asked[1] if len(candidates.asked) > 1 else None
            few = len(question_terms) <= self._clarify["terms"]
            if second and few and top.score - second.score < self._clarify["margin"] and top.hit.phrasing < self._clarify["phrasing"]:
                near = [c for c in candidates.asked if top.score - c.score < 2 * self._clarify["margin"]][:4]
                return Decision(Outcome.CLARIFY, p_entry, entry_model.threshold, options=tuple(near), reasons=(*reasons, "two readings about equally likely"), **values)
            return Decision(Outcome.ANSWER, p_entry, entry_model.threshold, chosen=top, passages=passages, reasons=tuple(reasons), **values)
        if p_passage >= passage_model.threshold:
            fitting = holds_type(type_asked, [s.text for h in passages[:3] for s in h.passage.sentences]) if type_asked else True
            if fitting:
                return Decision(Outcome.QUOTE, p_passage, passage_model.threshold, passages=passages, reasons=tuple(reasons), **values)
            reasons.append("no sentence holds what is asked for")
            return Decision(Outcome.NO_EVIDENCE, min(p_passage, passage_model.threshold * 0.99), passage_model.threshold, reasons=tuple(reasons), **values)
        best = max(p_entry, p_passage)
        outcome = Outcome.NO_EVIDENCE if best >= self._scope["least_probability"] else Outcome.OUT_OF_SCOPE
        return Decision(outcome, best, entry_model.threshold if candidates.asked else passage_model.threshold, reasons=tuple(reasons), **values)

    def _model(self, models: Mapping[str, Logistic], candidates: Candidates, asked: bool) -> Logistic:
        text_language = candidates.language
        if not asked and candidates.passages:
            text_language = candidates.passages[0].passage.language
        if asked and candidates.asked:
            top = candidates.asked[0].hit
            languages = (top.entry or top.figure).questions if (top.entry or top.figure) else {}
            text_language = candidates.language if candidates.language in languages else next(iter(languages), candidates.language)
        return models.get(f"{candidates.language}>{text_language}") or next(iter(models.values()))

    @staticmethod
    def _meant(candidates: Candidates) -> bool:
        """Whether an entry speaks of the homonym itself."""
        if not candidates.asked or candidates.homonym is None:
            return False
        matched = candidates.asked[0].hit.matched.lower()
        return any(term in matched for term in candidates.homonym.terms)


def asked_features(candidates: Candidates, question_terms: Sequence[str]) -> dict[str, float]:
    """Features of the best curated entry or figure."""
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
        "unknown": unknown_share(question_terms, candidates.found.rarity),
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


_TYPES: dict[str, re.Pattern[str]] = {
    "amount": re.compile(r"\b(was kostet|was kosten|wie teuer|wie viel (kostet|geld|euro)|wieviel (kostet|geld|euro)|welcher betrag|wie hoch (ist|sind) (der|die) (preis|kosten|gebühr|beitrag|förder\w*)|how much (does|do|is|money)|what does .{1,40} cost|what is the (price|fee|cost)|how expensive)\b", re.IGNORECASE),
    "date": re.compile(r"\b(wann|seit wann|bis wann|an welchem (tag|datum)|in welchem jahr|when|since when|what year|which year|what date)\b", re.IGNORECASE),
    "duration": re.compile(r"\b(wie lange|how long|for how many (years|months))\b", re.IGNORECASE),
    "number": re.compile(r"\b(wie viele|wieviele|how many|what number of|welche anzahl)\b", re.IGNORECASE),
}
_NUMBER_WORDS = "ein|eine|einen|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend|million\\w*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|dozen\\w*|hundred|thousand|zwanzig|dreißig|hälfte|half"
_HOLDS: dict[str, re.Pattern[str]] = {
    "amount": re.compile(r"(\d[\d.,]*\s*(mio|mrd|million|billion|tausend)?\w*\.?\s*(€|euro|eur|dollar|usd|pfund|£|\$|cent|prozent|%)|(€|eur|usd|£|\$)\s*\d|kostenlos|kostenfrei|gratis|free of charge|gebühr|beitrag|kosten|fee|cost)", re.IGNORECASE),
    "date": re.compile(r"(\d{1,2}\.\s*\w+\s*\d{4}|\b\d{3,4}\b|\b(januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|january|february|march|may|june|july|october|december)\b|jahrhundert|century|\b(jahr|year|tag|day|montag|sonntag|nach|after|before|vor|während|during|als|when)\w*)", re.IGNORECASE),
    "duration": re.compile(rf"(\d|\b({_NUMBER_WORDS})\b)", re.IGNORECASE),
    "number": re.compile(rf"(\d|\b({_NUMBER_WORDS})\b)", re.IGNORECASE),
}


def answer_type(question: str) -> str | None:
    """The type of answer asked for, where it shows: amount, date, duration or number."""
    return next((name for name, pattern in _TYPES.items() if pattern.search(question)), None)


def holds_type(name: str, sentences: Sequence[str]) -> bool:
    """Whether any sentence holds such a thing."""
    return any(_HOLDS[name].search(sentence) for sentence in sentences)
