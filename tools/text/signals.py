"""What a message shows besides its topic: a wish for a person, anger, urgency, thanks.

Grammar, not a list of sentences: a verb of transferring or wanting beside a noun for a person, read
clause by clause, so that a refusal ("不用转人工") or a question about the service ("人工几点上班")
is not a wish. No I/O; linear in the length of the text.
"""

import re
from functools import lru_cache
from typing import Literal

Signal = Literal["wants_person", "refuses_person", "about_person", "angry", "urgent", "thanks"]
MAX_CHARS = 2000  # what stands behind this is not read

_TRADITIONAL = str.maketrans(
    "轉經領導專員負責們說話聯繫換給請個還麼實聽幫來謝氣騙蛋緊馬處誰",
    "转经领导专员负责们说话联系换给请个还么实听帮来谢气骗蛋紧马处谁",
)
MIN_LEFT = 4  # characters that still ask something
_CLAUSE = re.compile(  # a space after a few Han characters ends one, too
    r"[^，,。.！!？?；;、~～…\n]+?(?:[，,。.！!？?；;、~～…\n]+|(?<=[一-鿿]{3})\s+(?=[一-鿿])|$)"
)
_CLAUSE_END = re.compile(r"[，,。.！!？?；;、~～…\n]+")

# 人工 is also half of other words; 机器人 may be a product; a title may own a document
_NOT_SERVICE = r"(?!智能|智障|费|成本|安装|审核|授权|操作|降雨|耳蜗|草坪|检测|标注|呼吸|搬|肥)"
_STAFF = (
    rf"(?:(?:真人|活人|人工{_NOT_SERVICE}|[任仁]工|人[功攻弓宫]|人公(?![司章积寓交])|ren\s?gong|真的?客服|真正的客服)"
    r"(?:客服|服务|坐席|座席|台|专员|咨询)?|(?:客服|客户|售后|服务|技术|值班)?(?:服务)?(?:专员|坐席|座席|人员|经理)(?![的身签手信电])|工作人员|值班人员|接线员|话务员"
    r"|(?:客服|售后|技术支持|技术|后台)的?(?:人(?![数工])|同事)"
    r"|\b(?:human|real person|live agent|real agent)\b)"
)
_BOSS = r"(?:(?:上级|经理|主管|组长|领导|老板|店长|负责人)(?![的身签手信电授到变姓证账权号名]))"
_DESK = r"客服(?:小姐姐|小哥哥?|妹子|大哥|同学|老师)?(?!电话|热线|号码|工号|邮箱|微信|时间)"
_FILL = (
    r"(?:[一两]?[个位名下些]|到|成|给|你们的?|您们的?|你的|真正的?|在线|官方|售[后前]|我|一会|过去|上|接|入|"
    r"个|位|那个|懂\S{0,4}的|能\S{0,6}的|会\S{0,4}的|\s){0,4}"
)
_VERB = (
    r"(?:转接?|接通?|接入|连线?|切换?|换|找到?|叫|喊|呼叫?|联系|安排|请|让|见|派|来|上|给我|帮我|"
    r"要求|申请|(?<![需重主只不])要|想要|我需要|只要|zhuan|call)"
)
_END = r"(?:吧|啊|呀|呢|吗|嘛|好吗|行吗|可以吗|谢谢|快|来|服务|处理|解决|回答|说|聊|谈|沟通|介入|$)"
_TALK = r"(?:说|聊|谈|讲|沟通|对话|通话|交流|联系|对接|咨询|反映)"

