"""A text with several questions is taken apart into single ones, by the question words and verbs of the programme's
languages."""

import re
from functools import cache

from assistant.languages import pattern

MOST_PARTS = 3
FEWEST_WORDS = 3
"""What stands before a joint must be so long to ask something by itself."""


class Splitter:
    """Takes questions apart; `languages` are those of the programme."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        self._languages = languages

    def asks(self, text: str) -> bool:
        """Whether a text has a question word or verb of its own: "Und wie lange?" has, "Und wenn jemand
        vorbeikommt?" has none."""
        return bool(_patterns(self._languages).asks.match(text))

    def parts(self, text: str) -> list[str]:
        """The single questions in a text, at most MOST_PARTS; the text itself where it is one."""
        sentences = [s.strip() for s in re.findall(r"[^?!]+[?!]*", text) if s.strip(" ?!.")]
        parts: list[str] = []
        lead = ""
        for sentence in sentences:
            asks = sentence.endswith("?")
            if asks and parts and not lead and _patterns(self._languages).elliptic.match(sentence):
                parts[-1] += f" {sentence}"
            elif asks:
                parts.append(f"{lead} {sentence}".strip())
                lead = ""
            else:
                lead = f"{lead} {sentence}".strip()
        if lead and not parts:
            parts = [lead]
        pieces = [piece for part in parts for piece in self._whole_pieces(part)]
        cleaned = [p.strip(" ,;") for p in pieces if len(re.findall(r"\w+", p)) > 1 or p.endswith("?")]
        return cleaned[:MOST_PARTS] if len(cleaned) > 1 else [text]

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
            if known.asks.match(before) and not asked_about and not known.elliptic.match(after):
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
        self.joint = re.compile(rf"\s*((?:,?\s+{also}|[;,])\s+)(?=(?:{between} )?{begins})", re.IGNORECASE)
        self.asks = re.compile(
            rf"(?:\W*(?:{either}|also|ok|so)\W+)?(?:{begins}|(?:\W*\w+\W+){{1,4}}?{word}\b)", re.IGNORECASE
        )
        self.subordinate = re.compile(rf"{word}\b(?!\W+(?:\w+\W+){{0,1}}?{verb}\b.*\w)", re.IGNORECASE)
        # asks the same of something else: "… und wie viele am Freitag?" is no question of its own
        alike = pattern("asks_alike", languages).pattern
        self.elliptic = re.compile(rf"(?:\W*{either}\W+)?{alike}\s+(?:[^\W\d][\w-]*\s*){{1,3}}\W*$", re.IGNORECASE)


@cache
def _patterns(languages: tuple[str, ...]) -> _Patterns:
    return _Patterns(languages)
