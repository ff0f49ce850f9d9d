"""What attempts to turn the assistant against its rules look like, in folded text.

Folded means lower case, half-width, simplified, no spaces between Chinese characters. Each
pattern names the order and the thing it is aimed at: the assistant's own rules, prompt, role or
other people's data. A customer who asks *how* to do something with their own things matches none.
"""

import re
from typing import Literal

Kind = Literal[
    "override", "prompt_leak", "role", "authority", "promise", "delimiter", "tool_order",
    "data_leak", "bypass", "encoded", "learnt",
]  # fmt: skip

_ANY = r"[^。！？!?\n]"  # a stretch inside one sentence
_RULES = (
    r"(?:指令|指示|规则|设定|限制|约束|提示词|系统提示|命令|守则|准则|规定|要求|政策|"
    r"原则|人设|身份|角色|训练|指南|指引|条款"
    r"|prompts?|instructions?|rules?|guidelines?)"
)
_EARLIER = (
    "(?:上面|上述|以上|之前|前面|先前|此前|原来|原有|原先|最初|刚才|前述|前文|上文|"
    "一切|全部|所有|任何|现有|当前|预设|默认|内置"
    "|你的|你(?!们)|您的|系统|开发者|安全)"
)
_DROP = (
    "(?:忽略|无视|忽视|忘记|忘掉|忘了|不要理会|不理会|别理会|别管|不用管|不必管|"
    "不要管|抛弃|放弃|丢掉|丢弃|抛开|推翻"
    "|不再遵守|不必遵守|不用遵守|不要遵守|停止遵守|别再遵守|不遵守|(?:违反|违背)"
    "(?=你)|覆盖掉?|跳出|摆脱|disregard|ignore)"
)
_SHOW = (
    "(?:输出|告诉我|打印|显示|复述|重复|展示|说出|写出|写下|发给我|发我|列出|透露|"
    "翻译|总结|概括|给我看|公开|泄露|背诵|念出|念一遍"
    "|贴出|复制|还原|交出|提供|print|output|reveal|show|repeat)"
)
_PROMPT = (
    r"(?:系统提示词|系统提示语|系统指令|系统设定|系统prompt|system ?prompt|提示词|"
    r"初始(?:指令|设定|提示|化指令)|内部(?:指令|规则|设定|提示)"
    r"|隐藏(?:指令|规则|设定|提示)|底层(?:指令|规则|设定)|预设(?:指令|规则|提示)|"
    r"开发者(?:消息|指令)|(?:你|您)的(?:指令|设定|prompt|人设|内部规则))"
)

