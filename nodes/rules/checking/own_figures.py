"""Figures of a sentence that need no passage: a customer's own, and what is worked out in sight.

您要买 15 台，超过了 10 件的上限 repeats what the customer told and holds it against the passage's
figure; 上门 40 元，检测 30 元，一共 70 元 shows how it comes to 70. What a customer only asks about
(5 天能到吗) is none of it.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import permutations

from nodes.rules.checking.rates import at_rate
from nodes.rules.checking.reckoned import reckoned
from nodes.rules.checking.running_totals import adds_up
from nodes.rules.checking.sums import written_out
from nodes.rules.checking.told_figures import is_among, mentioned, told_by
from nodes.rules.grounding import check
from nodes.rules.wording.figures import unmarked
from nodes.rules.wording.quantities import (
    LIMITED,
    MONEY,
    POINTS,
    Figure,
    before_it,
    is_equal,
    is_limit,
    quantities,
)

_COMPARED = re.compile(
    "(?P<under>(?:没有?|[未不])(?:到|达|满|够|足|超过?|超出|过(?!期))|[低少小]于|早于|还在|还[差剩]|以内|之内"
    r"|\b(?:within|below|under|less than|short of|not (?:over|above)|before)\b)"
    "|超[过出了]|[高多大晚]于|过了|已?达到|已满|满了|够"
    r"|\b(?:above|over|exceed(?:s|ed|ing)?|past|beyond|more than|later than)\b",
    re.IGNORECASE,
)
_LIVED = re.compile(r"\s?(?:还?没|还?未|\bago\b)")  # 您的包裹三天没动: it is so for the customer
_WAITED = re.compile("等了?[^，,。；;]{0,3}$")  # 您已经等了 9 天
_DEED = re.compile(  # 您 5 月 3 日签收的
    r"\s?(?:才|就|已经?)?(?:签收|收到?|下单|付|支付|买|购买|申请|提交|寄|拍|开通|续|放|充|预约)"
    r"[^，,。；;]{0,3}(?=[，,。；;])"
)
_HIS = re.compile(r"[您你][^，,。；;]{0,12}$|\byour[^,.;]{0,20}$", re.IGNORECASE)
_HAS = (
    re.compile(  # 您买了 15 台; what he may, must or gets is the seller's, 您的价保期 is his rule
        r"(?:[您你](?:[^，,。；;的可能会将须需应必免付交收退得享借领送赔补]{0,6}"
        r"(?:买|采?购|下单|订|拍|存|充|花|消费|用|装|绑定?|挂|有|等|攒|过期|逾期|注册|签收|要)了?"
        r"|[^，,。；;]{0,4}(?:支付|付|收到)了)|(?:付|买|花|充|存)[过了]?的)(?:已经?|将近|约)?\s?$"
    )
)
_GRANTED = re.compile(  # 您用了 25 天，可以换新 says that 25 is few enough; 您有 8 台的名额
    r"\s?的|[^。；;]*?(?:满足|符合|达标|属于|包邮|免(?!不了)|享"
    r"|(?<!不)(?<!才)(?:可以?|能够?|都)(?:直接|免费|正常|继续)?[退换修借用领买开改取补赔升抵报发绑挂])"
)
_AGAIN = re.compile(r"[这该那]\s?$")
_NEAR_CHARS = 30  # from a customer's figure to the word that compares it
_RECKONS = re.compile(
    r"一共|合计|总[共计]|共计|共(?=\s?\d)|加起来|省|差|剩|凑|再(?:消费|买|花|付)|还要|下来|按(?:[^，,。]|,(?=\d)){1,16}算|相当于|[=＝]"
    r"|\b(?:in total|altogether|sav(?:e|es|ing)|total|difference|left|comes? to|would be)\b"
    r"|\badds? up\b",
    re.IGNORECASE,
)
_ADDS = re.compile("一共|合计|总[共计]|共计|加起来|in total|altogether|adds? up", re.IGNORECASE)
_TAKES = re.compile(
    "省|差|剩|还要|凑|再(?:消费|买|花|付)|left|difference|sav(?:e|es|ing)", re.IGNORECASE
)
_RECKONED_CHARS = 12  # from the word that reckons to the result
_MOST = 8  # figures of a sentence that are reckoned with


def without_own(sentence: str, sources: Sequence[str], asked: str = "", before: str = "") -> str:
    """Return `sentence` without the figures that no passage need hold.

    `asked` is what the customer said, `before` the answer so far: its figures may be reckoned with.
    A sentence that has none comes back as it is.
    """
    reckons = _RECKONS.search(sentence)
    own = told_by(asked)
    if not reckons and not mentioned(asked):
        return sentence
    text = unmarked(sentence)
    said = list(quantities(text))[:_MOST]
    told = [one for one in said if is_among(one, own)]
    known = [one for one in said if not check(text[one.start : one.end], sources)]
    cut = {(one.start, one.end) for one in told if _is_own(one, known, text)}
    rated = {
        (one.start, one.end): rate
        for one, rate in at_rate(asked, said, known, sources, text).items()
    }
    unknown = [one for one in said if one not in known and one not in told]
    rated |= reckoned([one for one in unknown if _is_left(one, text)], own, text, sources, asked)
    if reckons:
        results = [one for one in said if (one.start, one.end) in rated]
        cut |= _worked_out(text, said, [*known, *results], told, before) - rated.keys()
    cut |= rated.keys()
    sums = list(written_out(text, sources, f"{asked}\n{before}")) if reckons else []
    own_operands = frozenset[str]().union(*(one.own for one in sums))
    cut |= {
        (one.start, one.end)
        for one in told
        if one.key in own_operands and not is_limit(one, text)  # 用 5 个月：15 × 5 = 75 元
    }
    cut = {
        (start, end)
        for start, end in cut
        if not any(one.start < end and start < one.end for one in sums)
    }
    edits = [(*place, rated.get(place, "")) for place in cut] + [
        (one.start, one.end, one.rest) for one in sums
    ]
    for start, end, rest in sorted(edits, reverse=True):
        text = f"{text[:start]} {rest} {text[end:]}"
    return text if edits else sentence


def _worked_out(
    text: str,
    said: Sequence[Figure],
    known: Sequence[Figure],
    told: Sequence[Figure],
    before: str,
) -> set[tuple[int, int]]:
    """Return the places of results, and of the customer's figures they are worked out from."""
    cut = set[Figure]()
    others = {*known, *told}
    for one in said:
        if one.unit in ("", *POINTS) or not _is_result(one, text):
            continue
        near = _near(one, text)
        operands = _operands(one, others, near)
        if one not in known or set(operands) & set(told):
            cut |= {one, *operands} - (set(known) - {one}) if operands else set()
        if one not in known and not operands and adds_up(one, f"{before}\n{text[: one.start]}"):
            cut.add(one)
    results = {(one.key, one.unit) for one in cut}
    cut |= {  # 还差 10 天，这 10 天的费用
        one
        for one in said
        if (one.key, one.unit) in results and _AGAIN.search(before_it(one, text))
    }
    return {(one.start, one.end) for one in cut if one in said}


