"""What a question asks for: how something is done, a measure, a certain model. Pure."""

import re
from typing import NamedTuple

from nodes.rules.wording.numerals import arabic
from tools.search.types import Passage
from tools.text.normalise import fold

_LENGTHS = "公里|千米|毫米|厘米|公分|米|英?寸|[km]m|cm|m"
_SPANS = "秒|分钟|小时|天|日|周|星期|个?月|年|hours?|days?|weeks?|months?|years?|minutes?"
_WEIGHTS = "公斤|千克|毫克|斤|克|吨|[km]?g|lbs?"


class _Measure(NamedTuple):
    """How it is asked for beside 几 or 多少 and a unit, and the units it is given in."""

    asked: str
    units: str
    also: str = "(?!)"  # what answers it too, without being asked for in the same words


_MEASURES = (
    _Measure(r"多重(?!要)|[净毛]重|重量|how heavy|weigh", _WEIGHTS),
    _Measure(r"多[高宽厚深]|how (?:tall|wide|thick)", _LENGTHS, "度|°c|℃|%"),
    _Measure(r"多长(?!时间)", _LENGTHS, _SPANS),
    _Measure(r"(?<![a-z])db(?![a-z])|噪[音声]多大|how (?:loud|noisy)", "分贝|db|decibels?"),
    _Measure(r"功率|耗电量", "度电|千?瓦时?|k?wh?|watts?"),
    _Measure(r"转速", "转|rpm"),
    _Measure(r"压强|压力多大", "[千兆]?帕|[km]?pa|bar"),
    _Measure(r"", "毫?升|立方米?|m?l|lit(?:re|er)s?"),
    _Measure(r"", "平方米?|平米?|㎡|m²"),
    _Measure(r"", "毫安时?|mah"),
    _Measure(r"", "赫兹?|[kmg]?hz"),
    _Measure(r"", "折"),
)
_COUNT = r"(?:几|多少|how (?:many|much))\s?"
_ASKED = [
    re.compile("|".join(filter(None, (asked, f"{_COUNT}(?:{units})(?![a-z])"))))
    for asked, units, _ in _MEASURES
]
_GIVEN = [re.compile(rf"\d\s?(?:{units}|{also})(?![a-z])") for _, units, also in _MEASURES]

# What is asked for by its name, and how an entry gives it or says where it stands.
_TOLD = "(?:是?(?:什么|多少|哪)|发|给)"
_NAMED = [
    (re.compile(asked), re.compile(given))
    for asked, given in (
        (r"批[次号]", r"批[次号]"),
        (r"编号|[证件案]号|serial|序列号", r"编号|[证件案]号|序列号|serial|号码|[a-z]?\d{5,}"),
        (rf"电话(?:号码)?{_TOLD}|(?:什么|哪个)电话", r"\d{3}|电话|热线"),
        (rf"邮箱(?:地址)?{_TOLD}|(?:什么|哪个)邮箱", r"@|邮箱|邮件"),
        (rf"(?:网址|官网)(?:地址)?{_TOLD}", r"www|https?:|\.(?:com|cn)|官网|网址"),
    )
]

