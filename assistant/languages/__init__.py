"""What a language knows, as data: one file a language. A leaf: everybody may ask it, it imports nothing of ours."""

from assistant.languages.detecting import Tongue, detect, requested_language, without_request
from assistant.languages.kinds import answer_type, holds_type
from assistant.languages.packs import LanguagePack, codes, pack, pattern, words

__all__ = [
    "LanguagePack",
    "Tongue",
    "answer_type",
    "codes",
    "detect",
    "holds_type",
    "pack",
    "pattern",
    "requested_language",
    "without_request",
    "words",
]
