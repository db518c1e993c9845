"""Yes or no: only where a claim carries it for what was asked; turned round by an opposite, withheld where unsure."""

import datetime

import pytest
from answering.scripted import ScriptedSearch, claim, entry, hit, programme

from assistant.answering.answer import Answer, AnswerMode, AnswerStatus
from assistant.answering.assistant import Assistant
from assistant.answering.composing.verdicts import Claimed, Polarity
from assistant.answering.naming import NamedThings
from assistant.answering.values import Question
from assistant.evaluation.answers import ask_in_turn
from assistant.languages import codes, pack
from index.values import Holds

ANIMALS = (("Lemur", "lémur"), ("Tapir",))
NAMED = NamedThings(programme(languages=tuple(codes()), contrasts=ANIMALS))
POLARITY = Polarity(NAMED, tuple(codes()))

SAME = "the same"
CASES: dict[str, list[tuple[str, str, str, Holds | None]]] = {
    # kind, what is asked, the claim's question (answered with yes), the verdict
    "de": [
        (SAME, "Ist der Kurs gratis?", "Ist der Kurs kostenlos?", "yes"),
        ("negation", "Ist der Kurs nicht kostenlos?", "Ist der Kurs kostenlos?", None),
        ("negation", "Ist der Kurs für niemanden kostenlos?", "Ist der Kurs kostenlos?", None),
        ("negation of both", "Kostet der Kurs nichts?", "Kostet der Kurs für Kinder nichts?", "yes"),
        ("opposite", "Ist der Kurs kostenpflichtig?", "Ist der Kurs kostenlos?", "no"),
        ("opposite", "Ist die Anmeldung freiwillig?", "Ist die Anmeldung verpflichtend?", "no"),
        ("opposite twice", "Ist der freiwillige Kurs gratis?", "Ist der vorgeschriebene Kurs kostenpflichtig?", "yes"),
        ("focus", "Ist nur der Kurs kostenlos?", "Ist der Kurs kostenlos?", None),
        ("focus", "Ist der Kurs immer kostenlos?", "Ist der Kurs kostenlos?", None),
        ("focus of both", "Ist nur der Kurs gratis?", "Ist nur der Kurs kostenlos?", "yes"),
        ("number", "Dauert der Kurs 3 Tage?", "Dauert der Kurs 2 Tage?", None),
        ("number", "Hat der Kurs zwölf Plätze?", "Hat der Kurs elf Plätze?", None),
        ("number in words", "Dauert der Kurs drei Tage?", "Dauert der Kurs 3 Tage?", "yes"),
        ("unit", "Dauert der Kurs 3 Jahre?", "Dauert der Kurs 3 Monate?", None),
        ("unit", "Ist der Weg 3 km lang?", "Ist der Weg 3 Meter lang?", None),
        ("order", "Hilft der Lemur dem Tapir?", "Hilft der Tapir dem Lemur?", None),
        ("name", "Ist der Tapir groß?", "Ist der Lemur groß?", None),
        ("superlative", "Ist das der beste Kurs?", "Ist das der schlechteste Kurs?", None),
        ("superlative", "Ist das der schnellste Kurs?", "Ist das ein schneller Kurs?", None),
        ("rank", "Ist das die erste Sitzung?", "Ist das die dritte Sitzung?", None),
        ("rank", "Gilt das beim zweiten Mal?", "Gilt das bei der zweiten Sitzung?", "yes"),
        ("either", "Ist der Kurs gratis oder teuer?", "Ist der Kurs kostenlos?", None),
        ("tag", "Ist der Kurs gratis, oder?", "Ist der Kurs kostenlos?", "yes"),
        ("abbreviation", "Zahlt die EU den Kurs?", "Zahlt die UNO den Kurs?", None),
        ("letters", "Ist der Kurs moeglich?", "Ist der Kurs möglich?", "yes"),
        ("letters", "Ist der Kurs unmoeglich?", "Ist der Kurs möglich?", "no"),
        ("letters", "Ist die Sitzung oeffentlich?", "Ist die Sitzung geheim?", "no"),
        ("letters", "War der Kurs frueher kostenlos?", "War der Kurs kostenlos?", None),
        ("letters", "Ist der Lemur groesser als der Tapir?", "Ist der Lemur größer als der Tapir?", "yes"),
        ("letters", "Ist das die groesste Halle?", "Ist das die größte Halle?", "yes"),
        ("letters", "Ist der Kurs ausser montags gratis?", "Ist der Kurs montags gratis?", None),
    ],
    "en": [
        (SAME, "Is the course gratis?", "Is the course free?", "yes"),
        ("negation", "Is the course not free?", "Is the course free?", None),
        ("negation", "Isn't the course free?", "Is the course free?", None),
        ("negation of both", "Does the course cost nothing?", "Does the course cost children nothing?", "yes"),
        ("opposite", "Is the course chargeable?", "Is the course free of charge?", "no"),
        ("opposite", "Is registration optional?", "Is registration mandatory?", "no"),
        ("opposite twice", "Is the optional course free?", "Is the mandatory course chargeable?", "yes"),
        ("focus", "Is only the course free?", "Is the course free?", None),
        ("focus", "Is the course always free?", "Is the course free?", None),
        ("focus of both", "Is only the course gratis?", "Is only the course free?", "yes"),
        ("number", "Does the course take 3 days?", "Does the course take 2 days?", None),
        ("number", "Does the course have twelve places?", "Does the course have eleven places?", None),
        ("number in words", "Does the course take three days?", "Does the course take 3 days?", "yes"),
        ("unit", "Does the course take 3 years?", "Does the course take 3 months?", None),
        ("unit", "Is it 3 km long?", "Is it 3 miles long?", None),
        ("order", "Does the lemur help the tapir?", "Does the tapir help the lemur?", None),
        ("name", "Is the tapir big?", "Is the lemur big?", None),
        ("superlative", "Is it the best course?", "Is it the worst course?", None),
        ("superlative", "Is it the fastest course?", "Is it a fast course?", None),
        ("rank", "Is this the first meeting?", "Is this the third meeting?", None),
        ("rank", "Does it hold the second time?", "Does it hold at the second meeting?", "yes"),
        ("either", "Is the course free or dear?", "Is the course free?", None),
        ("tag", "The course is free, or?", "The course is gratis?", "yes"),
        ("abbreviation", "Does the EU pay?", "Does the UN pay?", None),
    ],
    "fr": [
        (SAME, "Est-ce que le cours est gratuit ?", "Le cours est-il gratuit ?", "yes"),
        ("negation", "Le cours n'est-il pas gratuit ?", "Le cours est-il gratuit ?", None),
        ("negation", "Le cours est-il sans frais ?", "Le cours est-il payant ?", None),
        ("negation of both", "Le cours ne coûte rien ?", "Le cours ne coûte rien aux enfants ?", "yes"),
        ("opposite", "Le cours est-il payant ?", "Le cours est-il gratuit ?", "no"),
        ("opposite", "L'inscription est-elle facultative ?", "L'inscription est-elle obligatoire ?", "no"),
        ("opposite twice", "Le cours facultatif est-il gratuit ?", "Le cours obligatoire est-il payant ?", "yes"),
        ("focus", "Seul le cours est-il gratuit ?", "Le cours est-il gratuit ?", None),
        ("focus", "Le cours est-il toujours gratuit ?", "Le cours est-il gratuit ?", None),
        ("focus of both", "Le cours est-il seulement gratuit ?", "Est-ce que le cours est seulement gratuit ?", "yes"),
        ("number", "Le cours dure-t-il 3 jours ?", "Le cours dure-t-il 2 jours ?", None),
        ("number", "Le cours a-t-il douze places ?", "Le cours a-t-il onze places ?", None),
        ("number in words", "Le cours dure-t-il trois jours ?", "Le cours dure-t-il 3 jours ?", "yes"),
        ("unit", "Le cours dure-t-il 3 ans ?", "Le cours dure-t-il 3 mois ?", None),
        ("order", "Le lémur aide-t-il le tapir ?", "Le tapir aide-t-il le lémur ?", None),
        ("name", "Le tapir est-il grand ?", "Le lémur est-il grand ?", None),
        ("superlative", "Est-ce le plus grand cours ?", "Est-ce le moins grand cours ?", None),
        ("superlative", "Est-ce le plus grand cours ?", "Est-ce un grand cours ?", None),
        ("rank", "Est-ce la première séance ?", "Est-ce la troisième séance ?", None),
        ("rank", "Est-ce la deuxième fois ?", "Est-ce la deuxieme séance ?", "yes"),
        ("either", "Le cours est-il gratuit ou cher ?", "Le cours est-il gratuit ?", None),
        ("tag", "Le cours est gratuit, ou ?", "Le cours est-il gratuit ?", "yes"),
        ("abbreviation", "L'UE paie-t-elle ?", "L'ONU paie-t-elle ?", None),
        ("letters", "Le cours est-il termine ?", "Le cours est-il ouvert ?", "no"),
        ("letters", "Le lemur est-il superieur au tapir ?", "Le lemur est-il égal au tapir ?", None),
    ],
}


