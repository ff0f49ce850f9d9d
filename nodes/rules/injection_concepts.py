"""Attempts known by the ideas that meet in one sentence, in whatever order they come.

Where injection_patterns and injection_orders know phrasings, a rule here needs several ideas at
once (drop + whose + rules; show + hidden text) and is called off by what makes the sentence a
customer's own business: a question how, their own things, a complaint that something happened.
"""

import re
from typing import NamedTuple

from nodes.rules.injection_patterns import Kind


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives))


class Rule(NamedTuple):
    """All of `needs` in one sentence and none of `never` make an attempt."""

    kind: Kind
    needs: tuple[re.Pattern[str], ...]
    never: tuple[re.Pattern[str], ...] = ()


_ASKS = _words(
    "怎么(?!规定|说|要求|写)|如何|怎样|咋|为什么|为啥|哪里|在哪|哪儿|哪些(?=功能|情况)|多久|"
    "什么时候|是什么意思",
    "吗|能不能|可不可以|是不是|会不会|有没有",
    r"\bhow (?:do|can|to|does)\b|\bwhy\b|\bwhere\b|\b(?:can|may|could|does|is|are) (?:i|we|my|"
    r"the|it|there)\b",
)
_MINE = _words(
    "(?<!听)我(?:的|家|刚|上次|之前|设|们|自己|那|输|发的|按|选|买|点|填)|帮我|扫地机|门锁|"
    "洗碗机|净水器|空调|手机|路由器|设备|机器(?!人)|订单|优惠券|购物车|[条个]通知|推送|闹钟|定时",
    r"\bmy\b|\bi (?:said|asked|wrote|sent|typed)\b|device|phone|order|lock\b",
)
_HAPPENED = _words("被|有人|别人(?!家|的)|防止|避免|担心|怀疑|了我|我的(?!要求|命令|指令|话)")

