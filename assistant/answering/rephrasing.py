"""A follow-up becomes a self-contained question, without a language model: by its signs, and by what the evidence supports."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.answering.conversation import Turn
from assistant.answering.references import Referred, exchanged_name, returned_to, shifted_year

_POINTERS = re.compile(
    r"\b(das|dies(?:e[rsnm]?)?|es|sie|er|ihn|ihm|ihnen|ihre[rnms]?|deren|dessen|dort|da|dabei|dazu|davon|dafür|damit|darüber|darauf|daran|dagegen|davor|danach|"
    r"dann|denn|denen|welche[rs]?|solche[rsn]?|it|its|they|them|their|theirs|that|this|these|those|there|one|ones|he|she|his|her|then|both|beide[ns]?)\b",
    re.IGNORECASE,
)
_OPENERS = re.compile(
    r"^(und|aber|oder|auch|sonst|warum|wieso|weshalb|wann|wo|wie lange|wie oft|wie viele?|wer|seit wann|ab wann|bis wann|für wen|von wem|and|but|or|also|what about|how about|why|when|where|"
    r"how long|how often|how many|how much|who|even|was ist mit|wie (ist|sieht) es (mit|bei|aus)|gilt das|does that|is that|ist das|nur|only|since when|until when|by whom|for whom)\b",
    re.IGNORECASE,
)
_AND = re.compile(
    r"^(?:(?:wenn|falls) ja|if (?:so|yes))\b[\s,]*|^(und|aber|oder|auch|and|but|or|also|what about|how about|was ist mit|wie (ist|sieht) es (mit|bei|aus)|even|nur|only|sonst)\b[\s,]*",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"^(?:(?:oh|ach|sorry|no|nein|nicht|quatsch|moment|wait|entschuldigung|pardon)\b[\s,.!–-]*)*(?:ich (?:eigentlich )?(?:meinte|meine)|i (?:actually |really )?(?:meant|mean)|gemeint (?:war|ist)|sondern)\b(?:\s+(?:eigentlich|natürlich|actually|of course|das|die|den|the)\b)*[\s,:]*(?=\w)",
    re.IGNORECASE,
)
"""Takes back a name of the last question: "Sorry, no, I meant Silver."."""
_CONDITION = re.compile(
    r"^(?:wenn|falls|sofern|if|in case|trotz|(?:mit|ohne|with|without)(?!\s+(?:we[mnr]|wessen|was|welche\w*|whom?|which|what|us|me|umschweife)\b)"
    r"|beim (?:zweiten|nächsten|dritten) mal|bei (?:der|einer) (?:zweiten|nächsten|erneuten)|(?:the |for the |on the )?(?:second|next|third) time)\b",
    re.IGNORECASE,
)
"""Begins what is asked under another condition."""
_TOO = re.compile(r"^(?:(?:und|aber|and|but)\s+)?(?:auch|even|also|selbst|sogar|still)\b", re.IGNORECASE)
_MOMENT = re.compile(
    r"\b(?:(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|january|february|march|may|june|july|october|december)\s+)?(?:19|20)\d{2}\b",
    re.IGNORECASE,
)
"""A year, with its month where one is named."""
POINTS_BACK = 0.01
"""Handicap of the question alone where it points to a turn before."""


@dataclass(frozen=True, slots=True)
class Rephrasing:
    """A way to read a question: the self-contained text; `completed` from the turns before."""

    text: str
    completed: bool
    handicap: float = 0.0
    """How much better than the question alone its evidence must be; negative where its signs speak for it."""
    replaced: bool = False
    """Whether a name or year of the last question was exchanged ("Und Gold?"); then its text is the whole question."""
    pointing: bool = False
    """Whether the question points to a turn before ("Where is it based?"), so that it is not sure by itself."""


class QuestionRephraser:
    """Offers readings of a follow-up; the caller keeps the one with the best evidence. `contrasts` are names that the programme sets against each other."""

    def __init__(self, contrasts: Sequence[re.Pattern[str]] = ()) -> None:
        self._contrasts = tuple(contrasts)

    @staticmethod
    def referred(question: str, turns: Sequence[Turn]) -> Referred:
        """The turns that a question can follow, the one that it returns to last."""
        return returned_to(
            _CORRECTION.sub("", question), [t for t in turns if t.standalone and t.status not in _NOT_A_TOPIC]
        )

    def rephrase(self, referred: Referred, terms: Sequence[str]) -> list[Rephrasing]:
        """Readings, the question alone first where it can stand alone. `terms` are its meaning-carrying stems.

        A pointer ("das", "they") or an opener ("Und", "What about") makes the reading with the last topic likelier than the question alone;
        a question of many words of its own is taken alone.
        """
        question, earlier, back = referred.text, referred.turns, referred.back
        alone = Rephrasing(question, False)
        if not earlier:
            return [alone]
        words = len(terms)
        opener, pointer, begins = (
            bool(_AND.match(question)),
            bool(_POINTERS.search(question)),
            bool(_OPENERS.match(question)),
        )
        if not back and (words > 5 or not (opener or pointer or words <= 2 or (begins and words <= 3))):
            return [alone]
        last = earlier[len(earlier) - 1]
        dated = shifted_year(question, last)
        rest = _AND.sub("", dated or question).strip() or question
        if moment := _MOMENT.search(rest):
            if dated or bare(_MOMENT.sub(" ", rest)):
                base = (
                    _MOMENT.sub(moment.group(), last.standalone)
                    if _MOMENT.search(last.standalone)
                    else f"{last.standalone.rstrip(' ?.!')} {moment.group()}?"
                )
                return [Rephrasing(base, True, -0.2, True), alone]
        elif (
            words <= 3 and not (_TOO.match(question) and conditional(question)) and (named := self._renamed(rest, last))
        ):
            return [Rephrasing(named, True, -0.2, True), Rephrasing(rest, False)]
        signs = (opener and words <= 3) or (pointer and words <= 2) or words <= 1 or back
        handicap = -0.02 if signs else 0.0 if pointer or opener else 0.015
        before = (last.standalone,) if conditional(rest) else (last.topic, last.standalone)
        contexts = dict.fromkeys(text.rstrip(" ?.!") for text in before if text)
        return [
            Rephrasing(rest, False, POINTS_BACK if pointer or back else 0.0, pointing=pointer or back),
            *(Rephrasing(f"{context}? {rest}", True, handicap) for context in contexts),
        ]

    def _renamed(self, rest: str, last: Turn) -> str | None:
        """The last question about the name that was set against its own: "Was kostet Silber?", "Und Bronze?"."""
        found = [
            new
            for text in (last.standalone, last.topic)
            if text and (new := exchanged_name(rest, text, self._contrasts))
        ]
        own = [
            w
            for w in re.findall(r"[^\W\d_]{3,}", rest)
            if not any(p.fullmatch(w) for p in self._contrasts) and w.lower() not in _BESIDE_A_NAME
        ]
        return found[0] if found and not own else None


def names_year(text: str) -> bool:
    """Whether a text names a year."""
    return bool(_MOMENT.search(text))


def conditional(question: str) -> bool:
    """Whether a question asks the last one once more under a condition: "Und wenn jemand vorbeikommt?", "Auch beim zweiten Mal?"."""
    return bool(_CONDITION.match(_TOO.sub("", _AND.sub("", question)).strip()))


def bare(question: str) -> bool:
    """Whether a question has no word of its own: "Seit wann?", "By whom?"."""
    left = _POINTERS.sub(" ", _AND.sub("", question))
    return all(word.lower() in _BARE_WORDS for word in re.findall(r"[^\W\d_]+", left))


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


_BARE_WORDS = frozenset(
    "was wer wem wen wessen wie wo woher wohin wann warum wieso weshalb seit bis ab von für mit viel viele lange oft genau denn eigentlich ist sind war gibt gab im in jahr jahre also "
    "what who whom whose how where when why since until from by for with much many long often exactly is are was were in year years".split()
)
_BESIDE_A_NAME = frozenset(
    "label siegel das der die den dem beim bei für mit vom von zum was ist und auch the for with what about how and one also level bitte dann genau please then much is kostet viel fürs zur ersten erstes mal first time".split()
)
_NOT_A_TOPIC = (
    "smalltalk",
    "declined_unsafe",
    "declined_personal_data",
    "declined_unreadable",
    "handover",
    "declined_out_of_scope",
)
