"""Notice a value that a sentence says of something else than its passages do.

A value is a figure, who does or pays a thing, when it happens, or one of two opposites. Where the
passages hold a value's clause and clauses with other values of its kind, the sentence must be
nearer to the former: 借记卡 1 个工作日 is not what 支付宝 1 个工作日，借记卡 3-5 个工作日 says.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from nodes.rules.condition_names import folded
from nodes.rules.grounding import figures
from nodes.rules.numerals import arabic
from nodes.rules.polarity import ASKS, MARK, pairs
from tools.text.normalise import HAN

_CLAUSE = re.compile(r"(?:[^，,。；;：:！!？?\n.]|\.(?!\s|$))+[？?]?")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_ERROR = re.compile(r"(?<![a-z0-9])e\d{1,3}(?![a-z0-9])")
_WORD = re.compile(r"[a-z]{3,}")
_CHAR = re.compile(rf"[{HAN}]")
_GRAMMAR = frozenset(
    "the and for you your are with can will that this from has have our any".split()
)
_FARTHER = 2.0  # by how much another value's clause is nearer: about two words
# A kind of value, and its values by what stands for them.
_PAYS = r"[^，。]{0,6}?(?:承担|[支自]?付|出(?=$|[，。的])|负担)"
_EVENTS = {
    "order": "下单|拍下|购买",
    "pay": "付款|支付|扣款",
    "ship": "发货|出库|寄出",
    "receive": "签收|收货|收到货?|到货",
    "check": "验收|检测|审核(?:通过|完成)?",
}
_KINDS: dict[str, dict[str, str]] = {
    "pays": {
        "us": rf"(?:我方|我们|商家|卖家|平台){_PAYS}|免(?:收|除)?[运邮]费|包邮|\bwe (?:will )?(?:pay|cover)|\bon us\b",
        "buyer": rf"(?:您|你|买家|用户|顾客|客户|自己|自行){_PAYS}|自付|自理"
        r"|\b(?:you|buyers?|customers?) (?:will |must |have to )?(?:pays?|covers?)|\bon you\b",
    },
    "itself": {"yes": "自动", "no": "手动|手工|(?:您|你|用户|需要?|请)(?:自己|自行)"},
    "times": {
        "once": "(?:只能|限|仅|最多).{0,6}(?:一|1 ?)次|首次|第一次|\\bonce\\b|only one (?:chance|time)",
        "more": "多次|每一?次|不限次|反复|several times|many times|repeatedly",
    },
    "except": {
        "out": "除了?[^，,。]{1,10}(?:外|之外|以外)|不[含包][括含]?|\\bexcept\\b|excluding",
        "in": "包括[^，,。]{1,10}在内|连[^，,。]{1,8}也|\\bincluding\\b",
    },
    "inside": {"in": "(?<=期)内", "out": "(?<=期)外|过保"},
    "must": {
        "yes": "必须|务必|一定要|(?<![不无])需要?(?=您|先|另|同时)|\\bmust\\b|\\bhave to\\b",
        "no": "不必|不用|无[需须]|不需要?|no need|(?:not|n't) (?:need|have) to",
    },
    "fee": {
        "free": "免[收除]?(?=[^，,。]{0,8}费)|免费|不[再另]?(?:外|行)?收(?:取|费)?|for free|free of charge",
        "charged": "(?<![免不])(?<!不再)(?:收[取费]|[交缴]纳?(?=[^，,。]{0,6}费)|另[收加]|自费|有偿)",
    },
    "day": {"same": "当[天日]|same day", "next": "次日|第二天|翌日|next day|day after"},
    "sure": {"yes": "(?<!不)一定(?!要)|肯定", "no": "不一定|未必"},
    "first": {"yes": "最早", "no": "最[晚近新]"},
    "height": {"more": "[更较最]?高于?|[更最]贵|higher", "less": "[更较最]?低于?|便宜|lower"},
    "pace": {"fast": "更?快|faster|quicker", "slow": "更?慢|slower"},
    "net": {"in": "内网|私网", "out": "外网|公网"},
    "after": {
        name: rf"(?:{said})(?:之|以)?(?:后|当[天日]|起|次日)" for name, said in _EVENTS.items()
    },
}
_VALUES = [
    (kind, value, re.compile(pattern))
    for kind, values in _KINDS.items()
    for value, pattern in values.items()
]


class _Clause(NamedTuple):
    text: str
    values: frozenset[tuple[str, str]]  # kind or unit, value
    words: frozenset[str]  # pairs of characters, and Latin words
    chars: frozenset[str]


def astray(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` with a value that its sources say of something else."""
    known = [clause for source in sources for clause in _known(source)]
    return [
        clause.text
        for clause in _clauses(MARK.sub("", sentence))
        if any(_is_astray(kind, value, clause, known) for kind, value in clause.values)
    ]


def _is_astray(kind: str, value: str, clause: _Clause, known: Sequence[_Clause]) -> bool:
    own = [other for other in known if (kind, value) in other.values]
    others = [
        other
        for other in known
        if (kind, value) not in other.values and any(kind == name for name, _ in other.values)
    ]
    if not others or not (own or kind in _KINDS):
        return False  # a figure that no source has is a fault of its own
    if (
        not own
        and value in _EVENTS
        and any(
            re.search(_EVENTS[value], other.text) and len(clause.words & other.words) >= 2
            for other in known
        )
    ):
        return False
    nearest = max(others, key=lambda other: _shared(clause, other))
    told = frozenset[str]().union(*(other.words for other in own))
    is_apart = bool(clause.words & nearest.words - told) and not (
        clause.words & told - nearest.words
    )
    near = max((_shared(clause, other) for other in own), default=0.0)
    return is_apart and _shared(clause, nearest) - near >= _FARTHER


def _shared(one: _Clause, other: _Clause) -> float:
    return len(one.words & other.words) + 0.5 * len(one.chars & other.chars)


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Clause, ...]:
    return tuple(clause for clause in _clauses(source) if not ASKS.search(clause.text))


def _clauses(text: str) -> Iterator[_Clause]:
    for match in _CLAUSE.finditer(arabic(folded(text))):
        clause = match.group().strip()
        values = {(unit, value) for _, value, unit in figures(clause)}
        values |= {("error", code) for code in _ERROR.findall(clause)}
        values |= {(kind, value) for kind, value, said in _VALUES if said.search(clause)}
        rest = _NUMBER.sub(" ", _ERROR.sub(" ", clause))
        for _, _, said in _VALUES:
            rest = said.sub(" ", rest)
        latin = {word.removesuffix("s") for word in _WORD.findall(rest)} - _GRAMMAR
        yield _Clause(
            clause,
            frozenset(values),
            frozenset(pairs(rest) | latin),
            frozenset(_CHAR.findall(rest)),
        )
