"""Numbers and abbreviations of a statement are looked up in what it cites, however a language writes them."""

import pytest

from assistant.languages.statements import (
    Evidence,
    carried_tokens,
    loose_tokens,
    marked_sentences,
    markers_without_source,
    statement_tokens,
)


@pytest.mark.parametrize(
    ("spellings", "canonical"),
    [
        (("5.400 Euro", "5,400 euros", "5 400 euros", "5\u202f400 euros", "5'400 Franken", "5400"), "5400"),
        (("3,9 Millionen", "3.9 million"), "3.9"),
        (("12.345,5", "12,345.5", "12\u00a0345,5"), "12345.5"),
        (("1.234.567", "1,234,567"), "1234567"),
        (("0,125", "0.125"), "0.125"),
        (("Formular DB-7",), "7"),
    ],
)
def test_a_number_is_the_same_however_a_language_writes_it(spellings: tuple[str, ...], canonical: str) -> None:
    for spelling in spellings:
        assert canonical in [token.canonical for token in statement_tokens(spelling)], spelling


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("+49 30 23125 400", ["49", "30", "23125", "400"]),
        ("Im Jahr 2025 471 Anträge.", ["2025", "471"]),
        ("Verordnung 2023/2831", ["2023", "2831"]),
        ("am 30. September, um 9.", ["30", "9"]),
    ],
)
def test_numbers_that_follow_each_other_stay_apart(text: str, numbers: list[str]) -> None:
    assert [token.canonical for token in statement_tokens(text)] == numbers


def test_a_source_that_names_two_numbers_in_a_row_carries_each() -> None:
    assert {"2", "100", "2100"} <= carried_tokens([Evidence("In Modul 2 100 Euro.")])


def test_dates_of_a_source_are_carried() -> None:
    assert loose_tokens("Am 4. des Monats 9 im Jahr 2025. [1]", {1: Evidence("Beleg", "2025-09-04")}) == []


def test_what_is_loose_is_named_as_it_is_written() -> None:
    evidence: dict[int, Evidence | None] = {1: Evidence("Es sind 5.400 Euro."), 2: Evidence("Die EU zahlt 7.")}
    assert loose_tokens("It is 5,400 euros [1]. The EU pays 1,000 [2].", evidence) == ["1,000"]
    assert loose_tokens("The EU pays [1].", evidence) == ["EU"]
    assert loose_tokens("The EU pays 5,400.", evidence) == [], "without a marker any source will do"
    assert loose_tokens("Nobody pays 9 [3].", {**evidence, 3: None}) == [], "an address alone cannot be looked up"


def test_sentences_come_with_their_markers() -> None:
    assert marked_sentences("- Eins [1][2]. Zwei.") == [("Eins", (1, 2)), (". Zwei.", ())]
    assert markers_without_source("Eins [1]. Zwei [3].", (1, 2)) == [3]
