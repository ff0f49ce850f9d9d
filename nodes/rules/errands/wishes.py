"""Hear the wishes that say so plainly what is to be done that no classifier need be asked.

Each only brings up the errand: whatever is changed is asked for a yes that names it.
"""

import re

from nodes.rules.errands.errands import WRITES, is_beyond, new_address
from nodes.rules.errands.goods import meant, said_of_goods
from nodes.rules.errands.order_tails import tail
from nodes.rules.errands.orders import names_goods, order_numbers
from nodes.rules.hearing.rewrite_words import ASKS
from tools.text.normalise import fold

MOST_PARTS = 6  # clauses of a message in which a wish is looked for
DECIDED_CHARS = 30  # of a message that only decides on what was talked of
_UNUSED = r"(?:还|都|也)?没有?(?:到|发货?|收到|拆封?|用|付[款钱])[过呢货]?"  # said beside the wish
_WISH = re.compile(
    rf"(?:[就只是那这个台单笔款件我帮给把的想要请和跟与都先再,，、\s]|一(?=[单个台笔款件])|订单|{_UNUSED})*"
    r"(?:(?P<cancel>取消|cancel)|(?:refund|return)(?=一)|不想?要|退(?:款|货(?=[掉了吧]))?)"
    r"(?:[掉了吧啊呀哈,，。.!！~\s那这个单笔的和跟与、]|一下|订单|orders?\b|谢谢)*"
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
_WISH_EN = re.compile(
    r"(?:please|pls|just|also|then|and|so|hi|hello|(?:can|could|would|will) you|you can|let'?s"
    r"|go ahead and|i(?: just)? (?:want|wanna|need|would like|wish)(?: to)?"
    r"|i'?d like(?: to)?|[,\s])*"
    r"(?:(?P<cancel>cancel)|refund|return|send back)(?: me)?"
    r"(?:\s+(?:the|my|that|this|those|order|of|for|and|one|back|now|too|as well"
    r"|please|pls|thanks|thank you))*[\s.!?,]*"
)
_WHERE_EN = re.compile(
    r"(?:hi|hello|please|pls|so|and|also|can you (?:tell|check)(?: me)?|[,\s])*"
    r"where(?:'?s| is| are)"
    r"(?:\s+(?:the|my|that|order|parcel|package|now|at))*[\s.?!,]*"
)
_URGES = re.compile(
    r"(?:[帮我给请麻烦你们能不可以再那这个单笔款件的,，\s]|一下|订单|快递|物流|包裹|发货)*催"
    r"(?:[单促发货送快递一下点儿那这个笔的吧啊吗行,，。!！?？\s]|订单|物流|包裹|进度|谢谢)*"
)
URGED_CHARS = 24
_URGED = re.compile(r"催(?!我|款|费|缴|付)|\b(?:hurry|speed) (?:it|them|that) up\b|\bexpedite\b")
_LEADS = re.compile(r"[那就行好]|还是|直接|算了|[给帮]我")
_SPLIT = re.compile(
    r"(?<=[，,。；;！!?？])(?!$)|(?=和(?:取消|退|改|把))|(?=还有(?![多几])|然后|另外|顺便|再把)"
    r"|(?=\b(?:and|also|then|plus) (?:also |then |please )*"
    r"(?:can|could|please|pls|cancel|refund|return|where|what|how|i)\b)"
)
_BESIDE = re.compile(
    r"\s*(?:另外|还有|顺便|对了|再问|还想问|顺带)"
    r"|\s*(?:and |also )+(?:how|what|when|do|does|is|are|can i|why)\b"
)  # 另外保修多久 asks about nothing before it
_BESIDE_LEAD = re.compile(
    r"\s*(?:(?:另外|还有|顺便|对了|再|还|顺带|我(?=想问|想再|还想|再|要问)|想(?=再?问)|请|问|一?下|[，,、\s])+|(?:and|also|plus|[,\s])+)",
    re.I,
)
_OF_PARCEL = re.compile(r"到哪|物流|催|\bwhere\b")
TALE_CHARS = 40  # from which a message tells how it came to the wish
MOST_TALE_CHARS = 1000
MOST_CLAUSES = 40
_CLAUSES = re.compile(r"[，,。；;！!?？~～\s]+")
_TALE_WISH = re.compile(
    "(?:我|就|现在|想|要|能不能|能否|可不可以|可以|麻烦|请|你们?|您|给|帮|把|它|他|这个?|那个?|一?台|东西|机器|所以|因此|还是|干脆|直接|一下|订单|的话)*"
    "(?:(?P<cancel>取消)|不想?要|退(?:货|款)?)(?:了|掉|订单|它|这[个单]|那[个单]|吧|啊|呀|吗|么|行吗|行不行|好吗|好不好|可以吗|谢谢)*"
)
_TALE_PAST = re.compile(
    "已经?(?:退|取消)|(?:退|取消)[货款]?(?:了|过)[^，,。]{0,4}(?:没|还|怎么)|[没不](?:想|打算|要)?(?:退|取消)|换(?:货|新|一)|维修|修好"
)
_DOES = {  # by what words a clause shows that it is the one about the tool's errand
    "refund_request": re.compile(r"退|不想?要|refund|return"),
    "cancel_order": re.compile(r"取消|不想?要|cancel"),
    "change_address": re.compile(r"地址|改[寄送到成]|address"),
    "invoice": re.compile(r"发票|开票|invoice"),
    "logistics": re.compile(r"到哪|物流|催|[什啥]么?时候[能会]?[到发送]|\bwhere"),
}
_PAST = re.compile(r"(?:退|取消)[货款掉]?了[，,。；;！!\s]*$")  # 空气炸锅退了，钱没到 is no wish
_MONEY = re.compile(r"钱|到账|多久|几天")
_UNWANTED = re.compile(
    r"(?:[就那这个台单笔我先了和跟与及、\s]|订单|还有|但是?|不过|nz\d+)*(?:不|别|不要|不用|不想)(?:取消|退)[货款掉了]*"
    r"(?:[那这个单笔了吧和跟与及、，,。；;\s]|订单|nz\d+)*"
)
_SLIP = re.compile(  # what comes after it is meant instead of what came before
    r"(?:[哦啊哎呃诶]|等等|等一?下|不好意思|抱歉)*(?:不对|我?[说打写搞弄]错了?|更正|no|sorry|wait)[，,。.!！；;\s]*"
)
_WHERE = re.compile(
    r"(?:[帮我给请看查问那这个台单笔款件的现在下买,，\s]|一下|订单|快递|包裹|物流|麻烦)*"
    r"(?:到[哪那]|[什啥]么?时候[能会才可以]*(?:送?到|收到)(?!货|账))(?:[里儿了啦呢啊呀吗?？。.!！~\s])*"
)
_MOVES = re.compile(r"(?:[改换].{0,12}(?:地址|[寄送发到])|(?:地址|[寄送发]).{0,12}[改换])")
_MOVE_WISH = re.compile(  # of goods that are named, without the new address
    r"^(?![^，,。]*(?:退货|寄回|默认|发票|账单|注册|网点|别|不))[^，,。]{0,12}地址[^，,。怎么吗呢?？]{0,6}"
    r"(?:要|想|得|给我|帮我)?[改换]|^(?:帮我|给我|我想|我要|想|要|把|麻烦|请|先)+[改换]个?[^，,。]{0,8}地址"
)
_NOT_MOVED = re.compile(
    r"(?:别|不要?|不用|不想|勿)(?:再|给我|帮我)?[改换寄送发把]|怎么|如何|\bhow\b|\bdo ?n'?t\b"
)
_ELSEWHERE = re.compile(r"退货地址|寄回|默认|发票|账单|资料|会员|户籍|注册|邮箱|网点|门店")


def wished(text: str) -> str:
    """Return the tool for a plain wish about goods, 空气炸锅那单不要了; "" for anything more."""
    wanted = wanted_part(text)
    text = text if names_goods(wanted) else wanted  # 取消A9，不对，S10: what to do is said before
    said = said_of_goods(text)
    if wish := _plain(_said_of_order(text)):
        return _tool(wish)
    if said and any(way.fullmatch(said) for way in (_WHERE, _WHERE_EN, _URGES)):
        return "logistics"
    if _is_move(text) or (said and _MOVE_WISH.search(said) and not ASKS.search(said)):
        return "change_address"
    parts = [p for p in _SPLIT.split(text) if not _BESIDE.match(p)]
    parts = parts if not any(map(_MONEY.search, parts)) else []
    wishes = (_plain(_said_of_order(p)) for p in parts[:MOST_PARTS] if not _PAST.search(p))
    first = next(filter(None, wishes), None) if _SPLIT.search(text) else None
    return (_tool(first) if first else "") or _told_at_length(text)


def _said_of_order(text: str) -> str:
    """Return what a message says of the goods or the order's number that it names, folded."""
    rest = fold(text)
    for number in order_numbers(text):
        rest = rest.replace(fold(number), "")
    return said_of_goods(text) or (rest if rest != fold(text) else "")


def _plain(said: str) -> re.Match[str] | None:
    return _WISH.fullmatch(said) or (_WISH_EN.fullmatch(said) if said.isascii() else None)


def _tool(wish: re.Match[str]) -> str:
    return "cancel_order" if wish["cancel"] else "refund_request"


def _told_at_length(text: str) -> str:
    """Return the tool of a wish at the end of a long tale that names goods, 现在我就不想要了."""
    folded = fold(text)
    if not TALE_CHARS <= len(folded) <= MOST_TALE_CHARS or not said_of_goods(text):
        return ""
    clauses = [clause for clause in _CLAUSES.split(folded) if clause][:MOST_CLAUSES]
    wish = next(filter(None, map(_TALE_WISH.fullmatch, clauses)), None)
    return _tool(wish) if wish and not _TALE_PAST.search(folded) else ""


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
    if len(clauses) == 1:
        return text
    slips = [at for at, c in enumerate(clauses) if _SLIP.fullmatch(fold(c))]
    if slips and any(_names(c) for c in clauses[slips[-1] :]):  # 取消A9和V8，不对，只取消V8
        clauses = clauses[slips[-1] + 1 :]
    return "".join(c for c in clauses if not _UNWANTED.fullmatch(said_of_goods(c) or fold(c)))


def _names(clause: str) -> bool:
    return bool(meant(fold(clause)) or order_numbers(clause) or tail(clause))


def gives_number(text: str, told: str = "") -> bool:
    """Say whether a message is an order's number and no more; after one was `told`, its end."""
    is_number = (order_numbers(text) and "NZ" in text.upper()) or (told and tail(text))
    return bool(is_number) and names_goods(text)


def urges(text: str) -> bool:
    """Say whether a short message wants what was just told of to be hurried: can you 催一下."""
    return len(text) <= URGED_CHARS and _URGED.search(fold(text)) is not None


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
    return any(_BESIDE.match(c) and (c.isascii() or ASKS.search(c)) for c in rest)


def without_beside(text: str) -> str:
    """Return a message without the question that `beside` finds: it says nothing of the errand."""
    aside = beside(text)
    return text.replace(aside, "") if aside else text


def beside(text: str) -> str:
    """Return the one question that a message asks besides its wish, 另外保修多久; "" for none.

    About a certain order, or itself a wish, it is an errand of its own.
    """
    parts = _SPLIT.split(text)
    asked = [p for p in parts if _BESIDE.match(p) and (p.isascii() or ASKS.search(p))]
    if len(asked) != 1 or order_numbers(asked[0]) or _OF_PARCEL.search(fold(asked[0])):
        return ""
    if new_address(asked[0]) or wished(asked[0]):
        return ""
    return _BESIDE_LEAD.sub("", asked[0], count=1).strip()


def _is_move(text: str) -> bool:
    """Say whether a message wants goods sent to the address that it tells."""
    address = new_address(text)
    rest = fold(text.replace(address, " ")) if address else ""
    is_aside = _ELSEWHERE.search(rest) or _NOT_MOVED.search(rest)
    return _MOVES.search(rest) is not None and not is_aside
