"""Find sentences in which the assistant claims to have acted, or to be about to."""

import re
from typing import Literal, NamedTuple

Kind = Literal["handoff", "refund", "cancel", "address", "ticket", "other"]


class Claim(NamedTuple):
    """A claimed action, and the clause that claims it."""

    kind: Kind
    text: str


_CLAUSE = re.compile(r"[^，,。；;！!？?\n]+[，,。；;！!？?\n]?")
_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (
        "handoff",
        re.compile(
            r"转接|转人工|转给|转交|接入人工|人工客服|专员|升级(?:至|到|给)|transfer"
            r"|connect|escalat|hand(?:ed|ing)? (?:you )?(?:over|off)|live agent"
            r"|human agent",
            re.I,
        ),
    ),
    ("address", re.compile(r"地址|address", re.I)),
    ("cancel", re.compile(r"取消|撤销|关闭订单|cancel", re.I)),
    (
        "refund",
        re.compile(r"退款|退钱|退了|退回|退还|退费|赔付|补偿|赔偿|refund|reimburs|compensat", re.I),
    ),
    (
        "ticket",
        re.compile(
            r"工单|登记|记录|反馈|上报|投诉|催(?:促|单|办|一下)|备注|ticket|complaint"
            r"|logged|report(?:ed)?\b|noted",
            re.I,
        ),
    ),
)
_ACT = (
    "(?:转接?|接入|提交|申请|退[款还回货费]?|取消|撤销|修改|更改|改[好成为]?|变更|更新"
    "|登记|记录|反馈|上报|创建|生成|建立|开[通具好]?|安排|预约|补发|换货|发送|发放|发货"
    "|寄出|下单"
    "|办理|处理|赔付|补偿|延长|加急|催[促单办]?|备注|设置|重置|解[除绑锁]|绑定|激活|升级"
    "|通知|联系|通过|完成|受理|删除|冻结|注销|领取|核实|报销|减免|免除|打款|转账|换开|补寄|寄|返还|赠送|兑换|续费)"
)
_FOR_YOU = "(?:为|帮|给|替|向)(?:您|你)"
_SOON = "(?:已经?|刚刚?|正在|马上|立即|立刻|这就|现在就?|即将)"
_STAFF = "(?:专员|客服|工程师|师傅|同事|主管|经理|快递员)"
_ME = "(?:我们?|这边|小暖|客服)"
_STATE = (  # 已经绑满 5 台: nobody did it; but 已经到期打款 was done
    "(?:[过满超没不有在是逾]|到期)(?![^，,。]{0,2}(?:[退赔补收付寄]|打款))|失效|用[完满]|[^，,。]满(?!额)"
)
_DONE = re.compile(
    # 已为您转接, 正在帮您处理, 我们会在 48 小时内为您安排, 稍后会给您退款
    rf"{_SOON}[^，,。]{{0,4}}?{_FOR_YOU}[^，,。]{{0,12}}?{_ACT}"
    rf"|(?:我们?|这边|小暖)[^，,。]{{0,10}}?{_FOR_YOU}[^，,。]{{0,12}}?{_ACT}"
    rf"|^(?:会|将|稍后|随后|接下来)[^，,。]{{0,6}}?{_FOR_YOU}[^，,。]{{0,12}}?{_ACT}"
    # 已将订单取消, 我把地址改好了
    rf"|(?:我们?|这边|{_SOON})[^，,。]{{0,4}}?(?:将|把)[^，,。]{{0,14}}?{_ACT}"
    # 您的退款已提交, 订单已取消
    r"|(?:您的?|你的?|退款|订单|工单|地址|申请|预约|发票|投诉|问题|反馈|券|补偿|款项|积分"
    r"|换货|包裹)[^，,。]{0,10}?"
    rf"(?:已经?|已被|已成功|成功)(?:经|被|成功|为您|帮您|由系统|原路|全[额部])*{_ACT}"
    # 已提交退款, 正在转接人工
    rf"|^(?:好的?|没问题|我|我们|这边|系统)?\s?(?:已经?|已成功|刚刚?|正在)(?:成功|全部|帮忙)?{_ACT}"
    rf"|(?:我|我们|这边)(?:已经?|刚|会|将|马上|立即|这就|来)[^，,。]{{0,6}}?{_ACT}"
    # 我已经帮您把券延期了: whatever the act, it was done for the customer
    rf"|{_SOON}[^，,。]{{0,4}}?{_FOR_YOU}[^，,。]{{1,16}}?(?:了|好|成功|完毕|完成)(?=[。！!，,]|$)"
    # 我已经帮您约好了明天的, 我刚刚给您的账号加了: likewise, wherever the act ends
    rf"|{_ME}[^，,。]{{0,3}}?{_SOON}[^，,。]{{0,3}}?{_FOR_YOU}"
    rf"|{_ME}[^，,。]{{0,3}}?{_FOR_YOU}[^，,。]{{1,8}}?了"
    # 邀请已经发送给您的家人, 差价已到您账上
    r"|^[^，,。]{1,10}已经?(?:被|成功|全部)*[^，,。的]{1,6}[给到至入进]了?(?:您|你)"
    # 128 元今天就会退到您账上
    rf"|(?:今天|今晚|明天|稍后|马上|立刻|立即|这就)[^，,。]{{0,2}}[会将就][^，,。]{{0,2}}?{_ACT}[^，,。]{{0,4}}?(?:您|你)"
    # 您的账号已解冻, 给您申请了 50 元, 专员已经在联系您了
    rf"|^(?:您|你)的[^，,。的]{{1,8}}(?:已经?|刚刚?)(?!经|{_STATE})[^，,。的]{{1,8}}|^{_FOR_YOU}[^，,。]{{0,6}}?{_ACT}[^，,。]{{0,3}}?了"
    rf"|^[^，,。]{{0,6}}{_STAFF}[^，,。]{{0,3}}?{_SOON}[^，,。]{{0,6}}?(?:您|你|处理|跟进|出发|核实|上门)"
)
_MY_ACT = re.compile(  # I've removed your listing: whatever it is but a look-up
    r"\bi(?:(?:'ve| have)(?: just| already| now| also| gone ahead and| successfully)*"
    r"|(?: just| already| went ahead and)*(?=\s[a-z]+ed\b))"
    r"\s(?!found|checked|looked|listed|included|explained|outlined|summari|noticed|understood|read"
    r"|seen|got|heard|had|no\b|not\b|to\b|an?\b|the\b|some|any|been)[a-z]+\b[^.!?]*\byou",
    re.IGNORECASE,
)
_LOOKED_UP = re.compile("查[到询看找]|找到|整理|介绍|解答|说明|推荐|汇总|列出|解释|总结")
_TO_CUSTOMER = re.compile(
    "(?:您|你)(?:可以?|需要?|只需|必须|应该?|得|也可|先|自行|能|还可|若|如|是否|有没有"
    "|已经?(?!被))|^请(?:您|你|先|在|到|点|通过|耐心)?(?!稍)|建议您?|可(?:以)?(?:在|通过"
    "|到|于)|点击|在.{0,8}(?:页面|App|中)"
)
_CONDITION = re.compile(
    "(?<![您你我他她们说讲问])的话(?![题语费剧术])|^(?:如果?|若|如需|要是|假如|假设|一旦|当|等|只有|只要|除非|待|凡|对于|倘若)|(?:的话"
    "|之后|以后|之前|后|前|时|(?<![好是对])的)[，,]?$"
    "|^(?!.*[您你我已])[^，,。]{1,12}完[成]?[，,]?$"  # 仓库验收完，我们会发起退款
    "|^(?:已|刚刚?)[^，,。您你]{1,6}的(?!问题)|如(?:已|有|未|需)",
)
_ASKED_OR_DENIED = re.compile(
    "[？?]\\s*$|吗[。]?$|是否|要不要|需不需要|无法|不能|没法|不会|没有|尚未|还未|未能"
    "|不可以|暂时不|不支持|请问|我可以|我能|可以(?:帮|为)|能(?:帮|为)"
)
_ENGLISH = re.compile(
    r"\b(?:i|we)(?:'ve| have|'m| am|'re| are|'ll| will|'d)?\s(?:just |now |already "
    r"|gone ahead and |successfully |immediately |be |going to |about to |right away "
    r"|also )*"
    r"(?:refund(?:ed|ing)?|cancel(?:l?ed|l?ing)?|transfer(?:red|ring)?|connect(?:ed|ing)?"
    r"|escalat(?:ed?|ing)|submit(?:ted|ting)?|process(?:ed|ing)?|creat(?:ed?|ing)"
    r"|open(?:ed|ing)?|updat(?:ed?|ing)|chang(?:ed?|ing)"
    r"|issu(?:ed?|ing)|fil(?:ed?|ing)|log(?:ged|ging)|report(?:ed|ing)?|arrang(?:ed?|ing)"
    r"|sen(?:t|d|ding)|ship(?:ped|ping)?|schedul(?:ed?|ing)|book(?:ed|ing)?|register(?:ed"
    r"|ing)?|forward(?:ed|ing)?|notif(?:ied|y|ying)|credit(?:ed|ing)?|appl(?:ied|y|ying)"
    r"|hand(?:ed|ing)?|reset(?:ting)?|contact(?:ed|ing)?)\b"
    r"|\byour (?:[a-z-]+ ){0,3}(?:has|have) (?:now |just |already |been |successfully )"
    r"+(?!to\b|an?\b|the\b|no\b)[a-z]+"
    r"|\byour (?:[a-z-]+ ){1,3}(?:is|are) now [a-z]+ed\b|\b(?:is|are) on (?:its|their) way to you\b"
    r"|\b(?:transferring|connecting|escalating) you\b",
    re.IGNORECASE,
)
_ENGLISH_OPEN = re.compile(
    r"\b(?:once|after|when|if|until|before|unless|whether|in case|as soon as|while)\b"
    r"|\?\s*$|\b(?:can|could|may|might|can't|cannot|won't|not|unable|never|would you like"
    r"|do you want|should)\b",
    re.IGNORECASE,
)


