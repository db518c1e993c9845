"""Optional re-ranking by a cross-encoder of sentence-transformers; off by default."""

from collections.abc import Callable, Sequence
from typing import Any

from index.embedder import ModelError


def load_reranker(name: str) -> Callable[[str, Sequence[str]], Sequence[float]]:
    """Scores of texts for a question, larger is better. Raises ModelError."""
    from sentence_transformers import CrossEncoder

    try:
        model: Any = CrossEncoder(name, device="cpu", trust_remote_code=False)
    except Exception as error:  # whatever the hub, the file system or the model's own files raise
        raise ModelError(
            f"re-ranker {name!r} cannot be loaded ({' '.join(str(error).split())[:160]}); leave CLUSTERLOTSE_RERANKER empty"
        ) from error

    def rerank(question: str, texts: Sequence[str]) -> Sequence[float]:
        return [float(score) for score in model.predict([(question, text) for text in texts], show_progress_bar=False)]

    return rerank
