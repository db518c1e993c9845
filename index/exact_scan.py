"""The nearest of many vectors without missing any: a coarse pass over bytes, then the exact product of what the
coarse pass cannot exclude.

A comparison with every vector is bound by memory: 100,000 vectors of 384 numbers are 154 MB a question. Rounded to
bytes they are
a quarter, and onnxruntime multiplies bytes fast. The rounding of each vector is known, so is the most that it can
change a
product (Cauchy-Schwarz); every vector that may belong to the nearest within that bound is compared exactly.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.embedder import Vectors

CHUNK = 16_384
LEVELS, MIDDLE = 127, 128
"""Bytes are unsigned with 128 for zero: with signed ones the processor's sums of products may overflow."""


class PlainScan:
    """Compares with each of `vectors` (n, dimension) float32: the fastest way for a few thousand."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    def nearest(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """Row numbers and products of the `count` nearest, best first. `vector` is (dimension,)."""
        products = self._vectors @ vector
        rows = np.argpartition(-products, count)[:count] if count < len(products) else np.arange(len(products))
        rows = rows[np.argsort(-products[rows], kind="stable")]
        return rows, products[rows]


class ExactScan:
    """Holds rounded copies of `vectors` (n, dimension) float32 of length one, and finds the same among them."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors
        count, dimension = vectors.shape
        codes = np.empty((dimension, count), np.uint8)
        self._scales = np.empty(count, np.float32)
        bound = 0.0
        for start in range(0, count, CHUNK):
            some = np.asarray(vectors[start : start + CHUNK])
            scales = np.maximum(np.abs(some).max(axis=1), 1e-12) / np.float32(LEVELS)
            rounded = np.rint(some / scales[:, None])
            bound = max(bound, float(np.linalg.norm(some - rounded * scales[:, None], axis=1).max()))
            codes[:, start : start + len(some)] = (rounded + MIDDLE).astype(np.uint8).T
            self._scales[start : start + len(some)] = scales
        self._bound = bound
        self._session = _product_with(codes)

    def nearest(self, vector: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """Row numbers and products of the `count` nearest, best first. `vector` is (dimension,)."""
        coarse, error = self._coarse(vector)
        count = min(count, len(coarse))
        least = np.partition(coarse, len(coarse) - count)[len(coarse) - count]
        # at least `count` exact products reach `least - error`, so the nearest do too; the coarse product of one that
        # does is at most `error` lower
        rows = np.flatnonzero(coarse >= least - 2 * error)
        products = self._vectors[rows] @ vector
        order = np.argsort(-products, kind="stable")[:count]
        return rows[order], products[order]

    def _coarse(self, vector: Vectors) -> tuple[Vectors, float]:
        """Products with the rounded vectors (n,), and the most by which one may err."""
        scale = max(float(np.abs(vector).max()), 1e-12) / LEVELS
        high = np.rint(vector / scale)
        rest = vector - high * scale
        fine = scale / (2 * LEVELS)
        low = np.rint(rest / fine)
        asked = (np.stack([high, low]) + MIDDLE).clip(0, 255).astype(np.uint8)
        products = self._session.run(None, {"asked": asked})[0]
        coarse = (products[0] * np.float32(scale) + products[1] * np.float32(fine)) * self._scales
        unsaid = float(np.linalg.norm(rest - low * fine))
        length = float(np.linalg.norm(vector))
        return coarse, length * self._bound + unsaid * (1 + self._bound) + 1e-5 * max(length, 1.0)


def _product_with(codes: NDArray[np.uint8]) -> Any:
    """A session that multiplies two rows of bytes `asked` (2, dimension) with `codes` (dimension, n); int32 (2, n)."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    dimension, count = codes.shape
    zero = numpy_helper.from_array(np.asarray(MIDDLE, np.uint8), "zero")
    graph = helper.make_graph(
        [helper.make_node("MatMulInteger", ["asked", "codes", "zero", "zero"], ["products"])],
        "product",
        [helper.make_tensor_value_info("asked", TensorProto.UINT8, [2, dimension])],
        [helper.make_tensor_value_info("products", TensorProto.INT32, [2, count])],
        [numpy_helper.from_array(codes, "codes"), zero],
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