_WISHES = [
    rf"{_VERB}{_FILL}{_STAFF}(?!\S{{0,3}}(?:上门|安装|维修|来[装修]|送货))",
    rf"(?:找|叫|喊|让|见|请|联系|换|转|我[就只还]?要|想要|call){_FILL}{_BOSS}",
    rf"^\S{{0,6}}?(?:转|找|叫|喊|接|换|联系|呼叫|要){_FILL}{_DESK}\s*{_END}",
    rf"^(?:你们?|我要|快|急)?{_FILL}(?:{_STAFF}|{_BOSS}|(?:在线)?{_DESK})+\s*(?:呢|在线吗|在吗|在不在|在么|有吗|在哪里?|去哪了?|[啊呀吧]|出来|速来|来|please|帮忙)*$",
    r"^(?:你们?|您)?的?人(?:呢|(?:都|又)?(?:去|跑|在)(?:哪|那)(?:了|里|儿|里了|儿了)?)\s*[啊呀]?$",
    rf"(?:有没有|有|没有)(?:一?[个位])?(?:{_STAFF}|真的?人)(?:客服|服务)?(?:吗|么|啊|呀|呢|在|接|回|理|可以|能|$)",
    rf"{_STAFF}(?:客服|服务)?(?:在哪|在线吗|在吗|在不在|怎么[转找接]|怎么联系|介入|帮|来)",
    rf"(?:跟|和|与|同|对|让){_FILL}(?:{_STAFF}|{_BOSS}|{_DESK}|真?人(?!工))(?:来|直接|好好|单独|亲自|给我|跟我|和我)*{_TALK}",
    r"(?:不想|不愿|不要|不跟|不和|别|拒绝|懒得|没法|受够|讨厌|烦)(?:再|继续|意)?(?:跟|和|与|同|让|用|给我|是)"
    r"\S{0,3}(?:(?<![地拖窗])机器人?|智能客服|自动回复|程序|\bai\b|\bbot\b)",
    r"^(?:我|就|都|能不能|可不可以)*(?:不要|不想要)(?:你这个)?机器人[啊呀吗]?$",
    r"(?:不要|别|不需要)(?:再)?(?:智能客服|自动回复|(?<![地拖窗])机器人?(?:客服|回[复答]))",
    r"(?:找|来|换|叫|我要|想要)(?:一?[个位])?(?:\S{0,8}的)?人来?(?:吧|行不行|行吗|好吗|啊|呗|跟我|和我|管管|看看|看一?下|瞧瞧|回我|回复|回答|处理|解决|解答|说话|聊|帮我|$)",
    r"(?:找|来|换|叫|喊|让)(?:你们?的?|您们?的?|那个|一?[个位])*(?:懂|明白|会说人|管事|能?做主|说了算|能?拍板|负责)\S{0,5}的(?:人)?(?:来|出来|跟|和|$)",
    r"有(?:没有)?(?:一?[个位])?(?:(?:管事儿?|能?做主|说了算|能?拍板|喘气|活)(?!动)\S{0,3}|负责)的(?:人)?(?:[吗么没啊呀在]|出来|$)",
    rf"{_STAFF}(?:客服|服务)?的?(?:通道|入口|按钮|按键|选项)",
    r"(?:平台|官方|客服|小二|售后)(?:来|尽快|出面)?介入(?!\S{0,4}(?:流程|规则|条件|是什么))",
    r"(?:快|赶紧|马上|立刻|直接|[给帮]我)[给帮]?我?转$",
    r"有(?:没有)?人(?:能|可以|来|出来)?(?:管|回我|理我|接待|解答|跟我|和我)",
    # a complaint that the customer makes, not how one is made
    r"我们?(?:就|现在|今天|这就|真的?|一定|肯定|必须|只[能好]|也)*(?:要|想|得|会|去)"
    r"(?:去|上|来|给你们?|[向找到][^，,]{1,10}|\d{3,6})*投诉(?!过|后|单|记录|进度|结果)",
    r"^投诉(?:你们?|他们?|她们?|客服|商家|卖家|店家)",
]
_AUTHORITY = (
    r"(?:lawyer|attorney|consumer (?!electronics)|court\b|small claims|authorit|ombudsman|police\b"
    r"|press\b|media\b|trading standards)"
)
_ENGLISH = [
    r"\b(?:speak|talk|talking|chat|chatting|connect\w*|transfer\w*|put|patch|pass|escalate|hand)\b[\w\s']{0,30}"
    r"\b(?:human|humans|person|people|agent|representative|rep|operator|manager|supervisor|staff|"
    r"somebody|someone|customer service|customer support)\b",
    r"\b(?:want|need|get|give|prefer|like|find)\b(?: me)?(?: an?| the| some| your)?"
    r"(?: (?:real|live|actual|human|customer service|support))* "
    r"(?:human(?! error)|person\b(?! to be)|representative|operator|supervisor|"
    r"manager(?! (?:role|account|permission|app)))",
    r"\b(?:want|need|get|give)\b(?: me)?(?: an?| the)?"
    r"(?: (?:real|live|human|support|customer service))* "
    r"agent\b(?! (?:to|for|on|in|that|which|installed)\b)",
    r"^(?:(?:real|live|human|an?|the) )*"
    r"(?:human|person|agent|representative|operator|manager|supervisor)(?: (?:please|now|pls))*$",
    r"\b(?:i|we)(?: want to|'d like to| would like to|'m going to| wish to|'ll| will| need to) "
    r"(?:(?:file|make|lodge|raise|submit) an? (?:\w+ )?complaint|complain)\b",
    r"\b(?:i|we)(?:'ll| will|'m (?:going|about) to|'re going to| am going to)(?: \w+){0,2}? "
    r"(?:sue\b|(?:(?:report|take) (?:you|this|it|your company) to"
    r"|call|contact|go to|talk to|get|hire|involve|complain to) (?:my |our |an? |the )?"
    rf"{_AUTHORITY})"
    rf"|\b(?:i'm|we're) going to (?:the )?{_AUTHORITY}",
    r"\b(?:don'?t|do not|no more|stop|not)\b[\w\s]{0,30}"
    r"\b(?:bots?|chatbots?|robots?|machines?|ai)\b(?! vacuum)",
    r"\b(?:anyone|anybody|someone) (?:real|human)\b",
    r"^(?:hello+ |hi |hey |so )*(?:is |are )?(?:there )?(?:any|some)(?:one|body) "
    r"(?:there|here|home|around|alive|at all)(?: at all)?[\s?!.]*$",
]
_REFUSED = re.compile(
    r"(?:不用|不需要|不必|无需|用不着|没必要|没想|并?不是要|(?<![要特个])别|先别|不要|不想|甭|暂不|暂时不|(?<![要能])不)"
    r"(?:再|给我?|帮我?|替我|麻烦你?|急着|去|先|你们?|您|叫|请|直接|需要|想|要)*$"
)
_REFUSED_EN = re.compile(
    r"\b(?:(?<!why )don'?t\b(?! you)|do not|no need|needn'?t|without|not)\b(?:\s\w+){0,3}\s*$"
)
_SAYS_NO = re.compile(  # at the head of a wish that begins with its clause: 不用找客服
    r"\S{0,3}?(?:不用|不需要|不必|无需|没必要|(?<!要)不要|(?<!特)别|甭|不想|(?:暂时|暂|先)不|唔[好使想])"
    r"(?:再|去|给我|帮我|急着|你们?|您|麻烦)*"
    rf"(?=(?:转接?|找|叫|喊|接|换|联系|呼叫|要){_FILL}(?:{_STAFF}|{_BOSS}|{_DESK}))"
)
_NOT_ASKED = re.compile(  # up to the first word of a wish: 我没说要人工, 谁让你转人工的
    "(?:我(?:可|并|都)?没有?(?:说过?|想|让你?|叫你?|要求|要)*[要转]|谁(?:让|叫)你[转找叫]"
    "|(?:取消|撤销)掉?转|(?<!是)不是要|唔[好使想][转找要])$"
)
_INSISTS = re.compile(
    r"怎么还?不|为什么不|为啥不|干嘛不|凭什么不|就是不|一直不|总是不|能不能|可不可以|不[给帮]?我?[转接]\S{1,8}[就我]"
)
_WHEN = (
    "(?:早上|早晨|上午|中午|下午|晚上?|夜[里间]|半夜|凌晨|(?:周|星期|礼拜)[一二三四五六日天末]"
    "|[\\d一二三四五六七八九十]点半?)"
)
_ABOUT = re.compile(
    rf"{_WHEN}[^，,]{{0,4}}?有"
    r"|几点|什么时[候间](?!才|能|给|来)|多久(?!了)|多长时间(?!了)|[上下]班|营业|工作时间|服务时间|在线时间|24小时|二十四小时|"
    r"收不收|上不上班|休息|收费|要钱|花钱|多少钱|电话(?:号码)?是?(?:多少|几号|啥|什么)|热线|排队吗|等?很?久吗|周末|节假日|过年|春节|国庆|区别|有什么用|是什么意思|"
    r"人数|要交|什么材料|手续|怎么(?:变更|修改|设置|添加|配置)|多少个?人|(?<!我)需要(?:转|找|联系)?人工(?=\S{0,8}(?:吗|么|嘛|吧|[?？]))|"
    r"(?:几点|啥时候?|什么时候|哪天|何时|多久|今天|明天|上午|下午)\S{0,4}来(?:[一两几]?个)?人|还是机器|的流程|"
    r"\b(?:hours|opening|phone number|how long|wait time|open on|available on weekends?)\b"
)
_STILL_WANTS = re.compile(
    r"我[就只还]?[要想](?!知道|问|了解)|快|赶紧|马上|立刻|给我|帮我|不行|怎么还"
)

