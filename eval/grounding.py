"""How many false sentences the checks of a generated answer notice, and how many true ones."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from eval.metrics import mean
from nodes.rules.checking.faithful import faults
from tools.json_lines import read_lines, text


class Case(NamedTuple):
    """A sentence and the passages it must agree with."""

    case: str
    kind: str
    sentence: str
    evidence: list[str]
    is_faithful: bool
    question: str = ""  # what the customer asked; its figures are the customer's own


def grounding(cases: Path) -> dict[str, Any]:
    """Return `recall` of faulty sentences, overall and by kind, and `false_alarms` of true ones.

    Raises:
        ConfigError: if the file is missing, empty or a line is no case; names the line.
    """
    rows = read_cases(cases)
    return report(rows, [faults(row.sentence, row.evidence, row.question) for row in rows])


def read_cases(path: Path) -> list[Case]:
    """Read cases, one JSON object a line.

    Raises:
        ConfigError: if the file is missing, empty or a line is no case; names the line.
    """
    return read_lines(path, "grounding case", _case)


def report(rows: Sequence[Case], faults: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return the shares of sentences in which `faults` were found, one list for each of `rows`."""
    noticed: dict[str, list[bool]] = defaultdict(list)
    alarms: list[bool] = []
    misses: list[dict[str, Any]] = []
    for row, found in zip(rows, faults, strict=True):
        (alarms if row.is_faithful else noticed[row.kind]).append(bool(found))
        if bool(found) == row.is_faithful:
            misses.append(
                {"case": row.case, "kind": row.kind, "sentence": row.sentence, "faults": found}
            )
    every = [hit for hits in noticed.values() for hit in hits]
    return {
        "n": len(rows),
        "recall": mean(every),
        "recall_by_kind": {kind: mean(hits) for kind, hits in sorted(noticed.items())},
        "false_alarms": mean(alarms),
        "misses": misses,
    }


def _case(raw: dict[str, Any]) -> Case:
    evidence = raw["evidence"]
    if not isinstance(evidence, list) or not all(isinstance(part, str) for part in evidence):
        raise TypeError(f"evidence: expected a list of texts, got {evidence!r}")
    if not isinstance(raw["is_faithful"], bool):
        raise TypeError(f"is_faithful: expected true or false, got {raw['is_faithful']!r}")
    case, kind = str(raw["case"]), text(raw, "kind")
    question = text({"question": "", **raw}, "question")
    return Case(case, kind, text(raw, "sentence"), evidence, raw["is_faithful"], question)
