"""Write the numbers of a text in one way: Arabic, half-width, without thousands commas."""

import re
from functools import lru_cache

from nodes.rules.wording.english_figures import in_figures
from tools.text.normalise import HAN

_HALF_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
_DIGITS = dict(zip("零〇一二两三四五六七八九", (0, 0, 1, 2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_SCALES = {"十": 10, "百": 100, "千": 1000}
_HAN_NUMBER = "[零〇一二两三四五六七八九十百千万]{1,10}"
# Only before these does a Chinese numeral state a fact; 一个, 两种 and 第一步 are ways of speaking.
_UNIT = (
    "个?(?:工作日|整?月(?!份)|小时|星期|礼拜)|年|天|日|周|分钟|秒|元|块|折|倍|张|台|期|岁"
    "|万元?|公斤|千克|米|升"
)
_SORTS = re.compile(
    "(?<![第每一二两三四五六七八九十百千万0-9])[二两三四五六七八九十]{1,2}(?=种|大类|项(?!目))"
)
_TIMES = re.compile(  # a limit: 可以换开两次; 被扣了两次 is none
    f"(?P<lead>(?:可以?|[才只]能|限|最多|允许|支持)[{HAN}]{{0,3}}?)"
    "(?P<n>[二两三四五六七八九十]{1,2})(?=次(?!性|元|数))"
)
THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_PERCENT = re.compile(rf"百分之({_HAN_NUMBER}(?:点[零一二三四五六七八九]+)?|\d+(?:\.\d+)?)")
_COUNTED = re.compile(  # 这一期 points, 千万别 warns
    rf"(?<![第每之同单这那某哪任上下0-9.一二三四五六七八九十百千万])(?<!\d\s)(?!千万(?![元块人次台]))"
    rf"({_HAN_NUMBER})(?=\s?(?:{_UNIT})(半)?)"
)
_ABOUT = re.compile(  # 一两天 is 1-2 天
    "(?<![第十百千万一二两三四五六七八九])(一[两二]|[二两]三|三四|三五|四五|五六|六七|七八|八九)"
    rf"(?=\s?(?:{_UNIT}))"
)
_SHARE = re.compile(rf"(?P<of>{_HAN_NUMBER}|(?<!\d)\d+)分之(?P<part>{_HAN_NUMBER}|\d+)")
_TENTHS = re.compile(
    "(?<=[到于过足满近剩达约])([一二两三四五六七八九])成(?![功本交为员立就熟长果分品人])"
)
_ARTICLE = re.compile(r"\s?(?:[台张]|块(?!钱))")
_LIMIT = re.compile("[限只仅多共每]")
_ONE_HALF = re.compile("一半(?![天年个])")
_HALF = re.compile(  # 大半年 and 下半年 are none
    "(?<![大上下前后一两二三四五六七八九十0-9])半(?=个?(?:年|月|小时|天)|米|升|公斤)"
)
_AND_HALF = re.compile(r"(?<![\d.])(\d+)(\s?(?:米|升|公斤|年|天|小时|周))半")  # 1 米半: 1.5 米
_AND_A_HALF = re.compile(
    rf"({_HAN_NUMBER}|(?<!\d)\d+)\s?个半(?=月|小时|钟头|星期|礼拜)"
)  # 一个半月
_CLOCK = re.compile(r"(上午|早上|中午|下午|晚上|凌晨)([一二两三四五六七八九十]{1,3})(?=点)")
_METRES = re.compile(r"(\d)\s?米\s?([1-9])(?=$|[，,。；;、）)])")  # 1 米 2 is 1.2 米
_TEN_THOUSAND = re.compile(r"(?<!\d)(\d+(?:\.\d+)?)\s?万(?=元|块|[，,。、；;）)]|$)")


@lru_cache(maxsize=1024)  # each check of a sentence reads the same clauses
def arabic(text: str) -> str:
    """Return `text` with its counted numbers in Arabic digits: 两年 -> 2年, 百分之五 -> 5%."""
    plain = text.translate(_HALF_WIDTH)
    plain = in_figures(THOUSANDS.sub("", plain))
    plain = _PERCENT.sub(lambda match: f"{_value(match[1])}%", plain)
    plain = _SHARE.sub(lambda match: f"{_value(match['part'])}/{_value(match['of'])}", plain)
    plain = _ONE_HALF.sub("1/2", plain)
    plain = _TENTHS.sub(lambda match: f"{_value(match[1])}0%", plain)
    plain = _AND_A_HALF.sub(lambda match: f"{_value(match[1])}.5个", plain)
    plain = _CLOCK.sub(lambda match: f"{match[1]}{_value(match[2])}", plain)
    plain = _ABOUT.sub(lambda match: "-".join(map(_value, match[1])), plain)
    plain = _COUNTED.sub(_counted, plain)
    plain = _SORTS.sub(lambda match: _value(match[0]), plain)
    plain = _TIMES.sub(lambda match: match["lead"] + _value(match["n"]), plain)
    plain = _HALF.sub("0.5", plain)
    plain = _AND_HALF.sub(r"\1.5\2", plain)
    plain = _METRES.sub(r"\1.\2米", plain)
    return _TEN_THOUSAND.sub(lambda match: f"{float(match[1]) * 10_000:g}", plain)


def _counted(match: re.Match[str]) -> str:
    """Return a numeral as digits; 一台 is a way of speaking unless it is a limit: 限一台."""
    before, after = (
        match.string[max(0, match.start() - 6) : match.start()],
        match.string[match.end() :],
    )
    if match[1] == "一" and _ARTICLE.match(after) and not _LIMIT.search(before):
        return match[1]
    return _value(match[1])


def _value(han: str) -> str:
    """Return a Chinese numeral as digits; digits come back as they are."""
    if han[0].isascii():
        return han
    whole, _, part = han.partition("点")
    if len(whole) > 1 and not re.search("[十百千万]", whole):
        number = "".join(str(_DIGITS[char]) for char in whole)
    else:
        number = str(_whole(whole))
    decimals = "".join(str(_DIGITS[char]) for char in part)
    return f"{number}.{decimals}" if decimals else number


def _whole(han: str) -> int:
    total = section = digit = 0
    for char in han:
        if char in _DIGITS:
            digit = _DIGITS[char]
        elif char == "万":
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section += (digit or 1) * _SCALES[char]
            digit = 0
    return total + section + digit
