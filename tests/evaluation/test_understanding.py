"""What is fitted: few phrasings stand for many, heads hold for a corpus that they have not seen, thresholds belong
to an index."""

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from support import ROOT, SmallCorpus

from assistant.answering.scoring.features import BUSINESS, ENTRY
from assistant.answering.scoring.scorer import fitted_for
from assistant.evaluation.calibrate import calibrate, read_thresholds, thresholds_of, write_thresholds
from assistant.evaluation.fit import Corpus, first_hits, fit_business, fit_entry, fitted_space
from assistant.evaluation.question_sets import question_sets
from assistant.evaluation.run import above_floors
from assistant.evaluation.simulated import Asked, Effort, Source, VectorStore, gibberish, simulate
from assistant.evaluation.thinning import representative, thinned
from index.embedder import Embedder
from index.question_space import QuestionSpace, StoredSpace, unit
from index.readers import read_corpus

ANIMALS = "Lemur Tapir Okapi Koala Gorilla Panda Dachs Otter Biber Luchs Wolf Bär".split()
ASKED = (
    "Was kostet ein {}?",
    "Preis für den {}",
    "Wie teuer ist ein {} bei Ihnen?",
    "Ich möchte einen {} kaufen, was zahle ich?",
)


class LetterEmbedder:
    """Another model, of another dimension: counts pairs of letters."""

    model_id, dimension = "letters-1", 64

    def embed_questions(self, texts: Any) -> Any:
        return self.embed_passages(texts)

    def embed_passages(self, texts: Any, progress: Any = None) -> Any:
        vectors = np.full((len(texts), self.dimension), 1e-3, np.float32)
        for row, text in enumerate(texts):
            low = text.lower()
            for one, two in itertools.pairwise(low):
                vectors[row, (ord(one) * 31 + ord(two)) % self.dimension] += 1
        return unit(vectors)


def animals(tmp_path: Path) -> Source:
    corpus = SmallCorpus(tmp_path, LetterEmbedder())  # type: ignore[arg-type] - as far as it is needed
    corpus.entries(
        {
            "id": name.lower(),
            "questions": {"de": [form.format(name) for form in ASKED]},
            "answer": {"de": f"Ein {name} kostet {n} Euro. [1]"},
            "sources": [{"url": "https://example.org", "title": "Preisliste"}],
        }
        for n, name in enumerate(ANIMALS, 2)
    )
    read = read_corpus(corpus.folder)
    asked = [Asked(f"Sagen Sie mir den Preis von einem {name}", "de", frozenset((name.lower(),))) for name in ANIMALS]
    asked += [
        Asked(f"Wie wird das Wetter in {city}?", "de", frozenset(), "outside") for city in "Ulm Bonn Kiel Jena".split()
    ]
    return Source("own", read.programme, read.entries, tuple(asked))


def test_the_heads_are_fitted_for_any_model(tmp_path: Path) -> None:
    source = animals(tmp_path)
    store = VectorStore(LetterEmbedder(), tmp_path / "vectors.npz")
    space = fitted_space([source], store)
    corpora = [
        Corpus("own", Effort(k), tuple(simulate(source, Effort(k), store, space, random.Random(k), 60)))
        for k in (1, 2, 3)
    ]
    entry = fit_entry(corpora)
    assert set(entry.weights) == set(ENTRY)
    assert min(entry.weights.values()) >= 0
    samples = [s for c in corpora for s in c.samples if s.answerable]
    plain = sum(s.cosine_right for s in samples) / len(samples)
    assert first_hits(samples, entry) > plain
    business = fit_business(corpora, entry, BUSINESS)
    assert set(business.weights) == set(BUSINESS)


def test_phrasings_left_out_are_asked_and_half_of_what_is_outside_is_not_known(tmp_path: Path) -> None:
    source = animals(tmp_path)
    store = VectorStore(LetterEmbedder(), tmp_path / "vectors.npz")
    space = fitted_space([source], store)
    samples = simulate(source, Effort(1, 0.5), store, space, random.Random(3), 60)
    assert any(s.answerable for s in samples)
    assert any(not s.answerable and s.kind == "asked" for s in samples)
    assert len(samples[0].evidence.candidates) == round(len(ANIMALS) * 0.5)
    assert sorted(gibberish("Was kostet das?", random.Random(1)).replace("?", "")) == sorted("was kostet das")


