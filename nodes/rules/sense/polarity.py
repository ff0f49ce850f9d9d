"""Notice a negation that a sentence drops or adds, against the passages it rests on.

Text is cut into clauses and each pair of neighbouring characters gets a sign: denied behind a
negator up to the clause's end, else affirmed. What a sentence affirms must not be found in the
passages denied only, and the other way round. Questions affirm nothing.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from operator import add
from typing import NamedTuple

from nodes.rules.sense.answered import answered
from nodes.rules.wording.plainly import plainly
from tools.text.normalise import HAN

MARK = re.compile(r"\[\d[\d,，、 ]{0,12}\]")
SENTENCE = re.compile(r"[^。；;！!？?\n]+[？?]?")
_CLAUSE = re.compile(r"(?:[^，,。；;：:！!？?\n（）()|]|:(?=\d))+[？?]?")
NEGATOR = re.compile(
    "(?<!差)不(?!(?:要|能|可以?|得|宜|应)超过|满|足|够|超过|少于|到(?=\\s?[\\d一二两三四五六七八九十百千半几])|低于|高于|大于"
    "|小于|同(?!意)|仅|但|过(?![期保])|管|论|限|锈|然|错|一定|妨|如|久|良|清|打算|想|愿|希望|容易)"
    "(?:能够?|可以?|会|用|必|需要?|得|要|再|支持|可|予|由|在|是|算|属于|参加|[了到](?!\\d))?"
    "|无(?:法|需|须|权)|没(?!满|有?(?:关系|问题))(?:有|法|办法)?|非(?![常洲法但要])|未(?!来)"
    "|(?<![特区个级类分差识辨告性])别(?![的人墅名针超低高大小少多处称致])|勿|切勿|禁止|拒绝|拒(?![收签])|避免|谢绝|暂停|停止|停(?=用)|尚未"
)
_THEN = ("就", "则", "会")
_ENDS = re.compile(
    "[就才则也]|会(?=自动|被)|请(?!求)|建议|的话|照样|仍[然可能]|(?<!有)可以"
)  # 不到位就
_ATTRIBUTE_ENDS = re.compile("[的就才则会将即时也]|请(?!求)|建议|照样|仍[然可能]")  # 未付款的
_STILL = ("的", "也", "照样", "仍然", "仍可", "仍能")  # what is denied is no hindrance
_OUTRIGHT = re.compile("[法能可会支用必需要得再禁切别勿拒谢了到]")  # denies a verb
ASKS = re.compile(
    "[？?]$|有没有|会不会|要不要|用不用|吗|能不能|可不可以|是不是|[是能可]否|怎么|多久|几[天张个]"
)
_NEED_NOT = re.compile("无[需须]|不(?:需要?|必|用)")
_NEEDS = re.compile("需|必须|务必|要|得")
_BORNE = re.compile("免|我[们方]来?(?:承担|负担|出)")
SPARED = "免"  # 免检测费 is 不收检测费
_RATHER = re.compile("而(?=不?是)")
OPEN = re.compile(
    "(?:的话|的时候)[;。]?$|^(?:如果|若|要是|假如|倘若|[不无][管论]|为了?(?![您你何什])|[您你]?不(?:想|愿|打算|希望)|以免|以防|避免)"
)  # says nothing outright
_EMPTY = re.compile("[的了也还仍都就再太可以能会要请您你我们]")
_AFFIRMS = (
    "(?:可以?|能够?|会|支持|也|仍|还|需要|提供|参加|属于|享受|接受|都|照样|依然|得|在|是|等于"
    "|有|设有|建议)"
)
_BESIDE = re.compile(rf"[与和跟同](?P<who>[{HAN}]{{2,4}})")
_OTHERS = re.compile("(?=其[他它余]|别的|另[一外])")
_MOSTLY = 0.6  # share of a clause's pairs
_RUNS = re.compile(f"[{HAN}]+|[a-z0-9]+")
_ENGLISH = re.compile(
    r"\b(?:not|no|never|cannot|without|unable|can't|won't|(?:do|does|is|are)n't)\b"
)


class _Clause(NamedTuple):
    text: str
    affirmed: frozenset[str]
    denied: frozenset[str]
    all: frozenset[str]  # both
    is_denial: bool
    negators: int
    outright: frozenset[str]  # what is denied of the subject itself: not 没填邮箱的
    beside: frozenset[str]  # what it denies together with: 不能与花呗分期组合付款
    topic: frozenset[str]  # pairs of the whole sentence: its subject may stand in another clause
    title: frozenset[str] = frozenset()  # the same of the passage's first line


class _Sources(NamedTuple):
    """The clauses of passages, and what stands in any of them."""

    clauses: tuple[_Clause, ...]
    affirmed: frozenset[str]
    denied: frozenset[str]
    spared: frozenset[str]  # what need not be done


def contradictions(sentence: str, sources: Sequence[str]) -> list[str]:
    """Return the clauses of `sentence` whose sense the sources turn round."""
    known, affirmed, denied, spared = _together(tuple(sources))
    return [
        clause.text
        for clause in _clauses(plainly(sentence))
        if not (ASKS.search(clause.text) or OPEN.search(clause.text))
        and (
            _is_denied(
                clause, affirmed, denied if _NEEDS.search(clause.text) else denied - spared, known
            )
            or _is_affirmed(clause, affirmed, denied, known)
        )
    ]


@lru_cache(maxsize=64)  # the sentences of an answer have the same few passages
def _together(sources: tuple[str, ...]) -> _Sources:
    return _joined([_known(source) for source in sources])


@lru_cache(maxsize=1024)
def _known(source: str) -> _Sources:
    title = pairs(plainly(source.partition("\n")[0]))
    told = [
        clause._replace(title=title)
        for clause in _clauses(plainly("\n".join([source, *answered(source)])))
        if not ASKS.search(clause.text)
    ]
    spared = [one.denied if _NEED_NOT.search(one.text) else frozenset[str]() for one in told]
    parts = zip(told, spared, strict=True)
    return _joined([_Sources((one,), one.affirmed, one.denied, need) for one, need in parts])


def _joined(parts: Sequence[_Sources]) -> _Sources:
    return _Sources(
        tuple(clause for part in parts for clause in part.clauses),
        frozenset[str]().union(*(part.affirmed for part in parts)),
        frozenset[str]().union(*(part.denied for part in parts)),
        frozenset[str]().union(*(part.spared for part in parts)),
    )


def _is_denied(
    clause: _Clause, affirmed: frozenset[str], denied: frozenset[str], known: Sequence[_Clause]
) -> bool:
    """Say whether the clause affirms what the sources only deny."""
    if clause.is_denial or not (against := clause.affirmed & denied - affirmed):
        return False
    known = [other for other in known if not other.beside or other.beside & clause.all]
    fewer = clause.negators  # 没用的月 for 未使用的月: a negation dropped leaves fewer
    denials = (other.denied for other in known if not fewer or other.negators > fewer)
    against &= frozenset[str]().union(*denials)
    if len(against) >= max(2, 0.25 * len(clause.affirmed)):
        return True
    if any(
        len(clause.all & other.all) >= _MOSTLY * len(clause.all)
        for other in known
        if not other.negators
    ):
        return False
    return any(_is_said(pair, clause.text) for pair in against if _is_about(pair, clause, known))


def _is_said(pair: str, clause: str) -> bool:
    """Say whether a pair is what its clause is about to say: behind a modal verb, or at the end."""
    said = re.escape(pair)
    led, last = rf"{_AFFIRMS}[{HAN}]{{0,4}}?{said}", rf"{said}[{HAN}]?[^{HAN}]*$"
    return bool(re.search(rf"{led}|{last}|{said}[后过][也还仍]", clause))


def _is_affirmed(
    clause: _Clause, affirmed: frozenset[str], denied: frozenset[str], known: Sequence[_Clause]
) -> bool:
    """Say whether the clause denies what the sources only affirm."""
    if not clause.is_denial:
        return False
    against = clause.outright & affirmed - denied
    if not against or clause.outright & denied:
        return False
    if any(  # 净化器不能参加以旧换新, where 净化器暂不参加 stands below 以旧换新
        other.is_denial
        and 2 * len(clause.affirmed & other.all) >= len(clause.affirmed) > 0
        and clause.outright & (other.topic | other.title)
        for other in known
    ):
        return False
    near = _nearest(clause, known)
    if len(against) == 1:
        enough = max(3, 0.5 * len(clause.all))
        near = [other for other in near if len(clause.all & other.all) >= enough]
    return bool(near) and not any(
        other.negators >= clause.negators or _BORNE.search(other.text) for other in near
    )


def _is_about(pair: str, clause: _Clause, known: Sequence[_Clause]) -> bool:
    """Say whether a source clause that denies `pair` speaks of the same as the clause."""
    said, enough = clause.all, min(2, len(clause.all))
    return any(
        pair in other.denied
        and (len(said & other.topic) >= enough or 2 * len(said & other.title) > len(said) > 2)
        for other in known
    )


def _nearest(clause: _Clause, known: Sequence[_Clause]) -> list[_Clause]:
    shared = [len(clause.all & other.all) for other in known]
    most = max(shared, default=0)
    return [c for c, n in zip(known, shared, strict=True) if n >= max(2, 0.8 * most)]


def _clauses(text: str) -> Iterator[_Clause]:
    text = _RATHER.sub("，", text)
    clauses = (
        (match.group().strip(), topic)
        for sentence in SENTENCE.findall(text)
        for topic in [pairs(sentence)]
        for match in _CLAUSE.finditer(sentence)
    )
    for clause, topic in clauses:
        affirmed, denied = set[str](), set[str]()
        outright, undone, beside = set[str](), set[str](), set[str]()
        at, is_denial, negators = 0, False, 0
        for negator in NEGATOR.finditer(clause):
            if negator.start() < at:
                continue
            affirmed |= pairs(clause[at : negator.start()])
            ends = _ENDS if _OUTRIGHT.search(negator.group()) else _ATTRIBUTE_ENDS
            end = ends.search(clause, negator.end())
            at = end.start() if end else len(clause)
            scope, *others = _OTHERS.split(clause[negator.end() : at], maxsplit=1)
            said = pairs(scope)
            undone |= pairs("".join(others))  # 不能改到其他账户 denies no 账户
            if partner := _BESIDE.match(scope):
                beside |= pairs(partner["who"])
            is_open = negator.group() == "没" or (end and end.group() in _THEN)
            (undone if is_open else denied).update(said)  # 没推到底 and 不取消会续费 forbid nothing
            negators += 1
            if not end or end.group() not in _STILL:
                is_denial = True
                outright |= said
        affirmed |= pairs(clause[at:])
        is_denial = is_denial or bool(_ENGLISH.search(clause))
        both = frozenset(affirmed | denied | undone)
        yield _Clause(
            text=clause,
            affirmed=both - denied - undone,
            denied=frozenset(denied),
            all=both,
            is_denial=is_denial,
            negators=negators,
            outright=frozenset(outright),
            beside=frozenset(beside),
            topic=topic,
        )


@lru_cache(maxsize=4096)  # several checks read the same clauses
def pairs(text: str) -> frozenset[str]:
    """Return the neighbouring characters of each run, without function words."""
    pairs = set[str]()
    for run in _RUNS.findall(text):
        if run[0].isascii():
            continue
        for part in _EMPTY.split(run):
            pairs.update(map(add, part, part[1:]))
    return frozenset(pairs)
