"""Question + turns -> at most four interpretations, without a language model. Each says why it is there; the
evidence chooses."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.answering.references import YEAR, Referred, exchanged_name, returned_to, shifted_year
from assistant.answering.splitting import Splitter
from assistant.answering.values import TURNS_REMEMBERED, Interpretation, Reason, Turn
from assistant.languages import pack, pattern, words

MOST = 4
"""So many interpretations a question: each costs a pass through the embedding model."""
SHORT, FEW = 3, 2
"""Words that carry meaning: with SHORT or fewer a sign of reference means that the turn before is meant, with FEW
or fewer even without a sign it may be."""
LONG = 5
"""A question of more words of its own is taken alone, whatever its signs."""
NOWHERE = "\0"
"""A stem that no text has."""
FEWEST_LETTERS = 5
"""Shorter words are not mended: too many others are near."""
_NOT_A_TOPIC = frozenset(
    "smalltalk declined_unsafe declined_personal_data declined_unreadable handover declined_out_of_scope".split()
)


@dataclass(frozen=True, slots=True)
class Interpretations:
    """Ways to read a question as a whole, the one as asked first, and its parts where it asks several things."""

    whole: tuple[Interpretation, ...]
    parts: tuple[Interpretation, ...] = ()
    condition: bool = False
    """Whether it asks the last question once more under a condition or without a word of its own: the same entry
    may answer again."""
    turn: Turn | None = None
    """The turn that it may refer to."""


class Interpreter:
    """Reads questions about one programme.

    `contrasts` are names that the programme sets against each other, `vocabulary` the words of its corpus by language,
    `terms` the stems of the words that carry meaning in a text of a language, `sentences` its sentences,
    `rarity` how rare a stem is.
    """

    def __init__(
        self,
        languages: Sequence[str],
        contrasts: Sequence[re.Pattern[str]],
        vocabulary: Mapping[str, frozenset[str]],
        terms: Callable[[str, str], Sequence[str]],
        sentences: Callable[[str, str], Sequence[str]],
        rarity: Callable[[str], float],
    ) -> None:
        self._languages = tuple(languages)
        self._contrasts, self._terms, self._rarity = tuple(contrasts), terms, rarity
        self._vocabulary = frozenset().union(*vocabulary.values()) if vocabulary else frozenset[str]()
        self._spelt = sorted(self._vocabulary)
        self._splitter = Splitter(
            self._languages,
            lambda text: sentences(text, self._languages[0]),
            lambda text: self._information(text, self._languages[0]),
        )
        moments = "|".join(month for code in self._languages for month in pack(code).months)
        self._moment = re.compile(rf"\b(?:(?:{moments})\s+)?(?:19|20)\d{{2}}\b", re.IGNORECASE)
        """A year, with its month where one is named."""

    def interpret(self, question: str, turns: Sequence[Turn], language: str) -> Interpretations:
        """The readings of a question in `language` after `turns` (oldest first)."""
        question = self.asked(question)
        parts = self._splitter.parts(question)
        if len(parts) > 1:
            return self._of_several(question, parts, turns, language)
        referred = self._referred(question, turns)
        whole = self._readings(referred, language)
        if len(whole) == 1:
            whole += [Interpretation(s, Reason.SENTENCE, s) for s in self._sentences(whole[0].text, language)]
        if len(whole) < MOST and (mended := self._mended(whole[0].text)):
            whole.append(Interpretation(mended, Reason.MENDED))
        condition = self.conditional(referred.text) or self.bare(referred.text)
        return Interpretations(tuple(whole[:MOST]), (), condition, referred.turns[-1] if referred.turns else None)

    def bare(self, question: str) -> bool:
        """Whether a question has no word of its own: "Seit wann?", "By whom?"."""
        left = self._find("points").sub(" ", self._match("joins").sub("", question))
        return all(word.lower() in words("bare", self._languages) for word in re.findall(r"[^\W\d_]+", left))

    def conditional(self, question: str) -> bool:
        """Whether a question asks the last one once more under a condition: "Und wenn jemand vorbeikommt?"."""
        rest = self._match("joins").sub("", question).strip()
        rest = self._match("too", r"^%s[\s,]*").sub("", rest)
        return bool(self._match("conditions").match(rest))

    def asks(self, text: str) -> bool:
        """Whether a text has a question word or verb of its own."""
        return self._splitter.asks(text)

    # -- one question ------------------------------------------------------------------------------------------------

    def _asked(self, text: str) -> str:
        """What asks in a text: without courtesy before and after, and without the announcement of a question."""
        for name, form in (
            ("courtesy", r"^%s\b\s*[,!.:;–-]*\s*"),
            ("wish", r"^%s\b\s*[,!.:;–-]*\s*"),
            ("closing", r"[\s,.!;–-]*\b%s\W*$"),
        ):
            known = pattern(name, self._languages, form)
            while (rest := known.sub("", text, count=1).strip()) != text and len(self._words(rest)) >= FEW:
                text = rest
        return text

    def asked(self, text: str) -> str:
        """What of a text is read as the question: without courtesy, and of a long one what asks."""
        return self._splitter.asking(self._asked(text))

    def named(self, part: str) -> str:
        """A part of what was asked as its answer names it: its last sentence, without what joins it to the others."""
        last = (self._splitter.sentences(part) or [part])[-1]
        bare = self._match("joins").sub("", last).strip(" ,;.!?") or last
        return f"{bare[:1].upper()}{bare[1:]}?"

    def _referred(self, question: str, turns: Sequence[Turn]) -> Referred:
        topics = [t for t in turns[-TURNS_REMEMBERED:] if t.standalone and t.status not in _NOT_A_TOPIC]
        return returned_to(self._match("corrects").sub("", question), topics, self._languages)

    def _readings(self, referred: Referred, language: str) -> list[Interpretation]:
        question = referred.text
        alone = [Interpretation(question, Reason.AS_ASKED, question)]
        if not referred.turns:
            return alone
        carried = len(self._terms(question, language))
        joined, points = bool(self._match("joins").match(question)), bool(self._find("points").search(question))
        follows = bool(self._match("follows").match(question))
        whole = self.asks(self._match("joins").sub("", question).strip()) and carried > 0 and not points
        must = referred.back or carried == 0 or (carried <= SHORT and (points or (joined and not whole)))
        may = must or ((joined or points) and carried <= LONG) or (carried <= (SHORT if follows else FEW))
        if not may:
            return alone
        last = referred.turns[-1]
        dated = shifted_year(question, last, self._languages)
        rest = self._match("joins").sub("", dated or question).strip() or question
        if (exchanged := self._exchanged(rest, last, carried, dated is not None)) is not None:
            return [
                Interpretation(rest, Reason.AS_ASKED, rest, True),
                Interpretation(exchanged, Reason.EXCHANGED, rest, True),
            ]
        contexts = (last.standalone,) if self.conditional(rest) else (last.topic, last.standalone)
        information = self._information(rest, language)
        spoken = dict.fromkeys(text.rstrip(" ?.!") for text in contexts if text)
        return [
            Interpretation(rest, Reason.AS_ASKED, rest, must),
            *(Interpretation(f"{text}? {rest}", Reason.CARRIED, rest, must, whole, information) for text in spoken),
        ]

    def _information(self, text: str, language: str) -> float:
        stems = dict.fromkeys(self._terms(text, language))
        return sum(map(self._rarity, stems)) / (self._rarity(NOWHERE) or 1.0)

    def _exchanged(self, rest: str, last: Turn, carried: int, counted: bool) -> str | None:
        """The last question about the year or the name that this one names: "Und 2019?", "Und freitags?"."""
        if moment := self._moment.search(rest):
            if not counted and not self.bare(self._moment.sub(" ", rest)):
                return None
            if self._moment.search(last.standalone):
                return self._moment.sub(moment.group(), last.standalone)
            return f"{last.standalone.rstrip(' ?.!')} {moment.group()}?"
        if carried > SHORT or self.conditional(rest):
            return None
        beside = words("beside_a_name", self._languages)
        own = [
            w for w in self._words(rest) if not any(p.fullmatch(w) for p in self._contrasts) and w.lower() not in beside
        ]
        told = [
            new
            for text in (last.standalone, last.topic)
            if text and (new := exchanged_name(rest, text, self._contrasts))
        ]
        return told[0] if told and not own else None

    def _of_several(self, question: str, parts: Sequence[str], turns: Sequence[Turn], language: str) -> Interpretations:
        """Several questions: each alone, one that refers with the one before it."""
        read: list[Interpretation] = []
        before = list(turns)
        for part in parts:
            referred = self._referred(part, before)
            ways = self._readings(referred, language)
            way = ways[-1] if ways[-1].must_refer else ways[0]
            read.append(Interpretation(way.text, Reason.PART, part, way.must_refer))
            before.append(Turn(part, way.text, language, "answered", None))
        last = turns[-1] if turns else None
        if len(read) >= MOST:
            return Interpretations((), tuple(read[:MOST]), False, last)
        return Interpretations((Interpretation(question, Reason.AS_ASKED, question),), tuple(read), False, last)

    def _sentences(self, text: str, language: str) -> list[str]:
        """Of a text of few sentences those that may ask by themselves: "Telefonnummer! Ich suche schon zehn
        Minuten."."""
        sentences = [s for s in self._splitter.sentences(text) if self._terms(s, language)]
        if not 1 < len(sentences) <= MOST:
            return []
        asking = [s for s in sentences if s.endswith("?") or self.asks(s)]
        return (asking or sentences)[: MOST - 2]

    def _mended(self, text: str) -> str | None:
        """The text with words that the corpus does not use exchanged for the nearest that it does; None where
        nothing changes.

        A word changes only for one whose first or last letter agrees, at an edit distance (with transpositions) of
        one, or two
        from seven letters on.
        """

        def mended(match: re.Match[str]) -> str:
            word = match.group().lower()
            if (
                len(word) < FEWEST_LETTERS
                or word in self._vocabulary
                or any(word in pack(c).stop_words for c in self._languages)
            ):
                return match.group()
            most = 2 if len(word) >= FEWEST_LETTERS + 2 else 1
            near = process.extract(word, self._spelt, scorer=OSA.distance, score_cutoff=most, limit=5)
            fitting = [w for w, _, _ in near if len(w) >= FEWEST_LETTERS - 1 and (w[0] == word[0] or w[-1] == word[-1])]
            return fitting[0] if fitting else match.group()

        result = re.sub(r"[^\W\d_]+", mended, text)
        return result if result != text else None

    def _match(self, name: str, around: str = r"^%s") -> re.Pattern[str]:
        return pattern(name, self._languages, around)

    def _find(self, name: str) -> re.Pattern[str]:
        return pattern(name, self._languages)

    @staticmethod
    def _words(text: str) -> list[str]:
        return re.findall(r"[^\W\d_]{3,}", text)


def names_year(text: str) -> bool:
    """Whether a text names a year."""
    return bool(YEAR.search(text))
