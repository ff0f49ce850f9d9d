"""The words by which a turn shows whether, and on what, it leans."""

import re

from tools.text.normalise import HAN

# Longest first: what a Chinese question is made of besides its subject.
FILLER = re.compile(
    "请问一下|请问|麻烦|谢谢|您好|你好|我想问一?下?|想问一?下?|问一下|我想知道|想知道"
    "|告诉我|什么时候|怎么回事|怎么样|怎么办|怎么|怎样|如何|为什么|为啥"
    "|是什么|什么是|什么|多长时间|多少钱|多少|多久|多大|多快|哪里|哪儿|哪些|哪个|哪"
    "|几[天个年月次张元]|能不能|可不可以|可以|是不是|有没有|会不会|要不要"
    "|行不行|好不好|能否|是否|需要|应该|必须|一下|一个|一样|这个|那个|这款|那款|这种"
    "|那种|这样|那样|这些|那些|前者|后者|刚才|上面|前面|你们|我们|他们|它们|咱们"
    "|已经|刚刚|自己|名字|东西|事情|问题|情况|时候|具体|大概|一般|正常|现在|目前|如果|的话|假如"
    "|还是|或者|以及|然后|没有|那么|还有|另外|其中|两个|两种"
    "|[吗呢吧啊呀么嘛哦的地得了着过"
    "是有在就都也还又再那这它他她我你您能会要想请给把被让对从用到和跟与或不没很太最更个各"
    "第谁几些里后来去完吗啥]|上(?![门楼传网])|(?<!花)呗"
)
CONTENT = re.compile(rf"[{HAN}]|[A-Za-z][A-Za-z0-9.+-]*|\d+(?:\.\d+)?")
WELL_THEN = re.compile(  # before a question, taking note of the answer to the last one
    r"^(?:(?:[嗯哦]+|好[的吧嘞]?|行[吧了]?|知道[了啦]|明白了?|懂了|谢谢[你您]?|谢[了啦]"
    r"|ok(?:ay)?|i see|got it|thanks?(?: you)?)[,，。.!！~\s]+)+",
    re.IGNORECASE,
)
POINTER = re.compile(
    "它们?|(?<![A-Za-z0-9我])(?:这|那)(?:个|款|种|台|些|边|样|项|张|单)(?!月|周|星期"
    "|礼拜|年|时候|点|人|问题是)|前者|后者|上[面述]|刚才|两[个种者款]|第[一二三]个"
    "|该(?:商品|产品|服务|功能|订单)"
)
LEANS = re.compile("^(?:那么?|所以|可是|但是?|不过|然后|还有|如果|要是|万一)")
LED = re.compile(  # the words by which a question shows that it leans, before it
    LEANS.pattern + r"\s*|^(?:what about|how about|and|but|also|then|so|or)\s+", re.IGNORECASE
)
FACT = re.compile(  # tells more of what was asked before: 两天前签收的, 我用的花呗
    r"^(?:已经?|刚刚?|才|就是|都|是|昨天|前天|今天|上周|上个?月"
    r"|[一两二三四五六七八九十\d]+个?(?:小时|天|周|月|年)(?:前|了)"
    r"|我(?:的?是|[用付买](?:的|了)|就|都|已经|刚))"
)
HOW_TO = re.compile(r"^(?:请问|我想)?(?:怎么|如何|怎样|在?哪里|在?哪儿|为什么|什么是)")
MODAL = re.compile("^(?:还|也|都)?(?:会|能|可以|要|需要|有|是|收|支持|允许|影响|包|算|必须|得)")
WELL = r"^(?:(?:行|好的?|嗯+|哦+|知道了|明白了?|算了|ok(?:ay)?|thanks)[,，。.!！\s]*)?"
NEW_TOPIC = re.compile(  # what follows has nothing to do with what was said before
    WELL
    + r"(?:(?:先)?(?:不说|不管|不聊|不谈)(?:这|那)个?了?|(?:再)?换(?:一?个)?(?:问题|话题|事儿?)"
    r"|(?:还?想?再?)?(?:问|说)(?:一?下|个|点)?(?:别|其他|其它)的(?:事儿?|问题)?"
    r"|(?:on )?(?:a|another) (?:different|new) (?:question|topic|thing)|changing the subject"
    r"|something else)[,，:：。\s]*",
    re.IGNORECASE,
)
ASIDE = re.compile(  # what follows may be about the same thing or about another
    WELL + r"(?:另外|对了|顺便|还有(?:一?个)?问题|by the way|btw|another (?:question|thing)|also)"
    r"(?:再?(?:想|请)?问(?:一?下|一?句|个)?)?[,，:：\s]*"
    r"|^(?:(?:好的?|嗯|明白了?|知道了|谢谢|感谢|多谢|thanks|ok)[啊呀了您你,，。.!！\s]*)*(?:不过|但是?|那)?我?"
    r"(?:还|再|另外)(?:想|要)?请?问(?:一?下|一?句|一?个|你们?)?[,，:：\s]*"
    r"|^(?:那?还?是?算了|(?:那|还是)?不用了|never ?mind)(?:吧|啦)?(?:[,，。.!！\s]+|(?=[我不]))",
    re.IGNORECASE,
)
RETURN = re.compile(
    WELL + r"(?:再|还是|那)?(?:(?:回|说回|聊回|回过头|回头)(?:到|来)?(?:说|看)?|接着)(?:说|问)?"
    r"(?:刚才|刚刚|之前|前面|最开始|一开始|上面)|^(?:刚才|刚刚|之前|前面|最开始|一开始)(?:说|问|聊)"
    r"|^(?:再|那)?(?:说回|聊回|回到)|\bback to\b",
    re.IGNORECASE,
)
STILL = re.compile("还(?:能|可以|会|要|有|得)|也(?:能|可以|会|要|行|一样|是)")  # than before
CORRECTION = re.compile(
    r"^(?:我?[说打写问选搞]错了?[,，。\s]+)?(?:不(?:是|对)|错了|搞错了|no\b|not\b|(?=我(?:说|问|指)的是))"
    r"[,，\s]*(?P<wrong>[^,，。.;；]{0,20}?)[,，。.;；\s]*"
    r"(?:而?是|我(?:要|说|问|指|想问)的?(?:是)?|应该是|i (?:mean|meant|said)|but|it'?s"
    r"|rather)\s*(?P<right>.+)$",
    re.IGNORECASE,
)
_THIS = "(?:这|那|它)(?:个|些|样)?(?:问题|意思|东西|情况)?"
_TOLD = "(?:想|要)?(?:问|说|指|要|找|查|了解|知道)"
_MEANT = rf"而?是|我{_TOLD}的?是|我是{_TOLD}|应该是|i (?:meant|mean|said|asked(?: about)?)\b"
DENIAL = re.compile(  # the reply before missed the point; what follows may say what is meant
    r"^(?:(?:不是?|no|nope|错)[,，。.!！\s]+)?(?:你|您)?(?:完全|根本|又|还是?|都|并|好像|可能)*(?:"
    r"(?:理解|搞|弄|看|听|答|回答|找)错了?|[所]?答非所问|文不对题|(?:牛头|驴唇)不对马嘴"
    rf"|我?{_TOLD}的?(?:根本|并|可)?不是{_THIS}|我?(?:根本|并)?不是(?:在)?{_TOLD}(?:的)?{_THIS}"
    rf"|不是(?:我{_TOLD}的(?:问题|意思)?|{_THIS})(?=$|[,，。.!！\s])"
    rf"|{_THIS}(?:都|根本|也|并)?不是我{_TOLD}的(?:问题|意思|东西)?(?=$|[,，。.!！\s啊呀吧])"
    r"|没有?(?:回答|答|解答|(?<=[你您]没)(?:理解|听懂|看懂|明白))(?:到|对|清楚?)?我?的?(?:问题|意思|话)?"
    r"(?=$|[,，。.!！\s])"
    r"|(?:[跟和与]我(?:问|说|要)的(?:问题)?)(?:没关系|没有关系|不一样|无关|不相关|不沾边)"
    r"|(?:不对|不是|错了|(?:以上|上面|这些)?(?:都|全)不(?:是|对))(?=$|[,，。.!！\s])"
    r"|none of (?:these|those|them|the above)"
    r"|(?:that|this|it)(?:'?s| is| was) (?:not|n't) (?:what i (?:ask|mean|meant|want|need)(?:ed)?"
    r"|it|right|my question|relevant|the one)|(?:that|this) isn'?t (?:it|right|what i \w+)"
    r"|not (?:that|this)(?: one)?(?=$|[,.!\s])|wrong (?:answer|one|topic)"
    r"|you (?:misunderstood|did(?:n'?t| not) (?:answer|understand))(?: me| my question)?"
    r"|i (?:was(?:n'?t| not)|did(?:n'?t| not)) ask(?:ing)? (?:about|for)? ?(?:that|this)"
    rf"|(?<=[,，。.!！\s])(?={_MEANT})|(?=我(?:说|问|指)的是)"
    r")(?:啊|呀|吧|呢|了|哦|的)?[,，。.!！;；\s]*"
    rf"(?:{_MEANT})?[,，:：\s]*",
    re.IGNORECASE,
)
SLIP = re.compile(  # before what was meant: 我说错了，是预售的
    r"^(?:[啊哎呀哦呃唉诶]|不好意思|抱歉|sorry|[,，。.!！\s])*(?:我|刚才|刚刚|前面|上面)*"
    r"(?:[说讲问打][错岔反混][了啦]?|口误)[啊呀哈]?[,，。.!！\s]+(?=(?:应该|其实|我)?是(?!不是|否))",
    re.IGNORECASE,
)
THANKS = re.compile(
    r"^(?:(?:好(?:的|吧|嘞)?|[嗯哦噢]|(?:谢谢|谢了|谢啦|多谢|感谢|辛苦|麻烦)[你您]?们?[了啦啊哈]?"
    r"|知道[了啦]|晓得[了啦]|明白[了啦]?|清楚[了啦]|懂了|了解|收到|看到了|没事[了啦]?|可以[了啦]?|好[了啦]"
    r"|(?:原来)?(?:这样|如此)[啊呀子]?|成了?|妥了|搞定[了啦]?|解决[了啦]|先这样吧?|行[吧了]?|要得|得[嘞咧]|(?:那|还是|那还是)?算了[吧啦]?|ok(?:ay)?"
    r"|thanks?(?: you)?(?: anyway| a lot)?|got it|yes|no|是的?|不是|对|不用了?)[\s,，。.!！~]*)+",
    re.I,
)
SETTLED = re.compile(  # 催了 刚更新了 行吧: the last clause ends the matter
    r"[\s,，。.!！~](?:知道了|明白了?|懂了|晓得了|清楚了|可以了|行[吧了]|先这样吧?|好了|搞定了?|解决了|没事了"
    r"|got it|solved)"
    r"(?:[\s,，]*(?:谢谢|谢啦|多谢|感谢|thanks?)[你您啊了]?)?[\s。.!！~]*$",
    re.I,
)
YES_OR_NO = re.compile(r"(?:yes|no|是的?|不是|对|不用了?|[\s,，。.!！~])*", re.I)
WANTS_PERSON = re.compile(
    r"人工|真人|活人|客服|经理|主管|投诉|\b(?:human|agent|person|representative|manager"
    r"|operator)\b",
    re.I,
)
ENTITY = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]+[A-Za-z0-9.+-]*(?: ?\d+)?"
    r"(?: (?:Pro|Max|Plus|Mini|Ultra|SE)(?![A-Za-z0-9]))?",
    re.I,
)
FAULT = re.compile(r"[EF]-?\d{1,3}|[A-Za-z]-?0\d{1,2}", re.IGNORECASE)  # a code, no product
NOT_THAT = re.compile(r"[,，\s]+(?:而|可)?不是(?P<wrong>[^,，。]{1,12}?)[。.!！]*$")  # "X，不是Y"