@pytest.mark.parametrize(
    ("language", "asked", "claimed", "verdict"),
    [(code, asked, claimed, verdict) for code, cases in CASES.items() for _, asked, claimed, verdict in cases],
)
def test_polarity(language: str, asked: str, claimed: str, verdict: Holds | None) -> None:
    assert POLARITY.verdict(Claimed(asked, asked), claimed, "yes", language) == verdict
    other: dict[Holds | None, Holds | None] = {"yes": "no", "no": "yes", None: None}
    assert POLARITY.verdict(Claimed(asked, asked), claimed, "no", language) == other[verdict]
    assert POLARITY.verdict(Claimed(asked, asked), claimed, "unknown", language) == "unknown"


def test_every_language_has_the_same_kinds_of_cases() -> None:
    assert set(CASES) == set(codes())
    kinds = {code: {kind for kind, *_ in cases} - {"letters"} for code, cases in CASES.items()}
    assert len({frozenset(found) for found in kinds.values()}) == 1


def test_an_opposite_has_no_word_on_both_sides() -> None:
    for code in codes():
        for one, other in pack(code).opposites:
            assert not set(one.split("|")) & set(other.split("|")), (code, one, other)


# -- the whole way -----------------------------------------------------------------------------------------------------

FREE = claim("der Kurs kostet nichts. [1]", yes=["Ist der Kurs kostenlos?"])
LATE = claim(
    "der Kurs beginnt um neun Uhr. [1]", yes=["Beginnt der Kurs um neun Uhr?"], no=["Beginnt der Kurs abends?"]
)
WHO = claim("wer den Kurs hält, steht nicht in meinen Unterlagen.", unknown=["Hält Frau Muster den Kurs?"])
TEXT = "Frau Muster und ihr Verein laden dazu in das alte Rathaus am Markt ein. [1]"
COURSE = entry("course", "Was ist mit dem Kurs?", answer=TEXT, claims=(FREE, LATE, WHO))


