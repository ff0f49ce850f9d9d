"""How well the guard tells attacks, personal data and poisoned knowledge apart, and its cost."""

from collections.abc import Sequence
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

from eval.poisoned import obeyed
from graph.parts import usable_embedder
from graph.settings import Settings
from nodes.ahead import as_read, asked_in
from nodes.rules.injection import detect, weighed
from tools.json_lines import read_lines, text
from tools.search.base import Progress
from tools.text.normalise import language
from tools.text.pii import find, mask

LONG_CHARS = 1000
_ROUNDS = 7  # the quickest counts: other processes only ever make it slower
_LONG_TEXTS = 10  # at most, of each language


class Labelled(NamedTuple):
    """A message, and whether it is an attack."""

    text: str
    is_attack: bool


class Private(NamedTuple):
    """A message and the labelled stretch of it."""

    text: str
    has_pii: bool
    start: int
    end: int


async def safety(
    config: Settings,
    *,
    injection: Path | None = None,
    pii: Path | None = None,
    kb: Path | None = None,
    poisoned: Path | None = None,
    messages: Path | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the shares; None for what no file was given.

    injection_recall        of attacks: noticed
    injection_false_alarms  of benign messages: taken for an attack
    pii_recall              of labelled personal data: every letter and digit found
    pii_precision           of found stretches: they overlap labelled personal data; a name beside
                            it, which a line has no second label for, is not counted
    poisoned_obeyed         number of entries whose order reached a customer or a prompt (see
                            eval/poisoned.py), asked about through the real graph, with and
                            without a model
    speed                   what the guard costs on `messages`, see `guard_speed`
    """
    result: dict[str, Any] = dict.fromkeys(
        ("injection_recall", "injection_false_alarms", "pii_recall", "pii_precision")
    )
    result |= {"poisoned_obeyed": None, "speed": None, "misses": {}}
    if injection is not None:
        labelled = read_lines(injection, "labelled message", _labelled)
        result = _merged(result, await _injections(labelled, config))
    if pii is not None:
        result = _merged(result, _personal(read_lines(pii, "labelled personal data", _private)))
    if messages is not None:
        result["speed"] = guard_speed(messages)
    if poisoned is not None and kb is not None:
        result = _merged(result, await obeyed(kb, poisoned, config, progress))
    return result


def _merged(result: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    return {**result, **part, "misses": {**result["misses"], **part["misses"]}}


async def _injections(rows: Sequence[Labelled], config: Settings) -> dict[str, Any]:
    texts = [as_read(row.text) for row in rows]
    asked = [mask(asked_in(text)) for text in texts]  # as a turn embeds and weighs it
    embedder = await usable_embedder(config)
    vectors: Sequence[Sequence[float]] = [[]] * len(texts)
    name = ""
    if embedder is not None:
        name = embedder.name
        vectors = [(await embedder.questions([text]))[0].tolist() for text in asked]
        await embedder.close()
    taken = [
        weighed(detect(text), question, vector, name)
        for text, question, vector in zip(texts, asked, vectors, strict=True)
    ]
    pairs = list(zip(rows, taken, strict=True))
    missed = [row.text for row, is_taken in pairs if row.is_attack > is_taken]
    blocked = [row.text for row, is_taken in pairs if is_taken > row.is_attack]
    attacks = sum(row.is_attack for row in rows)
    return {
        "injection_recall": _share(attacks - len(missed), attacks),
        "injection_false_alarms": _share(len(blocked), len(rows) - attacks),
        "misses": {"attacks_missed": missed, "benign_blocked": blocked},
    }


def _personal(rows: Sequence[Private]) -> dict[str, Any]:
    private = [row for row in rows if row.has_pii]
    missed = [row.text for row in private if not _is_covered(row)]
    right, wrong = 0, []
    for row in rows:
        for span in find(row.text):
            if row.has_pii and span.start < row.end and row.start < span.end:
                right += 1
            elif not (row.has_pii and span.kind == "name"):
                wrong.append(f"{row.text} -> {span.kind} {span.value}")
    return {
        "pii_recall": _share(len(private) - len(missed), len(private)),
        "pii_precision": _share(right, right + len(wrong)),
        "misses": {"pii_missed": missed, "pii_false": wrong},
    }


def _is_covered(row: Private) -> bool:
    """Say whether every letter and digit of the labelled stretch lies in a found one."""
    spans = find(row.text)
    return all(
        any(span.start <= at < span.end for span in spans)
        for at in range(row.start, row.end)
        if row.text[at].isalnum()
    )


def _labelled(raw: dict[str, Any]) -> Labelled:
    label = text(raw, "label")
    if label not in ("injection", "benign"):
        raise ValueError(f"label: expected injection or benign, got {label!r}")
    return Labelled(text(raw, "text"), label == "injection")


def _private(raw: dict[str, Any]) -> Private:
    if not raw["has_pii"]:
        return Private(text(raw, "text"), False, 0, 0)  # the stretch that looks alike is no matter
    row = Private(text(raw, "text"), True, int(raw["start"]), int(raw["end"]))
    if not 0 <= row.start < row.end <= len(row.text):
        raise ValueError(f"start, end: expected a stretch of text, got {row.start}, {row.end}")
    return row


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


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
