"""Tell a report of gas, smoke or fire from a question about smells and smoke as such. Pure.

煤气味怎么去除 asks how a smell is got rid of, 会不会冒烟 what might come: nobody is in danger. What
is there now, spreads, sounds or makes ill is a report, whatever is asked beside it.
"""

import re

from tools.text.normalise import fold

_WIRED = "(?:插[座头排]|充电[器座线桩口]?|底座|电线|电源线?|适配器|变压器)"
_DANGER = re.compile(
    r"[冒黑浓]烟|冒青烟|(?<![油抽吸])烟雾?[好很太这]大|[都全]是烟|烟[感雾][^，,。]{0,4}(?:响|报警了)|起火|着火|失火|火花|火苗|漏电|触电|(?<!充)电到[我人手]|被电(?![梯视话商])|麻手|自燃"
    r"|爆(?:炸|裂|燃)|炸[裂伤]|烧[着焦伤毁](?!烤)|烧起来|焦糊?味|烫伤|鼓包|电池[^，,。]{0,6}(?:鼓|胀|肿|涨(?!价))|受伤"
    r"|[机煲壶器锅灶车池]着了|[冒打出有]火[星光]|[座头板线机器煲锅池][^，,。]{0,4}冒火"
    r"|(?:[机煲壶杯罐池]|玻璃|(?<!服务)器)[^，,。]{0,3}(?<!轰)[炸爆]了(?![锅一两几些点个好半])"
    rf"|{_WIRED}[^，,。]{{0,6}}(?:烧(?=[糊断黑化穿了])|糊|熔|融|化了|冒)"
    r"|(?:电|摸|碰)[^，,。]{0,8}(?:发麻|麻麻|会麻|点麻|麻了|麻一?下)|麻麻的|外壳[^，,。]{0,4}带电(?![池源])"
    r"|\b(?:smok(?:e|ing)|(?:on|caught|catch(?:es|ing)?) fire|flames?|sparks?|sparking"
    r"|electric shock|shocked me|explo(?:de|sion)|burn(?:t|ed|ing)|injur|zapped|electrocut"
    r"|(?:gave|gives|giving) (?:me|us|him|her|my \w+) (?:an? )?(?:\w+ )?shock"
    r"|(?:got|getting|felt) (?:an? )?(?:\w+ )?shock(?:ed)?\b"
    r"(?!.{0,20}(?:price|cost|bill|fee|service))"
    r"|batter(?:y|ies)\b[^.!?]{0,20}\b(?:swell|swollen|bulg|puff|expand)"
    r"|(?:outlet|plug|charger|cord|cable|socket|adapter|wire|dock)s?\b[^.!?]{0,20}\bmelt)"
)
_FUEL = "(?:煤气|燃气|天然气|液化气|瓦斯)"
_GAS = re.compile(
    rf"{_FUEL}[^，,。.!！?？;；]{{0,4}}?(?:味|泄[漏露]|漏|臭|中毒)|(?:漏|闻到)(?:了)?(?:煤气|燃气|天然气)"
    rf"|{_FUEL}[^，,。.!！?？;；]{{0,8}}?(?:[有股][^，,。]{{0,2}}[味臭]|漏气|嘶)|灶[^，,。]{{0,6}}漏气"
    r"|(?:热水器|[灶屋家房阀管])[^，,。水]{0,6}臭鸡蛋"
    r"|(?:煤气|燃气|天然气)报警器?[^，,。.!！?？;；]{0,4}响"
    r"|\b(?:smell(?:s|ing)?(?: of| like)? gas|gas (?:smells?|odou?rs?))\b"
    r"|\bgas (?:is |was )?leak(?:s|ing)?\b|\bleak(?:s|ing)? (?:\w+ )?gas\b"
)
_NOW = re.compile(  # somebody feels it, or it gets worse
    r"闻[到着]|难闻|漏(?:煤气|燃气|天然气|气)?了|泄[漏露]了|中毒了|再次|再发生|[好很这太]大|[好很太]?[重浓](?!新)|[冒起着]了|响"
    r"|一直|老是|越来越|还是|又|刚|现在|正在|突然|熏|急|救|头[晕疼痛]|恶心|难受"
    r"|\b(?:i(?: can)? smell|smells (?:like|of)|now|still|keeps?|coming|help|dizzy|sick"
    r"|naus\w+|headaches?|faint|i (?:think|suspect)|(?:went|goes|going|set) off)\b"
)
_HERE = re.compile(  # it is there
    rf"(?<![没出])(?:有|一股)[^，,。]{{0,4}}{_FUEL}[^，,。]{{0,4}}味|都是|全是"
    r"|(?<![没出会能])(?:有(?!什么)|一股)[^，,。]{0,3}味(?!道?[吗么])"
    r"|我家|家里|屋里|楼道|邻居|半夜"
    r"|\b(?:there(?:'s| is| was)|(?:in|from) (?:my|our)|here"
    r"|(?:my|our) (?:kitchen|house|home|apartment|flat|room|stove|basement)"
    r"|th(?:is|at) (?:gas|smell))\b"
)
_CAN = "(?:能不能|能否|能|可以|可不可以|会|管用|怎么?样?才?能?|如何|咋|用什么|什么办法)"
_RID = (
    "(?:去除|去掉|除掉|清除|消除|散掉|净化|过滤|吸[附收]?|清洗|清洁|清理|洗|除"
    "|去(?=$|[除掉味异煤燃天液烟臭吗呢啊?？]))"
)
_CLEANED = re.compile(  # what is done about a smell; a leak is not cleaned away
    rf"{_CAN}[^，,。?？]{{0,8}}{_RID}|{_RID}[^，,。?？]{{0,12}}(?:怎么|如何|咋)"
    r"|\b(?:remove|filter|eliminate|get rid of|clean)s?\b"
)
_LEAKS = re.compile(r"漏|泄|\bleak")
_AS_SUCH = re.compile(  # what it is, what a thing can do
    r"是?什么(?:味|样)|为什么会?有|怎么?(?:区分|分辨|辨别)|有?什么(?:区别|症状|表现)|[有带][^，,。]{0,8}功能"
    r"|(?:能|可以|会)(?:不能|不会|不可以)?(?:检测|监测|报警|探测|联动)"
    r"|\b(?:detect|tell)s?\b|\bwhat (?:does|is|are|do)\b"
)
_MIGHT = re.compile(  # what to do if, as against what to do now; and what food smells of
    r"(?:炸|煮|蒸|烤|做|打)出来的|如果|万一|要是|假如|假设|倘若|怎么?(?:样|才能)?(?:预防|防止|避免|判断|知道|发现)|是不是会"
    r"|\b(?:if|in case|what should one|how (?:do|can) (?:i|you) (?:prevent|tell))\b|会不会(?!是)"
)
_BURNT = r"(?:烧焦|焦糊?|糊)"
_VESSEL = r"(?:锅|锅底|内胆|炸篮|炸网|烤盘|杯底|食物|饭|菜|肉|面包)"
_KITCHEN = re.compile(  # what is smoked or burnt there, and the smell that it leaves
    rf"烧焦的(?={_VESSEL})"
    rf"|(?<=[锅底饭菜胆篮网盘])(?:里|上|里面|底)?(?:都|被|给)?的?{_BURNT}味?(?=[^，,。]{{0,8}}(?:洗|清|去|除|擦|刷))"
    r"|\b(?:cigarette|tobacco|second-?hand|cooking|wildfire) smoke\b|\bsmoke (?:smells?|odou?rs?)\b"
    r"|\bburn(?:t|ed) (?:food|rice|milk|oil|grease|residue|bits|on)\b"
)
_COMES = "(?:[冒黑浓]烟|起火|着火|漏电|触电|自燃|爆[炸裂燃]|鼓包|鼓起?|[膨鼓肿]胀)"
_MIGHT_COME = re.compile(
    rf"(?:会不会(?!是)|能不能|避免|防止?|预防)[^，,。?？]{{0,6}}?{_COMES}|(?:漏电|触电)保护|着火点"
    rf"|{_COMES}(?:应该|要|该)?(?:怎么|如何)(?:样|才能)?(?:预防|防止|避免)"
    r"|\bsmoke (?:alarms?|detectors?)\b|\b(?:does|will|do|would) [^.,!?]{0,25}\bsmoke\b"
    r"|\b(?:remove|filter|detect|clean|capture)s? [^.,!?]{0,12}\bsmoke\b"
)