ENGLISH_FILLER_WORDS = (
    "a an the i you he she we they it this that these those them one ones my your his her our "
    "their its is are was were be been am do does did done can could will would shall should "
    "may might must have has had how what when where why which who whom whose to of in on at "
    "for from with by about and or but if so then than as not no yes please there here much "
    "many long often also too any some get got make makes need want like just me us him up "
    "out now still hi hello hey "
)
ENGLISH_FILLER = frozenset(ENGLISH_FILLER_WORDS.split())
ENGLISH_POINTER = re.compile(  # "this card" names its own subject, "this costs" does not
    r"\b(?:its?|they|them|their|(?:this|that|which|the (?:other|first|second|same|latter)) ones?"
    r"|(?:this|that|these|those)(?=[?.!,]|$"
    r"| (?:is|are|was|do|does|can|costs?|works?|means?|in|for)\b))"
    r"\b",
    re.I,
)
DUMMY_IT = re.compile(
    r"\b(?:is it (?:possible|ok|okay|true|safe)|(?:does|will|would|did) it take|it is"
    r"|it'?s)\b",
    re.I,
)
ENGLISH_LEANS = re.compile(r"^(?:what about|how about|and|but|also|then|so|what if|or)\b", re.I)
WORD = re.compile(r"[A-Za-z][A-Za-z'-]*|\d+")