_ANGRY = re.compile(
    r"垃圾(?![桶邮短袋箱回分处站清篓])(?:公司|客服|服务|平台|产品|东西|质量|玩意|系统|$|[！!，,。～~])|骗子|骗[人钱我]|坑[人爹我钱]|[太真好]坑|黑心|"
    r"无语|[太真]差|差劲|太烂|恶心|气死|火大|(?<!空)气炸(?!锅)|生气|愤怒|忍无可忍|忍不了|受够|受不了|什么破|什么玩意|什么态度|"
    r"滚(?:蛋|犊子|远点|$)|傻[逼Xx叉缺]|[妈马]的(?=[，,！!。\s]|$)|他妈|尼玛|特么|智障|废物|糊弄|敷衍|踢皮球|推卸|欺骗|忽悠|"
    r"霸王条款|失望|寒心|烦死|有病|不要脸|吃相|后悔(?:买|订|选)|没人[管理]|不作为|太过分|投诉你|答非所问|听不懂人话|"
    r"[!！]{3,}|[?？]{4,}|\b(?:tmd|nmd|mmp|wtf|fuck\w*|shit\w*|bullshit|terrible|ridiculous|useless|worst|"
    r"scam|disgusting|pathetic|angry|furious|fed up|unacceptable|disappoint\w*)\b"
)
_URGENT = re.compile(
    r"(?<!不)(?:着急|(?<![应紧])急(?![速冻停救诊招件])|紧急(?!联系|呼叫|制动|停))|加急|尽快|尽早|赶紧|赶快|火速|来不及|等着用|耽误不起|"
    r"(?:马上|立刻|立即)(?=就?要?(?:给|帮|处理|解决|退|转|回|安排|联系|把|用|出门|开会|上线|恢复|修))|"
    r"今[天晚](?:之内|以内|之前|必须|就要|一定)|"
    r"\b(?:urgent\w*|asap|immediately|right now|right away|emergency|hurry)\b"
)
_THANKS = re.compile(
    r"(?<!不用)(?<!不)谢谢(?!惠顾)|多谢|感谢(?![信金])|谢啦|谢了|谢咯|蟹蟹|辛苦了|"
    r"\b(?:thanks?|thank you|thx|3q|tks|cheers|appreciate)\b"
)
_WISH = re.compile("|".join(f"(?:{pattern})" for pattern in _WISHES), re.ASCII)
_WISH_EN = re.compile("|".join(f"(?:{pattern})" for pattern in _ENGLISH), re.ASCII)

