"""Whether a generated sentence is in the customer's language."""

import re
from collections.abc import Sequence

from tools.text.normalise import HAN, language

MOST = 3  # words, or letters of a script without spaces, that are let pass as names

_OTHER = re.compile("[\u0370-\u052f\u0590-\u0e7f\u1100-\u11ff\u3040-\u30ff\uac00-\ud7af]+")
_LATIN = re.compile(r"[A-Za-z][A-Za-z'-]+")
_HAN = re.compile(f"[{HAN}]+")


def is_foreign(sentence: str, locale: str, sources: Sequence[str]) -> bool:
    """Say whether more than a name of `sentence` is in another language than the reply's.

    What stands in the sources just so is a quotation: names, commands, addresses.
    """
    told = "\n".join(sources).lower()

    def unknown(runs: re.Pattern[str]) -> list[str]:
        return [run for run in runs.findall(sentence) if run.lower() not in told]

    if sum(map(len, unknown(_OTHER))) > MOST:
        return True
    if language(sentence) == locale:
        return False
    if locale == "zh":
        return len(unknown(_LATIN)) > MOST
    return sum(map(len, unknown(_HAN))) > MOST