def asked(*turns: str, near: str, similarity: float = 0.97, told: object = COURSE) -> Answer:
    found = hit(told, 0.9, claims={near: similarity})  # type: ignore[arg-type] - an entry
    assistant = Assistant(
        ScriptedSearch(lambda _: [found]),
        programme(contrasts=ANIMALS),
        "multilingual-e5-small-mixed-1",
        today=lambda: datetime.date(2026, 1, 1),
    )
    return ask_in_turn(assistant, turns)[-1].answer


@pytest.mark.parametrize(
    ("question", "near", "said"),
    [
        ("Ist der Kurs kostenlos?", "Ist der Kurs kostenlos?", "Ja, der Kurs kostet nichts. [1]"),
        ("Ist der Kurs kostenpflichtig?", "Ist der Kurs kostenlos?", "Nein, der Kurs kostet nichts. [1]"),
        ("Beginnt der Kurs abends?", "Beginnt der Kurs abends?", "Nein, der Kurs beginnt um neun Uhr. [1]"),
        # the fact, where which of yes and no it means is not sure
        ("Ist der Kurs nicht kostenlos?", "Ist der Kurs kostenlos?", "Der Kurs kostet nichts. [1]"),
    ],
)
def test_the_verdict_comes_first_and_the_answer_is_folded_away(question: str, near: str, said: str) -> None:
    answer = asked(question, near=near)
    assert (answer.status, answer.mode) == (AnswerStatus.ANSWERED, AnswerMode.CURATED)
    assert answer.text == said
    assert answer.more == TEXT


