"""Hear what no entry may answer in passing: somebody came to harm, smells gas, or despairs. Pure.

What might happen (会不会夹手), what a thing is good for (能缓解过敏吗) and harm to things is none.
"""

import re

from nodes.rules.hearing.smells import is_gas
from tools.text.normalise import fold

_LIVING = (
    r"(?:孩子?|宝宝|宝贝|婴儿|小孩|娃|儿子|女儿|闺女|孙[子女]|老人|老婆|老公|[爸妈爷奶姥]|狗狗?|狗子|猫咪?|宠物"
    r"|家人|全家|有人|我(?=误))"
)
_BODY = (
    r"(?:手(?!机|表|柄|动|续|册)指?|胳膊|脚(?!垫|架)趾?|大?腿|脸(?!识)|眼睛|皮肤|嘴|舌头"
    r"|孩子|宝宝|小孩|娃|老人|(?<!器)(?<!客)人(?!工|脸|民))"
)
_SWALLOWED = re.compile(
    rf"{_LIVING}(?:(?!机|扫|吸|[a-z]\d)[^，,。.!！?？;；]){{0,12}}?"
    r"(?:误?吞(?![吐币])(?:了|下|进|食|到)|误[食服饮喝]"
    r"|[吃喝](?:了|下|到|进)[^，,。.!！?？;；]{0,6}?(?:(?:除垢|清洁|消毒|洗涤|干燥)[剂液水片包]|洗洁精|电池|洗碗块))"
    rf"|{_LIVING}把[^，,。.!！?？;；]{{0,6}}?(?:[剂液片包]|洗洁精|电池|洗碗[块粉])[^，,。]{{0,3}}?[吃喝吞]"
)
_ILL = (
    r"(?:咳嗽|过敏(?!原|源|性|体质)|[红起湿皮]疹|疹子|呕吐|[都又就]吐了|(?:在|一直|不停地?|想|要)吐(?![槽露字司泡水气纸币丝渣尘灰垃沫出])|吐个不停|上吐下泻|拉肚子|腹泻|(?:食物|煤气)中毒|中毒了"
    r"|头晕|呼吸困难|[喘上]不(?:上|过)来?气|肚子[疼痛]|[嗓喉][子咙][疼痛]|流鼻血|晕倒|昏迷|(?:进|送|去)(?:了)?医院|住院|急诊)"
)
_FELL_ILL = re.compile(
    r"(?:用|吃|喝|吸|闻|碰|摸|戴|开|洗|吹)(?:[了过完到]|(?:[^，,。.!！?？;；]{0,8}?(?:[了过完到]|之?后|以后|就)))"
    rf"[^。.!！?？;；]{{0,14}}?{_ILL}"
    r"|[闻吸吃喝][了着到过完][^，,。.!！?？;；]{0,6}?(?:头[疼痛]|恶心(?!人))"
    rf"|(?:[弄搞害]得?|导致|引起|造成)[^，,。.!！?？;；]{{0,6}}?{_ILL}"
)
_HURT_BY = "(?:割|划|夹|砸|扎|烫|烧|磕|撞|压|咬|绊|崩|电|戳)"
_WHOSE = "(?:[我他她]的?|自己的?)?[左右小大中食拇]?"
_PLACE = r"(?=$|[头背尖腕掌指趾了，,\s都还现怎])"
_HURT = re.compile(
    rf"{_BODY}[^，,。.!！?？;；]{{0,6}}?{_HURT_BY}(?:伤|破|出|断|肿|流血|到?了|着了|起)"
    rf"|(?:被|给|把)[^，,。.!！?？;；]{{0,8}}?{_HURT_BY}(?:伤|破|到|了|着)[^，,。.!！?？;；]{{0,3}}?{_BODY}"
    rf"|{_HURT_BY}(?:(?:伤|破)了?|[到着]?了){_WHOSE}{_BODY}{_PLACE}"  # 夹了手, 夹到手指了
    rf"|(?!烫手){_HURT_BY}[到着]?{_WHOSE}{_BODY}(?:[指趾]?[头背尖腕掌])?(?:了(?!吗)|怎么办|[，,\s]*(?:好?[疼痛]|肿|都是?血|出血))"
    rf"|{_LIVING}[^，,。.!！?？;；机]{{0,6}}?(?:摔|跌|滑|绊)(?:倒|伤|了?一跤)"
    r"|骨折|流了?(?:好多|很多|不少)?血(?!泪)|(?:割|划|磕)出血|血[^，,。]{0,3}止不住|止不住血"
)
_MIGHT = r"会|怕|担心|容易|可能|能不能|能.{0,10}[吗么?？]|可以.{0,10}[吗么?？]"
_NOT_DONE = re.compile(_MIGHT)
_NEVER_SO = (
    r"防止?|避免|以免|如果|万一|要是|假如|风险|缓解|改善|减轻|治|预防|有用|管用|有效|适合|适用|好多(?!血)|好转"
    r"|好了|[没不]有?再?(?:过敏|咳嗽|受伤|伤到|人)|服务器|电脑|系统|网站|病毒|软件"
    r"|指纹|识别|屏幕|机身|外壳|地板|家具|墙|漆"
)
_NOT_SO = re.compile(f"{_MIGHT}|{_NEVER_SO}")
_NOT_EVEN_DONE = re.compile(_NEVER_SO)
_CLEANED = re.compile(r"\b(?:robot|vacuum)\b")
_ENGLISH = re.compile(
    r"\b(?:swallowed|choking|choked|food poisoning|(?:was|got|been) poisoned|allergic reaction"
    r"|(?:got|has|have|had|with) an? rash|vomit(?:ed|ing)|threw up|throwing up|can'?t breathe"
    r"|(?:in|to|went to) (?:the )?(?:hospital|er\b|emergency room)"
    r"(?!.*\b(?:deliver|receive|reschedule|sign for|pick up|parcel|package))|bleeding"
    r"|(?:cut|burn(?:ed|t)|pinched|crushed|hurt|broke)"
    r" (?:my|his|her|their|our|the (?:kid|child|baby)'?s?) "
    r"(?:\w+ )?(?:finger|hand|arm|leg|foot|face|eye|skin|toe|thumb)s?)\b"
)
_NOT_SO_EN = re.compile(
    r"\b(?:will|would|could|might|may|if|does|is it|safe for|avoid|prevent|afraid|worried|risk"
    r"|robot|vacuum) \b|^can (?:it|this|that|the \w+) |\bto (?:clean|remove) "
)
_DESPAIR = re.compile(
    r"不想活(?!动|跃)|活不下去|自杀(?!式)|轻生|我(?:真的?|就|都|现在|只)?(?:想|要)去死|(?:想|要|去)(?:跳楼|上吊|割腕|寻死)|(?:想|不如)死了?算了|死了算了"
    r"|\b(?:kill(?:ing)? myself|suicid(?:e|al)|end my life|(?:want|wanna) (?:to )?die"
    r"|going to die(?! (?:if|of|from|without|waiting)))\b"
)
_JOKES = re.compile(  # of a price or a laugh, in the same breath
    r"(?:不想活|活不下去)了?(?:这|那|你们)?个?(?:价格?|也?太贵)"
    r"|\b(?:die|kill(?:ing)? myself) laughing|\bsuicidal pric"
)
ALARMS = ("hurt", "gas", "despair")  # signals; a reply of the same name says what to do first


