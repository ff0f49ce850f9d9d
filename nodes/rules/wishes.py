"""Hear the wishes that say so plainly what is to be done that no classifier need be asked.

Each only brings up the errand: whatever is changed is asked for a yes that names it.
"""

import re

from nodes.rules.errands import WRITES, is_beyond, new_address
from nodes.rules.orders import names_goods, order_numbers, said_of_goods
from tools.text.normalise import fold

MOST_PARTS = 6  # clauses of a message in which a wish is looked for
DECIDED_CHARS = 30  # of a message that only decides on what was talked of
_UNUSED = r"(?:还|都|也)?没有?(?:到|发货?|收到|拆封?|用|付[款钱])[过呢货]?"  # said beside the wish
_WISH = re.compile(
    rf"(?:[就是那这个台单笔款件我帮给把的想要请,，、\s]|一(?=[单个台笔款件])|订单|{_UNUSED})*"
    r"(?:(?P<cancel>取消)|不想?要|退(?:款|货(?=[掉了吧]))?)"
    r"(?:[掉了吧啊呀哈,，。.!！~\s那这个单笔的]|订单|谢谢)*"
)
_DECIDED = re.compile(
    r"(?P<led>(?:好[吧了]?|行了?|嗯|哦|那|就|还是|算了|直接|赶紧|麻烦|请|给我|帮我|我|要|想|[，,\s])*)"
    r"(?:(?P<cancel>取消(?:订单)?)|退[款货钱]?)[掉了]*"
    r"(?P<end>吧|好了)?[啊呀，,。.!！~\s]*(?:谢谢)?[。.!！~\s]*"
    r"|(?:ok(?:ay)?|then|just|so|please|[,\s])*(?:(?P<cancel_en>cancel)|refund|return)"
    r" (?:it|that|this)(?: order)?(?: then| please| now|[\s.!,])*"
)
_SAID_SO = re.compile(
    r"^(?:你们?|您|客服)(?:刚[才刚])?说(?:了|过)?(?:能|可以)(?:退[款货]?|取消)的?[，,\s]+"
)
_LEADS = re.compile(r"[那就行好]|还是|直接|算了|[给帮]我")
_SPLIT = re.compile(r"(?<=[，,。；;！!])|(?=和(?:取消|退|改|把))|(?=还有|然后|另外|顺便|再把)")
_DOES = {  # by what words a clause shows that it is the one about the tool's errand
    "refund_request": re.compile(r"退|不想?要|refund|return"),
    "cancel_order": re.compile(r"取消|cancel"),
    "change_address": re.compile(r"地址|改[寄送到成]|address"),
    "invoice": re.compile(r"发票|开票|invoice"),
    "logistics": re.compile(r"到哪|物流|[什啥]么?时候[能会]?[到发送]"),
}
_PAST = re.compile(r"(?:退|取消)[货款掉]?了[，,。；;！!\s]*$")  # 空气炸锅退了，钱没到 is no wish
_MONEY = re.compile(r"钱|到账|多久|几天")
_UNWANTED = re.compile(
    r"(?:[就那这个台单笔我先了]|订单|nz\d+)*(?:不|别|不要|不用|不想)(?:取消|退)[货款掉了]*"
    r"(?:[那这个单笔了吧，,。；;\s]|订单|nz\d+)*"
)
_WHERE = re.compile(
    r"(?:[帮我给请看查问那这个台单笔款件的现在下买,，\s]|一下|订单|快递|包裹|物流|麻烦)*"
    r"(?:到[哪那]|[什啥]么?时候[能会才可以]*(?:送?到|收到)(?!货|账))(?:[里儿了啦呢啊呀吗?？。.!！~\s])*"
)
_MOVES = re.compile(r"(?:[改换].{0,12}(?:地址|[寄送发到])|(?:地址|[寄送发]).{0,12}[改换])")
_NOT_MOVED = re.compile(
    r"(?:别|不要?|不用|不想|勿)(?:再|给我|帮我)?[改换寄送发把]|怎么|如何|\bhow\b|\bdo ?n'?t\b"
)
_ELSEWHERE = re.compile(r"退货地址|寄回|默认|发票|账单|资料|会员|户籍|注册|邮箱|网点|门店")


def wished(text: str) -> str:
    """Return the tool for a plain wish about goods, 空气炸锅那单不要了; "" for anything more."""
    text = wanted_part(text)
    said = said_of_goods(text)
    if wish := _WISH.fullmatch(said):
        return "cancel_order" if wish["cancel"] else "refund_request"
    if said and _WHERE.fullmatch(said):
        return "logistics"
    if _is_move(text):
        return "change_address"
    parts = _SPLIT.split(text) if not _MONEY.search(text) else []
    wishes = (_WISH.fullmatch(said_of_goods(p)) for p in parts[:MOST_PARTS] if not _PAST.search(p))
    first = next(filter(None, wishes), None) if len(parts) > 1 else None
    return ("cancel_order" if first["cancel"] else "refund_request") if first else ""


def decided(text: str, question: str) -> str:
    """Return the tool of a bare decision, 那就退了吧; "" for none.

    `question` is the message with what it leans on, which no tool here may be able to cancel; who
    was to have another instead may still decide to send it back.
    """
    folded = _SAID_SO.sub("", fold(text).strip())
    said = _DECIDED.fullmatch(folded) if len(folded) <= DECIDED_CHARS else None
    if said is None:
        return ""
    is_english = said["led"] is None
    if not (is_english or said["end"] or _LEADS.search(said["led"])):
        return ""
    tool = "cancel_order" if said["cancel"] or said["cancel_en"] else "refund_request"
    return "" if is_beyond(tool, question.replace("换", "")) else tool


def wanted_part(text: str) -> str:
    """Return a message without its clauses that say what is not wanted: 不取消A，取消B."""
    clauses = _SPLIT.split(text)
    kept = [c for c in clauses if not _UNWANTED.fullmatch(said_of_goods(c) or fold(c))]
    return "".join(kept) if len(clauses) > 1 else text


def gives_number(text: str) -> bool:
    """Say whether a message is an order's number and no more."""
    return bool(order_numbers(text)) and "NZ" in text.upper() and names_goods(text)


def part_about(text: str, tool: str) -> str:
    """Return the clauses of a message that are about what `tool` does; all where none is."""
    does = _DOES.get(tool)
    kept = [c for c in _SPLIT.split(text) if does and does.search(fold(c))]
    return "".join(kept) or text


def wants_another(text: str, tool: str) -> bool:
    """Say whether a message wants something else done besides what `tool` does.

    取消A9那单，钱退给我 wants one thing: of two changes each must name its goods.
    """
    parts = [fold(c) for c in _SPLIT.split(wanted_part(text))[:MOST_PARTS]]
    own = _DOES.get(tool)
    rest = [c for c in parts if not (own and own.search(c))]
    if len(rest) == len(parts):
        return False
    is_named = any(said_of_goods(c) or order_numbers(c) for c in parts if c not in rest)
    for name, does in _DOES.items():
        others = [c for c in rest if name != tool and does.search(c)]
        named = [c for c in others if said_of_goods(c) or order_numbers(c)]
        if (is_named and named) or (others and name not in WRITES):
            return True
    return False


def _is_move(text: str) -> bool:
    """Say whether a message wants goods sent to the address that it tells."""
    address = new_address(text)
    rest = fold(text.replace(address, " ")) if address else ""
    is_aside = _ELSEWHERE.search(rest) or _NOT_MOVED.search(rest)
    return _MOVES.search(rest) is not None and not is_aside
