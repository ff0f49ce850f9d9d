"""Notice a sentence that says yes where its passages say no of the same thing, or no for yes.

What is denied is the word behind the negator; the passage's clause that speaks of it and shares
most characters with the sentence decides. See polarity for the neighbouring check by pairs.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import zip_longest
from typing import NamedTuple

from nodes.rules.sense.answered import answered
from nodes.rules.sense.polarity import ASKS, NEGATOR, OPEN, SPARED
from nodes.rules.wording.plainly import plainly
from tools.text.normalise import HAN

_SENTENCE = re.compile(r"[^。;!！?？\n]+[。;!！?？\n]?")
_CLAUSE = re.compile(r"(?:[^，,：:（）()|]|:(?=\d))+")
_EMPTY = "的了也还仍都就再可以能会要请您你我们他它这那和与或在是有把被由给并且而但则"
_LEAD = re.compile(  # 不占您的: 占; but 未付款的 is an attribute
    f'[{_EMPTY}直接自己另外额\\s「『“"]*(?P<word>[{HAN}](?:(?![{_EMPTY}])[{HAN}])?)(?![{HAN}]{{0,2}}的)'
)
_YES = re.compile(
    "(?:您好)?[，,]?(?:可以|能|支持|有|会|允许|需要|是)[用退换装寄开改]?[的哦呀啦]?[，,。!！;；]"
)
_NO = re.compile(
    "(?:您好)?[，,]?(?:抱歉|很抱歉|对不起)?[，,]?(?:不(?:可以|能|支持|会|允许|行|需要|用|是|提供)|没有)[用退换装寄开改]?[的哦呀啦]?[，,。!！;；]"
)
_DONT = re.compile("(?<![特区个级类分差识辨])别(?![的人墅名针超低高大小少多])")
_NONE = re.compile(rf"(?<![{HAN}])无(?![{HAN}])")  # in a table
_FOLLOWS = re.compile("(?:系统)?(?:[就则便]|会(?=自动|按))")  # 不取消，会自动续费 denies nothing
_SPARES = re.compile("免[收除]?(?!费|疫|得|打扰|安装|密)")
_DENIES = (NEGATOR, _DONT, _SPARES, _NONE)
_LIMIT = re.compile(
    "(?:别|不[要能可得宜应]?)[^，,]{0,4}超过"
)  # its figure is checked, no yes or no
_OF_THOSE = re.compile("^(?!.*[是可能会])[^，,]*[了过已][^，,]*的$")  # 您自己先付了运费的
_CONTENT = re.compile(rf"[{HAN}]|[a-z]+|\d+")
_OBJECT = ("把", "将")  # what follows is no verb: 不用把发票寄回
_PASSED = re.compile("[请就则也]|可以|建议")
_NO_CONTENT = frozenset(_EMPTY + "不没未无别勿")
_VERY_ALIKE = 0.9
_ALIKE = 0.75  # share of a clause's characters that the other one must have


class _Point(NamedTuple):
    text: str
    content: frozenset[str]  # its characters, words and figures
    around: frozenset[str]  # the same of its whole sentence, and of the passage's title
    denied: tuple[str, ...]  # the words behind its negators
    is_denial: bool


def turned(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` of which the closest source clause says the opposite."""
    known = [point for source in sources for point in _known(source)]
    found = _answered(sentence, sources)
    return found + [point.text for point in _points(plainly(sentence)) if _is_turned(point, known)]


def _answered(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the yes that a sentence begins with where its only passage begins with no."""
    if len(sources) != 1:
        return []
    body = sources[0].partition("\n")[2]
    for one, other in ((_YES, _NO), (_NO, _YES)):
        if (said := one.match(sentence)) and other.match(body):
            return [said.group()]
    return []


def _is_turned(point: _Point, known: Sequence[_Point]) -> bool:
    if len(point.content) < 3 or any(sign.search(point.text) for sign in (OPEN, _OF_THOSE, _LIMIT)):
        return False
    if point.denied and len(word := point.denied[0]) > 1:
        yes = [other for other in known if word in other.text and not other.is_denial]
        same = [  # 普通会员没有，银卡一张: what is denied stands in another clause
            other
            for other in known
            if word in other.denied
            or (other.is_denial and (word in other.text or not other.denied))
        ]
        no = [other._replace(around=other.content) for other in known if other.is_denial]
        if not yes and not same:  # 不享受, where the passage says 有
            rest = point._replace(content=point.content - set(word))
            yes = [
                other._replace(around=other.content)
                for other in known
                if not other.is_denial and SPARED not in other.text
            ]
            return _VERY_ALIKE <= _closest(rest, yes) > _closest(rest, no)
        return _ALIKE <= _closest(point, yes) > _closest(point, [*same, *no])
    if point.is_denial:
        return False
    no = [other for other in known if any(_is_in(word, point) for word in other.denied)]
    if not no:
        return False
    words = {word for other in no for word in other.denied if _is_in(word, point)}
    yes = [
        other
        for other in known
        if any(word in other.text and word not in other.denied for word in words)
    ]
    return _ALIKE <= _closest(point, no) > _closest(point, yes)


def _is_in(word: str, point: _Point) -> bool:
    return word in point.text or bool(
        len(word) > 1 and re.search(f"{word[0]}.{{1,2}}{word[1]}", point.text)
    )


def _closest(point: _Point, others: Sequence[_Point]) -> float:
    return max(
        (len(point.content & other.around) / len(point.content) for other in others), default=0.0
    )


@lru_cache(maxsize=1024)
def _known(source: str) -> tuple[_Point, ...]:
    title, _, body = source.partition("\n")
    if not body:
        return tuple(_points(plainly(source)))
    said = "\n".join([body, *answered(source)])
    return tuple(_points(plainly(said), plainly(title)))


def _points(text: str, title: str = "") -> Iterator[_Point]:
    heading = _content(title)
    for sentence in _SENTENCE.finditer(text):
        around = _content(sentence.group()) | heading
        clauses = _CLAUSE.findall(sentence.group())
        for clause, after in zip_longest(clauses, clauses[1:], fillvalue=""):
            if not (ASKS.search(clause) or _FOLLOWS.match(after)):
                signs = [no for sign in _DENIES for no in sign.finditer(clause)]
                signs = [no for no in signs if not _PASSED.match(clause, no.end())]
                ends = [no.end() for no in signs if no.group() != "没"]  # 没推到底 forbids nothing
                ends = [end for end in ends if clause[end : end + 1] not in _OBJECT]
                leads = [lead["word"] for end in ends if (lead := _LEAD.match(clause, end))]
                content = _content(clause)
                yield _Point(clause, content, around, tuple(leads), bool(signs))


def _content(text: str) -> frozenset[str]:
    return frozenset(_CONTENT.findall(text)) - _NO_CONTENT
