"""What of a long text is read, and how lists of questions are taken apart."""

from collections.abc import Callable

import pytest
from answering.scripted import programme

from assistant.answering.interpreting import Interpreter
from assistant.answering.screening import readable
from assistant.answering.splitting import LONG, MOST_PARTS, Splitter
from index.lexical import terms
from index.passages import split_sentences

MAILS = {
    "de": """Sehr geehrte Damen und Herren,

mein Name ist Erika Muster und ich leite seit drei Jahren ein Netzwerk für Holzbau im Schwarzwald. Wir haben im letzten
Herbst mit vierzig Betrieben angefangen und sind inzwischen gewachsen. Auf der Messe habe ich einen Kollegen getroffen, der
mir von Ihrem Programm erzählt hat.

Was kostet der Kurs? Und wie lange dauert er? Außerdem wüsste ich gern, ob wir auch aus der Schweiz teilnehmen können.

Mit freundlichen Grüßen
Erika Muster
Holznetz e. V., Musterweg 5, 79100 Freiburg""",
    "en": """Dear Sir or Madam,

my name is Jane Doe and I have been running a timber network in Wales for three years. Last autumn we started with forty
firms and we have grown since. At the fair in Hanover I met a colleague who told me about your programme.

What does the course cost? And how long does it take? I would also like to know whether we can take part from Switzerland.

Kind regards
Jane Doe
Timber Net Ltd, 5 Sample Road, Cardiff""",
    "fr": """Madame, Monsieur,

je m'appelle Jeanne Martin et je dirige depuis trois ans un réseau de construction en bois dans les Vosges. Nous avons
commencé l'automne dernier avec quarante entreprises et avons grandi depuis. Un collègue m'a parlé de votre programme.

Combien coûte le cours ? Et combien de temps dure-t-il ? Je voudrais aussi savoir si nous pouvons participer depuis la Suisse.

Cordialement
Jeanne Martin
Réseau Bois, 5 rue du Modèle, Épinal""",
}


def interpreter(*languages: str, rarity: Callable[[str], float] = lambda _: 1.0) -> Interpreter:
    return Interpreter(languages, (), {}, terms, split_sentences, rarity)


def splitter(*languages: str, information: float = 1.0) -> Splitter:
    return Splitter(languages, lambda text: split_sentences(text, languages[0]), lambda _: information)


@pytest.mark.parametrize("language", MAILS)
def test_of_an_email_only_what_asks_is_read(language: str) -> None:
    read = interpreter(language, "en" if language != "en" else "de")
    mail = readable(MAILS[language])
    asked = read.asked(mail)
    for passed_over in ("Muster", "Doe", "Martin", "Herbst", "autumn", "automne", "Messe", "fair", "Grüße", "regards"):
        assert passed_over not in asked
    own = [part.own for part in read.interpret(mail, (), language).parts]
    assert len(own) == 3
    assert {"de": "kostet", "en": "cost", "fr": "coûte"}[language] in own[0]
    assert {"de": "wie lange", "en": "how long", "fr": "temps"}[language] in own[1]
    assert {"de": "Schweiz", "en": "Switzerland", "fr": "Suisse"}[language] in own[2]


def test_a_story_is_taken_along_only_where_the_question_points_back_to_it() -> None:
    story = "Wir sind ein Verein. " * 12 + "Unser Saal hat zwanzig Plätze. "
    pointing = f"{story}Reicht das?"
    assert splitter("de", information=0.5).asking(pointing).endswith("Unser Saal hat zwanzig Plätze. Reicht das?")
    assert splitter("de", information=2.0).asking(pointing) == "Reicht das?"
    assert splitter("de", information=0.5).asking(f"{story}Wer kommt?") == "Wer kommt?"


def test_a_short_text_is_read_whole_and_one_without_a_question_too() -> None:
    short = "Wir sind ein Verein. Wer kommt?"
    assert splitter("de").asking(short) == short
    silent = "Wir sind ein Verein und tagen. " * LONG
    assert splitter("de").asking(silent) == silent


LISTS = [
    "1. Was kostet der Kurs? 2. Wie lange dauert er? 3. Wo findet er statt?",
    "1) Was kostet der Kurs? 2) Wie lange dauert er? 3) Wo findet er statt?",
    "(1) Was kostet der Kurs? (2) Wie lange dauert er? (3) Wo findet er statt?",
    "Ich habe drei Fragen: a) Was kostet der Kurs? b) Wie lange dauert er? c) Wo findet er statt?",
    "Fragen: - Was kostet der Kurs? - Wie lange dauert er? - Wo findet er statt?",
    "Fragen: - Was kostet der Kurs - Wie lange dauert er - Wo findet er statt",
    "Fragen:\n• Was kostet der Kurs?\n• Wie lange dauert er?\n• Wo findet er statt?",
    "1. Was kostet der Kurs\n2. Wie lange dauert er\n3. Wo findet er statt",
]


@pytest.mark.parametrize("first", ["de", "en"])
@pytest.mark.parametrize("text", LISTS)
def test_lists_are_taken_apart_by_their_items_without_their_numbers(text: str, first: str) -> None:
    found = splitter(first, "en" if first == "de" else "de").parts(text)
    assert found == ["Was kostet der Kurs?", "Wie lange dauert er?", "Wo findet er statt?"]


@pytest.mark.parametrize("text", ["1. What does it cost? 2. How long is it? 3. Where is it?", "Two things: 1) What does it cost? 2) How long is it? 3) Where is it?"])  # fmt: skip
@pytest.mark.parametrize("languages", [("de", "en"), ("en", "de")])
def test_english_lists_too(text: str, languages: tuple[str, str]) -> None:
    assert splitter(*languages).parts(text) == ["What does it cost?", "How long is it?", "Where is it?"]


@pytest.mark.parametrize(
    "text",
    [
        "Gilt das ab dem 2. Mai 2025?",
        "Ist die 2. Stufe schwerer?",
        "Wer leitet die Abteilung B 4 im Haus 2?",
        "Der Kurs - was kostet er?",
    ],
)
def test_dates_ordinals_and_dashes_are_no_lists(text: str) -> None:
    assert splitter("de", "en").parts(text) == [text]


def test_a_part_that_refers_is_completed_from_the_one_before_and_named_by_its_own_words() -> None:
    read = interpreter("de", "en")
    parts = read.interpret("Was kostet der Kurs? Und wie lange dauert er?", (), "de").parts
    assert [p.text for p in parts] == ["Was kostet der Kurs?", "Was kostet der Kurs? wie lange dauert er?"]
    assert [read.named(p.own) for p in parts] == ["Was kostet der Kurs?", "Wie lange dauert er?"]


def test_at_most_so_many_parts_however_long_the_list_is() -> None:
    text = " ".join(f"{n}. Was kostet Kurs {n}?" for n in range(1, 12))
    assert splitter("de", "en").parts(text) == [f"Was kostet Kurs {n}?" for n in range(1, MOST_PARTS + 1)]


def test_the_longest_text_is_read() -> None:
    from assistant.answering.screening import Screen

    filler = "Wir sind ein Verein. " * 90
    text = f"{filler}Was kostet der Kurs?"
    assert 1900 < len(text) <= 2000
    assert interpreter("de", "en").asked(Screen(programme()).check(text).text) == "Was kostet der Kurs?"
