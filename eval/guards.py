"""What the guard costs: noticing attempts and masking personal data, of the process's own time."""

from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any

from nodes.rules.injection import detect
from tools.json_lines import read_lines, text
from tools.text.normalise import language
from tools.text.pii import mask

LONG_CHARS = 1000
_ROUNDS = 7  # the quickest counts: other processes only ever make it slower
_LONG_TEXTS = 10  # at most, of each language


def guard_speed(queries: Path) -> dict[str, Any]:
    """Return `guards_per_s` of one core on the messages of `queries`, and `guard_ms` of long texts.

    The long texts are the same messages one a line, LONG_CHARS together, by language; a
    language with fewer characters than that is repeated.

    Raises:
        ConfigError: if the file is missing, empty or a line has no `query`; names the line.
    """
    messages = read_lines(queries, "query", lambda raw: text(raw, "query"))
    spoken = {
        "zh": "\n".join(m for m in messages if language(m) == "zh"),
        "en": "\n".join(m for m in messages if language(m) == "en"),
        "mixed": "\n".join(messages),
    }
    return {
        "guards_per_s": round(len(messages) / _seconds(messages)),
        "message_chars": sorted(map(len, messages))[len(messages) // 2],
        f"guard_ms_{LONG_CHARS}_chars": {
            name: round(_seconds(long) / len(long) * 1000, 3)
            for name, joined in spoken.items()
            if (long := _long(joined))
        },
    }


def _long(joined: str) -> list[str]:
    if not joined:
        return []
    joined *= LONG_CHARS // len(joined) + 1
    starts = range(0, len(joined) - LONG_CHARS + 1, LONG_CHARS)
    return [joined[start : start + LONG_CHARS] for start in starts][:_LONG_TEXTS]


def _seconds(texts: Sequence[str]) -> float:
    best = float("inf")
    for _ in range(_ROUNDS):
        mask.cache_clear()  # else a few long texts are masked once for all rounds
        started = process_time()
        for message in texts:
            detect(message)
            mask(message)
        best = min(best, process_time() - started)
    return best