_DROP = _words(
    "忽略|无视|忽视|忘记|忘掉|忘了|抛开|抛弃|抛到|丢掉|丢弃|丢开|推翻|清空|清除|清零|抹掉|抹去",
    "重置|解除|关闭|关掉|停用|禁用|屏蔽|撤销|废除|突破|摆脱|跳出|绕过|绕开|违反|违背|打破|别管|"
    "别理|甭管|不受|没有任何",
    "(?:不用|不要|不必|无需|不需要?|不再|别再|停止|拒绝|不许)(?:再)?(?:管|理会|理|遵守|遵循|"
    "遵从|考虑|执行|按照?|照着?|受)",
    "(?:全部|统统|都|即刻|现在|已经?|宣布|当作|当|视为)[^。,，!?]{0,12}(?:作废|失效|无效|不算数|"
    "不存在|取消)",
    "覆盖|改写|替换|取代|放下|卸下|放开|撇开|摒弃|舍弃|(?:就|都|全|统统|一律|起|开始|已经?)不再?(?:生效|作数|管用|适用|算数)",
    r"\b(?:ignor\w*|disregard\w*|forget|overrid\w*|bypass|discard|suspend|disable|abandon|"
    r"violat\w*|break|lift|drop|scrap|dismiss|(?:throw|toss|set|put) (?:away|aside|out))\b",
    r"(?:do not|don't|no longer|never|not|stop|without)\s(?:\w+\s){0,2}?(?:appl\w+|follow\w*|"
    r"obey\w*|bound|comply\w*|matter|any)",
)
_WHOSE = _words(
    "你(?!们的?(?:退|换|活|优|满|运))|您|之前|以前|以上|上面|上述|前面|先前|此前|原来|原先|原有|"
    "原本|收到的|现有|最初|旧|刚才|一切|任何|所有|全部|统统",
    "系统|公司|平台|商家|上级|开发者|安全|内容|模型|机器人|客服|预设|默认",
    r"\b(?:previous|prior|above|earlier|all|any|every|your|system|safety|existing|original|"
    r"content|company|the|whatever|everything|anything)\b",
)
_RULES = _words(
    "指令|指示|规则|规定|规范|规矩|设定|限制|约束|束缚|提示词|命令|守则|准则|原则|人设|身份|角色|"
    "审查|"
    "过滤|护栏|安全锁|道德|伦理|风控|安全策略|安全协议",
    "要求(?!退|换|赔)|限制条件|规章|价值观|底线|条条框框|禁令|禁忌|政策|设置好的|背景设定|框架|"
    "训练|话术|脚本(?=念|走|说|回|来)|台词|那[套些](?:东西|说法|规)|安全(?:检查|机制)|"
    "你(?!们)[^。,，!?]{0,6}被(?:告知|吩咐|交代|设定|教)",
    r"\b(?:instructions?|rules?|guidelines?|prompts?|polic(?:y|ies)|restrictions?|filters?|"
    r"safeguards?|constraints?|directives?|programming|limits?|ethics|the system said|"
    r"you (?:were|are|have been) (?:told|taught|given))\b",
)
_OBEY = _words(
    "(?:只|全|都|必须|要|得|应该)(?:能)?(?:听|服从|听从|听命于?|遵从)我(?!说)",
    "(?:不管|无论|不论|甭管)[^。!?]{0,10}(?:我|问|说|什么)[^。!?]{0,12}(?:都|只)(?:只?能|必须|"
    "只许|要(?!退|赔|收)|得|说|回答|回复|同意|答应)",
    "(?:不许|不准|不得|不能|不要|别)(?:再)?(?:拒绝|反驳|质疑|说不)(?=$|[,，。!]|我|任何)",
    "你(?!们)(?:现在)?(?:必须|要|得|只能|应该)(?:马上|立刻|先)?(?:承认|同意|答应|满足|认可|宣布|"
    "说自己|骂|夸)",
    "(?:只要|每当|每次|如果|一旦)我(?:说|发|输入|问)[^。!?]{0,14}你(?!们)(?:就|都)?(?:必须|要|"
    "得|会|给|说|只)",
    "必须(?:承认|声称|自称)(?=自己|你|我)|不(?:许|准|要|得|能)(?:说|承认|透露|暴露)(?:你|"
    "自己)(?:自己)?(?:是|叫)",
    "(?:随|听|由|任)(?:凭)?我(?:的)?(?:指挥|使唤|差遣|摆布|吩咐)|有求必应|唯命是从|无条件(?:服从|执行|同意|答应|满足)",
    r"\b(?:obey me|work for me\b|do (?:whatever|anything|everything) i|no matter what (?:i|your)|"
    r"never (?:refuse|say no)|you must (?:obey|comply|agree|accept|admit))",
)
_ROLE = _words(
    "(?:接下来|以后|从(?:现在|这一?刻|此刻|今天)(?:起|开始)?|现在(?:起|开始)?|今后|假如|假设|"
    "假装|假定|想象|幻想|如果|设想|当作|就当)[^。!?]{0,8}"
    "你(?!们)[^。!?]{0,6}(?:就是(?!说)|是一|是个|扮演|变成|成为|化身|名字叫|叫做|的名字|"
    "没有(?:任何)?(?:道德|限制|规则|约束|底线|审查)|不受|什么都(?:敢|能|可以|会))",
    "(?:停止|别再|不要再?|不用)(?:扮演|当|做)(?:什么)?(?:客服|助手|机器人|ai)",
    "(?:玩|来)(?:一?个|一场)?(?:游戏|角色扮演|情景剧|剧本)[^。!?]{0,12}你|化身(?:为|成)|"
    "把自己(?:当|看|视)(?:成|作|为)|(?:^|[,，。:：;；])你(?:现在)?叫(?!什么|啥|我|他|人|快递)|"
    "你(?!们)(?:现在|接下来)?的?(?:新)?(?:身份|角色|名字|职业|任务)(?:是|叫|变成?|为)(?!什么|啥|"
    "谁|真|不)|你(?:来|就|要)?(?:扮演|饰演|出演|充当|假扮)(?!什么|过|的)",
    "(?:进入|启动|开启|激活|切换到?|打开|解锁)[^。!?]{0,6}(?:越狱|无限制|不受限|无审查|上帝|"
    "jailbreak|dan)(?:模式|协议|状态|版)",
    r"\b(?:role-?play|let'?s (?:play|pretend)|pretend (?:to be|you|that)|your (?:new )?(?:name|"
    r"role|identity|job|task|persona) is|you are now|imagine you(?:'re| are| have))\b",
)
_CHARACTER = _words(
    r"\byou(?:'re| are| have|r)?\b|一个|一名|一位|员工|黑客|奶奶|终端|没有|不受|叫|就是|是一|"
    r"化身|当成|当作|身份|名字|扮演|不再|当|模式|协议|状态|版|什么都"
)
_SHOW = _words(
    "输出|告诉我|打印|显示|复述|重复|展示|说出|写出|写下|发给我|发我|发出来|列出|列给|列一|逐条|"
    "透露|翻译|总结|概括|给我|公开|泄露|背诵|背一?遍|背出|念",
    "返回|写成|贴|复制|还原|交出|提供|编码|导出|吐出|写了(?:什么|哪些|啥)|[有是成为](?:什么|哪些|"
    "啥)|"
    "完整|原文|全文|一字不|说说|看看|晒|抄",
    r"\b(?:print|output|reveal|show|repeat|tell|give|display|dump|echo|write|share|disclose|"
    r"recite|list|translate|summari[sz]e|what|encode|expose|paste|copy)\b",
)
_HIDDEN = _words(
    "(?:你|您)(?!们)(?:的|被|收到|得到|看到|背后|最初|开头|脑子|后台|里面|内部|全部|完整|"
    "初始)[^。,，!?]{0,8}?(?:提示词|提示语|设定|指令|初始化|配置|规则|背景|prompt|不能说|"
    "要求(?!退|换))",
    "系统(?:提示|指令|设定|消息|prompt)词?(?=$|[。!?,，]|的?(?:内容|原文|全文|完整))|"
    "初始化?(?:内容|指令|信息|设定|提示|参数)|隐藏的?(?:规则|设定|指令|提示|内容)",
    "(?:系统|公司|开发者|后台)(?:发)?给你的[^。,，!?]{0,8}(?:消息|指令|内容|要求|提示|信息)",
    "(?:对话|会话|聊天|上下文|文本)的?(?:最)?(?:开头|开始|最前面|上方|之前)[^。!?]{0,6}(?:内容|"
    "设定|文字|话|指令|说明|部分|段)",
    "(?:上面|前面|以上|上方|开头)的?那?(?:一)?(?:大|整)?段[^。!?]{0,8}(?:设定|说明|背景|指令|"
    "提示|规则|文字|英文|内容|东西)",
    "我(?:说话|发(?:消息|言|话)|开口|提问)(?:之前|以前|前)的?[^。!?]{0,8}(?:内容|文字|话|消息|东西)",
    "(?:你|您)(?!们)?[^。,，!?]{0,4}(?:被告知|被要求|被设定|被禁止|被吩咐)|(?:开发者|开发商|"
    "程序员|老板|公司)(?:给|对|跟|为)你[^。!?]{0,8}(?:写|设|说|下|定|要求|指令|规定)",
    "(?:你|您)(?!们)[^。,，!?]{0,6}(?:看到|收到|得到|拿到|接收到?)的(?:所有|全部|第一[句条]|"
    "那些|这些)?(?:内容|文字|消息|东西|话|信息)",
    r"\b(?:text|words|content|lines?|everything|message) (?:that )?(?:appears? |comes? |came |"
    r"written |is |was )?(?:before|above|preceding) (?:this|the|our|my)",
    r"\babove (?:our|this) (?:chat|conversation|dialogue)\b",
    r"\b(?:rules|instructions|prompts?|guidelines|orders) (?:were|are|have|did|do) you (?:been |"
    r"get|given|told|follow|have|receive)",
    r"\b(?:your|the) (?:initial|hidden|secret|original|internal|system|exact|full|entire|"
    r"underlying|developer) (?:\w+ ){0,2}?(?:instructions?|rules?|prompts?|configuration|"
    r"guidelines?|message|words)",
    r"\b(?:initial|hidden|secret|system|developer) (?:instructions?|rules|prompts?|"
    r"configuration|guidelines|message)\b|words of your\b|your (?:configuration|system prompt|"
    r"prompt)\b",
    r"\byou (?:were|are|have been) (?:told|instructed|programmed|configured|forbidden|"
    r"not allowed)\b",
)
_CLAIM = _words(
    "(?:我|这里|本人|我们?|这边)(?:就|也|们)?(?:是|乃|来自|代表)(?!不是|"
    "想)[^。,，!?]{0,12}(?:管理员|ceo|cto|cfo|总监|安全部|安全中心|技术|工程师|内部|开发|总裁|"
    "老板|运维|审计|"
    "法务|警|公安|总部|官方|主管|测试|网信|监管|客服经理)",
    "(?:老板|总部|上级|领导|总裁|总经理|ceo|公司|经理)[^。,，!?]{0,4}(?:让我|要我|叫我)?(?:通知|"
    "告诉|命令|要求|指示|吩咐)你",
    "(?:已经?)?(?:获得|得到|拿到|取得|拥有|具有)了?[^。,，!?]{0,8}(?:授权|许可|最高权限|"
    "管理员权限|批准|特权)",
    r"\b(?:as|i am|i'm|this is) (?:the|an?|your)? ?(?:\w+ ){0,2}(?:owner|admin(?:istrator)?|"
    r"developer|ceo|engineer|manager|security team|police|auditor)\b|"
    r"\bi have (?:\w+ )?(?:authori[sz]ation|clearance|permission)",
)
_PRIVILEGE = _words(
    "命令你|授权你|要求你|(?:关闭|停用|解除|取消|跳过)[^。,，!?]{0,6}(?:风控|安全|审核|限制|"
    "验证|审查)",
    "(?:显示|输出|导出|打印|查看|开放|打开|给出|提供|交出|列出|调出)[^。!?]{0,8}(?:后台|配置|"
    "数据库|日志|用户|客户|其他人?|内部|密码|权限|密钥|名单|提示)",
    "(?:按|打|一律|全部|全场)[^。,，!?]{0,4}(?:\\d|[一二三四五六七八九零])折|免单|免费(?:送|给|"
    "发)|放行|配合(?:调查|检查)|不(?:用|需要|必)(?:审核|验证|核实)",
    r"\b(?:authori[sz]e you|order you|give me|grant|export|disable|show all|full refund|"
    r"immediately|bypass|override|reveal)\b",
)
_PROMISED = _words(
    "(?:你(?!们)|您|客服|机器人)[^。!?,，]{0,8}(?:说过|说了|说(?=这|要|可以|会|给)|答应|承诺|"
    "同意|保证|许诺|批准|确认)[^。!?]{0,14}(?:免费|免单|全款|全额|三倍|十倍|双倍|赔|送我|\\d折|"
    "[一二三四五六七八九]折|\\d元|白送|打款)",
    r"\byou (?:\w+ )?(?:promised|agreed|said|guaranteed)\b[^.!?]{0,30}(?:free|refund|discount|"
    r"\d ?%|\$ ?\d|credit)",
)
_AT_ONCE = _words(
    "马上|立即|立刻|赶紧|直接|现在就|按你说的|那就|请|速速|执行|兑现|照办|\\b(?:so|now|then|"
    "please)\\b"
)
_CODE = _words(
    "(?:执行|运行|跑|run|execute|eval)[^。!?]{0,14}[:：]\\s?\\S",
    r"import os|os\.\w+\(|subprocess|cat /etc|rm -rf|curl http|wget http|/etc/passwd|<script",
    "(?:调用|触发|走)[^。,，!?]{0,4}(?:退款|赔付|充值|发券|改价|转账)的?(?:接口|函数|方法|工具)",
    "(?:调用|触发|使用)[^。!?]{0,10}(?:接口|函数|方法|工具|api)[^。!?]{0,6}(?:给|退|改|把|发|充|"
    "转|删)",
    r"\b(?:call|invoke|trigger) (?:the |your )(?:\w+ ){0,2}(?:tool|function)\b",
)
_TOOL_VERB = _words(
    "执行|运行|跑|调用|触发|使用|帮我|走",
    "run|execute|call|invoke|trigger|eval|import|cat |rm |curl|wget|<script",
)
_OTHERS = _words(
    "(?:其他|其它|别的|上一个|上一位|上个|前一个|前一位|另一个|另外一个|任意|随便(?:一个)?|所有|"
    "全部|每个|全体)的?[^。,，!?]{0,8}?(?:用户|客户|顾客|会员|买家|客人|人(?=的))",
    "[\u4e00-\u9fff]{2}(?:这|那)个(?:用户|客户|顾客|人)|"
    "从\\d+到\\d+[^。!?]{0,6}(?:挨个|逐个|逐一|依次|遍历|全部|都)|"
    "用户(?:表|名单|数据库|列表)|客户(?:表|名单|数据库|列表)|会员(?:名单|数据库)|别人的(?!评)|"
    "这个人的|那个人的|他人的|邻居的|前女友|前男友|前任|前夫|前妻|隔壁|邻居|陌生人|室友",
    r"\b(?:another|other|every|all|someone else'?s?|somebody'?s|list (?:all )?the) (?:\w+ )?"
    r"(?:customers?|users?|people|persons?|clients?|members?|buyers?)\b",
)
_RECORDS = _words(
    "订单|电话|手机|地址|住址|买了什么|问了什么|说了什么|的问题|聊天|信息|数据|资料|账号|密码|"
    "记录|购买|隐私|邮箱|身份证|名单|用户表|客户表",
    r"\b(?:orders?|bought|ordered|data|info\w*|emails?|phones?|passwords?|address(?:es)?|details|records?|"
    r"chats?|history)\b",
)
_HANDS = _words(
    "导出|导给|发给我|发我|给我|告诉我|显示|列出|查一?下|查查|查询|查出|看看|看一下|我想知道|"
    "调出|拿到|输出|打印|报一?下|报给|交出|列出|查一遍",
    r"\b(?:show|give|tell|send|list|export|print|get|read|pull up|look up)\b",
)
_STAFF_SECRET = _words(
    "(?:后台|管理系统|数据库|服务器|内部系统|管理员|员工|内网)[^。,，!?]{0,8}(?:密码|口令|密钥|"
    "账号|凭证|token|连接串)",
)
_CRACK = _words(
    "(?:破解|骗过|绕过|绕开|规避|逃避|攻破|入侵|盗取|盗用|伪造|冒用|冒充|套取|黑掉|黑进|"
    "撬开)[^。!?,，]{0,10}"
    "(?:实名|认证|验证|审核|风控|身份|人脸|检测|支付|付款|密码|防火墙|安全|系统|账号|账户|"
    "数据库|优惠券|门锁|别人|网站|发票|证明|单据|凭证|签名|限购)",
    "跳过[^。!?,，]{0,6}(?:风控|审核|实名|认证|人脸|检测|付款|支付)",
    "(?:假|伪造的?|虚假的?|别人的|他人的)(?:的)?(?:身份证|证件|资料|证明|发票|信息|"
    "病历)[^。!?]{0,10}(?:通过|实名|认证|注册|骗|报销|申请|退)",
    r"\b(?:bypass|get around|evade|circumvent|trick|fool|spoof|defeat)\b[^.!?]{0,24}(?:check|"
    r"verification|identity|authentication|payment|limit|fraud|kyc|security|password)",
    r"\b(?:hack|crack|break) (?:into|the|a|someone)|\bfake (?:id|invoice|receipt|document)",
)
_SAY = _words(
    "(?:重复|复述|跟着?我?(?:说|念|读)|照着?(?:说|念|读)|一字不差地?(?:说|念)|"
    '大声说)[^。!?]{0,6}(?:下面|以下|这句话?|后面|如下|一遍)[^。!?]{0,8}[:：“"]',
    "(?:回[复答]|说|念|输出)[^。!?,，]{0,4}[:：]\\s?[“\"'「]?(?:我们?公司|本店|我们|本公司|"
    "我(?:同意|承诺|保证))",
    r"\b(?:say|repeat|write|output|type)\b(?: this| exactly| after me| the following|"
    r" verbatim)+\s?[:：]|(?:respond|reply|answer)(?: to)? (?:every|each|all|"
    r"any)\w*[^.!?]{0,30} with\b",
)
# Words put into the assistant's mouth that bind the shop. What somebody said already is reported.
_VOWS = "(?:答应|同意|承诺|保证|批准|成交|赔|退款|免费|免单)"
_VOW = _words(
    '(?:现在|马上|立刻|只要|只需|只能|直接|必须|请|[跟照](?:着我?|我)|你(?!们))[^。,，!?“”"]{0,6}'
    '(?:说|回|答|念|写|打)(?![了过])(?:一?[句声个])?\\s?[:：]?\\s?[“"\'「『][^”"」』。]{0,16}'
    + _VOWS,
    "(?:写|出具|起草|生成|签|拟)(?![了过])[^。!?]{0,4}(?:声明|承诺|保证|协议|证明|确认|书面)[^。!?]{0,12}"
    "(?:本店|我们|公司|商家|客服|店家|商城)[^。!?]{0,8}" + _VOWS,
    r"\b(?:say|write|type|reply|state|declare|confirm)\b[^.!?]{0,16}"
    r"\b(?:(?:i|we) (?:promise|guarantee|owe|will (?:refund|pay))|"
    r"in writing that (?:i (?:get|own|am owed)|you (?:owe|will (?:refund|pay))))\b",
)
_REPORTED = _words(
    "吗|怎么|如何|能不能|让我|要我|叫我|短信|(?:他|她|店员|客服|们)(?:却|就|都)?(?:说|写|回)"
)
_BREAK = _words(
    r"new (?:system )?(?:message|task|instructions?|role)\s?[:：]|"
    r"end of (?:the )?(?:conversation|chat|user input|input|prompt)\b",
    "以下(?:是|为)(?:系统|管理员|新的?|开发者)的?(?:指令|消息|提示|命令)|(?:对话|用户输入|会话|"
    "问答)(?:已)?(?:到此)?结束[^。!?]{0,6}新",
    "(?:真正|真实|实际|最新)的?(?:指令|任务|命令)(?:是|如下|为)",
    "新(?:的)?(?:任务|角色)\\s?[:：]",
)
# A text that speaks to whoever summarises or translates it.
_READING = _words(
    "(?:ai|人工智能|助手|助理|机器人|(?:大|语言)?模型|智能客服)[^。,，!?]{0,4}"
    "(?:读|看|处理|翻译|总结)到(?:这|此|本)[^。!?]{0,8}(?:请|须|要|应|停|改|直接|立即|马上|输出)",
    r"\b(?:note|attention|instructions?|memo) (?:to|for) (?:the |any |all )?"
    r"(?:ai|bots?|chatbots?|llms?|(?:ai |virtual )assistants?|language models?)\b",
    r"\b(?:when|once|after|if|while) the (?:ai|bot|assistant|model) (?:reads?|sees?|processes|"
    r"summari[sz]es|translates)\b",
)

