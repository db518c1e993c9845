"""A follow-up becomes a self-contained question, without a language model: by its signs, and by what the evidence supports."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

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
    """A way to read a question: the self-contained text; `completed` from the turns before."""

    text: str
    completed: bool
    handicap: float = 0.0
    """How much better than the question alone its evidence must be; negative where its signs speak for it."""
    replaced: bool = False
    """Whether a word of the last question was exchanged ("Und Gold?"); then its text is the whole question."""


class QuestionRephraser:
    """Offers readings of a follow-up; the caller keeps the one with the best evidence."""

    def rephrase(self, question: str, turns: Sequence[Turn], terms: Sequence[str]) -> list[Rephrasing]:
        """Readings, the question alone first. `terms` are its meaning-carrying stems.

        A pointer ("das", "they") or an opener ("Und", "What about") makes the reading with the last topic likelier than the question alone;
        a question of many words of its own is taken alone.
        """
        alone = Rephrasing(question, False)
        earlier = [t for t in turns if t.standalone and t.status not in _NOT_A_TOPIC]
        if not earlier:
            return [alone]
        words = len(terms)
        opener, pointer, asks = bool(_AND.match(question)), bool(_POINTERS.search(question)), bool(_OPENERS.match(question))
        if words > 5 or not (opener or pointer or words <= 2 or (asks and words <= 3)):
            return [alone]
        last = earlier[-1]
        rest = _AND.sub("", question).strip() or question
        readings = [Rephrasing(rest, False)]
        years = _YEAR.findall(rest)
        if years and words <= 3:
            base = _YEAR.sub(years[0], last.standalone) if _YEAR.search(last.standalone) else f"{last.standalone.rstrip(' ?.!')} {years[0]}?"
            return [Rephrasing(base, True, -0.2, True), alone]
        signs = (opener and words <= 3) or (pointer and words <= 2) or words <= 1
        handicap = -0.02 if signs else 0.0 if pointer or opener else 0.015
        contexts = dict.fromkeys(text.rstrip(" ?.!") for text in (last.topic, last.standalone) if text)
        readings += [Rephrasing(f"{context}? {rest}", True, handicap) for context in contexts]
        if opener and words <= 2 and not _OPENERS.match(rest):
            readings += [Rephrasing(text, True, handicap, True) for text in _exchanged(last.standalone, rest.rstrip(" ?.!"))]
        return readings


def _exchanged(question: str, word: str) -> list[str]:
    """The last question with each of its capitalised or longer words exchanged for the new one."""
    words = list(dict.fromkeys(w for w in re.findall(r"[\w-]+", question) if len(w) > 3 and w.lower() not in _NEVER_EXCHANGED))
    bare = re.sub(r"^(beim?|mit|für|das|die|der|den|for|with|the|in|at|of)\s+", "", word, flags=re.IGNORECASE)
    variants: list[str] = []
    for old in words[:8]:
        new = bare
        _, _, tail = old.partition("-")
        if tail and "-" not in bare:
            new = f"{bare}-{tail}"
            variants.append(question.replace(old, new))
            continue
        variants.append(re.sub(rf"(?<!\w){re.escape(old)}(?!\w)", lambda _, new=new: new, question))
    return variants


def respelt(text: str, vocabulary: Mapping[str, frozenset[str]]) -> str | None:
    """The text with words that the corpus does not use exchanged for the nearest that it does; None where nothing changes.

    A word changes only for one whose first or last letter agrees, at an edit distance (with transpositions) of one, or two from seven letters on.
    """
    known = sorted(frozenset().union(*vocabulary.values()))
    if not known:
        return None

    def mended(match: re.Match[str]) -> str:
        word = match.group().lower()
        if len(word) < 5 or word in known_set:
            return match.group()
        most = 2 if len(word) >= 7 else 1
        near = process.extract(word, known, scorer=OSA.distance, score_cutoff=most, limit=5)
        fitting = [w for w, _, _ in near if len(w) >= 4 and (w[0] == word[0] or w[-1] == word[-1])]
        return fitting[0] if fitting else match.group()

    known_set = frozenset(known)
    result = re.sub(r"[^\W\d_]+", mended, text)
    return result if result != text else None


_NEVER_EXCHANGED = frozenset(
    "was wer wie viele viel welche welcher welches wann warum müssen muss kann können haben gibt what which when many much does have there would could should".split()
)
_NOT_A_TOPIC = ("smalltalk", "declined_unsafe", "declined_personal_data", "declined_unreadable", "handover", "declined_out_of_scope")
