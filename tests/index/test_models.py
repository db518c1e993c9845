"""The bundled model, other models, and the optional re-ranker."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from support import DATA, Command, SmallCorpus

from index import bundled_model
from index.bundled_model import ConversionError, PackedModel, is_whole, model_folder, packed_file, prove
from index.embedder import Embedder, ModelError, load_embedder, model_id
from index.reranker import load_reranker
from index.search import open_search
from index.snapshot import SnapshotError, current_snapshot

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


def fill(corpus: SmallCorpus) -> SmallCorpus:
    corpus.write("documents/a.md", "---\nlanguage: de\ntitle: Gebühr\n---\nWer zahlt, darf mit.\n")
    corpus.write("documents/b.md", "---\nlanguage: de\ntitle: Sitz\n---\nDer Verein hat seinen Sitz in Leipzig.\n")
    return corpus


def test_an_index_is_built_and_searched_with_another_model(tmp_path: Path, embedder: Embedder) -> None:
    model = tiny_transformer(tmp_path)
    other = load_embedder(str(model), tmp_path, questions_only=False)
    assert other.model_id == model_id(str(model)) != embedder.model_id
    corpus = fill(SmallCorpus(tmp_path / "c", other))
    search = corpus.search()
    assert (search.manifest.model, search.manifest.dimension) == (other.model_id, 32)
    found = search.search("wer zahlt, darf mit")
    assert found.passages[0].document.id == "a"
    assert found.passages[0].similarity > found.passages[1].similarity
    with pytest.raises(SnapshotError, match=rf"built with the model {other.model_id}, the settings name .*; build it"):
        open_search(corpus.index, search.folder, embedder)
    again = SmallCorpus(tmp_path / "c", embedder)
    assert again.build().report["embeddings_computed"] > 0, "vectors of another model are not taken over"
    with pytest.raises(SnapshotError, match=f"built with the model {embedder.model_id}"):
        open_search(corpus.index, current_snapshot(corpus.index), other)


def test_the_commands_take_another_model_by_its_folder(tmp_path: Path, command: Command, embedder: Embedder) -> None:
    corpus = fill(SmallCorpus(tmp_path / "c", embedder))
    model = tiny_transformer(tmp_path)
    settings = {
        "CLUSTERLOTSE_EMBEDDING_MODEL": str(model),
        "CLUSTERLOTSE_CORPUS": str(corpus.folder),
        "CLUSTERLOTSE_DATA": str(tmp_path / "data"),
    }
    assert command("index", **settings).returncode == 0
    answer = command("ask", "--json", "Wer zahlt?", **settings)
    assert (answer.returncode, answer.stderr) == (0, "")
    wrong = command("ask", "Wer zahlt?", **{**settings, "CLUSTERLOTSE_EMBEDDING_MODEL": "bundled"})
    assert wrong.returncode == 2
    assert f"was built with the model {model_id(str(model))}, the settings name {embedder.model_id}" in wrong.stderr


def test_a_copy_of_a_model_has_its_id_and_a_changed_one_has_not(tmp_path: Path) -> None:
    model = tiny_transformer(tmp_path)
    copied = tmp_path / "elsewhere" / model.name
    shutil.copytree(model, copied, copy_function=shutil.copyfile)
    assert model_id(str(copied)) == model_id(str(model))
    weights = next(copied.rglob("*.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-5] ^= 1
    weights.write_bytes(content)
    assert model_id(str(copied)) != model_id(str(model))


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
