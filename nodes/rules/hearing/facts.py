"""What customers say about themselves that is worth remembering, and their wish to be forgotten."""

import re
from collections.abc import Sequence

from tools.profiles import Profile
from tools.search.types import Passage
from tools.text.normalise import fold
from tools.text.pii import mask
from tools.text.regions import PLACE, province

TOPIC_CHARS = 80
WHOLE_CHARS = 40  # a longer message says more than a wish to be forgotten

_REGION = re.compile(
    r"(?:我|咱)们?(?:这|家|人|现在|目前|一直|就|平时|边|里|儿|也|都|常年|老家)*"
    r"(?:住在?|在|是|位于|来自|搬到了?|属于)(?:的?是)?(?P<region>" + PLACE + ")"
)
_LEVEL = re.compile(
    r"(?:我|咱)们?(?:现在|目前|已经|也|都|就)*(?:是|有)(?:你们)?(?:家|店)?的?"
    r"(?P<zh>(?!不|什|哪|新|非)[\u4e00-\u9fffa-z0-9]{1,4}(?:会员|vip|卡用户))"
    r"|\bi(?:'m| am) (?:an? |your )?(?P<en>(?!new|not)[a-z]{3,10} (?:member|cardholder))\b"
)
_OWNS = re.compile(
    r"(?:我|咱)们?(?:家|这)?的|(?:我|咱)们?(?:家|刚|前几天|上个?[周月])*(?:买了|买的|用的|有一?[台个款把])"
    r"|\b(?:my|our|i (?:have|own|bought|use))\b"
)
_DOUBT = re.compile(r"[?？]|吗|如果|要是|假如|会不会|是不是|\bif\b")
_DATA = r"(?:个人)?(?:资料|信息|数据|档案|记录|偏好)"
_FORGET = re.compile(
    r"(?:请|麻烦|帮我|帮忙|给我|你|你们|现在|立刻|马上|把|将)*"
    r"(?:(?:忘记|忘掉|忘了)(?:掉|了)?(?:我|关于我的一?切?)(?:的?"
    + _DATA
    + r"|这个人|的一切|吧|了)*"
    r"|(?:删除|删掉|删了|清除|清空|抹掉|抹去|销毁)(?:掉|了)?(?:你们?)?(?:所有|全部)?(?:关于)?我的?"
    r"(?:所有|全部)?的?" + _DATA + r"(?:吧|了)?"
    r"|(?:关于)?我的?(?:所有|全部)?的?" + _DATA + r"(?:全部?|都|统统)?"
    r"(?:给我)?(?:删除|删掉|删了|删|清除|清空|清掉|抹掉|忘掉|忘了)(?:掉|了|吧)*"
    r"|(?:你们?)?(?:记住|记得|知道)的?(?:关于)?我?的?(?:事|一切|东西|内容|"
    + _DATA
    + r")?(?:全部?|都)"
    r"(?:删除|删掉|删了|忘掉|忘了|清空)(?:吧)?"
    r"|(?:把|将)我(?:都|全|全部)?(?:忘了|忘掉|忘记)(?:掉|了|吧)*"
    r"|不要再?记住?我(?:的?" + _DATA + r")?(?:了)?)"
    r"|(?:please |can you |could you |i want you to )*(?:forget (?:about )?me|"
    r"(?:forget|delete|erase|remove|wipe|clear) (?:all )?(?:of )?(?:my (?:personal |saved |own )?"
    r"(?:data|information|info|profile|details)"
    r"|(?:everything|what|all) (?:that )?you (?:know|remember|saved|have|stored) (?:about|on) me))"
)
_AROUND = re.compile(r"[\s，,。.!！~～]+|谢谢你?们?|(?:please|thanks|thank you)$")


def facts(said: str, passages: Sequence[Passage]) -> Profile:
    """Return what the message tells of the customer: region, level and product owned, masked.

    Only plain statements count; a question or a condition about a place is none. A product is
    taken from the best passage, as the knowledge writes it, where the customer names it as theirs.
    """
    folded = fold(said)
    found: Profile = {}
    for clause in re.split(r"(?<=[，,。；;!！?？\n])", folded):
        is_doubtful = bool(_DOUBT.search(clause))
        if not is_doubtful and (region := _REGION.search(clause)):
            found["region"] = province(region["region"])
        if not is_doubtful and (level := _LEVEL.search(clause)):
            found["level"] = mask(level["zh"] or level["en"])
    product = passages[0]["product"] if passages else ""
    if product and fold(product) in folded and _OWNS.search(folded):
        found["product"] = mask(product)
    return found


def topic(question: str) -> str:
    """Return a question as it may be kept."""
    return mask(question)[:TOPIC_CHARS]


def asks_to_forget(said: str) -> bool:
    """Say whether the whole message tells Kefu to forget the customer; asking how is another."""
    folded = fold(said).strip()
    if len(folded) > WHOLE_CHARS or re.search(r"[?？]", folded):
        return False
    bare = _AROUND.sub(lambda m: " " if m[0].isspace() else "", folded).strip()
    return (
        _FORGET.fullmatch(bare) is not None or _FORGET.fullmatch(bare.replace(" ", "")) is not None
    )
