"""Runs the converted model with onnxruntime and tokenizers alone: first vector in a second, no torch.

The same file serves the sentence-transformers module (`index.onnx_module`) and questions at run time.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.packed_model import HIDDEN

SPECIAL = ("<s>", "</s>", "<pad>", "<unk>", "<mask>")


class OnnxEncoder:
    """Token embeddings, and texts as mean-pooled unit vectors. `threads` 0 leaves the number to onnxruntime."""

    def __init__(self, folder: Path, max_tokens: int = 512, threads: int = 0) -> None:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        if threads:
            options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session: Any = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self.tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.enable_truncation(max_tokens)
        self.tokenizer.no_padding()

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text, marks of the model's own vocabulary removed from user text before."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch([without_marks(t) for t in texts])]

    def features(self, texts: Sequence[str]) -> dict[str, NDArray[np.int64]]:
        """`input_ids` and `attention_mask`, both (batch, longest) int64, padded with 1."""
        ids = self.token_ids(texts)
        longest = max(map(len, ids))
        padded = np.ones((len(ids), longest), np.int64)
        mask = np.zeros((len(ids), longest), np.int64)
        for row, text in enumerate(ids):
            padded[row, : len(text)] = text
            mask[row, : len(text)] = 1
        return {"input_ids": padded, "attention_mask": mask}

    def token_embeddings(self, features: dict[str, NDArray[np.int64]]) -> NDArray[np.float32]:
        """(batch, tokens, dimension) float32."""
        return self.session.run(None, features)[0]

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (n, dimension) float32, in the order of the texts.

        One text a run: the graph scales its 8-bit activations over the whole run, so a text would get another
        vector in other
        company; on two cores larger runs are no faster.
        """
        vectors = [np.zeros((0, HIDDEN), np.float32)]
        for text in texts:
            features = self.features([text])
            vectors.append(mean_pooled(self.token_embeddings(features), features["attention_mask"]))
        return np.concatenate(vectors)


def without_marks(text: str) -> str:
    """User text that spells a special token would become that token."""
    if "<" in text:
        for mark in SPECIAL:
            text = text.replace(mark, " ")
    return text


def mean_pooled(tokens: NDArray[np.float32], mask: NDArray[np.int64]) -> NDArray[np.float32]:
    """Mean over the real tokens, scaled to length one."""
    weights = mask.astype(np.float32)[:, :, None]
    pooled = (tokens * weights).sum(axis=1) / weights.sum(axis=1)
    return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