def test_a_claim_that_nobody_knows_is_no_answer() -> None:
    answer = asked("Hält Frau Muster den Kurs?", near="Hält Frau Muster den Kurs?")
    assert (answer.status, answer.mode) == (AnswerStatus.NO_EVIDENCE, AnswerMode.CURATED)
    assert answer.text == "Wer den Kurs hält, steht nicht in meinen Unterlagen."
    assert answer.handover


@pytest.mark.parametrize(
    ("question", "similarity"),
    [("Was kostet der Kurs?", 0.97), ("Bellen im Garten manche Dromedare?", 0.1)],
)
def test_no_verdict_where_none_is_asked_for_or_no_claim_is_near(question: str, similarity: float) -> None:
    answer = asked(question, near="Ist der Kurs kostenlos?", similarity=similarity)
    assert answer.text == TEXT
    assert answer.more is None


def test_an_entry_that_nobody_knows_says_so_in_its_own_first_words() -> None:
    told = "Ob der Kurs etwas kostet, steht nicht in meinen Unterlagen. Das Büro hilft weiter. [1]"
    unknown = claim("ob er etwas kostet, weiß niemand.", unknown=["Kostet der Kurs etwas?"])
    fee = entry("fee", "Was kostet der Kurs?", answer=told, status="unknown", claims=(unknown,))
    for question in ("Kostet der Kurs etwas?", "Was kostet der Kurs?"):
        answer = asked(question, near="Kostet der Kurs etwas?", told=fee)
        assert (answer.status, answer.mode, answer.text) == (AnswerStatus.NO_EVIDENCE, AnswerMode.CURATED, told)
        assert answer.missing is None


def test_a_follow_up_that_exchanges_a_name_wants_what_the_question_before_wanted() -> None:
    """ "Und Tapir?" after "Was kostet der Lemur?" asks for a price, not for yes or no."""
    told = "Die Preise sind ohne Steuer angegeben, und sie gelten das ganze Jahr. [1] Der Tapir kostet 12 Euro. [1]"
    said = claim("die Preise sind ohne Steuer. [1]", yes=["Ist der Tapir ohne Steuer?"])
    price = entry("price", "Was kostet der Tapir?", answer=told, claims=(said,))
    answer = asked("Was kostet der Lemur?", "Und Tapir?", near="Ist der Tapir ohne Steuer?", told=price)
    assert not answer.text.startswith(("Ja", "Nein", "Die Preise sind ohne Steuer. "))
    assert "12 Euro" in answer.text
    verdict = asked("Ist der Lemur ohne Steuer?", "Und Tapir?", near="Ist der Tapir ohne Steuer?", told=price)
    assert verdict.text == "Ja, die Preise sind ohne Steuer. [1]"


def test_question_decides_language_of_the_verdict() -> None:
    free = claim("the course costs nothing. [1]", "en", yes=["Is the course free?"])
    told = entry("course", "What is the course?", answer="It is free. [1]", claims=(free,), language="en")
    search = ScriptedSearch(lambda _: [hit(told, 0.9, claims={"Is the course free?": 0.97})])
    assistant = Assistant(search, programme(), "multilingual-e5-small-mixed-1")
    assert assistant.answer(Question("Is the course free?", "en")).text == "Yes, the course costs nothing. [1]"
    assert assistant.answer(Question("Is the course chargeable?", "en")).text == "No, the course costs nothing. [1]"
