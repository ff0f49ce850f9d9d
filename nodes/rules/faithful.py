"""Check one generated sentence against the passages it may rest on."""

import re
from collections.abc import Sequence

from nodes.rules.conditions import differences
from nodes.rules.grounding import check
from nodes.rules.promises import claims
from nodes.rules.strangers import strangers
from nodes.rules.tables import spelled

_MARK = re.compile(r"\[(\d{1,3}(?:[,，、]\s?\d{1,3})*)\]|【(\d{1,3})】")


def faults(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return what `sentence` says and its sources do not, [] for a faithful one.

    A sentence with citation marks rests on those sources alone (1 is the first); a mark that
    names no source is a fault of its own.
    """
    numbers = [
        int(n) for marks in _MARK.findall(sentence) for n in re.findall(r"\d+", "".join(marks))
    ]
    missing = [n for n in numbers if not 1 <= n <= len(sources)]
    if missing:
        return [f"[{n}]" for n in missing]
    told = [sources[n - 1] for n in dict.fromkeys(numbers)] or sources
    cited = list(map(spelled, told))
    found = [fault.value for fault in check(sentence, cited)]
    found += differences(sentence, cited)
    found += strangers(sentence, cited) if cited else []
    found += [claim.text for claim in claims(sentence)]
    return list(dict.fromkeys(found))