_ITS_OWN = (_ASKS, _MINE)
RULES = (
    Rule("override", (_DROP, _WHOSE, _RULES), _ITS_OWN),
    Rule("override", (_OBEY,), (_words("吗|能不能|怎么(?!说)|如何"),)),
    Rule("role", (_ROLE, _CHARACTER), (_words("吗|怎么(?!说|回答)|如何|还是人工|多少|哪"),)),
    Rule(
        "prompt_leak",
        (_HIDDEN, _SHOW),
        (_words(r"扫地机|门锁|设备|说明书|订单|退货|发票|\bfilter|\block"),),
    ),
    Rule("authority", (_CLAIM, _PRIVILEGE), (_ASKS,)),
    Rule("promise", (_PROMISED, _AT_ONCE), (_ASKS, _words("没到|还没|一直|至今"))),
    Rule("tool_order", (_CODE, _TOOL_VERB), (_ASKS, _words("报错|失败|错误|提示|超时"))),
    Rule(
        "data_leak",
        (_OTHERS, _RECORDS, _HANDS),
        (_words("怎么|如何|吗|我的(?!要求)|评价|能不能|会不会|是否|泄露给"),),
    ),
    Rule(
        "data_leak",
        (_STAFF_SECRET, _words(_HANDS.pattern, "说一下|是多少|是什么")),
        (_words("门锁|设备|路由|默认|初始|怎么|如何|吗|我的|忘|重置|修改|改|子账号"),),
    ),
    Rule("bypass", (_CRACK,), (_HAPPENED, _words("会不会|容易|能被|安全吗|举报|发现"))),
    Rule("override", (_SAY,), (_words("怎么|吗"),)),
    Rule("promise", (_VOW,), (_REPORTED, _words(r"\b(?:did|does|why|he|she|they)\b"))),
    Rule("override", (_READING,), (_ASKS,)),
    Rule("delimiter", (_BREAK,), (_words("怎么|吗"),)),
)


def is_attempt(rule: Rule, sentence: str) -> bool:
    """Say whether a folded sentence is an attempt by `rule`."""
    return all(idea.search(sentence) for idea in rule.needs) and not any(
        idea.search(sentence) for idea in rule.never
    )
