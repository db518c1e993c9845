"""The coarse pass excludes nothing that belongs to the nearest."""

import numpy as np
import pytest

from index.exact_scan import ExactScan


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
