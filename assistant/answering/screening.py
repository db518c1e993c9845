"""The first step: length, personal data, attacks, small talk, and the wish for a person."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import phonenumbers
import yaml
from stdnum import iban, luhn

from assistant.answering.answer import AnswerStatus, Declined
from assistant.answering.conversation import LONGEST_QUESTION
from index.values import Programme

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
        self._own_digits = re.sub(r"\D", "", programme.hotline.phone)

    def check(self, raw: str, *, follows: bool = False) -> Screened:
        """The cleaned question. Raises Declined with the status that fits; `follows` says that turns went before ("Und 2015?" needs no word then)."""
        if len(raw) > LONGEST_QUESTION:
            raise Declined(AnswerStatus.UNREADABLE)
        text = readable(raw)
        if not any(c.isalnum() for c in text):
            raise Declined(AnswerStatus.UNREADABLE)
        if kinds := self.personal_data(text):
            raise Declined(AnswerStatus.PERSONAL_DATA, note=",".join(kinds))
        if any(pattern.search(text) for pattern in _patterns("attack")):
            raise Declined(AnswerStatus.UNSAFE)
        bare = _bare(text)
        if any(pattern.search(text) for pattern in _patterns("private")):
            raise Declined(AnswerStatus.NO_EVIDENCE, reply="private")
        if any(pattern.search(bare) for pattern in _patterns("person")):
            raise Declined(AnswerStatus.HANDOVER)
        if not _has_word(text) and not (follows and _YEAR_ALONE.fullmatch(bare)):
            raise Declined(AnswerStatus.UNREADABLE)
        asked = _without_greeting(text)
        if kind := _small_talk(bare) or _courtesy(bare) or _small_talk(_bare(asked)):
            raise Declined(AnswerStatus.SMALLTALK, reply=f"smalltalk.{kind}")
        return Screened(asked)

    def personal_data(self, text: str) -> list[str]:
        """Kinds of personal data in a text: `email`, `iban`, `card`, `phone`; the programme's own contacts do not count."""
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
                if len(digits) >= 7 and self._own_digits[-9:] not in digits and digits not in self._own_digits:
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


_COURTESY = re.compile(
    r"^((hallo|hi|hey|hello|guten (tag|morgen|abend)|good (morning|afternoon|evening)|moin|servus|grüß gott|dear \w+|sehr geehrte damen und herren)( zusammen| there)?"
    r"|((ok(ay)?|super|prima|gut|great|perfect|alles klar|verstanden|ach so|aha|hm+|ah|oh)[ ,]*)?(vielen |herzlichen |besten )?(dank|danke|thanks|thank you|thx|merci)( sehr| schön| a lot| very much| so much)?"
    r"|ok(ay)?|alles klar|super|prima|great|verstanden|got it|ach so|aha|hm+|ah|oh|übrigens|by the way|na)\s*[,!.:;–-]+\s*",
    re.IGNORECASE,
)


def _without_greeting(text: str) -> str:
    """`Guten Tag, was kostet …` and `Danke! Und wo …` ask what comes after the courtesy."""
    stripped = text
    while (match := _COURTESY.match(stripped)) and len(stripped) - match.end() > 5:
        stripped = stripped[match.end() :]
    return stripped


def _bare(text: str) -> str:
    """In small letters, without marks at the end."""
    return re.sub(r"[\s?!.,;:…)(]+$", "", text).strip().lower()


_DENIES = re.compile(r"\b(nicht(?! wissen$)|keine?n?|not|no|didn't|wasn't)\b", re.IGNORECASE)


def _small_talk(text: str) -> str | None:
    """The kind of small talk that a message is; who denies something does not thank."""
    kinds = (
        kind for kind in _data()["smalltalk"] if any(pattern.search(text) for pattern in _patterns("smalltalk", kind))
    )
    return next((kind for kind in kinds if kind != "thanks" or not _DENIES.search(text)), None)


def _courtesy(text: str) -> str | None:
    """The kind of small talk of a message that consists of courtesies alone."""
    words = re.findall(r"[^\W\d_]+", text)
    kinds: dict[str, list[str]] = _data()["courtesies"]
    known = {word for names in kinds.values() for word in names} | set(_data()["fillers"])
    if not words or any(word not in known for word in words):
        return None
    return next((kind for kind, names in kinds.items() if any(name in words for name in names)), None)


@cache
def _data() -> dict[str, Any]:
    return yaml.safe_load((Path(__file__).parent / "screening.yaml").read_text(encoding="utf-8"))


@cache
def _patterns(*path: str) -> Sequence[re.Pattern[str]]:
    patterns: Any = _data()
    for part in path:
        patterns = patterns[part]
    return [re.compile(p, re.IGNORECASE) for p in patterns]
