"""Names that a sentence brings with it: Latin words, quoted names, places and days of its own."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from nodes.rules.wording.condition_names import folded
from nodes.rules.wording.units import UNITS
from tools.text.normalise import HAN, language
from tools.text.regions import places

_LINK = re.compile(r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w.-]+", re.ASCII)
_WORD = re.compile(r"(?<![\w.'’])[A-Za-z](?:[\w-]*[A-Za-z0-9_])?(?!\w)", re.ASCII)
_NAME = re.compile(r"[a-z][A-Z]|_|^[A-Z]{2,}$|^[A-Z][a-z]")  # in an English sentence
_STARTS = re.compile(r"(?:^|[.!?:;\n\"“(])[-*#>\s]*$")
_EVERYDAY_WORDS = (  # what customers and clerks say anyway
    "app apps ok id vip wifi email url pc web faq ai sn hi hello dear sorry am pm led usb tv logo"
    " i i'm i've i'll i'd cny rmb usd"
    " january february march april may june july august september october november december"
)
_EVERYDAY = frozenset(_EVERYDAY_WORDS.split())
_UNIT = re.compile("|".join(UNITS.values()) + "|[kmg]?hz|[kmg]?bps|[kmgt]b|k?pa|k?wh?|mah|db", re.I)
_QUOTED = re.compile(r"[「『“]([^「」『』“”\n]{2,40})[」』”]")
_HIS = re.compile(
    r"(?:(?:[您你]|没有|不是|并无)[^，,。；;「『“]{0,8}"
    r"|\byou (?:said|mentioned|saw|read|asked)[^,.;“]{0,12})$",
    re.I,
)
_PARTS = re.compile(r"\s*(?:[-—–>→/、]|->|&gt;)+\s*")
_SIGNS = re.compile(rf"[^\w{HAN}]+")
_AGENT = re.compile(
    rf"(?<![理自缘事来])由(?P<who>(?![您你我他她它此于其])[{HAN}]{{2}})[{HAN}]{{0,8}}?"
    "(?:承运|承担|负责|配送|派送|送|提供|安装|处理|办理|承保|发货|开具|出具|寄)"
)
_ANYONE_WORDS = (
    "我们 系统 客服 人工 师傅 商家 买家 卖家 平台 用户 顾客 客户 本人 自己 专人 专员 官方 快递 物流"
    " 工程 售后 双方 对方"
)
_ANYONE = frozenset(_ANYONE_WORDS.split())
_DAY = re.compile(
    "明[天早晚日]|后天|昨[天日晚]|前天|今[晚早]|(?<![每个以])[本下上]个?(?:周|星期|月)(?![期起])"
    "|(?:周|星期|礼拜)[一二三四五六日天末](?![次回换])"
    r"|\b(?:tomorrow|yesterday|tonight|today|(?:next|this|last) (?:week|month)"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b"
)


class _Told(NamedTuple):
    """What passages say, as names are looked up in it."""

    words: frozenset[str]  # Latin ones
    run: str  # everything, without signs and blanks
    paths: tuple[tuple[str, ...], ...]  # 我的-订单, part by part
    is_chinese: bool


def strangers(sentence: str, sources: Sequence[str], asked: str = "") -> list[str]:
    """Return the names and days of `sentence` that no source has.

    What is quoted may be the customer's words, `asked`, if the sentence says so, or
    denies them: 您说的“终身免费”, 没有“终身免费”.

    A Latin word in a Chinese sentence is a name; in an English one, a capitalised word is, or one
    with a sign inside. English words say nothing where every source is Chinese.
    """
    told = _told(tuple(sources))
    plain = _LINK.sub(" ", sentence)
    found = [word for word in _latin(plain, told) if not _is_told(word, told)]
    found += [
        quoted[1]
        for quoted in _QUOTED.finditer(plain)
        if _is_strange(quoted[1], told)
        and not (_HIS.search(plain[: quoted.start()]) and _run(quoted[1]) in _run(asked))
    ]
    found += [day for day in _DAY.findall(folded(plain)) if _run(day) not in told.run]
    agents = [agent["who"] for agent in _AGENT.finditer(plain)]
    found += [who for who in agents if who not in told.run and who not in _ANYONE]
    found += [
        place
        for place, of in places(plain)
        if place not in told.run and of not in told.run and not _is_cut(place, plain, told)
    ]
    return found


def _is_strange(quoted: str, told: _Told) -> bool:
    """Say whether a quoted name, or the way that a path leads, is not in the sources.

    A path may leave out steps of one of theirs and go on with the beginning of another.
    """
    path = tuple(map(_run, _PARTS.split(quoted)))
    if any(part not in told.run for part in path):
        return True
    if not told.paths or "、" in quoted or "".join(path) in told.run:
        return False
    at = 0
    while at < len(path):
        ways = [way for way in told.paths if not at or path[at] == way[0]]
        steps = max((_led(path[at:], way) for way in ways), default=0)
        if not steps:
            return True
        at += steps
    return False


def _led(path: tuple[str, ...], way: tuple[str, ...]) -> int:
    """Return how many steps of `path` are steps of `way`, in order."""
    left = iter(way)
    return sum(1 for _ in takewhile(lambda step: step in left, path))


def _is_cut(place: str, text: str, told: _Told) -> bool:
    """Say whether a place only begins within a word of the sources: 天水 of 冬天水温."""
    at = text.find(place)
    return at > 0 and text[at - 1 : at + 1] in told.run


def _latin(sentence: str, told: _Told) -> Iterator[str]:
    """Yield the Latin words of `sentence` that are names."""
    is_english = language(sentence) == "en"
    if is_english and told.is_chinese:
        return
    for match in _WORD.finditer(sentence):
        word = match.group()
        if is_english and (
            not _NAME.search(word) or (word.istitle() and _STARTS.search(sentence[: match.start()]))
        ):
            continue
        if word.lower() not in _EVERYDAY and not _UNIT.fullmatch(word):
            yield word


def _is_told(word: str, told: _Told) -> bool:
    return word.lower() in told.words or (len(word) > 2 and _run(word) in told.run)


@lru_cache(maxsize=64)  # the sentences of an answer have the same few passages
def _told(sources: tuple[str, ...]) -> _Told:
    plain = "\n".join(map(folded, sources))
    return _Told(
        frozenset(word.lower() for word in _WORD.findall(plain)),
        _run(plain),
        tuple(tuple(map(_run, _PARTS.split(quoted))) for quoted in _QUOTED.findall(plain)),
        all(language(source) == "zh" for source in sources),
    )


def _run(text: str) -> str:
    return _SIGNS.sub("", folded(text))
