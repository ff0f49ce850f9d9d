"""Hear small talk by its words: a farewell, who is there, and with whom one talks.

A classifier knows these by their manner, and takes what is as short for the same: 昨天, 那就退吧.
"""

import re

from tools.classify import Classification
from tools.text.normalise import fold

GOODBYE, GREETING, IDENTITY = "goodbye", "greeting", "identity"  # intents
TALK_CHARS = 20  # a longer message says more than that

_LATER = (
    r"(?:下[次回]|改[天日]|明[天儿日]|后天|晚点|等会儿?|过[会两几]\S?|有空|有事|有需要|有问题|回头)"
)
_FAREWELL = re.compile(
    r"再见|再会|回见|回聊|拜{1,3}|白白|(?<!\d)88+6?(?!\d)|晚安|[早好]梦|告辞|失陪"
    rf"|{_LATER}\S{{0,4}}?(?:聊|说|谈|见|来|找|问|联系|咨询|沟通|请教)"
    r"|先(?:这样|到这|下|走|撤|忙|去|挂|睡|闪|溜|考虑|想|看看)|(?:就|那就|暂时)这样|到此为止|到这[里儿吧]"
    r"|(?:^|[我了的，,\s])(?:走|撤|下|闪|溜|挂|睡)了|去忙|忙去|要忙|下线|离线|退下|退出|结束|关闭(?:会话|对话|窗口)"
    r"|不(?:聊|问|打扰|耽误|麻烦)了?|没(?:有)?(?:什么|啥)?(?:要问的|别的|其他|其它|问题|疑问|事儿?|了)(?!吧)"
    r"|不用了|不需要了|考虑(?:考虑|一下|看)|想想|再看看|商量|祝[你您]"
    r"|\b(?:good ?)?bye\b|\bciao\b|\bsee (?:you|ya|u)\b|\bcya\b|good ?(?:night|day|evening)"
    r"|(?:that'?s|that is|this is|it'?s) (?:all|it|everything)|nothing (?:else|more)|no more"
    r"|i'?m done"
    r"|have a (?:nice|good|great|lovely)|\blater\b|take care|\bttyl\b|\bfarewell\b"
    r"|got to go|gotta go"
    r"|\bend (?:the )?(?:chat|conversation)|all (?:set|good)"
)
_TIME = re.compile(  # only tells when: an answer to what was asked, or one more fact
    r"(?:就是?|是|大[概约]|好像|差不多|应该是?)*"
    r"(?:[大前昨今明后][天日儿晚早]+|[上下这本]+(?:个|一)?(?:月[初中底末]?|周末?|星期|礼拜)[一二三四五六日天末]?"
    r"|[去前今明]年|(?:周|星期|礼拜)[一二三四五六日天末]|[早中晚]上|[上下]午|中午|半夜|凌晨|刚[刚才]"
    r"|[\d一二三四五六七八九十]+(?:月份?|[日号]|点[半钟多]?|[:：]\d\d)|(?:大|小)?前天)+"
    r"(?:的?时候|的|左右|吧|啊|呀)*[\s。.!！~]*"
)
_PRESENT = re.compile(
    r"(?:喂+|你好|您好|亲|请问|[啊呀哎]|[，,\s])*(?:你们?|您|还)*"
    r"(?:有(?:没有?)?人(?:在)?|(?:还)?在)(?:吗|么|嘛|没有?|不在?|不)?(?:[啊呀呢哈]|的)*[\s。.!！?？~]*"
    r"|(?:吱一?声|(?:回|理|应)(?:我)?一?[下声句]|回个?话|(?:说|讲)句?话)[啊呀吧嘛]*[\s。.!！?？~]*"
)
_BOT = r"(?:(?<![扫拖擦])机器人?|智能客服|人工智能|a\.?i\.?|(?:chat)?bots?|robots?|自动回复|模型)"
_HUMAN = r"(?:(?:真的?|活)人(?:客服)?|人工(?:客服)?|人类|人(?!工)|human|(?:real )?person|real)"
_EITHER = rf"(?:{_BOT}|{_HUMAN})"
_WHO = re.compile(
    rf"(?:你|您|对面|那边)\S{{0,4}}?是\S{{0,4}}?{_EITHER}(?=$|[吗吧么嘛啊呀呢不?？!！。,，]|还是)"
    rf"|是{_EITHER}(?:在?(?:回[复答]|说话|聊天?|服务))?(?:吗|还是)|{_EITHER}还是{_EITHER}"
    rf"|[跟和]{_BOT}(?:说话|聊天?|对话)[吗吧呢]"
    rf"|\bare (?:you|u) (?:an? )?{_EITHER}|\b(?:bot|robot|ai|human) or (?:an? )?{_EITHER}"
    rf"|\b(?:talking|speaking|chatting) (?:to|with) (?:an? )?{_BOT}"
)


def talk(said: str) -> str:
    """Return the intent of a short message that only asks who, or whether anybody, is there."""
    folded = fold(said).strip()
    if len(folded) > (TALK_CHARS if re.search("[一-鿿]", folded) else 2 * TALK_CHARS):
        return ""
    if _WHO.search(folded):
        return IDENTITY
    return GREETING if _PRESENT.fullmatch(folded) else ""


def unless_misheard(found: Classification, said: str) -> Classification:
    """Return what a message was classified as; vague where it only sounds like small talk.

    A farewell has a word of parting in it, and what only tells a time is a fact.
    """
    folded = fold(said).strip()
    is_parting = found.intent != GOODBYE or _FAREWELL.search(folded) is not None
    if found.route != "chat" or (is_parting and not _TIME.fullmatch(folded)):
        return found
    sounds = {**found.probabilities, "vague": 1.0}
    return found._replace(intent="vague", route="vague", probabilities=sounds)
