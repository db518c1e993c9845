"""Which language a question is in, and which language answers it: German or English, by the words that only one uses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

_GERMAN = frozenset(
    "der die das und ist nicht ein eine einen einem einer mit für von auf den dem des sich auch als wird werden wie im zum zur bei oder sind "
    "hat aus nach wer was welche welcher welches welchen wo wann warum wieso weshalb kann können könnten muss müssen gibt es ich wir sie ihr "
    "mein meine unser unsere uns man noch nur über unter bis durch kein keine haben sein ihre dass daß wenn aber denn so zu beim vom fuer ueber "
    "koennen muessen wieviel wieviele viel viele kostet dürfen duerfen darf soll sollen mir mich bitte auf deutsch deutsche deutschland mitglied "
    "mitglieder mitgliedschaft kriterien antrag bewerben bewerbung förderung foerderung foerdermittel leistungen gebühr gebühren kosten vorteile "
    "unterschied voraussetzungen voraussetzung seit jahr jahre ansprechpartner telefonnummer adresse und ja nein doch schon mal eigentlich "
    "dann da denn geht machen macht bekommen bekommt brauche brauchen gehört gültig dauert lange hier heißt verein netzwerk firma firmen wieder "
    "hallo danke dank tschüss tschüs moin servus guten morgen abend tag vielen "
    "war waren wurde wurden dieser diese dieses diesen jetzt schon gut man sagt steht finde alle allen welch wofür wofuer woran womit gegen ohne zwischen "
    "ihnen euch euer eure mehr weniger sehr gerade bereits jemand niemand etwas nichts bitte gern gerne ob weil damit wäre waere hätte haette "
    "aufnahme nachweis siegel ministerium programm geld zahlen zahlt bezahlt welchem wessen wohin ab".split()
)
_ENGLISH = frozenset(
    "the and is are of to for with what who where when why how can we our you your my i do does did it this that which from by on be been at as "
    "not no have has had will would should could must may or if there their they us me much many any some please about into over than then its "
    "get need member members membership criteria apply application funding benefits fee fees cost costs cluster's difference requirements "
    "requirement contact phone address silver in english english long valid still ever join joining company companies network "
    "programme program ministry money pay pays paid free germany german abroad certificate deadline services list "
    "thanks thank hello bye goodbye good afternoon evening lot "
    "i've i'm it's don't doesn't isn't who's what's we're you're we've seen different set up years year after before there's here out only just "
    "each every who's running also more most other another such because while during against between without within once again new first last anyone "
    "anybody everyone everybody someone something anything nothing let tell say said says give given want like know find see go going run take took "
    "make made use used work works stand mean means happen happens happened start started end ended".split()
)
_WISHING = frozenset(
    "bitte please und and now jetzt ab nochmal noch einmal again same das gleiche can could kannst können könnten you du sie ihr say that tell me mir answer answers reply respond speak write "
    "talk from on to it es antworte antworten antwort antworten sprechen schreiben schreib weiter weiterhin lieber rather instead ok okay danke thanks".split()
)
"""Words that a wish for a language consists of."""
_CLAUSE = frozenset(
    ("", "und", "oder", "aber", "denn", "also", "hallo", "bitte", "danke", "wissen", "sagen", "weiß", "heißt", "genau")
)
"""After these words, and where a text begins, "was" asks in German; elsewhere it may be the English verb, and the other words tell."""
_WORD = re.compile(r"[^\W\d_]+(?:'[a-z]+)?")
_REQUESTS = {
    "de": re.compile(
        r"\b(auf deutsch|in deutsch|in german|auf german|deutsch bitte|german please|bitte deutsch)\b", re.IGNORECASE
    ),
    "en": re.compile(
        r"\b(in english|auf englisch|english please|englisch bitte|in englisch|bitte englisch)\b", re.IGNORECASE
    ),
}


@dataclass(frozen=True, slots=True)
class Tongue:
    """`answer` is the language answered in; `other` the ISO code of a question in neither German nor English, else None."""

    answer: str
    other: str | None = None


def detect(
    text: str,
    wish: str | None = None,
    previous: str | None = None,
    vocabulary: Mapping[str, frozenset[str]] | None = None,
) -> Tongue:
    """The language of most words (function words, and words that only one language of the corpus uses); where the words do not tell, the wish, then the language of the turn before, then German."""
    if asked := requested_language(text):
        return Tongue(asked)
    words = [word.lower() for word in _WORD.findall(text)]
    german = sum(w in _GERMAN for w in words) + 0.75 * sum(any(c in "äöüß" for c in w) for w in words)
    english = sum(w in _ENGLISH for w in words)
    # "was" asks in German where a clause begins, and is a verb in English elsewhere
    inside = sum(w == "was" and before not in _CLAUSE for before, w in zip(["", *words], words, strict=False))
    german, english = german - inside, english + inside
    if vocabulary:
        only_german, only_english, german_starts, english_starts = _told_apart(
            vocabulary.get("de", frozenset()), vocabulary.get("en", frozenset())
        )
        german += sum(w in only_german and w not in _GERMAN for w in words)
        english += sum(w in only_english and w not in _ENGLISH for w in words)
        unknown = [w[:6] for w in words if len(w) >= 6 and not any(w in known for known in vocabulary.values())]
        german += 0.5 * sum(start in german_starts for start in unknown)
        english += 0.5 * sum(start in english_starts for start in unknown)
    known = sum(w in _GERMAN or w in _ENGLISH for w in words)
    if (
        len(words) >= 3
        and known <= len(words) / 4
        and max(german, english) <= len(words) / 2
        and (other := _other_language(text))
    ):
        return Tongue("en", other)
    if abs(german - english) >= 1.5 or (german != english and not min(german, english)):
        return Tongue("de" if german > english else "en")
    if german != english or (words and known and len(words) > 2):
        return Tongue(_two_way(text))
    if wish or previous:
        return Tongue(wish or previous or "de")
    return Tongue("de" if not words or known else _two_way(text))


@lru_cache(maxsize=4)
def _told_apart(
    german: frozenset[str], english: frozenset[str]
) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """Words of one language alone, and beginnings of longer words that only one language has ("telefonnr" begins like German words alone)."""
    only_german, only_english = german - english, english - german
    german_starts, english_starts = (frozenset(w[:6] for w in words if len(w) >= 6) for words in (german, english))
    return only_german, only_english, german_starts - english_starts, english_starts - german_starts


def requested_language(text: str) -> str | None:
    """`de` or `en` when the text asks for an answer in that language."""
    return next((language for language, pattern in _REQUESTS.items() if pattern.search(text)), None)


def without_request(text: str) -> str:
    """The text without the wish for a language; empty when it was nothing else."""
    kept: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+", text):
        rest = sentence
        for pattern in _REQUESTS.values():
            rest = pattern.sub(" ", rest)
        rest = " ".join(rest.split()).strip(" ,;:")
        if rest == sentence.strip(" ,;:") or any(w.lower() not in _WISHING for w in _WORD.findall(rest)):
            kept.append(rest)
    return " ".join(kept)


@cache
def _detector() -> Any:
    from lingua import Language, LanguageDetectorBuilder

    names = "GERMAN ENGLISH FRENCH SPANISH ITALIAN POLISH DUTCH PORTUGUESE CZECH TURKISH UKRAINIAN RUSSIAN DANISH SWEDISH ROMANIAN HUNGARIAN CHINESE ARABIC".split()
    languages = [getattr(Language, name) for name in names]
    return (
        LanguageDetectorBuilder.from_languages(*languages)
        .with_low_accuracy_mode()
        .with_minimum_relative_distance(0.1)
        .build()
    )


def _other_language(text: str) -> str | None:
    """ISO code of the language when it is surely neither German nor English."""
    values = _detector().compute_language_confidence_values(text)
    code = values[0].language.iso_code_639_1.name.lower()
    ours = sum(v.value for v in values if v.language.iso_code_639_1.name.lower() in ("de", "en"))
    return code if code not in ("de", "en") and values[0].value >= 0.5 and ours < 0.2 else None


def _two_way(text: str) -> str:
    values = {
        v.language.iso_code_639_1.name.lower(): v.value for v in _detector().compute_language_confidence_values(text)
    }
    return "en" if values.get("en", 0) > values.get("de", 0) else "de"