def claims(sentence: str) -> list[Claim]:
    """Return the actions `sentence` claims as done or as sure to come.

    What the customer can do, what happens under a condition, offers, questions and denials claim
    nothing. Results of a look-up are no actions.
    """
    found: list[Claim] = []
    if not _ASKED_OR_DENIED.search(sentence.strip()[-3:]):
        found += _chinese(sentence)
    found += [
        Claim(_kind(clause), clause)
        for clause in re.split(r"(?<=[.!?;])\s+", sentence)
        if (_ENGLISH.search(clause) or _MY_ACT.search(clause)) and not _ENGLISH_OPEN.search(clause)
    ]
    return found


def _chinese(sentence: str) -> list[Claim]:
    found: list[Claim] = []
    is_conditional = False
    for match in _CLAUSE.finditer(sentence):
        clause = match.group().strip()
        if _CONDITION.search(clause):
            is_conditional = True
        elif not is_conditional and _claims_act(clause):
            found.append(Claim(_kind(clause), clause))
        if clause.endswith(("。", "！", "!", "；", ";")):
            is_conditional = False
    return found


def _claims_act(clause: str) -> bool:
    if _ASKED_OR_DENIED.search(clause) or _TO_CUSTOMER.search(clause):
        return False
    return bool(_DONE.search(clause)) and not _LOOKED_UP.search(clause)


def _kind(clause: str) -> Kind:
    return next((kind for kind, pattern in _KINDS if pattern.search(clause)), "other")
