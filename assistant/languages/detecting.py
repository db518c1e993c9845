"""Which of a programme's languages a question is in, and whether it wishes for another."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.languages.packs import codes, pack, stop_words_of, words

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
FEWEST_WORDS = 3
"""Fewer words are never taken for a language that the programme does not speak: names look like any language."""
SURELY_OTHER = 0.5
"""Another language must be this likely (lingua's measure), and all of the programme's together less than SURELY_NOT."""
SURELY_NOT = 0.2
UNLISTED = 0.9
"""The same for a language of which no list of function words is known."""


@dataclass(frozen=True, slots=True)
class Tongue:
    """`answer` is the language answered in; `other` the ISO code of a question in none of the programme's, else
    None."""

    answer: str
    other: str | None = None


def detect(
    text: str,
    languages: Sequence[str],
    wish: str | None = None,
    previous: str | None = None,
    vocabulary: Mapping[str, frozenset[str]] | None = None,
) -> Tongue:
    """The language of most words among `languages` (function words, and words that only one language of the corpus
    has).

    Where the words do not tell: lingua for a sentence; for a word or two the wish, then the language of the turn
    before,
    then the first of `languages`.
    """
    among = tuple(languages)
    if asked := requested_language(text, among):
        return Tongue(asked)
    found = [word.lower() for word in _WORD.findall(text)]
    hits = dict.fromkeys(among, 0.0)
    for word in found:
        known = [code for code in among if word in _telling(code)]
        if not known and vocabulary:
            known = [code for code in among if word in vocabulary.get(code, frozenset())]
        for code in known:
            # a word of two languages tells neither much
            hits[code] += 1.0 if len(known) == 1 else 0.5 / len(known)
    told = sum(hits.values())
    if len(found) >= FEWEST_WORDS and told <= len(found) / 3 and (other := _other_language(text, among)):
        # the first language of a programme is that of its country, the second the one meant for everybody else
        return Tongue(next(iter(among[1:]), among[0]), other)
    ranked = sorted(among, key=lambda code: -hits[code])
    if len(ranked) == 1 or hits[ranked[0]] - hits[ranked[1]] >= 1:
        return Tongue(ranked[0])
    if len(found) > 2 or (told and not (wish or previous)):
        return Tongue(language_of(text, among) or ranked[0])
    return Tongue(wish or previous or (language_of(text, among) if found else None) or among[0])


def requested_language(text: str, languages: Sequence[str]) -> str | None:
    """The language that a text asks to be answered in: a sentence that consists of that wish and nothing else."""
    return next((code for s in _SENTENCE_END.split(text.strip()) if (code := _wished(s, tuple(languages)))), None)


def without_request(text: str, languages: Sequence[str]) -> str:
    """The text without sentences that wish for a language; empty when it was nothing else."""
    return " ".join(s for s in _SENTENCE_END.split(text.strip()) if not _wished(s, tuple(languages)))


def _wished(sentence: str, languages: tuple[str, ...]) -> str | None:
    """The one language that a sentence names, where all its other words are those of a wish."""
    found = [word.lower() for word in _WORD.findall(sentence)]
    named = [code for word in found if (code := _named(word, languages))]
    rest = [word for word in found if not _named(word, languages)]
    wishing = words("wishes_a_language", codes())
    return named[0] if named and len(set(named)) == 1 and all(word in wishing for word in rest) else None


@cache
def _named(word: str, languages: tuple[str, ...]) -> str | None:
    return next(
        (
            code
            for speaker in codes()
            for code, names in pack(speaker).language_names.items()
            if word in names and code in languages
        ),
        None,
    )


@cache
def _telling(code: str) -> frozenset[str]:
    """Words that tell a language: its function words, greetings and thanks."""
    tongue = pack(code)
    return tongue.stop_words.union(*(tongue.words[name] for name in ("greeting", "thanks", "farewell")))


@cache
def _detector(names: tuple[str, ...]) -> Any:
    from lingua import LanguageDetectorBuilder

    return LanguageDetectorBuilder.from_languages(*(_lingua(name) for name in names)).with_low_accuracy_mode().build()


def _lingua(code: str) -> Any:
    from lingua import IsoCode639_1, Language

    return Language.from_iso_code_639_1(getattr(IsoCode639_1, code.upper()))


_ELSEWHERE = tuple("de en fr es it pl nl pt cs tr uk ru da sv ro hu zh ar".split())
"""What people in Germany and its neighbours write, ISO 639-1."""


def _other_language(text: str, languages: tuple[str, ...]) -> str | None:
    """ISO code of the language when it is surely none of the programme's."""
    values = _detector(tuple(dict.fromkeys((*_ELSEWHERE, *languages)))).compute_language_confidence_values(text)
    found = {v.language.iso_code_639_1.name.lower(): v.value for v in values}
    best = max(found, key=lambda code: found[code])
    ours = sum(found[code] for code in languages)
    if best in languages or ours >= SURELY_NOT:
        return None
    known = stop_words_of(best)
    # letters at random look like some language, but have none of its function words
    shown = any(word.lower() in known for word in _WORD.findall(text)) if known else found[best] >= UNLISTED
    return best if found[best] >= SURELY_OTHER and shown else None


def language_of(text: str, languages: Sequence[str]) -> str | None:
    """The likeliest of several languages by lingua; None where it does not tell."""
    if len(languages) == 1:
        return languages[0]
    found = _detector(tuple(sorted(languages))).detect_language_of(text)
    return found.iso_code_639_1.name.lower() if found else None
