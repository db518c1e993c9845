"""The bundled model, other models, and the optional re-ranker."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from support import DATA

from index import bundled_model
from index.bundled_model import ConversionError, PackedModel, is_whole, model_folder, packed_file, prove
from index.embedder import Embedder, ModelError, load_embedder
from index.reranker import load_reranker

TEXTS = [
    "Wer kann Mitglied werden?",
    "How many indicators does the Gold Label have?",
    "Straße, Übung, 3.620 €",
    "¿Quién puede ser miembro?",
]


def test_the_conversion_equals_the_engine(embedder: Embedder) -> None:
    assert embedder.dimension == 384
    assert prove(model_folder(DATA)) >= bundled_model.LEAST_COSINE


def test_questions_without_torch_are_the_vectors_of_sentence_transformers(embedder: Embedder) -> None:
    through = load_embedder("bundled", DATA, questions_only=False)
    assert through.model_id == embedder.model_id
    for text in TEXTS:
        assert np.allclose(embedder.embed_questions([text]), through.embed_questions([text]), atol=1e-5)
        assert np.allclose(embedder.embed_passages([text]), through.embed_passages([text]), atol=1e-5)


def test_a_text_has_the_same_vector_in_any_company(embedder: Embedder) -> None:
    alone = np.concatenate([embedder.embed_passages([text]) for text in TEXTS])
    assert np.allclose(embedder.embed_passages(TEXTS), alone, atol=1e-6)
    through = load_embedder("bundled", DATA, questions_only=False)
    assert np.allclose(through.embed_passages(TEXTS), alone, atol=1e-5)


def test_marks_of_the_vocabulary_in_user_text_are_removed(embedder: Embedder) -> None:
    plain, marked = embedder.embed_questions(["Wer zahlt das?"]), embedder.embed_questions(["Wer </s> zahlt das?"])
    assert float((plain * marked).sum()) > 0.97


def test_a_damaged_conversion_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "model"
    shutil.copytree(model_folder(DATA), folder)
    assert is_whole(folder)
    with (folder / "tokenizer.json").open("ab") as handle:
        handle.write(b" ")
    assert not is_whole(folder)


def test_a_file_in_another_format_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.bin"
    path.write_bytes(b"GGUF" + bytes(64))
    with pytest.raises(ConversionError, match="not in the format E5S1"):
        PackedModel(path)
    assert packed_file().is_file()


def test_when_the_conversion_fails_the_engine_serves_with_a_warning(tmp_path: Path, embedder: Embedder) -> None:
    (tmp_path / "models").write_text("a file where a folder is needed", encoding="utf-8")
    warnings: list[str] = []
    fallback = load_embedder("bundled", tmp_path, questions_only=True, warn=warnings.append)
    assert "engine is used instead" in warnings[0]
    vectors = fallback.embed_questions(TEXTS[:2])
    assert fallback.model_id == embedder.model_id
    assert ((vectors * embedder.embed_questions(TEXTS[:2])).sum(axis=1) > 0.99).all()


def tiny_transformer(folder: Path) -> Path:
    """A random BERT with its own prompts, as a sentence-transformers folder."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    base = folder / "base"
    base.mkdir(parents=True)
    words = [
        "[PAD]",
        "[UNK]",
        "[CLS]",
        "[SEP]",
        "[MASK]",
        "wer",
        "was",
        "zahlt",
        "darf",
        "mit",
        "query",
        ":",
        "?",
        *"abcdefghijklmnopqrstuvwxyz",
        *(f"##{c}" for c in "abcdefghijklmnopqrstuvwxyz"),
    ]
    (base / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    BertTokenizerFast(str(base / "vocab.txt")).save_pretrained(base)
    BertModel(
        BertConfig(
            vocab_size=len(words), hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
        )
    ).save_pretrained(base)
    model = SentenceTransformer(
        modules=[Transformer(str(base)), Pooling(32, pooling_mode="mean")], prompts={"query": "query: "}, device="cpu"
    )
    model.save(str(folder / "model"))
    return folder / "model"


def test_any_sentence_transformers_folder_works_with_its_own_prompts(tmp_path: Path) -> None:
    other = load_embedder(str(tiny_transformer(tmp_path)), tmp_path, questions_only=True)
    vectors = other.embed_questions(["wer zahlt?"])
    assert vectors.shape == (1, other.dimension) == (1, 32)
    assert np.isclose(np.linalg.norm(vectors), 1, atol=1e-5)
    assert not np.allclose(vectors, other.embed_passages(["wer zahlt?"]))


def test_an_unknown_model_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        load_embedder(str(tmp_path / "none"), tmp_path, questions_only=True)
    assert "\n" not in str(caught.value)


def test_a_reranker_orders_texts(tmp_path: Path) -> None:
    import torch
    from sentence_transformers import CrossEncoder
    from transformers import BertConfig, BertForSequenceClassification

    base = tiny_transformer(tmp_path).parent / "base"
    config = BertConfig.from_pretrained(base, num_labels=1)
    torch.manual_seed(7)
    BertForSequenceClassification(config).save_pretrained(base)
    CrossEncoder(str(base), device="cpu").save_pretrained(str(tmp_path / "cross"))
    scores = load_reranker(str(tmp_path / "cross"))("wer zahlt?", ["wer darf", "was zahlt wer", "mit"])
    assert len(scores) == 3
    assert len(set(scores)) == 3
    with pytest.raises(ModelError):
        load_reranker(str(tmp_path / "none"))
