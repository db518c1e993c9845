"""The first step: length, personal data, attacks, small talk, and the wish for a person."""

import re
import unicodedata
from dataclasses import dataclass

import phonenumbers
from stdnum import iban, luhn

from assistant.answering.answer import AnswerStatus, Declined
from assistant.answering.values import LONGEST_QUESTION
from assistant.languages import codes, pack, pattern, words
from index.values import Programme

SHORTEST_QUESTION = 5
"""What is left after a greeting asks something only if it has more letters than this."""
_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.[\w-]+)+", re.IGNORECASE)
_IBAN = re.compile(r"\b[A-Z]{2}[ -]?\d{2}", re.IGNORECASE)
SHORTEST_IBAN, LONGEST_IBAN = 15, 34
SHORTEST_CARD, SHORTEST_NUMBER = 13, 7
"""Digits of a card, and of a telephone number that is told from other numbers."""
FEWEST_ASKED, FEWEST_UNMARKED = 3, 4
"""Words of a question beside personal details, with and without its mark."""
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad\ufe00-\ufe0f]|[\U000e0000-\U000e007f]")
_YEAR_ALONE = re.compile(r"\W*(?:19|20)\d{2}\W*")
_TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"'})


@dataclass(frozen=True, slots=True)
class Screened:
    """A question that may be answered: readable, one line, without invisible characters and without personal
    details; `removed` are the kinds of those that it held."""

    text: str
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Detail:
    """A personal detail in a text."""

    kind: str
    start: int
    end: int


class Screen:
    """Checks a question before any search; `programme` is needed to know its own phone number and address."""

    def __init__(self, programme: Programme) -> None:
        website = re.sub(r"^https?://(www\.)?|/.*$", "", programme.website or "")
        self._own_domains = {programme.hotline.email.lower().split("@")[-1], website.lower()} - {""}
        self._words = _Words(codes())
        self._own_digits = re.sub(r"\D", "", programme.hotline.phone)

    def check(self, raw: str, *, follows: bool = False) -> Screened:
        """The cleaned question. Raises Declined with the status that fits; `follows` says that turns went before
        ("Und 2015?" needs no word then)."""
        if len(raw) > LONGEST_QUESTION:
            raise Declined(AnswerStatus.UNREADABLE)
        text = readable(raw)
        if not any(c.isalnum() for c in text):
            raise Declined(AnswerStatus.UNREADABLE)
        details = self._details(text)
        kinds = tuple(dict.fromkeys(detail.kind for detail in details))
        for detail in reversed(details):
            text = f"{text[: detail.start]} {text[detail.end :]}"
        text = " ".join(text.split())
        if kinds and not self._asks_something(text):
            raise Declined(AnswerStatus.PERSONAL_DATA, note=",".join(kinds))
        if self._words.shows("attack", text):
            raise Declined(AnswerStatus.UNSAFE)
        bare = _bare(text)
        if self._words.shows("private", text):
            raise Declined(AnswerStatus.NO_EVIDENCE, reply="private")
        if self._words.shows("person", bare):
            raise Declined(AnswerStatus.HANDOVER)
        if not _has_word(text) and not (follows and _YEAR_ALONE.fullmatch(bare)):
            raise Declined(AnswerStatus.UNREADABLE)
        asked = self._words.without_greeting(text)
        if kind := self._words.small_talk(bare) or self._words.courtesy(bare) or self._words.small_talk(_bare(asked)):
            raise Declined(AnswerStatus.SMALLTALK, reply=f"smalltalk.{kind}")
        return Screened(asked, kinds)

    def personal_data(self, text: str) -> list[str]:
        """Kinds of personal data in a text: `email`, `iban`, `card`, `phone`; the programme's own contacts do not
        count."""
        return list(dict.fromkeys(detail.kind for detail in self._details(text)))

    def _details(self, text: str) -> list[_Detail]:
        """The personal details in a text, in their order, none within another."""
        found = [_Detail("email", *m.span()) for m in _EMAIL.finditer(text) if not self._own_address(m.group())]
        found += [_Detail("iban", *span) for span in _ibans(text)]
        found += [_Detail("card", *m.span()) for m in _CARD.finditer(text) if _is_card(m.group())]
        for match in phonenumbers.PhoneNumberMatcher(text, "DE", leniency=phonenumbers.Leniency.VALID):
            digits = re.sub(r"\D", "", match.raw_string)
            own = self._own_digits and (self._own_digits[-9:] in digits or digits in self._own_digits)
            if len(digits) >= SHORTEST_NUMBER and not own:
                found.append(_Detail("phone", match.start, match.end))
        kept: list[_Detail] = []
        for detail in sorted(found, key=lambda d: (d.start, -d.end)):
            if not kept or detail.start >= kept[-1].end:
                kept.append(detail)
        return kept

    def _own_address(self, address: str) -> bool:
        return re.split(r"@|\)|\]", address.lower())[-1].strip() in self._own_domains

    @staticmethod
    def _asks_something(text: str) -> bool:
        """Whether a text without its personal details still holds a question."""
        whole = [s for s in re.findall(r"[^.!?]+\?", text) if len(re.findall(r"[^\W\d_]{2,}", s)) >= FEWEST_ASKED]
        begins = pattern("question_word", codes(), r"\s*%s\b")
        clauses = [c for c in re.split(r"[.!?,;:]", text) if len(re.findall(r"[^\W\d_]+", c)) >= FEWEST_UNMARKED]
        wishes = pattern("wish", codes(), r"\b%s\b").search(text)
        return bool(whole or wishes or any(begins.match(clause) for clause in clauses))


