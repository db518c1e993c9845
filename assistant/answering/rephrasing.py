"""A follow-up becomes a self-contained question, without a language model: by its signs, and by what the evidence supports."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answering.conversation import Turn

_POINTERS = re.compile(
    r"\b(das|dies(?:e[rsnm]?)?|es|sie|er|ihn|ihm|ihnen|ihre[rnms]?|deren|dessen|dort|da|dabei|dazu|davon|dafür|damit|darüber|daran|dagegen|davor|danach|"
    r"dann|denn|denen|welche[rs]?|solche[rsn]?|it|its|they|them|their|theirs|that|this|these|those|there|one|ones|he|she|his|her|then|both|beide[ns]?)\b",
    re.IGNORECASE,
)
_OPENERS = re.compile(
    r"^(und|aber|oder|auch|sonst|warum|wieso|weshalb|wann|wo|wie lange|wie oft|wie viele?|wer|seit wann|ab wann|bis wann|für wen|von wem|and|but|or|also|what about|how about|why|when|where|"
    r"how long|how often|how many|how much|who|even|was ist mit|wie (ist|sieht) es (mit|bei|aus)|gilt das|does that|is that|ist das|nur|only|since when|until when|by whom|for whom)\b",
    re.IGNORECASE,
)
_AND = re.compile(r"^(und|aber|oder|auch|and|but|or|also|what about|how about|was ist mit|wie (ist|sieht) es (mit|bei|aus)|even|nur|only|sonst)\b[\s,]*", re.IGNORECASE)
_YEAR = re.compile(r"\b(?:19|20)\d{2}\b")


@dataclass(frozen=True, slots=True)
class Rephrasing:
    """A way to read a question: the self-contained text, and how much its evidence must exceed that of the question alone."""

    text: str
    handicap: float
    completed: bool


class QuestionRephraser:
    """Offers readings of a follow-up; the caller keeps the one with the best evidence."""

    def rephrase(self, question: str, turns: Sequence[Turn], terms: Sequence[str]) -> list[Rephrasing]:
        """Readings, the question alone first. `terms` are its meaning-carrying stems.

        A pointer ("das", "they") or an opener ("Und", "What about") makes the reading with the last topic likelier than the question alone;
        a question of many words of its own is taken alone.
        """
        alone = Rephrasing(question, 0.0, False)
        earlier = [t for t in turns if t.standalone and t.status not in _NOT_A_TOPIC]
        if not earlier:
            return [alone]
        words = len(terms)
        opener, pointer = bool(_AND.match(question)), bool(_POINTERS.search(question))
        short = words <= 2
        if not (opener or short or (pointer and words <= 5)):
            return [alone]
        handicap = -0.03 if opener or (pointer and words <= 2) else 0.0 if pointer or words <= 1 else 0.02
        last = earlier[-1]
        rest = _AND.sub("", question).strip() or question
        readings = [alone]
        years = _YEAR.findall(rest)
        if years and words <= 3:
            base = _YEAR.sub(years[0], last.standalone) if _YEAR.search(last.standalone) else f"{last.standalone.rstrip(' ?.!')} {years[0]}?"
            return [Rephrasing(base, -0.2, True), alone]
        readings.append(Rephrasing(f"{last.standalone.rstrip(' ?.!')}? {rest}", handicap, True))
        if last.topic:
            readings.append(Rephrasing(f"{last.topic.rstrip(' ?.!')}? {rest}", handicap, True))
        return readings


_NOT_A_TOPIC = ("smalltalk", "declined_unsafe", "declined_personal_data", "declined_unreadable", "handover", "declined_out_of_scope")