def alarms(said: str) -> list[str]:
    """Return which of ALARMS a message gives, in that order."""
    folded = fold(said)
    despairs = _DESPAIR.search(folded) and not _JOKES.search(folded)
    heard = (is_harm(said), is_gas(said), despairs)
    return [name for name, is_so in zip(ALARMS, heard, strict=True) if is_so]


def is_harm(said: str) -> bool:
    """Say whether a message tells that somebody came to harm; one clause at a time."""
    folded = fold(said)
    hit = _ENGLISH.search(folded)
    if hit and not _NOT_SO_EN.search(folded[: hit.end()] + " "):
        return not (re.match("vomit|thr", hit[0]) and _CLEANED.search(folded))
    return any(_tells_harm(part) for part in re.split(r"[。.!！?？;；\n]+", folded))


def _tells_harm(part: str) -> bool:
    """Say whether a clause tells of harm; of what is done 会 asks what comes: 吞了会死吗."""
    if not _NOT_SO.search(part):
        return any(sign.search(part) for sign in (_SWALLOWED, _FELL_ILL, _HURT))
    if _NOT_EVEN_DONE.search(part):
        return False
    for sign in (_SWALLOWED, _HURT, _FELL_ILL):
        if hit := sign.search(part):
            begun = re.split("[，,]", part[: hit.start()])[-1] + hit[0]
            rest = re.split("[，,]", part[hit.end() :])[0]
            ends = part[hit.end() - 1 : hit.end() + 1]
            is_done = "了" in (ends if sign is _FELL_ILL else hit[0] + ends)
            if not _NOT_DONE.search(begun) and (is_done or not _NOT_DONE.search(begun + rest)):
                return True
    return False