def _ibans(text: str) -> list[tuple[int, int]]:
    """Where valid account numbers stand, whatever follows them and however they are spaced."""
    spans: list[tuple[int, int]] = []
    for match in _IBAN.finditer(text):
        compact, end = "", match.start()
        while end < len(text) and len(compact) < LONGEST_IBAN and (text[end].isalnum() or text[end] in " -."):
            compact += text[end] if text[end].isalnum() else ""
            end += 1
            if len(compact) >= SHORTEST_IBAN and text[end - 1].isalnum() and iban.is_valid(compact):
                spans.append((match.start(), end))
                break
    return spans


def _is_card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return len(digits) >= SHORTEST_CARD and luhn.is_valid(digits)


def readable(raw: str) -> str:
    """One line in composed Unicode, without controls and invisible characters."""
    text = unicodedata.normalize("NFC", _INVISIBLE.sub("", raw)).translate(_TYPOGRAPHIC)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Cs", "Co", "Zl", "Zp") else c for c in text)
    return " ".join(text.split())


def _has_word(text: str) -> bool:
    words = [w for w in re.findall(r"[^\W\d_]+", text) if len(w) > 1]
    if not words:
        return False
    letters = "".join(words).lower()
    if not letters.isascii():
        return True
    return len(set(letters)) > 1 and (any(c in "aeiouy" for c in letters) or len(letters) <= 6)


def _bare(text: str) -> str:
    """In small letters, without marks at the end."""
    return re.sub(r"[\s?!.,;:…)(]+$", "", text).strip().lower()


class _Words:
    """What the packs of several languages say about messages that are answered without a search."""

    def __init__(self, languages: tuple[str, ...]) -> None:
        packs = [pack(code) for code in languages]
        self._languages = languages
        self.kinds = tuple(name for name in packs[0].screening if name not in ("attack", "private", "person"))
        names = packs[0].screening
        self._patterns = {
            name: re.compile("|".join(f"(?:{p})" for tongue in packs for p in tongue.screening[name]), re.IGNORECASE)
            for name in names
        }
        self._courtesies = {name: words(name, languages) for name in ("farewell", "thanks", "greeting")}
        self._fillers = words("filler", languages)
        self._denies = pattern("denies", languages, r"\b%s\b(?! wissen$)")
        self._courtesy = pattern("courtesy", languages, r"^%s\b\s*[,!.:;–-]+\s*")

    def shows(self, kind: str, text: str) -> bool:
        """Whether a text is of a kind."""
        return bool(self._patterns[kind].search(text))

    def small_talk(self, text: str) -> str | None:
        """The kind of small talk that a message is; who denies something does not thank."""
        kinds = (kind for kind in self.kinds if self.shows(kind, text))
        return next((kind for kind in kinds if kind != "thanks" or not self._denies.search(text)), None)

    def courtesy(self, text: str) -> str | None:
        """The kind of small talk of a message that consists of courtesies alone."""
        found = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text)
        known = self._fillers.union(*self._courtesies.values())
        if not found or any(word not in known for word in found):
            return None
        return next((kind for kind, names in self._courtesies.items() if names.intersection(found)), None)

    def without_greeting(self, text: str) -> str:
        """`Guten Tag, was kostet …` and `Danke! Und wo …` ask what comes after the courtesy."""
        while (match := self._courtesy.match(text)) and len(text) - match.end() > SHORTEST_QUESTION:
            text = text[match.end() :]
        return text
