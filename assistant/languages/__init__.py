"""What a language knows, as data: one file a language. A leaf: everybody may ask it, it imports nothing of ours."""

from assistant.languages.detecting import Tongue, detect, language_of, requested_language, without_request
from assistant.languages.kinds import answer_type, holds_type
from assistant.languages.packs import LanguagePack, codes, pack, pattern, spoken_date, words
from assistant.languages.texts import language_texts

__all__ = [
    "LanguagePack",
    "Tongue",
    "answer_type",
    "codes",
    "detect",
    "holds_type",
    "language_of",
    "language_texts",
    "pack",
    "pattern",
    "requested_language",
    "spoken_date",
    "without_request",
    "words",
]
