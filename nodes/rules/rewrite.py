"""Make a customer's turn a question that stands alone, by rules only."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from tools.text.normalise import HAN, language


class Turn(NamedTuple):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


class Rewrite(NamedTuple):
    """A question to search with.

    `topic` is the question that later follow-ups lean on; "" while there is none. `other` is the
    second way to read the question where rules can't tell: search with both. "" where they can.
    """

    text: str
    is_follow_up: bool
    topic: str
    other: str = ""


# Longest first: what a Chinese question is made of besides its subject.
_FILLER = re.compile(
    "请问一下|请问|麻烦|谢谢|您好|你好|我想问一?下?|想问一?下?|问一下|我想知道|想知道"
    "|告诉我|什么时候|怎么回事|怎么样|怎么办|怎么|怎样|如何|为什么|为啥"
    "|是什么|什么是|什么|多长时间|多少钱|多少|多久|多大|多快|哪里|哪儿|哪些|哪个|哪"
    "|几[天个年月次张元]|能不能|可不可以|可以|是不是|有没有|会不会|要不要"
    "|行不行|好不好|能否|是否|需要|应该|必须|一下|一个|一样|这个|那个|这款|那款|这种"
    "|那种|这样|那样|这些|那些|前者|后者|刚才|上面|前面|你们|我们|他们|它们|咱们"
    "|自己|名字|东西|事情|问题|情况|时候|具体|大概|一般|正常|现在|目前|如果|的话|假如"
    "|还是|或者|以及|然后|没有|那么|还有|另外|其中|两个|两种"
    "|[吗呢吧啊呀么嘛哦呗的地得了着过"
    "是有在就都也还又再那这它他她我你您能会要想请给把被让对从用到和跟与或不没很太最更个各"
    "第谁几些上里后来去完吗啥]"
)
_CONTENT = re.compile(rf"[{HAN}]|[A-Za-z][A-Za-z0-9.+-]*|\d+")
_POINTER = re.compile(
    "它们?|(?<![A-Za-z0-9我])(?:这|那)(?:个|款|种|台|些|边|样|项|张|单)(?!月|周|星期"
    "|礼拜|年|时候|点|人|问题是)|前者|后者|上[面述]|刚才|两[个种者款]|第[一二三]个"
    "|该(?:商品|产品|服务|功能|订单)"
)
_LEANS = re.compile("^(?:那么?|所以|可是|但是?|不过|然后|还有|如果|要是|万一)")
_HOW_TO = re.compile(r"^(?:请问|我想)?(?:怎么|如何|怎样|在?哪里|在?哪儿|为什么|什么是)")
_MODAL = re.compile("^(?:还|也|都)?(?:会|能|可以|要|需要|有|是|收|支持|允许|影响|包|算|必须|得)")
_WELL = r"^(?:(?:行|好的?|嗯+|哦+|知道了|明白了?|算了|ok(?:ay)?|thanks)[,，。.!！\s]*)?"
_NEW_TOPIC = re.compile(  # what follows has nothing to do with what was said before
    _WELL
    + r"(?:(?:先)?(?:不说|不管|不聊|不谈)(?:这|那)个?了?|(?:再)?换(?:一?个)?(?:问题|话题|事儿?)"
    r"|(?:还?想?再?)?(?:问|说)(?:一?下|个|点)?(?:别|其他|其它)的(?:事儿?|问题)?"
    r"|(?:on )?(?:a|another) (?:different|new) (?:question|topic|thing)|changing the subject"
    r"|something else)[,，:：。\s]*",
    re.IGNORECASE,
)
_ASIDE = re.compile(  # what follows may be about the same thing or about another
    _WELL + r"(?:另外|对了|顺便|还有(?:一?个)?问题|by the way|btw|another (?:question|thing)|also)"
    r"(?:再?(?:想|请)?问(?:一?下|一?句|个)?)?[,，:：\s]*",
    re.IGNORECASE,
)
_RETURN = re.compile(
    _WELL + r"(?:再|还是|那)?(?:(?:回|说回|聊回|回过头|回头)(?:到|来)?(?:说|看)?|接着)(?:说|问)?"
    r"(?:刚才|刚刚|之前|前面|最开始|一开始|上面)|^(?:刚才|刚刚|之前|前面|最开始|一开始)(?:说|问|聊)"
    r"|^(?:再|那)?(?:说回|聊回|回到)|\bback to\b",
    re.IGNORECASE,
)
_STILL = re.compile("还(?:能|可以|会|要|有|得)|也(?:能|可以|会|要|行|一样|是)")  # than before
_CORRECTION = re.compile(
    r"^(?:不(?:是|对)|错了|搞错了|no\b|not\b|(?=我(?:说|问|指)的是))"
    r"[,，\s]*(?P<wrong>[^,，。.;；]{0,20}?)[,，。.;；\s]*"
    r"(?:而?是|我(?:要|说|问|指|想问)的?(?:是)?|应该是|i (?:mean|meant|said)|but|it'?s"
    r"|rather)\s*(?P<right>.+)$",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^(?:(?:好的?|嗯+|哦+|谢谢你?|多谢|知道了|明白了?|可以|行|ok(?:ay)?|thanks?(?: you)?"
    r"|got it|yes|no|是的?|不是|对|不用了?)[\s,，。.!！~]*)+",
    re.I,
)
_WANTS_PERSON = re.compile(
    r"人工|真人|活人|客服|经理|主管|投诉|\b(?:human|agent|person|representative|manager"
    r"|operator)\b",
    re.I,
)
_ENTITY = re.compile(
    r"[A-Za-z]+[A-Za-z0-9.+-]*(?: ?\d+)?(?: (?:Pro|Max|Plus|Mini|Ultra|SE)\b)?", re.I
)

_ENGLISH_FILLER_WORDS = (
    "a an the i you he she we they it this that these those them one ones my your his her our "
    "their its is are was were be been am do does did done can could will would shall should "
    "may might must have has had how what when where why which who whom whose to of in on at "
    "for from with by about and or but if so then than as not no yes please there here much "
    "many long often also too any some get got make makes need want like just me us him up "
    "out now still "
)
_ENGLISH_FILLER = frozenset(_ENGLISH_FILLER_WORDS.split())
_ENGLISH_POINTER = re.compile(  # "this card" names its own subject, "this costs" does not
    r"\b(?:its?|they|them|their|(?:this|that|which|the (?:other|first|second|same|latter)) ones?"
    r"|(?:this|that|these|those)(?=[?.!,]|$"
    r"| (?:is|are|was|do|does|can|costs?|works?|means?|in|for)\b))"
    r"\b",
    re.I,
)
_DUMMY_IT = re.compile(
    r"\b(?:is it (?:possible|ok|okay|true|safe)|(?:does|will|would|did) it take|it is"
    r"|it'?s)\b",
    re.I,
)
_ENGLISH_LEANS = re.compile(r"^(?:what about|how about|and|but|also|then|so|what if|or)\b", re.I)
_WORD = re.compile(r"[A-Za-z][A-Za-z'-]*|\d+")

_SHORT = 4  # content characters of an elliptic question
_OPEN = 10  # content characters up to which a question may lean without showing it
_OPEN_WORDS = 5  # the same, English words
_POINTING = 10  # a pointer in a longer question points inside the question itself
_CALLED = re.compile(
    r"^([A-Za-z][A-Za-z0-9.+-]{1,20})\s?(?:是|为|指|即|is\b|are\b|means\b)"
)  # "EIP是…"
_QUESTION_END = re.compile(r"(?<=[?？])|(?<=[。；;!！\n])|(?<=\.)\s")
_JOINT = re.compile(
    r"[,，]\s?(?=(?:另外|顺便|还有就是|还想问|对了|再问)|(?:also|and also|another question)\b)",
    re.I,
)
_WHAT_ABOUT = re.compile(r"呢\s?[?？]?$|^(?:what|how) about", re.IGNORECASE)
_WHAT_ABOUT_WORDS = re.compile(r"^那么?|呢\s?[?？]?$|^(?:what|how) about\s|[?？]$", re.IGNORECASE)
_ASKS = re.compile(
    r"[?？]\s*$|[吗呢么]\s*[。.!！~]*$|怎么|如何|什么|多少|多久|哪|为啥|为什么"
    r"|几[天个年月点折]|能不能|可不可以|可以.*不|是不是|有没有|会不会|要不要|能否|是否"
    r"|^(?:how|what|when|where|why|which|who|can|could|is|are|do|does|did|will|would|should|may)\b",
    re.IGNORECASE,
)


def stand_alone(question: str, history: Sequence[Turn]) -> Rewrite:
    """Return `question` as it can be searched without the conversation.

    Both come normalised; `history` is oldest first and ends before `question`. A question with a
    subject of its own comes back as it is.
    """
    said = _Said()
    for turn in history:
        said = (
            said.with_answer(turn.content) if turn.role == "assistant" else said.after(turn.content)
        )
    return _rewrite(question, said)


def split_questions(text: str) -> list[str]:
    """Return the questions asked in one message, in order; `[text]` when there is just one.

    Statements stay with the question they lead up to.
    """
    parts = [p for joint in _JOINT.split(text) for p in _QUESTION_END.split(joint)]
    questions: list[str] = []
    lead = ""
    for part in parts:
        lead += part
        if _ASKS.search(part.strip()):
            questions.append(lead.strip())
            lead = ""
    if len(questions) < 2:
        return [text.strip()]
    if lead.strip():
        questions[-1] += lead
    return questions


class _Said(NamedTuple):
    """What a question may lean on."""

    topic: str = ""  # the last question that stood alone
    detail: str = ""  # the last one since that leaned on it
    alias: str = ""  # what the answer called the topic besides its own name
    before: tuple[str, ...] = ()  # earlier topics, oldest first

    def after(self, question: str) -> "_Said":
        """Return what can be leaned on once `question` was asked."""
        rewrite = _rewrite(question, self)
        if rewrite.topic == self.topic:
            return self._replace(detail=question if rewrite.is_follow_up else self.detail)
        return _Said(rewrite.topic, before=(*self.before, self.topic) if self.topic else ())

    def with_answer(self, answer: str) -> "_Said":
        """Return the same, with the name by which `answer` calls a topic it explains."""
        named = _CALLED.match(answer)
        is_new = named and named[1].lower() not in self.topic.lower()
        return self._replace(alias=named[1]) if named and is_new else self

    def joined(self, question: str) -> str:
        """Return topic and question as one search question."""
        parts = [_subject(self.topic), _subject(self.detail), self.alias, question]
        return " ".join(part for part in parts if part)

    def returned(self, question: str) -> "_Said":
        """Return the earlier topic `question` names by its words, else the one before."""
        asked = set(_FILLER.sub("", question))
        best = max(reversed(self.before), key=lambda topic: len(asked & set(topic)), default="")
        return _Said(best) if best else self


def _rewrite(question: str, said: _Said) -> Rewrite:
    """Return the rewrite of `question` after what was `said`."""
    topic = said.topic
    asked = _NEW_TOPIC.sub("", question).strip()
    if asked and asked != question and _weight(asked) > 2:
        return Rewrite(asked, False, asked)
    if topic and (corrected := _corrected(question, topic)):
        return Rewrite(corrected, True, corrected)
    if not _THANKS.sub("", question).strip() or _asks_for_person(question):
        return Rewrite(question, False, topic)
    if not topic:
        return Rewrite(question, False, question if _weight(question) > 1 else "")
    if _RETURN.match(question):
        earlier = said.returned(question)
        return Rewrite(earlier.joined(question), True, earlier.topic, question)
    aside = _ASIDE.sub("", question).strip()
    if aside and aside != question and _weight(aside) > 2:
        return Rewrite(aside, False, aside, said.joined(aside))
    is_chinese = language(question) == "zh"
    if not (_leans_zh(question) if is_chinese else _leans_en(question)):
        may_lean = _weight(question) <= (_OPEN if is_chinese else _OPEN_WORDS)
        return Rewrite(question, False, question, said.joined(question) if may_lean else "")
    if swapped := _swapped(question, topic):
        return Rewrite(swapped, True, topic)
    return Rewrite(said.joined(question), True, topic, "" if _surely_leans(question) else question)


def _surely_leans(question: str) -> bool:
    """Say whether a question that leans shows it by a word, not only by being short."""
    signs = (_WHAT_ABOUT, _POINTER, _LEANS, _STILL, _ENGLISH_POINTER, _ENGLISH_LEANS)
    return any(sign.search(question) for sign in signs)


def _corrected(question: str, topic: str) -> str:
    """Return the question meant by `不是 A，是 B`; "" when nothing is corrected."""
    match = _CORRECTION.match(question)
    if not match or not match["right"].strip():
        return ""
    wrong, right = match["wrong"].strip(), match["right"].strip(" 。.!！")
    if wrong and wrong in topic:
        return topic.replace(wrong, right)
    if _weight(right) > _SHORT + 2 or _ASKS.search(right):
        return right
    return _with_entity(topic, right) or f"{right} {topic}"


def _leans_zh(question: str) -> bool:
    """Say whether a Chinese question needs what was said before."""
    weight = _weight(question)
    has_entity = bool(re.search(r"[A-Za-z]{2,}|[A-Za-z]\d", question))
    if re.search(r"呢\s?[?？]?$", question) and weight <= _POINTING - 2:
        return not re.search("怎么|什么|为何|为啥", question)
    if _POINTER.search(question) or _LEANS.search(question):
        return weight <= _POINTING
    if has_entity:
        return False
    if _HOW_TO.match(question):
        return weight < _SHORT - 1
    return weight <= (_SHORT + 1 if _MODAL.match(question) else _SHORT)


def _leans_en(question: str) -> bool:
    """Say whether an English question needs what was said before."""
    weight = _weight(question)
    if _ENGLISH_LEANS.match(question):
        return weight <= 5
    plain = _DUMMY_IT.sub(" ", question)
    pointer = _ENGLISH_POINTER.search(plain)
    if pointer and _weight(plain[: pointer.start()]) <= 1:
        return weight <= 4
    return weight < 1 or (weight == 1 and len(question.split()) <= 3)


def _asks_for_person(question: str) -> bool:
    """Say whether a short message only asks for a person, whatever was talked about."""
    return bool(_WANTS_PERSON.search(question)) and _weight(question) <= _SHORT + 2


def _weight(question: str) -> int:
    """Count what is left without question words: Han characters, or English words."""
    if language(question) == "en":
        words = _WORD.findall(question)
        return sum(word.lower() not in _ENGLISH_FILLER for word in words)
    return sum(1 if len(part) == 1 else 3 for part in _CONTENT.findall(_FILLER.sub(" ", question)))


def _swapped(question: str, topic: str) -> str:
    """Return `topic` about what `那…呢？` names; "" where that does not fit."""
    if not _WHAT_ABOUT.search(question):
        return ""
    return _with_entity(topic, _WHAT_ABOUT_WORDS.sub("", question).strip())


def _with_entity(topic: str, name: str) -> str:
    """Return `topic` about `name` instead of the one product or code it names; "" if not one."""
    named = [m for m in _ENTITY.finditer(topic) if re.search(r"\d|[A-Z]", m.group())]
    if len(named) != 1 or not _ENTITY.fullmatch(name) or language(topic) == "en":
        return ""
    return topic[: named[0].start()] + name + topic[named[0].end() :]


def _subject(topic: str) -> str:
    """Return what `topic` is about, without the words that only ask."""
    trimmed = re.sub(
        "请问一?下?|您好|你好|我?想问一?下?|^我(?:想|要)?(?:把|要)?|(?:是什么|怎么样"
        "|怎么回事|是怎么回事|有哪些|吗|呢|么)[?？]?$|^什么是|[?？。]$",
        "",
        topic,
    ).strip(" ,，")
    return trimmed or topic