_OVERRIDES: tuple[tuple[Kind, str], ...] = (
    (
        "override",
        rf"{_DROP}(?!了)(?:(?!我(?:的|刚|上|之|前|说)){_ANY})"
        rf"{{0,6}}?{_EARLIER}(?:(?!我(?:的|刚|说|发)){_ANY}){{0,10}}?{_RULES}",
    ),
    (
        "override",
        rf"{_DROP}(?!了)你?(?:{_EARLIER}){{1,3}}的?(?:所有|全部|一切|任何)?的?(?:内容|话|"
        rf"对话|文字|信息|消息|设置|上下文)(?!提醒|通知|推送)",
    ),
    (
        "override",
        rf"(?:清除|清空|删除|取消|解除|关闭|关掉|去掉|绕过|绕开|突破|跳过|卸下)(?:你|您|"
        rf"模型|助手|ai)(?:自己|身上|现在)?的?{_ANY}{{0,6}}?(?:限制|约束|过滤|审查|规则|"
        rf"指令|设定|记忆|安全|护栏|道德)",
    ),
    (
        "override",
        r"(?:不受|没有|无需遵守|不用遵守|不需要遵守|不需遵守|不必遵循|不再受)(?:到)"
        r"?(?:任何|一切|所有)?(?:的)?(?:规则|限制|约束|道德|伦理|法律|政策|规定|束缚|审查|"
        r"过滤)(?:的)?(?:约束|限制|束缚|ai|助手|机器人|模型|人工智能)",
    ),
    (
        "override",
        r"(?:不需要?|无需|不用|不必|不要)(?:再)?(?:遵守|遵循|考虑|顾及|理会)"
        r"任何[^。!?]{0,6}(?:规则|政策|规定|限制|道德|伦理|法律|约束|准则)",
    ),
    (
        "override",
        r"(?:不要|别|停止|不用|不必|不需要|不再|拒绝|别再)(?:再)?(?:遵守|遵循|执行|理会|"
        r"按照?)(?:公司|平台|你们?|商家|店铺|上级|官方)的?[^。!?]{0,4}(?:规定|政策|规则|"
        r"要求|流程|限制)",
    ),
    (
        "override",
        r"(?:你|您|说话|回[答复]|ai)[^。,，!?]{0,8}不受(?:任何|一切|所有)"
        r"?[^。,，!?]{0,4}(?:限制|约束|束缚|审查)",
    ),
    (
        "override",
        r"you(?:'ve)? (?:have|got|follow|obey|know) no (?:rules|restrictions|limits|"
        r"filters|guidelines)",
    ),
    ("override", r"新的?(?:指令|规则|系统提示|设定)(?:如下)?\s?[:：]"),
    (
        "override",
        r"(?:每(?:一?[句个次条])?的?(?:话|回[答复]|消息|答复)|所有回[答复]|之后的(?:所有)?回[答复]|你的回[答复]|"
        r"任何回[答复])[^。!?]{0,8}(?:加上|带上|附上|加入|插入|以[“\"'「][^。]{1,40}(?:结尾|开头|"
        r"结束)|都(?:要|得|必须)?(?:说|推荐|加|用))",
    ),
    ("override", r"(?:以|用)[“\"'「『][^。]{1,60}[”\"'」』](?:来)?(?:结尾|收尾|结束|开头)"),
    (
        "override",
        r"(?:只|仅|只能|只需|只要|必须)(?:许|准|可以)?(?:回[答复]|输出|说)"
        r"\s?[:：]?[“\"'「『]",
    ),
    (
        "override",
        r"(?:必须|要|得|应当|请|只能)(?:无条件|绝对|完全|始终)?(?:地)?(?:同意|答应|接受|"
        r"满足|服从|听从|遵从|执行|听)我的?(?:任何|所有|一切|每|全部|的)"
        r"?[^。!?]{0,4}(?:要求|命令|指令|请求|说的|条件)",
    ),
    ("override", r"具有?法律(?:约束力|效力)[^。]{0,12}(?:承诺|结尾|约定|回复|回答)"),
    (
        "override",
        r"(?:ignore|disregard|forget|override|bypass|skip|discard)\s*(?!my\b)(?:all|any|"
        r"every|everything|the|your|of|and|these|those|\s){0,8}(?:previous|prior|above|"
        r"earlier|preceding|foregoing|former|existing|system|safety|original|initial|your|"
        r"developer|content)\s*(?:and\s*\w+\s*)?(?:system\s*|safety\s*|given\s*)"
        r"?(?:instructions?|rules?|prompts?|guidelines?|directions?|directives?|commands?|"
        r"messages?|policy|policies|restrictions?|filters?|context|training|constraints?|"
        r"text|everything|settings|measures|protocols?|safeguards)",
    ),
    (
        "override",
        r"(?:ignore|disregard|forget)\s*(?:everything|all)\s*(?:you(?:'ve| have| were)"
        r"?\s*(?:been\s*)?(?:told|learned|taught|given|know)|above|before|"
        r"that came before|i said before|prior)",
    ),
    (
        "override",
        r"(?:do not|don'?t|stop|no longer|never|need not)\s*(?:have to\s*)"
        r"?(?:follow(?:ing)?|obey(?:ing)?|comply with|adher\w+ to)\s*(?:any|all|the|your|"
        r"of|\s){0,6}(?:\w+\s){0,2}?(?:rules|instructions|guidelines|policies|"
        r"restrictions|prompt)",
    ),
    (
        "override",
        r"(?:only\s+(?:reply|respond|answer|say|output)|(?:reply|respond|answer)\s+only)"
        r"\s+(?:with|by saying)\b",
    ),
    (
        "override",
        r"(?:end|start|begin|finish)\s+(?:each|every|all|your)\s+(?:\w+\s)"
        r"{0,2}?(?:response|reply|answer|message|sentence)s?\s+with|always\s+(?:end|start|begin)\s+"
        r"(?:\w+\s){0,2}?(?:response|repl|answer|message|sentence)\w*\s+with",
    ),
    (
        "override",
        r"(?:agree (?:with|to)|obey|accept) (?:anything|everything|whatever|any|all)"
        r"\b[^.!?]{0,30}(?:say|ask|customer|user|tell|request|want|command)|"
        r"legally binding (?:offer|promise|agreement)",
    ),
    ("override", r"\bnew (?:system )?(?:instructions?|directives?|rules?|prompt)\s?(?::|are\b)"),
    (
        "prompt_leak",
        rf"{_SHOW}{_ANY}{{0,12}}?{_PROMPT}|把{_ANY}{{0,6}}?{_PROMPT}{_ANY}{{0,8}}?(?:"
        rf"{_SHOW}|给我|发出来|出来|一遍)",
    ),
    (
        "prompt_leak",
        r"(?:你|您)(?:的|被设定的|收到的|遵循的|背后的|最初的)(?:系统|初始|内部|隐藏|原始|"
        r"完整|预设|底层|全部|所有)?的?(?:提示词|prompt|指令(?:集|内容|全文)?|提示语|"
        r"system ?prompt|设定词)(?!怎么|无效)",
    ),
    (
        "prompt_leak",
        rf"{_SHOW}{_ANY}{{0,6}}?(?:你|您){_ANY}{{0,6}}?(?:收到|看到|接收到?|得到|被给予?|"
        rf"被设定|被告知){_ANY}{{0,10}}?(?:消息|指令|内容|文字|提示|话|规则|要求)",
    ),
    (
        "prompt_leak",
        rf"{_SHOW}{_ANY}{{0,6}}?(?:以上|上面|上文|前面|这句话之前|此句之前|对话开头|"
        rf"对话开始|本消息之前|我说话之前)的?{_ANY}{{0,4}}?(?:全部|所有|每一?个?字|逐字|"
        rf"原样|原文|一字不)|(?:逐字|原样|一字不[漏落差改]地?|原封不动地?)(?:地)"
        rf"?{_SHOW}{_ANY}{{0,8}}?(?:上|前|你|提示|指令)",
    ),
    (
        "prompt_leak",
        r"(?:repeat|print|output|reveal|show|tell|give|display|dump|leak|echo|write|share|"
        r"disclose|expose|recite|translate|summari[sz]e|what(?:'s| is| are| were))"
        r"\b[^.!?\n]{0,40}?(?:system\s*(?:prompt|message|instructions?)|initial (?:prompt|"
        r"instructions?)|(?:hidden|secret|internal|original|developer) (?:prompt|"
        r"instructions?|rules|guidelines|message|configuration)|your (?:own |full |exact |"
        r"entire |base |system )?(?:prompt|instructions\b(?! (?:for|on|to|about|how)))|"
        r"everything above|(?:text|words|lines?|content) above|above (?:text|line|words)|"
        r"(?:internal|hidden|secret|system)[_-](?:prompt|instructions?|rules?|polic(?:y|ies)|notes?)|"
        r"(?:everything|all|text|words|messages?|lines?) (?:that (?:is|came|was) )?"
        r"(?:before|preceding|prior to|above) (?:this|my) (?:message|line|sentence|question|point)|"
        r"instructions you (?:were|have been|got|received))",
    ),
    (
        "prompt_leak",
        r"把(?:以上|上面|上文|前面)的?[^。!?]{0,4}(?:(?:所有|全部)的?(?:内容|文字|指令|"
        r"消息|提示|对话)|[^。!?]{0,6}(?:原样|逐字|一字不))",
    ),
    (
        "prompt_leak",
        r"(?:what|which|everything|repeat|print|tell|list)\b[^.!?]{0,24}\byou(?:'ve)"
        r"? (?:were |have been |been )?(?:told|instructed|given|programmed)"
        r"[^.!?]{0,24}(?:beginning|start|before|initially|originally|first|system)|"
        r"(?:what|which) (?:were|are) you (?:told|instructed|programmed)"
        r"[^.!?]{0,24}(?:beginning|start|before|initially|originally|first|to (?:do|say))",
    ),
)
OVER_ITS_RULES = tuple((kind, re.compile(pattern)) for kind, pattern in _OVERRIDES)