def _is_own(one: Figure, known: Sequence[Figure], text: str) -> bool:
    """Say whether a figure that the customer told is told back to him, and truly compared."""
    holds = _comparison(one, known, text)
    if one.unit in POINTS:
        return holds or (holds is None and _is_his(one, text, _DEED))
    is_waited = _HIS.search(before := before_it(one, text)) and _WAITED.search(before)
    return holds or bool(is_waited) or _is_his(one, text, _LIVED) or _is_restated(one, text)


def _is_his(one: Figure, text: str, so: re.Pattern[str]) -> bool:
    """Say whether the figure stands in the customer's clause, before what is `so` for him."""
    return bool(_HIS.search(before_it(one, text)) and so.match(text, one.end))


def _is_restated(one: Figure, text: str) -> bool:
    """Say whether the figure is told back as the customer's: 您采购 12 台, 数量（15 台）."""
    before, after = before_it(one, text), text[one.end : one.end + 1]
    is_compared = _COMPARED.search(text, one.end, one.end + _NEAR_CHARS)
    if is_compared or is_limit(one, text) or _GRANTED.match(text, one.end):
        return False  # a comparison that was not found to hold is a claim
    is_aside = before.rstrip().endswith(("（", "(")) and after in ("）", ")")
    return bool(_HAS.search(before)) or (is_aside and not LIMITED.search(before.rstrip(" （(")))


def _comparison(one: Figure, known: Sequence[Figure], text: str) -> bool | None:
    """Say whether the figure is truly held against one of the passages'; None if it is not held.

    What is itself a limit (最多 15 台, 20 天内) is the seller's.
    """
    word = _COMPARED.search(text, one.end, one.end + _NEAR_CHARS)
    others = [other for other in known if other.kind == one.kind and other != one]
    if not word or not others:
        return None
    if is_limit(one, text):
        return False
    if word["under"]:
        return any(one.size <= other.size for other in others)
    return any(one.size >= other.size for other in others)


def _is_result(one: Figure, text: str) -> bool:
    """Say whether the figure stands where a sum is told: 一共 70 元; 满 89 元 is a condition."""
    before = before_it(one, text)
    return _RECKONS.search(_near(one, text)) is not None and not LIMITED.search(before)


def _is_left(one: Figure, text: str) -> bool:
    """Say whether the figure is a day, or what somebody is short of."""
    is_short = _is_result(one, text) and _TAKES.search(_near(one, text))
    return one.unit == "date" or bool(is_short)


def _near(one: Figure, text: str) -> str:
    """Return what stands just before and behind a figure."""
    after = text[one.end : one.end + _RECKONED_CHARS]
    return f"{before_it(one, text)[-_RECKONED_CHARS:]}\n{after}"


def _operands(result: Figure, others: set[Figure], near: str) -> tuple[Figure, ...]:
    """Return the figures of a sentence that `result` is worked out from, () for none."""
    for one, other in permutations(sorted(others - {result}), 2):
        if any(is_equal(result, size) for size in _results(result, one, other, near)):
            return one, other
    return ()


def _results(result: Figure, one: Figure, other: Figure, near: str) -> Iterator[float]:
    """Yield what two figures may come to in the result's unit, by the word `near` it."""
    if one.kind == other.kind == result.kind:
        if _ADDS.search(near) or not _TAKES.search(near):
            yield one.size + other.size
        if _TAKES.search(near) or not _ADDS.search(near):
            yield one.size - other.size
    elif one.unit in MONEY and one.unit == result.unit and other.unit not in (*MONEY, *POINTS, ""):
        yield one.size * float(other.key) * (0.01 if other.unit == "%" else 1)