_MODEL = re.compile(r"(?<![a-z0-9])[a-z]{1,8}-?[0-9]+")
_KIND = re.compile(r"[^a-z].*")
_EITHER = re.compile(
    r"是([^，。？?！!、]{1,4}?)的?还是([^，。？?！!、]{1,4}?)的?(?=[，。？?！!、啊呢呀]|$)"
)
_DONE = "看|查|改|下载|申请|填|开|弄|找|取消|退|换|关|买|用|设|领|绑|续|升|交"
_HOW = re.compile(
    rf"怎么办|[怎咋]么?[弄整办]|(?:怎么|咋|如何|怎样|在哪里?儿?)(?:才能|去|能)?(?:{_DONE})"
    r"|哪[个里](?:页面|入口|地方)|(?:行不行?|行吗|可以吗|可不可以)[?？]?$"
    r"|how (?:do|can|to)\b|where can"
)
_STILL = re.compile(
    rf"还(?:来得及|(?:能|可以?)[^，。]{{0,3}}(?:{_DONE}|补|修|保)[^，。]{{0,3}})[吗么嘛不没][?？]?$"
)
_SUPPOSES = re.compile(
    r"^(?:那|那么|可是?|但是?|[，,\s])*(?:如果|要是|万一|假如|倘若|真的?)[^。！!]*?"
    r"(?:能|可以|会|怎么|咋|赔|算|要不要|是不是)[^。！!]*[吗么嘛办?？]"
    r"|^(?:and )?(?:what )?if\b[^.!]*\?"
)
_WHEN = re.compile("什么时候|啥时候?|几点|多久|哪天|到哪|when")
_WHEN_IT_IS = "(?:[^，。！!]*?[到发送退天点周号][^，。！!]*?)?"
_PROMISE = re.compile(
    rf"(?:保证(?!金)|确保|担保|打包票){_WHEN_IT_IS}[吗么嘛吧不][?？]*$"
    rf"|(?:你们?|能|敢|可以)(?:给我)?(?:保证(?!金)|确保|打包票){_WHEN_IT_IS}[?？]*$"
    r"|(?:一定|肯定|绝对|确定|百分之?百|铁定)(?!要)[^，。！!]{0,8}[到送发退][^，。！!]{0,4}[吗么嘛吧?？]"
    r"|\b(?:guarantee|promise|are you sure|for sure|definitely)\b"
)
_FOR_ME = re.compile("帮我|给我|替我|帮忙|麻烦|帮看|查一下|查下|我[这那]")


def asks_how(question: str) -> bool:
    """Say whether it asks how or whether something can be done, not to have it done or looked up.

    Of the examples in data/intents.yaml none about the customer's own account does.
    """
    folded = fold(question)
    return bool(_HOW.search(folded)) and not _FOR_ME.search(folded)


def asks_whether_still(question: str) -> bool:
    """Say whether it asks if something can still be done: 上周签收的还来得及不, 还能退吗."""
    return _STILL.search(fold(question)) is not None


def supposes(question: str) -> bool:
    """Say whether it asks what can be done, or will be, if something happens: 要是丢了怎么办."""
    folded = fold(question)
    is_wish = _FOR_ME.search(folded) or _WHEN.search(folded)
    return _SUPPOSES.search(folded) is not None and not is_wish


def asks_promise(question: str) -> bool:
    """Say whether it wants to be promised something: 你保证明天到吗."""
    return _PROMISE.search(fold(question)) is not None


def is_about_another(question: str, title: str, answer: str) -> bool:
    """Say whether the question names models, and the entry others and none of these.

    Or one that the entry lacks beside another of the same kind: "S10 … E09" is not "S10 … E01".
    """
    asked, named = _models(question), _models(title)
    lacking = asked - named - _models(answer)
    kinds = {_KIND.sub("", name) for name in named}
    return bool(named and lacking) and (
        lacking == asked or any(_KIND.sub("", name) in kinds for name in lacking)
    )


def is_of_another(question: str, passage: Passage) -> bool:
    """Say whether the entry is of one product, and the question names others, which it lacks."""
    own, asked = _models(passage["product"]), _models(question)
    return bool(own and asked) and asked.isdisjoint(
        own | _models(passage["question"]) | _models(passage["answer"])
    )


def is_neither(question: str, entry: str) -> bool:
    """Say whether it asks which of two things is so ("是A还是B"), and the entry names neither."""
    either = _EITHER.search(fold(question).replace(" ", ""))
    said = fold(entry).replace(" ", "")
    return either is not None and not any(side in said for side in either.groups())


def _models(text: str) -> set[str]:
    """Return names like "S20" or "centos7", less what follows the digits."""
    return set(_MODEL.findall(fold(text)))


def is_unmeasured(question: str, answer: str) -> bool:
    """Say whether it asks for a weight, a noise, a serial number … that the answer does not give.

    Not where it asks for the way to find it.
    Times and amounts of money don't count: they are said in too many ways ("当天", "包邮").
    """
    folded = fold(question)
    if asks_how(question):
        return False
    every = [*zip(_ASKED, _GIVEN, strict=True), *_NAMED]
    asked = [given for ask, given in every if ask.search(folded)]
    told = fold(arabic(answer)) if asked else ""
    return not all(given.search(told) for given in asked)
