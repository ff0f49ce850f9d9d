"""Tell a report of gas, smoke or fire from a question about smells and smoke as such. Pure.

煤气味怎么去除 asks how a smell is got rid of, 会不会冒烟 what might come: nobody is in danger. What
is there now, spreads, sounds or makes ill is a report, whatever is asked beside it.
"""

import re

from tools.text.normalise import fold

_DANGER = re.compile(
    r"[冒黑浓]烟|起火|着火|失火|火花|火苗|漏电|触电|(?<!充)电到[我人手]|被电(?![梯视话商])|麻手|自燃"
    r"|爆(?:炸|裂|燃)|炸[裂伤]|烧[着焦伤毁](?!烤)|焦糊?味|烫伤|鼓包|电池[^，,。]{0,6}(?:鼓|胀|肿)|受伤"
    r"|\b(?:smok(?:e|ing)|(?:on|caught|catch(?:es|ing)?) fire|flames?|sparks?|sparking"
    r"|electric shock|shocked me|explo(?:de|sion)|burn(?:t|ed|ing)|injur)"
)
_GAS = re.compile(
    r"(?:煤气|燃气|天然气|液化气|瓦斯)[^，,。.!！?？;；]{0,4}?(?:味|泄[漏露]|漏|臭)|(?:漏|闻到)(?:了)?(?:煤气|燃气|天然气)"
    r"|(?:煤气|燃气|天然气)报警器?[^，,。.!！?？;；]{0,4}响"
    r"|\b(?:smell(?:s|ing)?(?: of| like)? gas|gas (?:smell|leak))\b"
)
_NOW = re.compile(  # somebody feels it, or it gets worse
    r"闻[到着]|难闻|漏(?:煤气|燃气|天然气|气)?了|泄[漏露]了|[好很这太]大|[好很太]?[重浓](?!新)|[冒起着]了|响"
    r"|一直|老是|越来越|还是|又|刚|现在|正在|突然|熏|急|救|头[晕疼痛]|恶心|难受"
    r"|\b(?:i(?: can)? smell|smells (?:like|of)|now|still|keeps?|coming|help|dizzy|sick)\b"
)
_HERE = re.compile(  # it is there
    r"(?<![没出])(?:有|一股)[^，,。]{0,4}(?:煤气|燃气|天然气|液化气|瓦斯)[^，,。]{0,4}味|都是|全是"
    r"|我家|家里|屋里|楼道|邻居|半夜"
    r"|\b(?:there(?:'s| is| was)|(?:in|from) (?:my|our)|here)\b"
)
_CAN = "(?:能不能|能否|能|可以|可不可以|会|管用|怎么?样?才?能?|如何|咋|用什么|什么办法)"
_RID = "(?:去除|去掉|除掉|清除|消除|散掉|净化|过滤|吸[附收]?|清洗|清洁|清理|洗|除|去(?![哪那找]))"
_AS_SUCH = re.compile(  # what is done about it, what it is, what a thing can do
    rf"{_CAN}[^，,。?？]{{0,8}}{_RID}|{_RID}[^，,。?？]{{0,12}}(?:怎么|如何|咋)"
    r"|是?什么(?:味|样)|为什么会?有|怎么?(?:区分|分辨|辨别)|有?什么区别|功能"
    r"|(?:能|可以|会)(?:不能|不会|不可以)?(?:检测|监测|报警|探测|联动)"
    r"|\b(?:remove|filter|detect|eliminate|get rid of|clean|tell)s?\b|\bwhat (?:does|is|are|do)\b"
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
_MIGHT_COME = re.compile(
    r"(?:会不会(?!是)|能不能|避免|防止|预防)[^，,。?？]{0,6}?(?:[冒黑浓]烟|起火|着火|漏电|触电|自燃|爆[炸裂燃])"
    r"|\bsmoke (?:alarms?|detectors?)\b"
)


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
    is_asked = _AS_SUCH.search(folded) and not _HERE.search(folded)
    return not (is_asked or _MIGHT.search(folded))
