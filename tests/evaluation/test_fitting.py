"""Fitting the weights of the ranking."""

from pathlib import Path

from support import ROOT, SmallCorpus

from assistant.evaluation.passage_weights import GRID, coordinate_search, mean_rank
from assistant.evaluation.question_sets import Expected, question_sets
from assistant.evaluation.retrieval import lost_places, own_asked, rank_of
from assistant.evaluation.simulated import right_entries
from index.embedder import Embedder
from index.ranking import Weights, load_weights, save_weights
from index.search import SnapshotSearch


def test_each_weight_takes_its_best_value() -> None:
    def quality(w: Weights) -> float:
        return -abs(w.passage - 0.6) - abs(w.terms - 0.08)

    fitted = coordinate_search(Weights(passage=0.4, terms=0.12), GRID, quality)
    assert (fitted.passage, fitted.terms) == (0.6, 0.08)


def test_a_gain_that_is_chance_changes_no_weight() -> None:
    before = Weights()
    assert coordinate_search(before, GRID, lambda w: 1e-5 * w.terms) == before


def test_weights_are_kept_with_the_id_of_their_model(tmp_path: Path) -> None:
    file = tmp_path / "weights.json"
    save_weights("one", Weights(terms=0.01), file)
    save_weights("two", Weights(terms=0.02), file)
    assert load_weights("one", file).terms == 0.01
    assert load_weights("two", file).terms == 0.02
    assert load_weights("three", file) == Weights()


def test_ranking_by_terms_alone_is_worse_than_the_fitted_ranking(
    shipped_search: SnapshotSearch, embedder: Embedder
) -> None:
    listed = own_asked(question_sets(ROOT / "corpus")["own"], shipped_search.content.entries)[::6]
    vectors = embedder.embed_questions([q for q, _, _ in listed])
    asked = [(q, v, lang, right) for (q, lang, right), v in zip(listed, vectors, strict=True)]
    terms_only = Weights(entries={"coverage": 1.0})
    fitted = mean_rank([(shipped_search, asked)], shipped_search.weights)
    assert fitted > 0.85
    assert fitted > mean_rank([(shipped_search, asked)], terms_only) + 0.03


def test_lost_places_are_counted_against_the_exhaustive_search(small_corpus: SmallCorpus, embedder: Embedder) -> None:
    for n, word in enumerate("Antrag Beirat Gebühr Frist Siegel Messe Verein Reise Lager Hafen Bahn Wald".split()):
        small_corpus.write(
            f"documents/d{n}.md", f"---\nlanguage: de\n---\nÜber {word} entscheidet die zuständige Stelle.\n"
        )
    search = small_corpus.search()
    questions = ["Who decides on the deadline?", "Who decides on forests?"]
    vectors = embedder.embed_questions(questions)
    assert lost_places(search, questions, vectors, "en") == 0
    search.depth = 3
    assert lost_places(search, questions, vectors, "en") > 0


def test_right_entries_say_what_must_and_not_what_must_not_be_said(shipped_search: SnapshotSearch) -> None:
    row = Expected(
        "x",
        "labels",
        "de",
        ("Wie viele Indikatoren hat Gold?",),
        frozenset({"answered"}),
        ("31", "Gold"),
        ("36 Indikatoren",),
        frozenset(),
    )
    right = right_entries(row, shipped_search.content.entries)
    assert "labels-gold" in right
    assert "labels-bronze" not in right
    assert rank_of(right, ["labels-bronze", "labels-gold"]) == 2
