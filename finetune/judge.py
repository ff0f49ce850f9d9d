"""Teach the offline model to tell whether an entry answers a question (tools/nano/judge.py).

Examples are an entry's own asks, with and without an answer in it, and every second ask that has
one beside the company's entry that shares most words with it. Runs on the processor.
"""

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import torch
from torch import Tensor, nn
from torch.nn import functional

from finetune.encoder import Encoder
from tools.json_lines import read_lines
from tools.nano.judge import Judge
from tools.nano.together import Reader, Together, pairs
from tools.nano.tokens import Tokenizer
from tools.nano.weights import Weights
from tools.search.base import Progress

FIRST, RANK, DROPOUT = 6, 8, 0.05  # layers below FIRST stay as they are
EPOCHS, BATCH = 2, 32
RATE, HEAD_RATE, WARM_UP, LEAST = 6e-4, 2e-3, 0.06, 0.02
OTHER = 0.6  # what an ask weighs beside an entry that is not its own
LOOSE = 12.0  # tokens by which lengths in a batch may differ


class Entry(TypedDict):
    """A line of data/asks.jsonl."""

    id: str
    trade: str  # entries of one trade stand for one company
    question: str
    answer: str
    asks: list[tuple[str, int]]  # what customers ask, and whether the entry answers it


class Example(NamedTuple):
    """A question beside an entry."""

    question: str
    title: str
    answer: str
    is_answered: bool
    weight: float


def read_entries(path: Path) -> list[Entry]:
    """Read the entries.

    Raises:
        ConfigError: if there are none, or a line is none; names it.
    """
    return read_lines(path, "entry with asks", _entry)


def _entry(raw: dict[str, Any]) -> Entry:
    return Entry(
        id=str(raw["id"]),
        trade=str(raw["trade"]),
        question=str(raw["question"]),
        answer=str(raw["answer"]),
        asks=[(str(ask), int(answered)) for ask, answered in raw["asks"]],
    )


def examples(entries: Sequence[Entry], chosen: random.Random) -> list[Example]:
    """Return what is learnt from."""
    companies: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        companies[entry["trade"]].append(entry)
    made = []
    for entry in entries:
        others = [each for each in companies[entry["trade"]] if each is not entry]
        for ask, answered in entry["asks"]:
            made.append(Example(ask, entry["question"], entry["answer"], bool(answered), 1.0))
            if answered and others and chosen.random() < 0.5:
                near = max(others, key=lambda each: _shared(ask, each))
                made.append(Example(ask, near["question"], near["answer"], False, OTHER))
    return made


def _shared(ask: str, entry: Entry) -> int:
    return len(pairs(ask) & pairs(entry["question"] + entry["answer"]))


def learn(
    weights: Weights,
    entries: Sequence[Entry],
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> Judge:
    """Return what was learnt from the entries' asks; the same seed gives nearly the same."""
    torch.manual_seed(seed)
    chosen = random.Random(seed)
    shown = examples(entries, chosen)
    reader = Reader(Tokenizer(weights), weights)
    read = [reader(each.question, each.title, each.answer) for each in shown]
    encoder = Encoder(weights, first=FIRST, rank=RANK, dropout=DROPOUT)
    encoder.eval()
    below = _below(encoder, read)
    wanted = torch.tensor([float(each.is_answered) for each in shown])
    counts = torch.tensor([each.weight for each in shown])
    steps = EPOCHS * -(-len(shown) // BATCH)
    optimizer, schedule = _optimizer(encoder, steps)
    encoder.train()
    done = 0
    for _ in range(EPOCHS):
        for batch in _batches(read, chosen):
            with torch.autocast("cpu", torch.bfloat16):
                logits = encoder([read[at] for at in batch], [below[at] for at in batch])
            losses = functional.binary_cross_entropy_with_logits(
                logits.float(), wanted[batch], reduction="none"
            )
            (losses * counts[batch]).mean().backward()
            nn.utils.clip_grad_norm_(encoder.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
            done += 1
            if progress is not None:
                progress(done, steps)
    return encoder.judge()


def _below(encoder: Encoder, read: Sequence[Together]) -> list[Tensor]:
    order = sorted(range(len(read)), key=lambda at: len(read[at].ids))
    made: dict[int, Tensor] = {}
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        with torch.autocast("cpu", torch.bfloat16):
            made |= zip(places, encoder.below([read[at] for at in places]), strict=True)
    return [made[at] for at in range(len(read))]


def _batches(read: Sequence[Together], chosen: random.Random) -> list[list[int]]:
    """Return all places in batches of like length, in another order every time."""
    order = sorted(range(len(read)), key=lambda at: len(read[at].ids) + LOOSE * chosen.random())
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    chosen.shuffle(batches)
    return batches


def _optimizer(
    encoder: Encoder, steps: int
) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
    head = [*encoder.head.parameters()]
    beside = [each for each in encoder.layers.parameters() if each.requires_grad]
    groups = [{"params": beside, "lr": RATE}, {"params": head, "lr": HEAD_RATE}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)

    def rate(step: int) -> float:
        return min(1.0, step / (WARM_UP * steps)) * max(LEAST, 1 - step / steps)

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rate)
