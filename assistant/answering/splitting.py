"""A text with several questions is taken apart into single ones, by the question words and verbs of the programme's
languages."""

import re
from collections.abc import Callable, Sequence
from functools import cache

from assistant.languages import pattern

MOST_PARTS = 4
FEWEST_WORDS = 3
"""What stands before a joint must be so long to ask something by itself."""
LONGEST_LEAD = 25
"""Words before a question that may belong to it; a longer story is passed over."""
MOST_BEFORE, INFORMATIVE = 2, 1.0
"""Of a longer story so many sentences are taken along, where the question points back and says less than so many rare
words."""
LONG = 40
"""Words of a text from which on only what asks is read."""
_POINT = r"(?:\(?\d{1,2}[.)]|[a-h]\)|[-*•–])"
_NUMBERED = re.compile(rf"^\s*{_POINT}\s*(?=\S)")
_NEXT_POINT = re.compile(rf"(?:(?<=[?!.:;])\s+|\s*\n\s*)(?={_POINT}\s+[^\W\d_])")
"""Where the next item of a list begins, also in a list that was written in one line."""


class Splitter:
    """Takes questions apart; `languages` are those of the programme, `sentences` cuts a text into its sentences,
    `information` says how much a text says by itself (in rare words)."""

    def __init__(
        self,
        languages: tuple[str, ...],
        sentences: Callable[[str], Sequence[str]],
        information: Callable[[str], float],
    ) -> None:
        self._languages, self._cut, self._information = languages, sentences, information
        self._points = pattern("points", languages)
        self._wishes = pattern("wish", languages, r"\b%s\b")
        word, whether, verb = (pattern(name, languages).pattern for name in ("question_word", "whether", "asking"))
        self._within = re.compile(rf"\b{verb}\b[^.?!]*?(?P<asked>\b(?:{word}|{whether})\b.*)", re.IGNORECASE)

    def asks(self, text: str) -> bool:
        """Whether a text has a question word or verb of its own: "Und wie lange?" has, "Und wenn jemand
        vorbeikommt?" has none."""
        return bool(_patterns(self._languages).asks.match(text))

    def parts(self, text: str) -> list[str]:
        """The single questions in a text, at most MOST_PARTS; the text itself where it is one."""
        parts: list[str] = []
        lead: list[str] = []
        for sentence in self.sentences(text):
            asks = sentence.endswith("?")
            if not asks and (within := self._within.search(sentence)):
                asks, sentence = True, within["asked"]
            if asks and parts and not lead and _patterns(self._languages).elliptic.match(sentence):
                parts[-1] += f" {sentence}"
            elif asks:
                parts.append(" ".join([*self._belonging(lead, sentence, text), sentence]))
                lead = []
            elif not sentence.endswith(":"):  # that announces a list
                lead.append(sentence)
        if not parts:
            parts = [text]
        pieces = [piece for part in parts for piece in self._whole_pieces(part)]
        cleaned = [p.strip(" ,;") for p in pieces if len(re.findall(r"\w+", p)) > 1 or p.endswith("?")]
        return cleaned[:MOST_PARTS] if len(cleaned) > 1 else [text]

    def sentences(self, text: str) -> list[str]:
        """The sentences of a text, each item of a list for itself and without its number."""
        cut = [s.strip() for item in self._items(text) for s in self._cut(item)]
        return [s for s in cut if s.strip(" ?!.") and re.search(r"[^\W\d_]", s)]

    def _items(self, text: str) -> list[str]:
        """A text cut before the items of a list; an item that begins like a question is one without its mark too."""
        known = _patterns(self._languages)
        pieces = _NEXT_POINT.split(text)
        if len(known.dash.findall(text)) > 1:
            pieces = [part for piece in pieces for part in known.dash.split(piece)]
        items: list[str] = []
        for piece in pieces:
            item = _NUMBERED.sub("", piece).strip()
            asks = item != piece.strip() and known.begins.match(item) and item[-1] not in ".?!"
            items.append(f"{item}?" if asks else item)
        return items

    def asking(self, text: str) -> str:
        """What asks in a long text: its questions, each with what belongs to it, else the sentences that wish to know
        something; a short text whole."""
        if len(text.split()) <= LONG:
            return text
        kept: list[str] = []
        lead: list[str] = []
        for sentence in self.sentences(text):
            if sentence.endswith("?") or self._wishes.search(sentence) or self._within.search(sentence):
                kept += [*self._belonging(lead, sentence, text), sentence]
                lead = []
            else:
                lead.append(sentence)
        return " ".join(kept) or text

    def _belonging(self, lead: list[str], question: str, text: str) -> list[str]:
        """Of the sentences before a question those that belong to it: a short lead whole, of a story the last ones that
        the question points back to."""
        if sum(len(s.split()) for s in lead) <= LONGEST_LEAD and len(text.split()) <= LONG:
            return lead
        if self._information(question) >= INFORMATIVE or not self._points.search(question):
            return []
        return lead[-MOST_BEFORE:]

    def _whole_pieces(self, part: str) -> list[str]:
        pieces = self._pieces(part)
        short = any(len(piece.split()) < FEWEST_WORDS - 1 for piece in pieces) or len(pieces[0].split()) < FEWEST_WORDS
        return [part] if short else pieces

    def _pieces(self, part: str) -> list[str]:
        """A part at its joints, where what stands before each joint asks by itself; "I have X, can I …?" has none."""
        known = _patterns(self._languages)
        if not part.endswith("?") and not known.begins.match(part):
            return [part]
        pieces: list[str] = []
        begin = 0
        for joint in known.joint.finditer(part):
            before, after = part[begin : joint.start()].strip(), part[joint.end() :]
            # "Does it say how …", "Where do I see, which …" ask one thing
            asked_about = joint.group(1).strip() == "," and known.subordinate.match(after)
            opener = known.opener.match(before)  # "what about X, who may …" asks of X
            if known.asks.match(before) and not (asked_about or opener or known.elliptic.match(after)):
                pieces.append(before)
                begin = joint.end()
        return [*pieces, part[begin:].strip()]


