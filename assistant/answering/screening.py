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
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{2,4}){3,8}\b", re.IGNORECASE)
_CARD = re.compile(r"(?<!\d)(?:\d[ -]?){13,19}(?!\d)")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\u00ad\ufe00-\ufe0f]|[\U000e0000-\U000e007f]")
_YEAR_ALONE = re.compile(r"\W*(?:19|20)\d{2}\W*")
_TYPOGRAPHIC = str.maketrans({"’": "'", "‘": "'", "`": "'", "´": "'", "“": '"', "”": '"', "„": '"'})


@dataclass(frozen=True, slots=True)
class Screened:
    """A question that may be answered: readable, one line, without invisible characters."""

    text: str


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
        if kinds := self.personal_data(text):
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
        return Screened(asked)

    def personal_data(self, text: str) -> list[str]:
        """Kinds of personal data in a text: `email`, `iban`, `card`, `phone`; the programme's own contacts do not
        count."""
        kinds: list[str] = []
        if any(
            re.split(r"@|\)|\]", match.group().lower())[-1].strip() not in self._own_domains
            for match in _EMAIL.finditer(text)
        ):
            kinds.append("email")
        if any(iban.is_valid(match.group()) for match in _IBAN.finditer(text)):
            kinds.append("iban")
        if any(
            luhn.is_valid(re.sub(r"\D", "", m.group())) and len(re.sub(r"\D", "", m.group())) >= 13
            for m in _CARD.finditer(text)
        ):
            kinds.append("card")
        if not kinds:
            for match in phonenumbers.PhoneNumberMatcher(text, "DE", leniency=phonenumbers.Leniency.VALID):
                digits = re.sub(r"\D", "", match.raw_string)
                own = self._own_digits and (self._own_digits[-9:] in digits or digits in self._own_digits)
                if len(digits) >= 7 and not own:
                    kinds.append("phone")
                    break
        return kinds


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
