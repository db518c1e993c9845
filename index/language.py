"""Which language a text is in."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

GERMAN_WORDS = frozenset(
    "der die das und ist nicht ein eine einen einem einer mit für von auf den dem des sich auch als wird werden wie im zum zur bei "
    "oder sind hat aus nach wer was welche welcher welches wo wann warum wieso kann können muss müssen gibt es ich wir sie ihr mein "
    "unser uns man noch nur über unter bis durch kein keine habe haben sein ihre ihren dass wenn aber denn so zu beim vom "
    "fuer ueber koennen muessen moechte möchte wieviel viel viele kostet dürfen soll sollen etwas mir mich bitte danke".split()
)
ENGLISH_WORDS = frozenset(
    "the and is are of to for with what who where when why how can we our you your my i do does did it this that which from by on "
    "be been an at as not no have has had will would should could must may or if there their they us me much many any some please "
    "thanks about into over under than then its was were get need".split()
)
_WORD = re.compile(r"[^\W\d_]+")


def language_weights(text: str) -> tuple[float, float]:
    """How many words speak for German and for English; umlauts and ß are a word each."""
    words = [word.lower() for word in _WORD.findall(text)]
    german = sum(word in GERMAN_WORDS for word in words) + 0.5 * sum(any(c in "äöüß" for c in word) for word in words)
    english = sum(word in ENGLISH_WORDS for word in words)
    return german, float(english)


def guess_language(text: str, languages: Sequence[str]) -> str:
    """The language of a longer text among those given; the first where the text does not tell."""
    if len(languages) < 2:
        return languages[0]
    found = _detector(frozenset(languages)).detect_language_of(text)
    return found.iso_code_639_1.name.lower() if found else languages[0]


@cache
def _detector(languages: frozenset[str]) -> Any:
    """By trigrams alone: a document is long enough for them, and no other models are loaded."""
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    wanted = [IsoCode639_1.from_str(language.upper()) for language in sorted(languages)]
    return LanguageDetectorBuilder.from_iso_codes_639_1(*wanted).with_low_accuracy_mode().build()
