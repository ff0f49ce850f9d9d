"""The offline embedder's model in torch, with small matrices beside its own that can be trained."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.nano.judge import MATRICES, Beside, Judge
from tools.nano.together import Together
from tools.nano.weights import Floats, Weights, scales, values

SCALE = 2.0  # of what is added: keeps the learning rate near that of plain weights


class Lora(nn.Module):
    """A frozen matrix and what is added to it, `up @ down`; nothing at first."""

    def __init__(self, matrix: Tensor, bias: Tensor, rank: int) -> None:
        super().__init__()
        rows, columns = matrix.shape
        self.matrix, self.bias = matrix.bfloat16(), bias.bfloat16()
        self.down = nn.Parameter(torch.randn(rank, columns) / math.sqrt(columns))
        self.up = nn.Parameter(torch.zeros(rows, rank))

    def forward(self, states: Tensor) -> Tensor:
        """Return the product with both."""
        own = functional.linear(states, self.matrix.to(states.dtype), self.bias.to(states.dtype))
        return own + SCALE * functional.linear(functional.linear(states, self.down), self.up)


class Layer(nn.Module):
    """One layer of BERT: attention, then two matrices, each with residual and norm."""

    def __init__(self, weights: Weights, number: int, rank: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.epsilon, self.dropout = weights.heads, weights.epsilon, dropout
        at, wide = f"l{number}.", weights.inner
        self.matrices = nn.ModuleDict(
            {
                name: Lora(
                    _matrix(weights, f"{at}{name}.w", wide if name == "fo" else weights.width),
                    _vector(weights.floats(f"{at}{name}.b")),
                    rank,
                )
                for name in MATRICES
            }
        )
        self.norms = {
            name: [_vector(weights.floats(f"{at}{name}.{part}")) for part in "wb"]
            for name in ("aln", "oln")
        }

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """Return the states of the next layer; `mask` is added to the attention's scores."""
        texts, tokens, width = states.shape

        def heads(name: str) -> Tensor:
            made: Tensor = self.matrices[name](states)
            return made.view(texts, tokens, self.heads, width // self.heads).transpose(1, 2)

        seen = functional.scaled_dot_product_attention(
            heads("q"), heads("k"), heads("v"), attn_mask=mask
        )
        seen = seen.transpose(1, 2).reshape(texts, tokens, width)
        middle = self._normed("aln", states, self.matrices["ao"](seen))
        bent = functional.gelu(self.matrices["fi"](middle))
        return self._normed("oln", middle, self.matrices["fo"](bent))

    def _normed(self, name: str, states: Tensor, more: Tensor) -> Tensor:
        weight, bias = self.norms[name]
        both = states + functional.dropout(more, self.dropout, self.training)
        return functional.layer_norm(both, weight.shape, weight, bias, self.epsilon)


class Encoder(nn.Module):
    """The layers and the head; those below `first` stay as they are."""

    def __init__(self, weights: Weights, *, first: int, rank: int, dropout: float) -> None:
        super().__init__()
        self.weights, self.first = weights, first
        self.layers = nn.ModuleList(
            Layer(weights, number, rank, dropout) for number in range(weights.layers)
        )
        self.head = nn.Linear(3 * weights.width, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)
        self._words = weights.blocks("emb.word", weights.width)
        places = weights.floats("emb.pos").reshape(-1, weights.width)
        self._places = _vector(places + weights.floats("emb.type")[: weights.width])
        self._norm = [_vector(weights.floats(f"emb.ln.{part}")) for part in "wb"]
        for layer in self.layers[:first]:
            layer.requires_grad_(False)

    def below(self, read: Sequence[Together]) -> list[Tensor]:
        """Return what the frozen layers make of each text, (tokens, width); it never changes."""
        length = max(len(each.ids) for each in read)
        ids = np.full((len(read), length), self.weights.padding)
        for row, each in enumerate(read):
            ids[row, : len(each.ids)] = each.ids
        blocks = self._words[ids]
        words = (values(blocks).astype(np.float32) - 8) * scales(blocks)
        states = torch.from_numpy(words.reshape(*ids.shape, -1)) + self._places[:length]
        weight, bias = self._norm
        states = functional.layer_norm(states, weight.shape, weight, bias, self.weights.epsilon)
        mask = _mask(read, length)
        with torch.no_grad():
            for layer in self.layers[: self.first]:
                states = layer(states, mask)
        return [row[: len(each.ids)].bfloat16() for row, each in zip(states, read, strict=True)]

    def forward(self, read: Sequence[Together], below: Sequence[Tensor]) -> Tensor:
        """Return the logit of each entry's answering its question, (texts,)."""
        states = nn.utils.rnn.pad_sequence([each.float() for each in below], batch_first=True)
        mask = _mask(read, states.shape[1])
        for layer in self.layers[self.first :]:
            states = layer(states, mask)
        seen = [
            torch.cat([row[0], row[each.question].mean(0), row[each.entry].mean(0)])
            for row, each in zip(states.float(), read, strict=True)
        ]
        logits: Tensor = self.head(torch.stack(seen))[:, 0]
        return logits

    def judge(self) -> Judge:
        """Return what was learnt, as it is kept."""
        weight, start = self.head.weight.detach()[0].numpy(), float(self.head.bias.detach())
        return Judge(dict(self._beside()), weight, start)

    def _beside(self) -> Iterator[tuple[str, Beside]]:
        for number in range(self.first, len(self.layers)):
            matrices = self.layers[number].get_submodule("matrices")
            for name, lora in matrices.named_children():
                down, up = (part.detach().numpy() for part in (lora.down, lora.up))
                yield f"l{number}.{name}", Beside(down, SCALE * up)


def _mask(read: Sequence[Together], length: int) -> Tensor:
    mask = torch.full((len(read), 1, 1, length), -1e9)
    for row, each in enumerate(read):
        mask[row, ..., : len(each.ids)] = 0
    return mask


def _matrix(weights: Weights, name: str, columns: int) -> Tensor:
    blocks = weights.blocks(name, columns)
    return _vector(((values(blocks).astype(np.float32) - 8) * scales(blocks)).reshape(-1, columns))


def _vector(numbers: Floats) -> Tensor:
    return torch.from_numpy(np.array(numbers, np.float32))
