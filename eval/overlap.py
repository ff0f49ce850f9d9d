"""How far a text is another in its words: ROUGE-L and BLEU, for Chinese too.

Both say little about whether an answer is right; they show that something changed.
"""

import re
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

_UNIT = re.compile(r"[一-鿿]|[^\W_一-鿿]+")  # a Chinese character, a word, a number


def units(text: str) -> list[str]:
    """Return what is compared: Chinese characters, words and numbers, without punctuation."""
    return _UNIT.findall(text.lower())


def rouge_l(reply: str, reference: str) -> float:
    """Return the F1 of the longest common subsequence, from 0 to 1."""
    said, wanted = units(reply), units(reference)
    if not said or not wanted:
        return float(said == wanted)
    row = [0] * (len(wanted) + 1)
    for unit in said:
        left_above = 0
        for at, other in enumerate(wanted, start=1):
            above = row[at]
            row[at] = left_above + 1 if unit == other else max(above, row[at - 1])
            left_above = above
    return 2 * row[-1] / (len(said) + len(wanted))


def bleu(replies: Sequence[str], references: Sequence[str]) -> float | None:
    """Return sacrebleu's BLEU of all replies, from 0 to 100; None where it is not installed.

    Its default way to cut texts gives 0 for Chinese, so "zh" is taken; that cuts English as usual.
    """
    if find_spec("sacrebleu") is None:
        return None
    found = import_module("sacrebleu").corpus_bleu(list(replies), [list(references)], tokenize="zh")
    return round(float(found.score), 2)
