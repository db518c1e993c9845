"""Passages follow headings and size; sentences are whole and know their references."""

import pytest

from index.passages import PASSAGE_SIZE, normalised, split_passages, split_sentences
from index.values import Section, SourceDocument


def document(*sections: Section, language: str = "de") -> SourceDocument:
    return SourceDocument("d", "documents/d.md", "", "D", language, None, None, None, "summary", sections)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        (
            "Die 2. Clusterwoche war am 4. Sept. 2025. Sie war gut.",
            ["Die 2. Clusterwoche war am 4. Sept. 2025.", "Sie war gut."],
        ),
        (
            "Das kostet z. B. ca. 5 Euro (Stand: 1. Juli 2008). Wer zahlt?",
            ["Das kostet z. B. ca. 5 Euro (Stand: 1. Juli 2008).", "Wer zahlt?"],
        ),
    ],
)
def test_german_sentences_survive_ordinals_and_abbreviations(text: str, sentences: list[str]) -> None:
    assert split_sentences(text, "de") == sentences


def test_references_belong_to_the_sentence_before_them() -> None:
    passage = split_passages(
        document(Section(("Preis",), ("Bronze kostet 10 Euro.[^A] Silber kostet mehr. Gold auch.[^B][^C]",)))
    )[0]
    assert passage.text == "Bronze kostet 10 Euro. Silber kostet mehr. Gold auch."
    assert [s.references for s in passage.sentences] == [("A",), ("B", "C"), ("B", "C")]
    assert all(passage.text[s.start : s.end] == s.text for s in passage.sentences)


def test_long_sections_split_between_sentences() -> None:
    block = " ".join(f"Dies ist der Satz mit der Nummer {n} und ein paar Wörtern mehr." for n in range(100))
    passages = split_passages(document(Section(("Lang",), (block,))))
    assert len(passages) > 2
    assert all(len(p.text) <= PASSAGE_SIZE and p.heading == ("Lang",) for p in passages)
    assert " ".join(s.text for p in passages for s in p.sentences) == block


def test_a_long_paragraph_is_split_at_the_ends_of_its_sentences_and_stays_with_nothing_else() -> None:
    long = " ".join(f"Der {n}. Absatz regelt z. B. die Förderung nach § {n} Abs. 2 und endet hier." for n in range(60))
    passages = split_passages(document(Section(("Lang",), ("Kurz davor.", long, "- Punkt danach", "- noch einer"))))
    assert [s.text for p in passages for s in p.sentences] == [
        "Kurz davor.",
        *split_sentences(long, "de"),
        "Punkt danach",
        "noch einer",
    ]
    for passage in passages:
        assert len(passage.text) <= PASSAGE_SIZE
        assert all(passage.text[s.start : s.end] == s.text for s in passage.sentences)
        assert passage.text.endswith((".", "Punkt danach", "noch einer"))
    assert min(len(p.text) for p in passages[:-1]) > PASSAGE_SIZE - 200, "passages are as full as sentences allow"


def test_a_block_that_fits_is_kept_whole() -> None:
    blocks = tuple(f"{'Wort ' * 180}ist Block {n}. Und sein Ende." for n in range(4))
    passages = split_passages(document(Section((), blocks)))
    assert [p.text for p in passages] == list(blocks)


@pytest.mark.parametrize("text", ["Wort " * 2000, "x" * 50_000, "б" * 5000, "слово " * 1500])
def test_a_sentence_that_fits_nowhere_is_cut(text: str) -> None:
    passages = split_passages(document(Section((), (text,))))
    assert "".join("".join(p.text.split()) for p in passages) == "".join(text.split())
    weight = 3 if ord(text[0]) > 0x24F else 1
    assert all(sum(weight if c.isalpha() else 1 for c in p.text) <= PASSAGE_SIZE for p in passages)
    if " " in text:
        assert all(word in ("Wort", "слово") for p in passages for word in p.text.split())


def test_list_items_are_sentences_without_their_bullet() -> None:
    passage = split_passages(document(Section((), ("- erster Punkt", "- zweiter Punkt"))))[0]
    assert [s.text for s in passage.sentences] == ["erster Punkt", "zweiter Punkt"]
    assert passage.text == "- erster Punkt\n- zweiter Punkt"


def test_quotes_compare_without_marks_and_bullets() -> None:
    assert normalised("- **Der** Antrag.[^A]\n  „Ja“") == 'Der Antrag. "Ja"'