class _Patterns:
    """What the splitter looks for, from the packs of several languages."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        word, verb = (pattern(name, languages).pattern for name in ("question_word", "question_verb"))
        also, either = (pattern(name, languages).pattern for name in ("and", "or"))
        between = pattern("between", languages).pattern
        begins = rf"(?:{word}|{verb})\b"
        self.begins = re.compile(begins, re.IGNORECASE)
        self.dash = re.compile(rf"\s+(?=[-*•–]\s+{begins})", re.IGNORECASE)
        self.joint = re.compile(rf"\s*((?:,?\s+{also}|[;,])\s+)(?=(?:{between} )?{begins})", re.IGNORECASE)
        self.asks = re.compile(
            rf"(?:\W*(?:{either}|also|ok|so)\W+)?(?:{begins}|(?:\W*\w+\W+){{1,4}}?{word}\b)", re.IGNORECASE
        )
        self.subordinate = re.compile(rf"{word}\b(?!\W+(?:\w+\W+){{0,1}}?{verb}\b.*\w)", re.IGNORECASE)
        joins = pattern("joins", languages).pattern
        self.opener = re.compile(rf"(?:\W*(?:ok|also|so|{either})\W+)*{joins}\W*(?:[\w-]+\W*){{1,3}}$", re.IGNORECASE)
        # asks the same of something else: "… und wie viele am Freitag?" is no question of its own
        alike = pattern("asks_alike", languages).pattern
        self.elliptic = re.compile(rf"(?:\W*{either}\W+)?{alike}\s+(?:[^\W\d][\w-]*\s*){{1,3}}\W*$", re.IGNORECASE)


@cache
def _patterns(languages: tuple[str, ...]) -> _Patterns:
    return _Patterns(languages)
