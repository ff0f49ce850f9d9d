"""Hear an errand's words through voice input: 取肖订单 is 取消订单, 尾号七四九四 is 7494. Pure.

A word is put right where one character is another of its sound and the rest stands as it should.
What reads so by itself (发火, 快地, 除湿气) is left alone, and a message with an address is never
touched: it would be written as it was put right. What the goods are called is the shop's to say.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from tools.business.goods import sold
from tools.search.homophones import alike
from tools.text.addresses import addresses
from tools.text.normalise import HAN

MOST_CHARS = 60  # of a message that is looked at; longer ones are seldom one errand
_ERRANDS = ("取消", "订单", "退货", "退款", "换货", "催单", "快递", "发货", "发票", "确认")
_SPARED = re.compile(
    "发火|退火|退伙|快[地的第滴]|取小|取笑[我他她你人]|去消(?=[毒费化失炎遣])|取肖(?=像)|(?<=[规固指确限一])定单|定单(?=[品项独价位元])|[除加]湿气"
    "|[期起][到来]|(?<=[正准明的])确[人任]|[退换发]或|却认|缺认"
)
# Beside a word that stands alone: 快弟到哪了, not 社区消费券, 推货车 or 发漂亮.
_BEFORE = "我要想帮给请你您们能以的个是了把来去就那这开查看件台办下上都也还不没到申么"
_AFTER = "了吗么吧呢啊呀的地在要想可能多怎什啥没行好就给我你您单号费员和跟与"
_PLACE = re.compile("[路街巷弄村镇栋幢]|小区|公寓|大厦")
_DIGITS = dict(zip("零〇一幺二两三四五六七八九", "0011223456789", strict=True))
_SPOKEN = re.compile(
    f"(?<![{''.join(_DIGITS)}十百千万第])[{''.join(_DIGITS)}]{{3,12}}+(?![天年月日号室楼层个点元块十百千万折])"
)
_OF_ORDER = re.compile("尾号|尾数|末尾|结尾|单号|编号|订单|[后末]几?[三四五六]?位|[那这]一?[单笔]")
_ONLY = re.compile(r"(?:那|是|就|查|看|呢|吧|啊|的|\d|[，,。?？\s])*")


def put_right(text: str) -> str:
    """Return `text` with the errand's words and the order's digits as they were meant."""
    return _put_right(text, (*_ERRANDS, *(word for good in sold() for word in good.heard)))


@lru_cache(maxsize=8)  # a message is read ahead of its turn, and in it
def _put_right(text: str, words: tuple[str, ...]) -> str:
    if len(text) > MOST_CHARS or _PLACE.search(text) or next(iter(addresses(text)), None):
        return text
    meant = _slips(words).put_right(text)
    plain = _SPOKEN.sub(lambda hit: "".join(_DIGITS[char] for char in hit[0]), meant)
    return plain if _OF_ORDER.search(plain) or _ONLY.fullmatch(plain) else meant


class _Slips:
    """What each word sounds like with one character of it another."""

    def __init__(self, words: Sequence[str]) -> None:
        first, last = ("".join(word[at] for word in words) for at in (0, -1))
        self._words = words
        self._before = re.compile(f"[^{HAN}]|[{_BEFORE}{last}]")
        self._after = re.compile(f"$|[^{HAN}]|[{_AFTER}{first}]|不[要想用能行会]|到[哪那了没帐账]")
        ways = [
            "|".join(
                f"{word[:at]}[{''.join(alike(char))}]{word[at + 1 :]}"
                for at, char in enumerate(word)
                if alike(char)
            )
            for word in words
        ]
        self._wrong = re.compile(
            "|".join(f"(?P<w{number}>{way})" for number, way in enumerate(ways) if way)
        )

    def put_right(self, text: str) -> str:
        return self._wrong.sub(lambda hit: hit[0] if self._is_spared(hit) else self._of(hit), text)

    def _is_spared(self, hit: re.Match[str]) -> bool:
        text, (start, end) = hit.string, hit.span()
        if start and not (self._before.match(text, start - 1) or self._ends_at(text, start)):
            return True
        if not (self._after.match(text, end) or self._wrong.match(text, end)):
            return True
        return any(s.start() < end and start < s.end() for s in _SPARED.finditer(text))

    def _ends_at(self, text: str, place: int) -> bool:
        return any(hit.end() == place for hit in self._wrong.finditer(text))

    def _of(self, hit: re.Match[str]) -> str:
        return self._words[int(str(hit.lastgroup)[1:])]


@lru_cache(maxsize=4)
def _slips(words: tuple[str, ...]) -> _Slips:
    return _Slips(words)
