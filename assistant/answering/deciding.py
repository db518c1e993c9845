"""Scores -> verdict: answer, quote, ask back or decline. Thresholds come from an error budget, fitted and stored as
data."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from assistant.answering.interpreting import Interpretations
from assistant.answering.scoring.scorer import Scorer, shared
from assistant.answering.search import Search
from assistant.answering.values import Candidate, Evidence, Outcome, Reason, Scored, Turn, Verdict
from assistant.languages import answer_type, holds_type

APPROVED = 1.0
"""An approved answer is preferred to a passage whose linear value is higher by no more than this."""
OF_ITSELF = 0.5
"""Part of the threshold that a question about the assistant itself has to reach."""
LEAST_BUSINESS = 0.1
"""Below, a question is told to be none of the programme's business; above, that the documents say nothing."""
BESIDE = 0.25
"""A second entry is given too where its share is so much of the first's: which is meant the scores do not tell."""
ALSO_NAMED = 0.01
"""The same for an entry about another name of the question ("Montag oder Freitag?")."""
UNCLEAR = 0.3
"""Share of the best entry below which two words or fewer are asked back."""
FEWEST_WORDS = 2
MOST_OPTIONS = 4
OPTION = 0.15
"""An option's share, of the best one's."""
OWN_SHARE = 0.35
"""Weight of what a follow-up says by itself, against the question completed from the turns before."""
ALREADY_GIVEN = 2.5
"""Taken (from the linear value) from an entry that the last turns gave: a follow-up asks for something else."""
STILL_MEANT = 2.0
"""Given instead to the last turn's entry where its answer holds the kind of thing that a bare "Since when?" asks
for."""
MUST, MAY, PER_INFORMATION = 2.0, 1.0, 1.0
"""Prior log odds that a question is meant with the turn before: where it says too little by itself, and where it may,
less so much for each rare word of its own."""
OWN_COVERED = 0.4
"""A question complete in itself is completed from the turn before only where the entry found holds so much of its
own words."""
_DECLINED = (Outcome.NO_EVIDENCE, Outcome.OUT_OF_SCOPE)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Least probabilities (0..1): that a question is answered by an entry, asked back, quoted to in its language or
    across two."""

    business: float
    asking_back: float
    quoting: Mapping[bool, float]

    @classmethod
    def of(cls, stored: Mapping[str, Any], *, outside: bool) -> "Thresholds":
        """From what `app.py fit` or the build of an index stored; `outside` says whether the corpus names questions
        outside."""
        name = "business_with_outside" if outside else "business"
        quoting = cast(Mapping[str, float], stored["quoting"])
        business = float(stored[name])
        asking = float(stored["asking_back"][name])
        return cls(business, asking, {True: float(quoting["same"]), False: float(quoting["across"])})


class Decider:
    """Decides what is done with a question."""

    def __init__(self, search: Search, scorer: Scorer, thresholds: Thresholds, languages: Sequence[str]) -> None:
        self._search, self._scorer, self.thresholds = search, scorer, thresholds
        self._languages = tuple(languages)

    def decide(self, readings: Interpretations, evidence: Sequence[Evidence], turns: Sequence[Turn]) -> list[Verdict]:
        """One verdict for each question that is answered: several where a text asks several things, else one."""
        parts = [self._alone(e) for e in evidence[len(readings.whole) :]]
        answered = [v for v in parts if v.outcome.answers]
        if not readings.whole:
            return parts
        whole = self._of_whole(readings, evidence[: len(readings.whole)], turns)
        if not answered or whole.evidence.homonym is not None:
            return [whole]
        distinct = {_source_of(v) for v in answered}
        if len(distinct) == 1 and whole.outcome.answers:
            return [whole]
        seen: set[str] = set()
        return [v for v in parts if not v.outcome.answers or not (_source_of(v) in seen or seen.add(_source_of(v)))]

    def without(self, verdict: Verdict, dropped: frozenset[str], *, passages: bool = True) -> Verdict:
        """The verdict once more, without some entries (and without passages): what would be said of them breaks a
        check."""
        evidence = verdict.evidence
        left = tuple(c for c in evidence.candidates if c.id not in dropped)
        return self._alone(replace(evidence, candidates=left, passages=evidence.passages if passages else ()), False)

    # -- ways to read a whole question -------------------------------------------------------------------------------

    def _of_whole(self, readings: Interpretations, evidence: Sequence[Evidence], turns: Sequence[Turn]) -> Verdict:
        by_reason = [(e, e.interpretation.reason) for e in evidence]
        alone = self._alone(evidence[0], clarify=not evidence[0].interpretation.must_refer)
        exchanged = next((e for e, reason in by_reason if reason is Reason.EXCHANGED), None)
        if exchanged is not None:
            verdict = self._alone(exchanged, False)
            return verdict if verdict.outcome.answers else alone
        carried = [e for e, reason in by_reason if reason is Reason.CARRIED]
        if carried:
            return self._of_follow_up(alone, carried, readings, turns)
        unknown = _tells_unknown(alone)
        if (alone.outcome not in _DECLINED and not unknown) or alone.evidence.homonym is not None:
            return alone
        others = [self._alone(e, False) for e, reason in by_reason if reason in (Reason.SENTENCE, Reason.MENDED)]
        answered = [v for v in others if v.outcome is Outcome.ANSWER]
        if unknown:  # "Telefonnummer! Ich suche schon zehn Minuten." is answered by what is known of a sentence
            answered = [v for v in answered if not _tells_unknown(v) and v.probability > alone.probability]
        return max(answered, key=lambda v: v.probability, default=alone)

    def _of_follow_up(
        self, alone: Verdict, carried: Sequence[Evidence], readings: Interpretations, turns: Sequence[Turn]
    ) -> Verdict:
        """The question by itself, or completed from the turn before: whichever the evidence and the signs make
        likelier."""
        first = carried[0].interpretation
        if alone.chosen and alone.chosen[0].hit.identical and not first.must_refer:
            return alone
        if alone.scored.elsewhere and not first.must_refer and alone.outcome in _DECLINED:
            return alone
        given = frozenset(t.entry for t in turns[-2:] if t.entry) if not readings.condition else frozenset[str]()
        completed = [self._fused(e, alone.scored, readings, given) for e in carried]
        verdicts = [self._verdict(scored, False) for scored in completed]
        prior = MUST if first.must_refer else MAY - PER_INFORMATION * first.information
        best = max(verdicts, key=lambda v: (v.outcome.answers, _log_odds(v)))
        if not best.outcome.answers or (first.asks_by_itself and not self._covers(best, alone)):
            return alone
        if not alone.outcome.answers:
            return best
        return best if _log_odds(best) + prior > _log_odds(alone) else alone

    def _fused(self, carried: Evidence, alone: Scored, readings: Interpretations, given: frozenset[str]) -> Scored:
        """The evidence of a completed follow-up, ranked also by what the follow-up says by itself."""
        own = {c.id: c.weight for c in alone.evidence.candidates}
        least = min(own.values(), default=0.0)
        share = 0.0 if readings.condition else OWN_SHARE
        still = self._still_meant(carried, readings.turn)

        def fused(candidate: Candidate) -> Candidate:
            weight = (1 - share) * candidate.weight + share * own.get(candidate.id, least)
            weight += STILL_MEANT * (candidate.id == still)
            weight -= ALREADY_GIVEN * (candidate.id in given and candidate.id != still)
            return replace(candidate, weight=weight)

        weighed = self._scorer.weighed(carried.candidates)
        return self._scorer.rescored(carried, shared([fused(c) for c in weighed]), self._terms(carried))

    def _still_meant(self, carried: Evidence, turn: Turn | None) -> str | None:
        """The entry of the last turn, where its answer holds a thing of the kind that the follow-up asks for."""
        kind = answer_type(carried.interpretation.own, self._languages)
        if turn is None or turn.entry is None or kind is None or kind in ("person", "place"):
            return None
        entry = next((c.hit.entry for c in carried.candidates if c.id == turn.entry), None)
        answer = entry.answer.get(carried.language, "") if entry else ""
        return turn.entry if answer and holds_type(kind, [answer], self._languages) else None

    def _covers(self, verdict: Verdict, alone: Verdict) -> bool:
        """Whether the entry chosen for a completed question holds the question's own words."""
        if not verdict.chosen:
            return False
        own = next((c for c in alone.evidence.candidates if c.id == verdict.chosen[0].id), None)
        return own is not None and own.features["coverage"] >= OWN_COVERED

    # -- one interpretation ------------------------------------------------------------------------------------------

    def _alone(self, evidence: Evidence, clarify: bool = True) -> Verdict:
        return self._verdict(self._scorer.score(evidence, self._terms(evidence)), clarify)

    def _verdict(self, scored: Scored, clarify: bool) -> Verdict:
        return (
            self._of_homonym(scored)
            or self._from_document(scored)
            or self._from_entries(scored, clarify)
            or self._from_passages(scored, clarify)
        )

    def _of_homonym(self, scored: Scored) -> Verdict | None:
        evidence = scored.evidence
        homonym = evidence.homonym
        if homonym is None:
            return None
        # an entry may speak of the homonym itself
        matched = evidence.candidates[0].hit.matched.lower() if evidence.candidates else ""
        if any(term in matched for term in homonym.terms):
            return None
        note = (homonym.note or {}).get(evidence.language)
        reasons = (f"homonym: {next(iter(homonym.name.values()))}",)
        return Verdict(scored, Outcome.OUT_OF_SCOPE, 0.0, self.thresholds.business, note=note, reasons=reasons)

    def _from_document(self, scored: Scored) -> Verdict | None:
        """Quotes where a passage is surely likelier to answer than any entry."""
        if not scored.evidence.candidates or not self._told_better(scored):
            return None
        verdict = self._from_passages(scored, False)
        return verdict if verdict.outcome is Outcome.QUOTE else None

    def _from_entries(self, scored: Scored, clarify: bool) -> Verdict | None:
        candidates, threshold = scored.evidence.candidates, self.thresholds.business
        if (
            not candidates
            or _says_nothing_known(scored)
            or not (candidates[0].hit.identical or scored.business >= threshold * _needed(candidates[0]))
        ):
            return None
        top = candidates[0]
        words = len(scored.evidence.interpretation.text.split())
        # "Und 2019?" names nothing by itself
        bare = all(stem.isdigit() for stem in scored.evidence.found.rarity)
        if clarify and not top.hit.identical and (top.share < UNCLEAR or bare) and words <= FEWEST_WORDS:
            return self._asked_back(scored, "a few words fit several entries")
        probability = 1.0 if top.hit.identical else scored.business
        second = _second(top, candidates[1:], scored.evidence.named)
        return Verdict(scored, Outcome.ANSWER, probability, threshold, (top, second) if second else (top,))

    def _from_passages(self, scored: Scored, clarify: bool) -> Verdict:
        """Quotes the best passages where they hold what is asked for, else asks back or declines."""
        evidence, probability = scored.evidence, scored.quotable
        passages, threshold = evidence.passages, self._quoting_threshold(evidence)
        best = max(scored.business, probability)
        if passages and probability >= threshold and self._told_better(scored) and not _says_nothing_known(scored):
            kind = answer_type(evidence.interpretation.asks, self._languages)
            sentences = [s.text for h in passages[:3] for s in h.passage.sentences]
            if kind is None or holds_type(kind, sentences, self._languages):
                return Verdict(scored, Outcome.QUOTE, probability, threshold)
            reasons = (f"no sentence holds what is asked for ({kind})",)
            return Verdict(scored, Outcome.NO_EVIDENCE, min(probability, threshold * 0.99), threshold, reasons=reasons)
        nothing = scored.elsewhere or _says_nothing_known(scored)
        if clarify and not nothing and evidence.candidates and scored.business >= self.thresholds.asking_back:
            return self._asked_back(scored, "between asking back and answering")
        outcome = Outcome.NO_EVIDENCE if best >= LEAST_BUSINESS else Outcome.OUT_OF_SCOPE
        return Verdict(scored, outcome, best, self.thresholds.business, reasons=("below the threshold",))

    def _quoting_threshold(self, evidence: Evidence) -> float:
        """By whether the best passage is in the language of the question."""
        same = bool(evidence.passages) and evidence.passages[0].passage.language == evidence.language
        return self.thresholds.quoting[same and not evidence.foreign]

    @staticmethod
    def _told_better(scored: Scored) -> bool:
        """Whether a passage is likelier to answer than any entry: what an editor has not written stands in the
        documents."""
        candidates, refers = scored.evidence.candidates, scored.evidence.interpretation.refers
        if not candidates:
            return True
        if refers:  # its entries are weighed also by what the question says by itself, which a passage is not
            return scored.business < LEAST_BUSINESS
        return not candidates[0].hit.identical and scored.told > candidates[0].weight + APPROVED

    def _asked_back(self, scored: Scored, reason: str) -> Verdict:
        candidates = scored.evidence.candidates
        options = [c for c in candidates if c.share >= OPTION * candidates[0].share][:MOST_OPTIONS]
        options = options if len(options) > 1 else list(candidates[:2])
        return Verdict(
            scored,
            Outcome.CLARIFY,
            scored.business,
            self.thresholds.business,
            options=tuple(options),
            reasons=(reason,),
        )

    def _terms(self, evidence: Evidence) -> Sequence[str]:
        return self._search.terms(evidence.interpretation.text, evidence.language)