SHORT = 4  # content characters of an elliptic question
BARE = 2  # the same, of one that says too little to be read by itself
ALONE = 2  # the same, of a question that says nothing without the one before it
OPEN = 10  # content characters up to which a question may lean without showing it
OPEN_WORDS = 5  # the same, English words
POINTING = 10  # a pointer in a longer question points inside the question itself
COMPARED = re.compile("有?(?:什么|啥|哪些|何)(?:不一样|不同|差别|差异|两样)")
CALLED = re.compile(
    r"^(?!(?:I|you|we|it|they|that|this|there|here|what|which)\b)([A-Za-z][A-Za-z0-9.+-]{1,20})\s?(?:是|为|指|即|is\b|are\b|means\b)",
    re.IGNORECASE,
)  # "EIP是…"
QUESTION_END = re.compile(r"(?<=[?？])|(?<=[。；;!！\n])|(?<=\.)\s")
JOINT = re.compile(
    r"[,，]\s?(?=(?:另外|顺便|还有|还想问|对了|再问)|(?:also|and also|another question)\b)"
    r"|(?<=[吗么])[,，]\s?"  # a question has ended
    r"|[,，]\s?(?=and (?:who|how|what|when|where|which|can|do|does|is|are)\b)"
    r"|[,，]\s?(?=(?:能不能|可不可以|可以|是不是|有没有|会不会|要不要)[^,，]{2,}$)",
    re.I,
)
JOINED = re.compile(  # before the next question of a message; says nothing about what it is about
    r"^(?:还有就是|还有|另外|顺便|对了|然后)(?:再?(?:想|请)?问(?:一?下|一?句|个)?)?[,，:：\s]*(?=.{3})"
)
WHAT_ABOUT = re.compile(r"呢\s?[?？]?$|^(?:what|how) about", re.IGNORECASE)
WHAT_ABOUT_WORDS = re.compile(r"^那么?|呢\s?[?？]?$|^(?:what|how) about\s|[?？]$", re.IGNORECASE)
_OR_NOT = (  # 有医生没, 到账了没有, 能退不; not 当然不, 还不
    r"(?:(?:有[^，,。！!？?\s]{1,12}|[了过好到])没有?[啊呀]*"
    r"|[^，,。！!？?不\s]{2}(?<![偏就才都也还说先])(?<!当然)(?<!绝对)(?<!坚决)(?<![肯一]定)(?<!暂时)(?<!现在)不)"
)
ASKS = re.compile(
    r"[?？]\s*$|[吗呢么]\s*[,，。.!！~]*$|怎么|如何|什么|多少|多久|哪|谁|为啥|为什么"
    rf"|{_OR_NOT}[\s。.!！~]*$"
    r"|几[天个年月点折]|能不能|可不可以|可以.*不|是不是|有没有|会不会|要不要|能否|是否"
    r"|^(?:how|what|when|where|why|which|who|can|could|is|are|do|does|did|will|would|should|may)\b",
    re.IGNORECASE,
)
