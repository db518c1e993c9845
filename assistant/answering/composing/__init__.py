"""Verdict -> checked draft: one file a mode; what breaks a check is left out and decided again."""

import datetime
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.answering.answer import AnswerMode, AnswerStatus, Draft
from assistant.answering.checking import Check, check_draft
from assistant.answering.composing.curated import compose_curated
from assistant.answering.composing.figures import compose_figures
from assistant.answering.composing.joining import folded_behind
from assistant.answering.composing.quoting import compose_quoted
from assistant.answering.composing.shaping import Wanted, answering, says_again, shaped
from assistant.answering.composing.verdicts import Verdicts
from assistant.answering.deciding import Decider
from assistant.answering.search import Search
from assistant.answering.values import Candidate, Interpretation, Outcome, Verdict
from assistant.languages import answer_type, pattern
from index.values import AskedHit, in_language

LOG = logging.getLogger(__name__)
MOST_BROKEN = 3
"""After so many drafts that break a check the question is declined."""
QUOTED_WORDS, QUOTED_KIND = 0.02, 0.02
"""Weights of shared words and of the kind of answer beside a cosine, which differs little between quotable sentences."""
MOST_WORDS = 170
"""Two entries are given together only within so many words."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A verdict with the drafts of what was chosen (none where nothing is stated), and all checks that were made."""

    verdict: Verdict
    drafts: tuple[Draft, ...] = ()
    checks: tuple[Check, ...] = ()


