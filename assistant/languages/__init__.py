"""What a language knows, as data: one file a language. A leaf: everybody may ask it, it imports nothing of ours."""

from assistant.languages.packs import LanguagePack, codes, pack

__all__ = ["LanguagePack", "codes", "pack"]
