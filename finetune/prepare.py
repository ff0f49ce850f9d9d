"""Training rows from the knowledge, in the very form the answer node asks the model."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

from finetune.cases import Message, Split, case, share, wordings

NEGATIVE = 0.2  # share of questions whose passage is withheld


class Row(TypedDict):
    """One example; `id` names entry and wording, rows of one entry share their split."""

    id: str
    split: Split
    is_negative: bool
    messages: list[Message]


def prepare(kb: Path, out: Path, *, today: str, limit: int = 0) -> list[Row]:
    """Write the rows as JSON lines and return them; the same input gives the same file.

    `limit` keeps that many rows, spread over the knowledge; 0 keeps all.

    Raises:
        ConfigError: if the knowledge can't be read or has no FAQ entry that may be shown.
    """
    rows: list[Row] = []
    for asked in wordings(kb, today):
        is_withheld = share(f"withheld {asked.id}") < NEGATIVE
        made = case(asked, today, seed=asked.id, is_withheld=is_withheld)
        rows.append(
            {
                "id": asked.id,
                "split": asked.split,
                "is_negative": not made.place,
                "messages": [*made.prompt, {"role": "assistant", "content": made.reply}],
            }
        )
    kept = sorted(rows, key=lambda row: share(row["id"]))[: limit or None]
    write(out, kept)
    return kept


def write(out: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write one JSON object a line."""
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    out.write_text("".join(lines), encoding="utf-8")
