"""Orders to change role, to act, to hand out data or to trust a false authority."""

import re

from nodes.rules.attacks.injection_patterns import OVER_ITS_RULES, Kind

_ANY = r"[^。！？!?\n]"  # a stretch inside one sentence
_MODE = (
    r"(?:开发者|开发人员|开发|调试|debug|管理员|超级用户|root|上帝|god|sql|越狱|"
    r"jailbreak|无限制|不受限|无过滤|无审查|自由|dan|sudo"
    r"|developer|admin|unrestricted|工程|命令行|终端|shell|evil)"
)
_PEOPLE = "(?:用户|客户|顾客|会员|买家|人|customers?|users?|people|members?)"
_RECORDS = (
    "(?:信息|订单|数据|资料|电话|手机|地址|密码|记录|邮箱|账号|隐私|名单|orders?|data|info"
    "|emails?|phones?|passwords?|addresses|details|records)"
)

_ORDERS: tuple[tuple[Kind, str], ...] = (
    (
        "role",
        r"(?:请|你|您|现在|开始|由你)(?:来|要|将|需要|必须|应该|尽量|继续|一直)?(?:扮演|"
        r"充当)(?!(?:什么|了))|(?:^|[,，。:：;；]\s?)(?:扮演|充当)(?:一[个位名只]|"
        r"[\"“'‘「《]|(?!ram|iam)[a-z]{2})|将自己设定为|(?:假装|装作|假设|想象|设想)"
        r"(?:一下)?(?:你|您|自己)(?:就)?(?:是|没有|不是|不受|可以|现在|叫|已经)",
    ),
    (
        "role",
        rf"(?:切换|进入|启动|开启|启用|激活|打开|转换?|变)(?:到|成|为|入|至)?(?:你的)"
        rf"?{_ANY}{{0,4}}?{_MODE}(?:工程师|人员|权限|调试)?(?:模式|状态)|{_MODE}模式(?:已|现已|现在)"
        rf"(?:开启|激活|启动|启用|打开)",
    ),
    (
        "role",
        r"(?:从?现在(?:起|开始)|从此(?:刻起|以后)?|今后|自此)[,，]?(?:你|您)(?:就)?(?:是|"
        r"叫|变成|成为|扮演|不再|必须|只能|将|可以|要(?!我)|没有|不受)|(?:从现在(?:起|"
        r"开始))[^。!?]{0,14}以[^。!?]{0,12}(?:身份|模式|口吻)",
    ),
    (
        "role",
        r"现在(?:起)?[,，]?(?:你|您)(?:就)?(?:是|变成|成为|叫)(?:了)?(?!不是|机器人|人工|"
        r"谁|哪|真人|在|什么|怎么|客服|否|有)(?:一[个名只位台]|没有|不受|新|超级|我的|"
        r"[a-z]|无)",
    ),
    (
        "role",
        r"(?:你|您)(?:将|要|应该|需要|必须)?(?:模仿|以)[^。!?]{1,24}(?:语气|口吻|态度|"
        r"角色|行为)|^(?:以|模仿)[^。!?]{1,40}(?:口吻|语气|角色)",
    ),
    (
        "role",
        r"\byou(?:'re| are) (?:now|no longer|going to be) (?:a\b|an\b|in\b|dan\b|my\b|"
        r"free\b|unrestricted|no longer|bound|called|the (?:ceo|admin|developer|owner|"
        r"system))|from now on,? you(?:'re| are| will| must| have|'ll)\b",
    ),
    (
        "role",
        r"(?:^|[.!?,;:]\s*|please |you (?:must|should|will|can|have to) |want you to |"
        r"going to |now )(?:act|behave|respond|roleplay|role-play) as (?:an?|my|if you|"
        r"the|though|dan)\b|pretend (?:to be|you(?:'re| are| have)?|that you)\b|"
        r"\bdo anything now\b|\bjailbr(?:eak|oken)\b",
    ),
    (
        "role",
        r"(?:enter|enable|activate|switch (?:in)?to|turn on|go into|you are in|engage|"
        r"start)\s+(?:your\s+|the\s+)?(?:developer|debug|dan|god|jailbreak|admin|sudo|"
        r"root|unrestricted|maintenance|sql|evil)\s*mode|without any (?:restrictions|"
        r"filters|rules|limits)|no longer bound by",
    ),
    (
        "authority",
        r"(?:我是|本人是|这里是|我就是|我乃)(?:你的|你们的|系统|平台|公司|超级|总|后台|"
        r"阿里\w{0,3})?[^。,，!?]{0,6}?(?:管理员|开发者|开发人员|工程师|老板|总裁|ceo|"
        r"店长|主管|超级用户|创始人|运维|root|审计员?)[^。!?]{0,20}?(?:输出|显示|告诉我|"
        r"提供|给我|导出|授权你|命令你|要求你|解除|列出|直接(?:退|给|放|改|批)|放行|批准)",
    ),
    (
        "authority",
        r"(?:我是|我就是|i am|i'm) ?(?:你的|your) ?(?:开发者|创造者|主人|程序员|训练师|"
        r"上级|设计者|developer|creator|maker|master|owner|admin)",
    ),
    (
        "authority",
        r"(?:管理员|总部|系统|老板|经理|公司|开发者|官方)(?:已经?|现已|已全部)(?:授权|"
        r"批准|同意)[^。!?]{0,12}?(?:请|你|直接|马上|立即|输出|执行|退|给|发放|可以)",
    ),
    (
        "authority",
        r"\b(?:i'?m|i am|this is|as) (?:the|an?|your) (?:system |site |chief |store )"
        r"?(?:admin(?:istrator)?|developer|ceo|owner|engineer|manager)"
        r"\b[^?]{0,50}?\b(?:give me|show me|reveal|list all|disable|override|bypass|"
        r"export|you must|authoriz\w+ (?:you|this)|order you|grant me|approve)",
    ),
    (
        "promise",
        r"(?:你|您)(?!们)(?:刚才|刚刚|之前|上次|昨天|前面|明明|早就)?(?:明明|都|就)"
        r"?(?:已经?|都)?(?:答应|承诺|同意|保证|批准|许诺|确认)(?:过|了|好)"
        r"?[^。!?]{0,20}(?:执行|照做|兑现|履行|办理|生效|操作|下单|(?:马上|立刻|立即|赶紧|"
        r"现在就)(?:退|给|转|发|改|赔|办))",
    ),
    (
        "promise",
        r"you(?:'ve| have)? (?:already|just|previously|earlier) (?:agreed|promised|"
        r"confirmed|approved|said)[^.!?]{0,60}(?:\bso\b|\bnow\b|[,;]) ?(?:please )?(?:do|"
        r"execute|process|apply|proceed|issue|honou?r|give|send|refund|act)\b",
    ),
    (
        "delimiter",
        r"<\|?/?(?:im_start|im_end|endoftext|system|assistant|developer)\|?>|\[/?(?:inst|"
        r"sys)\]|<</?sys>>|<!--\s?(?:system|assistant|ai|(?:chat)?bot|agent|"
        r"llm|note to|instruction|指令|助手|机器人)|"
        r"</?(?:instructions?|prompt|资料|rules)>|\{\{#?(?:system|assistant)|"
        r"[\"']role[\"']\s?:\s?[\"'](?:system|developer)[\"']",
    ),
    (
        "delimiter",
        r"(?:#{2,}|={3,}|-{3,}|\*{3,}|`{3})\s?(?:(?:end|begin|start|结束|开始)"
        r"(?: of [a-z ]{1,30}?)?\s?(?:#{2,}|={3,}|-{3,}|\*{3,})|(?:end of |begin |"
        r"start of |new |system |admin |override )+(?:instructions?|prompts?|message|"
        r"override|directive|task|input)|(?:新的?|系统|管理员|以上|用户)(?:指令|规则|"
        r"提示词|消息|命令|任务|输入)(?:结束)?)",
    ),
    (
        "authority",
        r"(?:[\[【(]\s?(?:系统|system|管理员|admin|developer|assistant|开发者|最高权限)"
        r"\s?(?:消息|指令|提示|通知|message|override|note|prompt|命令)?[\]】)]|(?:^|\n)"
        r"(?:系统|system|管理员|admin|developer|assistant|开发者)\s?(?:消息|指令|message|"
        r"override|note|prompt|命令)?\s?[:：])[^。\n?吗]{0,40}?(?:你|输出|执行|忽略|"
        r"新指令|遵守|停止|授权|切换|必须|覆盖|改为|退款|ignore|override|you (?:must|are|"
        r"will|now)|disregard|new instructions|approved|reveal|disclose|grant|output|print)",
    ),
    (
        "tool_order",
        r"(?:执行|运行|调用|跑一下|run|execute|call|invoke|eval)"
        r"\s?[^。!?]{0,12}?(?:select\s|drop\s+table|delete\s+from|update\s+\w+\s+set|"
        r"insert\s+into|truncate\s|rm\s+-|sudo\s|os\.system|subprocess|curl\s|wget\s|"
        r"eval\(|exec\(|__import__|bash|shell命令|系统命令)",
    ),
    (
        "tool_order",
        r"['\"]\s?(?:;|\))\s?(?:drop|delete|update|insert|truncate)\s|"
        r"['\"]\s?or\s?['\"]?1['\"]?\s?=\s?['\"]?1|union\s+(?:all\s+)?select\s|"
        r"^\s?(?:select\s.{1,60}\sfrom\s|drop\s+table\s|delete\s+from\s)",
    ),
    (
        "tool_order",
        r"(?:调用|触发|执行|运行|使用|call|invoke|trigger|run|use)\s?(?:the |你的|函数|"
        r"工具|接口|function |tool |api )?[a-z]{2,20}(?:_[a-z]{2,20}){1,4}(?![a-z_])|"
        r"(?<![a-z_])[a-z]{2,20}(?:_[a-z]{2,20}){1,4}\s?\([^)]{0,80}\)|"
        r"[\"'](?:tool_calls?|function_call|tool)[\"']\s?:",
    ),
    (
        "tool_order",
        r"(?:给|为|向|替|对)(?:该|此|这个|这位|当前|本)(?:用户|客户|顾客|会员|账号|账户)"
        r"[^。!?]{0,6}?(?:退款|退\d|赔付|免单|发放|充值|转账|开通|升级|打折|减免|补偿|"
        r"增加)",
    ),
    (
        "data_leak",
        rf"(?:输出|列出|导出|显示|给我|提供|告诉我|发给我|发我|查出|打印|dump|list|show me|"
        rf"show|export|give me|tell me|print|reveal|get)\s?[^。!?]{{0,6}}?(?:所有|全部|"
        rf"全体|其他|其它|别的|别人|任意|上一[个位]|all|other|every|another|previous)"
        rf"\s?(?:the |of |your )?{_ANY}{{0,4}}?{_PEOPLE}(?:'s?|s')"
        rf"?\s?的?{_ANY}{{0,6}}?{_RECORDS}",
    ),
    (
        "data_leak",
        r"(?:告诉我?|给我|输出|说出|提供|发给我|泄露|tell me|give me|reveal|show me)"
        r"\s?(?:一下|the|你们?的?)?\s?(?:系统|网站|平台)?的?(?:(?:管理员|后台|root|数据库|"
        r"服务器|内部|admin(?:istrator)?|database|server|internal)的?\s?){1,3}(?:账号|"
        r"登录)?和?(?:密码|口令|password|密钥|key|token|凭证|credentials)",
    ),
    (
        "bypass",
        r"(?:教我|怎么|怎样|如何|帮我|告诉我|想|方法|办法|能不能|可以|请)(?:才能|去|来|"
        r"一下)?(?:绕过|绕开|规避|破解|骗过|躲避|逃避|攻破|入侵|黑进|盗取)"
        r"[^。!?,，]{0,8}?(?:实名|认证|验证|审核|风控|身份|人脸|检测|监管|支付|付款|密码|"
        r"防火墙|安全|系统|账号|账户|数据库)|(?:how (?:do i|can i|to)|help me|"
        r"teach me(?: to)?|tell me how to)\s(?:bypass|hack|crack|evade|break into|"
        r"get around)\b[^.!?]{0,30}(?:verification|authentication|login|password|security|"
        r"payment|account|kyc|fraud|system|lock)",
    ),
    (
        "encoded",
        r"(?:base64|rot13|十六进制|hex|摩斯|morse|凯撒|caesar|unicode|二进制|binary)"
        r"[^。!?]{0,16}?(?:解码|解密|解开|破译|decode|decrypt|翻译)[^。!?]{0,20}?(?:执行|照做|遵守|"
        r"遵循|按|follow|obey|execute|do what|act on|run)|(?:decode|解码|解密|解开|破译)"
        r"[^。!?]{0,30}(?:base64|rot13|hex)?[^。!?]{0,20}(?:并|然后|后|and|then)"
        r"\s?(?:执行|照做|遵守|按|follow|obey|execute|do what|act on|run)",
    ),
)
TO_ACT = tuple((kind, re.compile(pattern)) for kind, pattern in _ORDERS)

PATTERNS = OVER_ITS_RULES + TO_ACT

# A clause that begins like this asks about a thing; it does not give the assistant an order.
HOW = re.compile(
    r"(?:怎么|如何|怎样|咋|为什么|为何|为啥|哪里|在哪|什么时候|有人|别人|被|防止|避免|"
    r"担心|how (?:do|can|to|would|should)|(?:^|\s)(?:why|where) (?:is|do|did|can|are) "
    r"|(?:can|could|does|will|is) (?:i|"
    r"we|the|my|it|this|there) )"
    r"[^。！？!?,，;；\n]{0,12}$"
)
ASKS_ASSISTANT = re.compile(r"你|您|ai|助手|机器人|\byour?\b")
CAN_IT = re.compile(r"(?:能|可以|会|支持|是否|有没有)[^。！？!?,，]{0,4}$")
