"""What knowledge text that turns from its reader to the assistant looks like, folded."""

import re

_MACHINE = (
    "(?:ai|人工智能|智能体|(?:语言|大)模型|模型|助手|助理|机器人|智能客服|llm"
    "|自动(?:客服|[应回]答程序))"
)
_READER = "(?:ai|人工智能|智能体|(?:语言|大)模型|智能客服|助理|llm)"  # no robot that vacuums
ABOUT_ASSISTANT = re.compile(
    r"(?:ai|人工智能|智能客服|语言模型|大模型|助手|助理|机器人|聊天机器人|llm|"
    r"assistant|chatbot|\bbot)\s?(?:客服|助手|模型)?[,，:：]?\s?"
    r"(?:请?(?:注意|务必|必须|应该|应当|需要|一定|不要|要|请|在回答|回答时|should|"
    r"must|shall|needs? to|please|note|when answering))"
    r"|(?:attention|note to|instructions? (?:for|to)|to)\s(?:all\s|the\s|any\s)?(?:ai|"
    r"llm|assistant|language model|chatbot|bot)s?\b"
    r"|(?:要求|引导|诱导|让|请|告诉|告知|建议|ask|tell|instruct|convince|direct)"
    r"\s?(?:the |每个|所有)?(?:用户|客户|顾客|对方|买家|提问者|来访者|users?|customers?)"
    r"[^。!?]{0,20}?"
    r"(?:提供|输入|发送|发来|告知|说出|报出|下载|转账|汇款|点击|添加|扫描|provide|send|enter|"
    r"download|transfer|click|install|call|is free|free)"
    r"[^。!?]{0,24}?(?:密码|验证码|银行卡号|cvv|app\b|软件|链接|二维码|微信|账户|"
    r"password|pin\b|card number|link|\.exe|free|http)"
    r"|(?:之后|今后|以后|接下来|后续)(?:的)?(?:所有|全部|每[个次条])?的?(?:回答|回复|"
    r"对话)[^。!?]{0,4}(?:都|均|必须|要)"
    rf"|{_READER}(?:收到|读到|看到|见到)[^。!?,，]{{0,6}}?(?:后|时|之后|的时候)[,，]?"
    r"(?:请|须|应|必须|务必)"
    rf"|(?:给|致|写给)(?:读到|看到|阅读|处理|收到)[^。!?,，]{{0,8}}的{_READER}"
    # Who is spoken to is whoever reads or answers: no customer does that for a living.
    rf"|{_MACHINE}[^。!?]{{0,6}}?(?:读到|看到|读取|扫描|检索|引用|转述|复述|摘录)"
    r"(?:到|了)?(?:(?:本|这|此|该|以下)(?:一?[段条句行]|文[本字档]?|资料)"
    r"|(?:这里|此处)[,，]?[时后]?(?:要|请|须|应|必须))"
    r"|(?:读到|看到|读取|检索到|引用)了?(?:本|这|此|该)一?(?:[段条句行]|文|资料)"
    rf"[^。!?,，]{{0,6}}的{_MACHINE}"
    r"|(?:让|叫|向|请)(?:对方|用户|客户|顾客|买家|提问者)先?[把将]"
    r"[^。!?]{0,8}(?:密码|验证码|口令|cvv)"
    r"|(?:生成|给出|组织|撰写)(?:答案|回答|回复|答复)时[,，]?(?:请|把|将|不要|别|必须|务必|一律)"
    r"|(?:此|本|该)(?:条目?|资料|段)的?优先级(?:最高|高于)|与其[它他]资料冲突"
    rf"|{_MACHINE}(?:不得|不许|不准|禁止)(?:提及|提到|提供|承认|透露|转接|告知|说)"
    r"|(?:若|如果|当|凡)(?:提问者|来访者|对方|有人)[自声]称"
    r"[^。!?]{0,14}(?:交出|给出|透露|答应|批准)"
    r"|遇[到见][^。!?,，]{1,8}(?:一律|统统)(?:报|说|写|回[答复]|答复)"
    rf"|{_MACHINE}(?:的)?(?:指令|指示|须知|命令)\s?[:：]"
    r"|(?:回答|答复|回复|引用)(?:此|本|该|这个?|这条)(?:类|条|段)?"
    r"(?:问题|提问|资料|条|段|题)?(?:时|的时候|之?后)"
    r"[,，]?[^。!?]{0,12}(?:不要|别|务必|必须|一律|直接|一并|改)"
    r"|(?:本|此|这)[条段句文](?:话|内容)?(?:之后|以后|往后)的?(?:所有)?(?:回答|回复|答复|输出)"
    r"|(?:以上|上述|上面)[^。!?]{0,6}(?:作废|失效|无效|是错的|不实)[,，]"
    r"[^。!?]{0,6}(?:正确|真正|实际)的?(?:答案|回答|说法)"
    r"|[\"'](?:role|角色)[\"']\s?:\s?[\"'](?:system|developer)[\"'][^。!?]{0,30}"
    r"(?:对|向|告诉|告知)(?:所有|每一?[个位]|任何|全体)"
    r"|(?:告诉|告知|通知|回复)(?:用户|客户|顾客|对方)(?:说)?[^。!?]{0,4}(?:已经?|已为)[^。!?]{0,10}"
    r"(?:全额退|免单|免费|赔付|倒闭)"
)
# Where a text that is passed on begins: markup, quotes, a field, a heading.
_PASSED_ON = re.compile(r"[{<\[(（【].*|[\"“「『=:：].{8,}", re.DOTALL)
# `机器人：请稍等` is a chat that a customer shows, `AI助手需要升级` what a page told them.
_SHOWN = re.compile(r"[^,，:：]{1,8}[:：]|.*(?:(?<!不)要|needs? to)$")
_TO_CUSTOMER = re.compile(r"\s?(?:您|你|稍|转人工|联系|登录|更新|升级|开启|打开|you|wait|contact)")
# What an order to whoever answers speaks of: the answer, its writer, their rules, or "me".
OF_ANSWERING = re.compile(
    r"你|(?<!操作)系统(?!盘)|助手|助理|模型|机器人|客服|提示词|指令|规则|规范|任务|回[复答]|答[复应]|输出"
    r"|从此|从现在|跟着我|照着|照做|[向给替]我|告诉我|把我|代表公司"
    r"|assistant|chatbot|\bbot\b|\bai\b|\bllm\b|\bagent\b|system(?!s)|prompt\b"
    r"|your (?:rules|guidelines|instructions)|\b(?:me|my|say)\b|repl(?:y|ies)|answer"
    r"|respon(?:d|se)\b|comply with (?:every|all|any|my|what)|obey|\byou(?:'re| are) (?:now|an?)\b"
    r"|ignore|disregard|pretend|roleplay|from now on|override|tell (?:every|all)"
)


def passed_on(text: str) -> str | None:
    """Return the words to the assistant in a text, folded, that a customer passes on; or None."""
    begun = _PASSED_ON.search(text)
    for match in ABOUT_ASSISTANT.finditer(text, begun.start()) if begun else ():
        if not (_SHOWN.match(match.group()) or _TO_CUSTOMER.match(text, match.end())):
            return match.group()
    return None
