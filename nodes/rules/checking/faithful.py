"""Check one generated sentence against the passages it may rest on."""

import re
from collections.abc import Sequence

from nodes.rules.checking.own_figures import without_own
from nodes.rules.checking.own_names import without_own_names
from nodes.rules.checking.strangers import strangers
from nodes.rules.checking.sums import misreckoned
from nodes.rules.grounding import check
from nodes.rules.promises import claims
from nodes.rules.sense.conditions import differences
from nodes.rules.sense.fees import free
from nodes.rules.sense.polarity import NEGATOR, pairs
from nodes.rules.wording.plain import plain
from nodes.rules.wording.tables import spelled

_MARK = re.compile(r"\[(\d{1,3}(?:[,，、]\s?\d{1,3})*)\]|【(\d{1,3})】")
_LED = re.compile(rf"^\s*(?:(?:{_MARK.pattern})\s*)+")  # came late: they are the last sentence's
_COURTESY = re.compile(  # says nothing of the matter: 您放心, 别着急
    "[您你请大可]{0,3}放心[吧哦啦]?"
    "|[您你]?先?(?:别|不用|不必|无需|不要)太?(?:担心|着急|急|慌|紧张)[哦啦]?(?=[，,。！!]|$)"
)

_UNTOLD = re.compile(  # says that the answer is not there, and nothing of the matter
    "(?:资料|材料)[里中内]?(?:暂时|目前|暂)?(?:没有?|未)(?:提[到及]|说明|写明|写到|记载)"
    "(?:[您你]?(?:问|说|提)?的?(?:这个|这一|该)?问题|这一?点|这个|相关(?:的?(?:内容|信息|规定|说明))?)"
    r"|(?i:\bthe (?:material|information|passage)s?(?: I have)? (?:does|do)(?: not|n't) "
    r"(?:mention|say|cover|answer) (?:this|that|it)(?: question| point)?\b)"
)

_ENDS = "。！!\n"
_BEGINS = re.compile(rf"(?:^|[{_ENDS}]|\.\s) *$")  # what stands before a sentence
_STOPS = re.compile(rf"[{_ENDS}]|\.(?:\s|$)|$")  # and behind its words
_SENTENCE = re.compile(r"[^。；;！!？?\n]+")
_FOR_WHOM = re.compile("[给为帮替向][您你]")
_ENOUGH = 2  # pairs of an act: 发起退款
_TO_COME = re.compile("会|将")
_DONE = re.compile("已|正在|刚|马上|立[即刻]|这就|现在|[今明]天|了")


def faults(sentence: str, sources: Sequence[str], asked: str = "", before: str = "") -> list[str]:
    """Return what `sentence` says and its sources do not, [] for a faithful one.

    `asked` is what the customer said: a figure of his may be held against one of the sources'.
    `before` is the answer up to the sentence. What a source says word for word is faithful, also
    where the checks would not follow it. A sentence with citation marks rests on those sources
    alone (1 is the first); a mark that names no source is a fault of its own.
    """
    if missing := [n for n in _named(sentence) if not 1 <= n <= len(sources)]:
        return [f"[{n}]" for n in missing]
    named = _named(sentence := _LED.sub("", sentence))
    cited = [spelled(source) for source in [sources[n - 1] for n in named] or sources]
    text = plain(sentence, before)
    if not text.strip() or any(_has(source, text) for source in cited):
        return []
    text = free(text, cited)
    said = without_own_names(_UNTOLD.sub("", _COURTESY.sub("", text)), cited, asked)
    said = without_own(said, cited, asked, before)
    found = [fault.value for fault in check(said, cited)]
    found += differences(said, cited)
    found += strangers(said, cited, asked) if cited else []
    found += misreckoned(text)
    found += [claim.text for claim in claims(text) if not _is_foretold(claim.text, cited)]
    return list(dict.fromkeys(found))


def _named(sentence: str) -> list[int]:
    """Return the passages that a sentence names, in order, each once."""
    marks = map("".join, _MARK.findall(sentence))
    return list(dict.fromkeys(int(n) for mark in marks for n in re.findall(r"\d+", mark)))


def _has(source: str, sentence: str) -> bool:
    """Say whether `sentence` is one of the source's, word for word and from end to end."""
    words = _MARK.sub("", sentence).strip().rstrip(f"{_ENDS}.")
    start = source.find(words) if words else -1
    before, after = source[: max(start, 0)], source[start + len(words) :]
    return start >= 0 and bool(_BEGINS.search(before) and _STOPS.match(after))


def _is_foretold(claim: str, sources: Sequence[str]) -> bool:
    """Say whether a source has what is to come: 我们会在两天内给您发起退款.

    It has all words of it, or those behind whom it is for, in a clause that denies nothing.
    """
    if not _TO_COME.search(claim) or _DONE.search(claim):
        return False
    words, act = pairs(claim), pairs(_FOR_WHOM.split(claim)[-1])
    told = [told for source in sources for told in _SENTENCE.findall(source)]
    return any(_TO_COME.search(one) and bool(words) and words <= pairs(one) for one in told) or any(
        len(act) >= _ENOUGH and act <= pairs(clause) and not NEGATOR.search(clause)
        for one in told
        for clause in one.split("，")
    )