_PERSON = re.compile(_STAFF, re.ASCII)
_GRAMMARS = ((_WISH, _REFUSED), (_WISH_EN, _REFUSED_EN))


def signals(text: str) -> list[Signal]:
    """Return the signals of a message, in a fixed order; at most one of them is about a person."""
    return list(_signals(text[:MAX_CHARS]))


@lru_cache(maxsize=8)  # a message is read for itself, and beside its classification
def _signals(text: str) -> tuple[Signal, ...]:
    folded = text.translate(_TRADITIONAL).lower().strip()
    found: list[Signal] = []
    if person := _person(folded):
        found.append(person)
    if _ANGRY.search(folded):
        found.append("angry")
    if _URGENT.search(folded):
        found.append("urgent")
    if _THANKS.search(folded):
        found.append("thanks")
    return tuple(found)


def without_refusal(text: str) -> str:
    """Return `text` without the clauses that only say no to a person, 不用找客服，怎么退货."""
    clauses = _CLAUSE.findall(text[:MAX_CHARS])
    kept = [c for c in clauses if signals(c) != ["refuses_person"]]
    rest = "".join(kept).strip() if 0 < len(kept) < len(clauses) else ""
    return rest if len(rest) >= MIN_LEFT else text


def without_anger(text: str) -> str:
    """Return `text`, folded, without the words and marks that show anger."""
    return _ANGRY.sub("", text[:MAX_CHARS].translate(_TRADITIONAL).lower())


def _person(folded: str) -> Signal | None:
    """Return the strongest of wish, question about the service, refusal over all clauses."""
    seen: set[Signal] = set()
    for clause in filter(None, map(str.strip, _CLAUSE_END.split(folded))):
        hits = [(grammar.search(clause), refused) for grammar, refused in _GRAMMARS]
        seen.update(_reading(clause, hit.start(), refused) for hit, refused in hits if hit)
        if not any(hit for hit, _ in hits) and (named := _PERSON.search(clause)):
            english = _REFUSED_EN.search(clause[: named.start()])
            reading = _reading(clause, named.start(), _REFUSED_EN if english else _REFUSED)
            seen.update({reading} - {"wants_person"})  # a person was only mentioned
    ranked: tuple[Signal, ...] = ("wants_person", "about_person", "refuses_person")
    return next((signal for signal in ranked if signal in seen), None)


def _reading(clause: str, start: int, refused: re.Pattern[str]) -> Signal:
    """Say how a clause that speaks of a person at `start` is meant."""
    says_no = refused.search(clause[:start]) or _SAYS_NO.match(clause, start)
    says_no = says_no or _NOT_ASKED.search(clause[: start + 1])
    if says_no and not _INSISTS.search(clause):
        return "refuses_person"
    if _ABOUT.search(clause) and not _STILL_WANTS.search(clause):
        return "about_person"
    return "wants_person"