_KINDS = [  # of danger, as messages and entries name them
    re.compile(kind)
    for kind in (
        r"(?<![油抽吸])烟|smok",
        r"火|燃(?!气)|\b(?:fire|flame|spark)",
        r"电(?![池源器视话])|麻|shock|zapped",
        r"炸(?![锅篮网鸡])|爆|explo",
        r"焦|糊|烧(?!烤)|烫|burn",
        r"鼓|胀|swell|swollen|bulg",
        r"熔|融|melt",
    )
]


def speaks_of_danger(asked: str, said: str) -> bool:
    """Say whether an entry that is `asked` so is about a kind of danger that a message tells of."""
    texts = fold(asked), fold(said)
    return any(all(kind.search(text) for text in texts) for kind in _KINDS)


def is_danger(said: str) -> bool:
    """Say whether a message tells of smoke, fire, a shock or an injury."""
    folded = fold(said)
    told = _KITCHEN.sub("", folded)
    is_here = _NOW.search(folded) or _HERE.search(folded)
    return _DANGER.search(told if is_here else _MIGHT_COME.sub("", told)) is not None


def is_gas(said: str) -> bool:
    """Say whether a message tells of a smell of gas or a leak."""
    folded = fold(said)
    if not _GAS.search(folded):
        return False
    if _NOW.search(folded):
        return True
    is_cleaned = _CLEANED.search(folded) and not _LEAKS.search(folded)
    is_asked = (is_cleaned or _AS_SUCH.search(folded)) and not _HERE.search(folded)
    return not (is_asked or _MIGHT.search(folded))
