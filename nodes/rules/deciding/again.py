"""What a passage says of a follow-up, for a customer who has just read the whole of it."""

import re

from nodes.rules.hearing.rewrite_words import ASKS, ENGLISH_FILLER, FILLER, WORD
from nodes.rules.wording.sentences import split
from tools.text.normalise import fold, language
from tools.text.segment import terms

_NEXT_STEP = re.compile(r"[；;，,]?\s*\d{1,2}[.、]\s*$")  # the mark of a list's next line
_AMOUNT = re.compile("^[一两](?=[年月周天])")  # 一年: what costs 128 a year says 年付
_DATE = re.compile(r"\d{4}\s?年(?:\s?\d{1,2}\s?月)?(?:\s?\d{1,2}\s?[日号])?")
_BROKEN = re.compile(r"(?<=[a-z0-9])[ -](?=[a-z0-9])")  # Wi-Fi, 5 GHz: typed as one word
MOST = 2  # sentences that are said again
ASKED = 0.5  # what the right kind of answer counts beside all of the follow-up's words
_KINDS = (  # words that ask, and how a sentence looks that answers them
    (
        re.compile(r"多久|多长时间|几[天个年月点]|什么时候|何时|\bwhen\b|how (?:long|soon)"),
        re.compile(
            r"\d\s?(?:个?工作日|个月|小时|分钟|[天日月年周点]|:\d\d"
            r"|(?:business )?(?:day|hour|minute|week|month|year))|当天|当日|次日|立即|随时|same day"
        ),
    ),
    (
        re.compile(
            r"多少钱|价格|贵|收费|费用|[要花]钱|付费|免费|how much|\bprice|\bcosts?\b|\bfees?\b"
        ),
        re.compile(r"\d\s?元|[¥￥$]\s?\d|\d\s?折|\d%|免费|\bfree\b"),
    ),
    (
        re.compile(r"哪里|哪儿|在哪|\bwhere\b"),
        re.compile(r"[「“\"]|app|官网|页面|网点|小程序|www\.|website"),
    ),
    (
        re.compile(r"谁|\bwho\b"),
        re.compile(
            r"客服|专员|师傅|热线|您|我[方们]|买家|卖家|承担|\b(?:you|we|us|agent|seller)\b"
        ),
    ),
    (
        re.compile(r"怎么|怎样|如何|咋|\bhow\b(?! (?:much|long|soon|many))"),
        re.compile(
            r"[「“\"]|打开|点击|进入|联系|提交|填写|申请|发给|拨打|请先|\b(?:open|tap|choose|contact)\b"
        ),
    ),
)


def news(said: str, text: str) -> str:
    """Return the sentences of `text` that speak of what was `said`; "" where none does.

    One must hold a word of it, or, where its words are none or single characters ("how long?",
    找谁谈), an answer of the kind that is asked for.
    """
    sentences, scores = _scored(said, text)
    best = sorted(range(len(sentences)), key=lambda place: -scores[place])[:MOST]
    kept = [place for place in sorted(best) if scores[place] and scores[place] == max(scores)]
    return "".join(sentences[place] for place in kept).strip()


def is_named(said: str, wording: str) -> bool:
    """Say whether a follow-up, without asking anything, has only words of a passage's wording."""
    words, told = _words(fold(said)), fold(wording)
    return bool(words) and not ASKS.search(said) and all(word in told for word in words)


def closeness(said: str, text: str) -> float:
    """Return how much of what was `said` the best sentence of `text` speaks of; 0 is nothing.

    A single character and no kind of answer are too little to tell.
    """
    asked = fold(said)
    is_vague = all(len(word) == 1 for word in _words(asked))
    if is_vague and not any(question.search(asked) for question, _ in _KINDS):
        return 0.0
    return max(_scored(said, text)[1], default=0.0)


def _scored(said: str, text: str) -> tuple[list[str], list[float]]:
    """Return the sentences of `text`, and how much of what was `said` each speaks of."""
    asked = fold(said)
    words = _words(asked)
    kinds = [answer for question, answer in _KINDS if question.search(asked)]
    complete, rest = split(text)
    stop = "." if language(text) == "en" else "。"
    sentences = [_NEXT_STEP.sub(stop, sentence) for sentence in complete]
    sentences += [rest] if rest.strip() else []
    return sentences, [_score(fold(sentence), words, kinds) for sentence in sentences]


def _words(asked: str) -> set[str]:
    """Return the terms of a message without the words that only ask."""
    if language(asked) == "en":
        said = [word for word in WORD.findall(asked) if word.lower() not in ENGLISH_FILLER]
        return set(terms(" ".join(said), "words"))
    return {_AMOUNT.sub("", word) or word for word in terms(FILLER.sub(" ", asked), "words")}


def is_open(said: str) -> bool:
    """Say whether a follow-up has no word of its own: what now? how long?"""
    return not _words(fold(said))


def _score(sentence: str, words: set[str], kinds: list[re.Pattern[str]]) -> float:
    answers = sum(bool(kind.search(sentence)) for kind in kinds)
    is_vague = all(len(word) == 1 for word in words)
    undated = _DATE.sub("", sentence)
    said = f"{undated}\n{_BROKEN.sub('', undated)}"
    held = sum(word in said for word in words) / len(words) if words else 0.0
    return held + ASKED * answers if held or is_vague else 0.0
