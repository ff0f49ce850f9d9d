"""Check one generated sentence against the passages it may rest on."""

import re
from collections.abc import Sequence

from nodes.rules.conditions import differences
from nodes.rules.grounding import check
from nodes.rules.own_figures import without_own
from nodes.rules.polarity import pairs
from nodes.rules.promises import claims
from nodes.rules.strangers import strangers
from nodes.rules.tables import spelled

_MARK = re.compile(r"\[(\d{1,3}(?:[,，、]\s?\d{1,3})*)\]|【(\d{1,3})】")

_COURTESY = re.compile(  # says nothing of the matter: 您放心, 别着急
    "[您你请大可]{0,3}放心[吧哦啦]?"
    "|[您你]?先?(?:别|不用|不必|无需|不要)太?(?:担心|着急|急|慌|紧张)[哦啦]?(?=[，,。！!]|$)"
)

_ENDS = "。！!\n"
_SENTENCE = re.compile(r"[^。；;！!？?\n]+")
_TO_COME = re.compile("会|将")
_DONE = re.compile("已|正在|刚|马上|立[即刻]|这就|现在|[今明]天|了")


def faults(sentence: str, sources: Sequence[str], asked: str = "") -> list[str]:
    """Return what `sentence` says and its sources do not, [] for a faithful one.

    `asked` is what the customer said: a figure of his may be held against one of the sources'.
    What a source says word for word is faithful, also where the checks would not follow it.
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
    if any(_has(source, sentence) for source in cited):
        return []
    said = without_own(_COURTESY.sub("", sentence), cited, asked)
    found = [fault.value for fault in check(said, cited)]
    found += differences(said, cited)
    found += strangers(said, cited) if cited else []
    found += [claim.text for claim in claims(sentence) if not _is_foretold(claim.text, cited)]
    return list(dict.fromkeys(found))


def _has(source: str, sentence: str) -> bool:
    """Say whether `sentence` is one of the source's, word for word and from end to end."""
    words = _MARK.sub("", sentence).strip().rstrip(_ENDS)
    start = source.find(words) if words else -1
    end = start + len(words)
    before, after = source[:start].rstrip(" "), source[end : end + 1]
    return start >= 0 and (not before or before[-1] in _ENDS) and (not after or after in _ENDS)


def _is_foretold(claim: str, sources: Sequence[str]) -> bool:
    """Say whether a source's sentence has all the words of what is to come: 客服会安排复检."""
    words = pairs(claim)
    return (
        bool(words and _TO_COME.search(claim))
        and not _DONE.search(claim)
        and any(
            _TO_COME.search(told) and words <= pairs(told)
            for source in sources
            for told in _SENTENCE.findall(source)
        )
    )
