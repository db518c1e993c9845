"""Term ranking by stems and by pieces of stems."""

from pathlib import Path

import numpy as np

from index.lexical import TermRanking, pieces, terms

TEXTS = ["Das Clustermanagement berät die Mitglieder.", "Die Förderung endet im Mai.", "Der Beirat tagt in Berlin."]


def ranking() -> TermRanking:
    return TermRanking.build([terms(text, "de") for text in TEXTS], [4, 7, 9])


def test_a_compound_is_found_by_its_part_in_the_same_language() -> None:
    found = ranking().scores(terms("Wer ist das Management?", "de"), foreign=False)
    assert int(np.argmax(found)) == 0
    assert found[0] > 0


def test_across_languages_only_whole_words_count() -> None:
    assert not ranking().scores(terms("management consulting", "en"), foreign=True).any()
    assert int(np.argmax(ranking().scores(terms("council Berlin", "en"), foreign=True))) == 2


def test_spelt_out_umlauts_and_swiss_spelling_meet_the_umlaut() -> None:
    assert terms("Foerderung", "de") == terms("Förderung", "de")
    assert terms("Grösse", "de") == terms("Größe", "de")


def test_short_stems_stay_whole() -> None:
    assert pieces(["mai", "managem"]) == ["mai", "manag", "anage", "nagem"]


def test_a_saved_ranking_gives_the_same_scores(tmp_path: Path) -> None:
    before = ranking()
    before.save(tmp_path / "lexical")
    after = TermRanking.load(tmp_path / "lexical")
    query = terms("Förderung der Mitglieder", "de")
    assert np.allclose(before.scores(query, foreign=False), after.scores(query, foreign=False))
    assert list(after.rows) == [4, 7, 9]
