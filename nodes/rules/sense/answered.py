"""Say outright what a passage answers to its own question: 能加精油吗？不能 denies 加精油."""

import re
from collections.abc import Iterator
from itertools import pairwise

_MAY = "可不可以|能不能|能否|可以|支持|能"
_WILL, _IS, _MUST = "会不会|会", "是不是|是否|是", "要不要|需不需要|需要|(?<!需)要"
_ASKED = re.compile(  # a title, or a heading inside
    rf"(?:#+\s*)?(?P<before>.*)(?:(?P<may>{_MAY})|(?P<will>{_WILL})|(?P<is>{_IS})"
    rf"|(?P<must>{_MUST}))(?P<what>[^，,。；;？?]+?)(?P<asks>吗)?[？?]?"
)
_SAID = re.compile(
    r"(?:[抱很歉]+[，,])?(?P<no>不)?(?P<says>可以|支持|能|会|是|需要?|要|用)(?P<end>的?[，,。；;])?"
)
_SAYS = {"may": "可以支持能", "will": "会", "is": "是", "must": "需要用"}
_ENOUGH_CHARS = 3  # 能用吗, 不能 says less than the sentence behind it
_OPEN = re.compile("怎|多[久少]|几|哪|什么|如何")


def answered(passage: str) -> Iterator[str]:
    """Yield each question of a passage that is answered by its own yes or no, as it is answered."""
    for question, answer in pairwise(filter(None, passage.split("\n"))):
        said = _SAID.match(answer)
        match = _ASKED.fullmatch(question) if said else None
        if not said or not match:
            continue
        kind = next(kind for kind in _SAYS if match[kind])
        modal = match[kind].partition("不")[0].removesuffix("否")
        what, is_asked = match["what"], match["asks"] or modal != match[kind]
        if not is_asked or len(what) < _ENOUGH_CHARS or _OPEN.search(what):
            continue
        again = answer[said.end() :][:2]
        if said["says"] in _SAYS[kind] and (said["no"] or said["end"] or again in what):
            subject = re.split("[，,。；;]", match["before"])[-1]  # 能加，但 is no yes; 可以找回 is
            yield f"{subject}{'不' if said['no'] else ''}{modal}{what}。"
