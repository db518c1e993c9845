"""sentence-transformers behind two verbs: `embed_questions` and `embed_passages`."""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index import bundled_model
from index.bundled_model import ConversionError, Progress

BUNDLED = "bundled"
BLOCK, BLOCKS = 1 << 16, 256
Vectors = NDArray[np.float32]


class ModelError(Exception):
    """The embedding model cannot be loaded; the message names it and the remedy."""


class Embedder(Protocol):
    """Texts -> unit vectors (n, dimension) float32. `model_id` changes when vectors are no longer comparable."""

    @property
    def model_id(self) -> str:
        """Name and version of what makes the vectors."""
        ...

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        ...

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Vectors of what people ask."""
        ...

    def embed_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """Vectors of what documents say; `progress` hears how many are done."""
        ...


class SentenceTransformerEmbedder:
    """Any model of sentence-transformers, with its own prompts for questions and passages; `batch` texts a forward
    pass."""

    def __init__(self, model: Any, model_id: str, *, batch: int = 16) -> None:
        self._model, self._batch = model, batch
        self.model_id = model_id
        prompts: dict[str, str] = dict(model.prompts or {})
        self._question_prompt = next((prompts[n] for n in ("query", "question") if prompts.get(n)), "")
        self._passage_prompt = next((prompts[n] for n in ("passage", "document", "corpus") if prompts.get(n)), "")
        self.dimension = int(model.get_embedding_dimension())

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32."""
        return self._embed(texts, self._question_prompt, None)

    def embed_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """(n, dimension) float32."""
        return self._embed(texts, self._passage_prompt, progress)

    def _embed(self, texts: Sequence[str], prompt: str, progress: Callable[[int], None] | None) -> Vectors:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for start in range(0, len(order), 128):
            rows = order[start : start + 128]
            # one text a pass leaves a core idle between passes; models that take batches use all cores by themselves
            vectors[rows] = (
                in_parallel([texts[i] for i in rows], partial(self._encode, prompt))
                if self._batch == 1
                else self._encode(prompt, [texts[i] for i in rows])
            )
            if progress:
                progress(len(rows))
        return vectors

    def _encode(self, prompt: str, texts: Sequence[str]) -> Vectors:
        return self._model.encode(
            list(texts),
            prompt=prompt or None,
            batch_size=self._batch,
            normalize_embeddings=True,
            show_progress_bar=False,
        )


class QuestionEmbedder:
    """The bundled model without torch: same file and same vectors as through sentence-transformers, ready in a
    second."""

    def __init__(self, encoder: Any, model_id: str) -> None:
        self._encoder = encoder
        self.model_id = model_id
        self.dimension = bundled_model.HIDDEN

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """(n, dimension) float32."""
        return self._encoder.encode([bundled_model.PROMPTS["query"] + text for text in texts])

    def embed_passages(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Vectors:
        """(n, dimension) float32."""
        parts: list[Vectors] = [np.zeros((0, self.dimension), np.float32)]
        for start in range(0, len(texts), 64):
            some = texts[start : start + 64]
            parts.append(in_parallel([bundled_model.PROMPTS["passage"] + text for text in some], self._encoder.encode))
            if progress:
                progress(len(some))
        return np.concatenate(parts)


def in_parallel(texts: Sequence[str], encode: Callable[[Sequence[str]], Vectors], callers: int = 2) -> Vectors:
    """What `encode` makes of the texts, in their order, asked by several threads at once (measured: a third more
    sentences a second than by one)."""
    if len(texts) < 2 * callers:
        return encode(texts)
    with ThreadPoolExecutor(callers) as pool:
        vectors = list(pool.map(encode, [texts[first::callers] for first in range(callers)]))
    joined = np.empty((len(texts), vectors[0].shape[1]), np.float32)
    for first, part in enumerate(vectors):
        joined[first::callers] = part
    return joined


def model_id(name: str) -> str:
    """What `load_embedder(name, …)` would report as model_id, without loading anything heavy."""
    if name == BUNDLED:
        return f"{bundled_model.MODEL_NAME}-{bundled_model.FORMAT}"
    folder = Path(name)
    if folder.is_dir():
        digest = hashlib.sha256()
        for file in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(f"{file.relative_to(folder)}:{file.stat().st_size}:".encode())
            for block in _sampled(file):
                digest.update(block)
        return f"{folder.name}-{digest.hexdigest()[:12]}"
    return name


def _sampled(file: Path) -> Iterator[bytes]:
    """The content of a file, of a large one evenly spaced blocks: a copy of a model has its id, and gigabytes are
    told in no time."""
    size = file.stat().st_size
    step = BLOCK if size <= BLOCKS * BLOCK else size // BLOCKS
    with file.open("rb") as handle:
        for start in range(0, size, step):
            handle.seek(start)
            yield handle.read(BLOCK)


def load_embedder(
    name: str, data: Path, *, questions_only: bool, progress: Progress = lambda _: None, warn: Progress = lambda _: None
) -> Embedder:
    """The embedder of the settings.

    `name` is `bundled`, a folder, or a name of the hub; `questions_only` serves the bundled model without importing
    torch.
    A bundled model that cannot be converted falls back to the package's own engine, with a warning. Raises ModelError.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1" if name == BUNDLED or Path(name).is_dir() else "0")
    if name == BUNDLED:
        try:
            folder = bundled_model.prepare(data, progress)
        except ConversionError as error:
            warn(f"the bundled model could not be converted ({error}); its slower engine is used instead")
            return _engine()
        if questions_only:
            from index.onnx_encoder import OnnxEncoder

            return QuestionEmbedder(OnnxEncoder(folder), model_id(BUNDLED))
        return _converted(folder)
    from sentence_transformers import SentenceTransformer
    from transformers.utils.logging import disable_progress_bar

    if Path(name).is_dir():
        disable_progress_bar()  # nothing is downloaded; stderr is for what people must know
    try:
        model = SentenceTransformer(name, device="cpu", trust_remote_code=False)
    except Exception as error:  # whatever the hub, the file system or the model's own files raise
        reason = " ".join(str(error).split())[:160]
        raise ModelError(
            f"embedding model {name!r} cannot be loaded ({reason}); set CLUSTERLOTSE_EMBEDDING_MODEL to 'bundled' or to a folder"
        ) from error
    return SentenceTransformerEmbedder(model, model_id(name))


def _converted(folder: Path) -> Embedder:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize
    from sentence_transformers.sentence_transformer.modules import Pooling

    from index.onnx_module import OnnxTokens

    modules: list[Any] = [OnnxTokens.load(str(folder)), Pooling(bundled_model.HIDDEN, pooling_mode="mean"), Normalize()]
    return SentenceTransformerEmbedder(
        SentenceTransformer(modules=modules, prompts=dict(bundled_model.PROMPTS), device="cpu"),
        model_id(BUNDLED),
        batch=1,
    )


def _engine() -> Embedder:
    """The package's engine; its vectors compare with those of the conversion (cosine above .998), so it has the
    same id."""
    from sentence_transformers import SentenceTransformer

    from index.onnx_module import EngineTexts

    try:
        model = SentenceTransformer(modules=[EngineTexts()], prompts=dict(bundled_model.PROMPTS), device="cpu")
    except Exception as error:
        raise ModelError(f"neither the converted model nor the package's engine can be loaded: {error}") from error
    return SentenceTransformerEmbedder(model, model_id(BUNDLED))