def test_a_space_knows_what_phrasings_of_one_entry_differ_in() -> None:
    chance = np.random.default_rng(5)

    def drawn(each: int) -> Any:
        means = np.repeat(np.eye(8, 16, dtype=np.float32), each, axis=0)
        return unit(means + np.pad(chance.normal(0, 0.8, (8 * each, 8)), ((0, 0), (8, 0))).astype(np.float32))

    phrasings, owners, asked = drawn(12), np.repeat(np.arange(8), 12), drawn(40)
    stored = StoredSpace(np.zeros(16, np.float32), np.zeros(16, np.float32), np.eye(16, dtype=np.float32) / 16)
    space = QuestionSpace(phrasings, owners, 8, stored)

    def nearest_is_right(questions: Any, known: Any) -> float:
        return float((owners[(questions @ known.T).argmax(axis=1)] == np.repeat(np.arange(8), 40)).mean())

    plain = nearest_is_right(asked, phrasings)
    assert nearest_is_right(space.whitened(asked), space.whitened(phrasings)) > plain + 0.05


def test_the_phrasings_kept_stand_for_the_others() -> None:
    groups = [unit(np.eye(3, 8, dtype=np.float32)[[n]] + 0.01 * np.eye(4, 8, 4, dtype=np.float32)) for n in range(3)]
    vectors = np.concatenate(groups)
    kept = representative(vectors, 3)
    assert kept[0] == 0
    assert sorted(n // 4 for n in kept) == [0, 1, 2]
    assert representative(vectors[:2], 10) == [0, 1]


def test_a_corpus_file_keeps_its_other_lines(embedder: Embedder) -> None:
    text = (ROOT / "corpus" / "curated" / "labels.yaml").read_text(encoding="utf-8")
    fewer = thinned(text, 2, embedder.embed_questions)
    before, after = yaml.safe_load(text), yaml.safe_load(fewer)
    assert len(fewer) < len(text)
    for one, two in zip(before, after, strict=True):
        assert {k: v for k, v in one.items() if k != "questions"} == {k: v for k, v in two.items() if k != "questions"}
        for language, phrasings in two["questions"].items():
            assert len(phrasings) == min(2, len(one["questions"][language]))
            assert set(phrasings) <= set(one["questions"][language])


def test_no_entry_of_the_corpus_has_more_than_ten_phrasings() -> None:
    read = read_corpus(ROOT / "corpus")
    most = max(len(p) for value in (*read.entries, *read.figures) for p in value.questions.values())
    assert most <= 10


def test_thresholds_follow_from_what_is_inside_and_outside() -> None:
    inside = [n / 100 for n in range(100)]
    assert thresholds_of(inside, [], 0.08) == (float(np.quantile(inside, 0.2)), float(np.quantile(inside, 0.08)))
    strict, _ = thresholds_of(inside, [0.05] * 100, 0.08)
    assert strict == 0.05
    answering, asking = thresholds_of(inside, [0.1] * 100, 0.08)
    assert asking <= answering


def test_an_index_has_thresholds_of_its_own(small_corpus: SmallCorpus, embedder: Embedder) -> None:
    small_corpus.entries(
        {
            "id": name.lower(),
            "questions": {"de": [form.format(name) for form in ASKED]},
            "answer": {"de": f"Ein {name} kostet {n} Euro. [1]"},
            "sources": [{"url": "https://example.org", "title": "Preisliste"}],
        }
        for n, name in enumerate(ANIMALS, 2)
    )
    folder = small_corpus.build().folder
    assert read_thresholds(folder) is None
    write_thresholds(folder, embedder.embed_questions, 0.08)
    found, shipped = read_thresholds(folder), fitted_for(embedder.model_id)["thresholds"]
    assert found is not None
    assert found["phrasings"] == len(ANIMALS) * (len(ASKED) - 1)
    assert found["business"] != shipped["business"]
    assert found["asking_back"]["business"] <= found["business"]
    assert calibrate(folder, embedder.embed_questions, 0.08) == found


def test_the_own_set_comes_first_and_floors_hold_for_each_set(tmp_path: Path) -> None:
    sets = question_sets(ROOT / "corpus")
    assert next(iter(sets)) == "own"
    assert {"own", "held_out", "fresh"} <= set(sets)
    floors = tmp_path / "floors.json"
    floors.write_text('{"own": {"right": 0.9, "false_answers_at_most": 0.1}}', encoding="utf-8")
    said: list[str] = []
    assert above_floors({"own": {"right": 0.95, "false_answers": 0.05}}, floors, said.append)
    assert not above_floors({"own": {"right": 0.85, "false_answers": 0.2}}, floors, said.append)
    assert len(said) == 2
