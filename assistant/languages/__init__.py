"""What a language knows, as data: one file a language. A leaf: everybody may ask it, it imports nothing of ours."""

from assistant.languages.packs import LanguagePack, codes, pack, spoken_date
from assistant.languages.texts import language_texts

__all__ = ["LanguagePack", "codes", "language_texts", "pack", "spoken_date"]