def _needed(top: Candidate) -> float:
    """What part of the threshold is needed: questions about the assistant itself state nothing of the programme."""
    return OF_ITSELF if top.hit.about_itself else 1.0


def _says_nothing_known(scored: Scored) -> bool:
    """Whether no text of the index has any of several words of the question, nor a part of one: letters at random."""
    evidence = scored.evidence
    held = max((c.features["coverage"] for c in evidence.candidates), default=0.0)
    several = len(evidence.found.rarity) > 1
    return several and evidence.found.unknown > 0.999 and held <= 0.0 and not evidence.foreign


def _tells_unknown(verdict: Verdict) -> bool:
    """Whether the entry chosen says that nobody knows."""
    entry = verdict.chosen[0].hit.entry if verdict.chosen else None
    return entry is not None and entry.status == "unknown"


def _second(top: Candidate, rest: Sequence[Candidate], named: frozenset[str]) -> Candidate | None:
    """The candidate about a name that the question sets beside the chosen one's ("Montag oder Freitag?"), else the
    next where it may be meant as well."""
    lacking = named - top.about if named & top.about else frozenset[str]()
    if lacking:
        other = next((c for c in rest if lacking & c.about and c.share >= ALSO_NAMED * top.share), None)
        if other is not None:
            return other
    alike = (
        bool(rest)
        and top.hit.entry is not None
        and rest[0].hit.entry is not None
        and rest[0].share >= BESIDE * top.share
    )
    return rest[0] if alike and not top.hit.identical else None


def _source_of(verdict: Verdict) -> str:
    """What an answer rests on: the entry, or the passage that is quoted."""
    return verdict.chosen[0].id if verdict.chosen else verdict.evidence.passages[0].passage.id


def _log_odds(verdict: Verdict) -> float:
    p = min(max(verdict.probability, 1e-6), 1 - 1e-6)
    return math.log(p / (1 - p))
