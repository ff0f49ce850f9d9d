"""Hear an errand's words through voice input: 取肖订单 is 取消订单, 尾号七四九四 is 7494. Pure.

A word is put right where one character is another of its sound and the rest stands as it should.
What reads so by itself (发火, 快地, 除湿气) is left alone, and a message with an address is never
touched: it would be written as it was put right.
"""

import re
from functools import cache

from tools.search.homophones import alike
from tools.text.addresses import addresses
from tools.text.normalise import HAN

MOST_CHARS = 60  # of a message that is looked at; longer ones are seldom one errand
_WORDS = (
    *("取消", "订单", "退货", "退款", "换货", "催单", "快递", "发货", "发票", "确认"),
    *("吸尘器", "扫地机", "洗碗机", "破壁机", "电饭煲", "净水器", "净化器", "加湿器", "除湿机"),
    "空气炸锅",
)
_SPARED = re.compile(
    "发火|退火|退伙|快[地的第滴]|取小|取笑[我他她你人]|去消(?=[毒费化失炎遣])|取肖(?=像)|(?<=[规固指确限一])定单|定单(?=[品项独价位元])|[除加]湿气"
    "|[期起][到来]|(?<=[正准明的])确[人任]|[退换发]或|却认|缺认"
)
# Beside a word that stands alone: 快弟到哪了, not 社区消费券, 推货车 or 发漂亮.
_FIRST, _LAST = ("".join(word[at] for word in _WORDS) for at in (0, -1))
_BEFORE = re.compile(
    f"[^{HAN}]|[我要想帮给请你您们能以的个是了把来去就那这开查看件台办下上都也还不没到申么{_LAST}]"
)
_AFTER = re.compile(
    f"$|[^{HAN}]|[了吗么吧呢啊呀的地在要想可能多怎什啥没行好就给我你您单号费员和跟与{_FIRST}]"
    "|不[要想用能行会]|到[哪那了没帐账]"
)
_PLACE = re.compile("[路街巷弄村镇栋幢]|小区|公寓|大厦")
_DIGITS = dict(zip("零〇一幺二两三四五六七八九", "0011223456789", strict=True))
_SPOKEN = re.compile(
    f"(?<![{''.join(_DIGITS)}十百千万第])[{''.join(_DIGITS)}]{{3,12}}+(?![天年月日号室楼层个点元块十百千万折])"
)
_OF_ORDER = re.compile("尾号|尾数|末尾|结尾|单号|编号|订单|[后末]几?[三四五六]?位|[那这]一?[单笔]")
_ONLY = re.compile(r"(?:那|是|就|查|看|呢|吧|啊|的|\d|[，,。?？\s])*")


def put_right(text: str) -> str:
    """Return `text` with the errand's words and the order's digits as they were meant."""
    if len(text) > MOST_CHARS or _PLACE.search(text) or next(iter(addresses(text)), None):
        return text
    meant = _slips().sub(lambda hit: hit[0] if _is_spared(hit) else _of(hit), text)
    plain = _SPOKEN.sub(lambda hit: "".join(_DIGITS[char] for char in hit[0]), meant)
    return plain if _OF_ORDER.search(plain) or _ONLY.fullmatch(plain) else meant


def _is_spared(hit: re.Match[str]) -> bool:
    text, (start, end) = hit.string, hit.span()
    if start and not (_BEFORE.match(text, start - 1) or _ends_at(text, start)):
        return True
    if not (_AFTER.match(text, end) or _slips().match(text, end)):
        return True
    return any(s.start() < end and start < s.end() for s in _SPARED.finditer(text))


def _ends_at(text: str, place: int) -> bool:
    return any(hit.end() == place for hit in _slips().finditer(text))


def _of(hit: re.Match[str]) -> str:
    return _WORDS[int(str(hit.lastgroup)[1:])]


@cache
def _slips() -> re.Pattern[str]:
    """Return what each word sounds like with one character of it another."""
    slips = []
    for number, word in enumerate(_WORDS):
        ways = [
            f"{word[:at]}[{''.join(alike(char))}]{word[at + 1 :]}"
            for at, char in enumerate(word)
            if alike(char)
        ]
        slips.append(f"(?P<w{number}>{'|'.join(ways)})")
    return re.compile("|".join(slips))