class Composer:
    """Composes and checks drafts; `today` decides what is due for review, `of_itself` says in a language what an entry
    about the assistant asks."""

    def __init__(
        self,
        search: Search,
        decider: Decider,
        verdicts: Verdicts,
        languages: Sequence[str],
        today: Callable[[], datetime.date],
        of_itself: Callable[[str, str], str],
    ) -> None:
        self._search, self._decider, self._today, self._of_itself = search, decider, today, of_itself
        self._verdicts, self._languages = verdicts, tuple(languages)
        self._says_yes_or_no = pattern("yes_or_no", tuple(languages), r"\W*%s")
        self.gives_two = True
        """Whether two entries that may be meant equally well are given together."""

    def compose(self, verdict: Verdict, said: str = "") -> Composed:
        """The checked drafts of a verdict; `said` is the text of the turn before. An entry whose draft breaks a check
        is left out, and decided again without it."""
        verdict = self._with_claim(verdict)
        checks: list[Check] = []
        dropped: frozenset[str] = frozenset()
        for _ in range(MOST_BROKEN):
            if not verdict.outcome.answers:
                return Composed(verdict, (), tuple(checks))
            draft = self._draft(verdict, verdict.chosen[0] if verdict.chosen else None, said)
            found = check_draft(draft, self._search) if draft else [Check("has a sentence", False)]
            checks += found
            broken = next((check for check in found if not check.holds), None)
            if draft is not None and broken is None:
                return Composed(verdict, self._with_second(verdict, draft), tuple(checks))
            LOG.warning("a draft of %s breaks: %s", draft and draft.entry, broken and broken.name)
            dropped |= {draft.entry} if draft and draft.entry else frozenset()
            verdict = self._decider.without(verdict, dropped, passages=draft is not None and draft.entry is not None)
        return Composed(replace(verdict, outcome=Outcome.NO_EVIDENCE, chosen=()), (), tuple(checks))

    def _with_claim(self, verdict: Verdict) -> Verdict:
        """The verdict with the candidate chosen whose claim answers yes or no, where the chosen one has no such
        claim."""
        evidence = verdict.evidence
        top = verdict.chosen[0] if verdict.chosen else None
        if top is None or top.hit.identical or top.hit.about_itself:
            return verdict
        given = self._verdicts.of(evidence.interpretation, top.hit, evidence.language)
        if given is not None and given.holds is not None:
            return verdict
        other = self._verdicts.best(evidence.interpretation, evidence.candidates, evidence.language)
        return replace(verdict, chosen=(other,)) if other is not None else verdict

    def _with_second(self, verdict: Verdict, draft: Draft) -> tuple[Draft, ...]:
        """The draft with that of a second entry: beside it where the question names what that is about, else folded
        away behind it."""
        second = self._second(verdict, draft)
        if second is None:
            return (draft,)
        named, about = verdict.evidence.named, [c.about for c in verdict.chosen[:2]]
        if named & about[1] - about[0]:
            return (draft, second)
        return (folded_behind(draft, second),)

    def _second(self, verdict: Verdict, draft: Draft) -> Draft | None:
        """The checked draft of a second entry, where it adds something short and does not answer another yes-or-no
        question."""
        if not self.gives_two or len(verdict.chosen) < 2 or any(c.hit.about_itself for c in verdict.chosen):
            return None
        other = self._draft(verdict, verdict.chosen[1])
        if other is None or other.missing or not other.status.carries_statements or other.text == draft.text:
            return None
        long = len(f"{draft.text} {other.text}".split()) > MOST_WORDS
        if long or self._says_yes_or_no.match(other.text) or not all(c.holds for c in check_draft(other, self._search)):
            return None
        return other

    def _draft(self, verdict: Verdict, chosen: Candidate | None, said: str = "") -> Draft | None:
        evidence = verdict.evidence
        if chosen is not None and chosen.hit.about_itself:
            text = self._of_itself(chosen.id, evidence.language)
            return Draft(AnswerMode.FIXED, AnswerStatus.SMALLTALK, text, (), None, language=evidence.language)
        if chosen is None:
            wanted = self._wanted(evidence.interpretation, evidence.language)

            def speaks_for(sentence: str) -> float:
                shared, holds = answering(sentence, wanted, self._search, evidence.language)
                return QUOTED_WORDS * shared + QUOTED_KIND * holds

            return compose_quoted(evidence.passages, evidence.language, speaks_for)
        if chosen.hit.entry is not None:
            whole = compose_curated(self._search, chosen.hit.entry, evidence.language, self._today().isoformat())
            return self._shaped(whole, chosen.hit, evidence.interpretation, said)
        if chosen.hit.figure is not None:
            asked = evidence.interpretation.text
            wants = self._verdicts.asks_yes_or_no(asked, evidence.language)
            return compose_figures(self._search, chosen.hit.figure, asked, evidence.language, yes_or_no=wants)
        return None

    def _wanted(self, asked: Interpretation, language: str) -> Wanted:
        own = asked.asks
        stems = tuple(dict.fromkeys(self._search.terms(own, language)))
        return Wanted(stems, answer_type(own, self._languages), self._languages)

    def _shaped(self, whole: Draft, hit: AskedHit, asked: Interpretation, said: str) -> Draft:
        """What was asked first: the verdict of a claim, else the sentences nearest to the question."""
        entry = hit.entry
        whole = replace(whole, text=self._verdicts.without_verdict(whole.text, whole.language))
        wanted = self._wanted(asked, whole.language)
        given = self._verdicts.of(asked, hit, whole.language)
        says = in_language(given.claim.says, whole.language).strip() if given else ""
        if given and given.holds is None and says_again(says, said, self._search, whole.language):
            given = None  # the turn before said it already
        if entry is None or given is None:
            return shaped(whole, hit, entry and entry.short, self._search, wanted, said=said)
        if given.holds in ("yes", "no"):
            lead = self._verdicts.with_verdict(given.holds, says, whole.language)
        else:
            lead = self._verdicts.as_sentence(says)
        if given.holds == "unknown":
            whole = replace(whole, status=AnswerStatus.NO_EVIDENCE, missing=None)
            if entry.status == "unknown":  # an approved "nobody knows" says it in its own first words
                return shaped(whole, hit, entry.short, self._search, wanted)
        else:
            whole = replace(whole, status=AnswerStatus.ANSWERED, missing=None)
        return shaped(whole, hit, None, self._search, wanted, lead=lead)
