"""The coarse pass excludes nothing that belongs to the nearest."""

import numpy as np
import pytest

from index import passage_index
from index.exact_scan import ExactScan, PlainScan
from index.passage_index import PassageIndex


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("spread", [1.0, 0.3, 0.02])
def test_the_nearest_are_those_of_a_comparison_with_all(spread: float) -> None:
    # the smaller the spread about one direction, the closer the products: the narrow case of sentence embeddings
    draw = np.random.default_rng(7)
    middle = draw.standard_normal(64)
    vectors = unit(middle * (1 - spread) + spread * draw.standard_normal((20_000, 64)))
    scan = ExactScan(vectors)
    for question in unit(middle * (1 - spread) + spread * draw.standard_normal((40, 64))):
        rows, products = scan.nearest(question, 50)
        every = vectors @ question
        assert np.allclose(products, np.sort(every)[::-1][:50], atol=1e-6)
        assert np.allclose(every[rows], products, atol=1e-6)


def test_equal_vectors_and_extreme_numbers_are_kept_apart() -> None:
    vectors = np.zeros((200, 8), np.float32)
    vectors[:, 0] = 1.0
    vectors[7] = [0, 1, 0, 0, 0, 0, 0, 0]
    vectors[9] = [0, -1, 0, 0, 0, 0, 0, 0]
    rows, products = ExactScan(vectors).nearest(np.asarray([0, 1, 0, 0, 0, 0, 0, 0], np.float32), 3)
    assert rows[0] == 7
    assert products[0] == 1.0
    assert 9 not in rows


def test_more_are_asked_for_than_there_are() -> None:
    vectors = unit(np.random.default_rng(3).standard_normal((5, 16)))
    rows, products = ExactScan(vectors).nearest(vectors[2], 50)
    assert sorted(rows) == [0, 1, 2, 3, 4]
    assert rows[0] == 2
    assert list(products) == sorted(products, reverse=True)


def test_few_vectors_are_compared_one_by_one_and_many_by_bytes_first_with_the_same_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draw = np.random.default_rng(5)
    vectors = unit(draw.standard_normal((3_000, 32)))
    few = PassageIndex(None, vectors)
    monkeypatch.setattr(passage_index, "SCANNED_FROM", 1_000)
    many = PassageIndex(None, vectors)
    assert (type(few._scan), type(many._scan)) == (PlainScan, ExactScan)
    for question in unit(draw.standard_normal((20, 32))):
        for count in (1, 40, 5_000):
            rows, products = few.nearest(question, count)
            others, same = many.nearest(question, count)
            assert list(rows) == list(others)
            assert np.allclose(products, same, atol=1e-6)
