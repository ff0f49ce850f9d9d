"""Make a customer's turn a question that stands alone, by rules only."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from nodes.rules.condition_names import exchanged
from nodes.rules.leaning import asks_for_person, is_bare, leans, may_lean, surely_leans, weight_of
from nodes.rules.rewrite_words import (
    ALONE,
    ASIDE,
    ASKS,
    CALLED,
    COMPARED,
    CORRECTION,
    DENIAL,
    ENTITY,
    FAULT,
    FILLER,
    JOINED,
    JOINT,
    LED,
    NEW_TOPIC,
    NOT_THAT,
    PERIOD,
    QUESTION_END,
    RETURN,
    SHORT,
    THANKS,
    WELL_THEN,
    WHAT_ABOUT,
    WHAT_ABOUT_WORDS,
)
from tools.text.normalise import code_of, is_code, language


class Turn(NamedTuple):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


class Rewrite(NamedTuple):
    """A question to search with.

    `topic` is the question that later follow-ups lean on; "" while there is none. `other` is the
    second way to read the question where rules can't tell: search with both. "" where they can.
    `denies`: the customer says that the reply before was about something else.
    """

    text: str
    is_follow_up: bool
    topic: str
    other: str = ""
    denies: bool = False


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
    parts = [p for joint in JOINT.split(text) for p in QUESTION_END.split(joint)]
    questions: list[str] = []
    lead = ""
    for part in parts:
        lead += part
        if ASKS.search(part.strip()):
            questions.append(lead.strip())
            lead = ""
    if len(questions) < 2:
        return [text.strip()]
    if lead.strip():
        questions[-1] += lead
    return questions


def stand_alone_each(questions: Sequence[str], history: Sequence[Turn]) -> list[str]:
    """Return the questions of one message, each as it can be searched alone.

    One leans on those before it in the message only where a word shows it, or nothing is left of
    it alone: who asks two things at once seldom shortens the second by the first. Without such a
    word it leans on what the message is about, not on what else is asked of that.
    """
    questions = [*questions[:1], *(JOINED.sub("", question) for question in questions[1:])]
    said = [Turn("user", question) for question in questions]
    alone, subjects = [], list[Turn]()
    for number, question in enumerate(questions):
        before = said[:number] if surely_leans(question) else subjects
        rewrite = stand_alone(question, [*history, *before])
        subjects += [] if subjects and rewrite.is_follow_up else [said[number]]
        is_short_only = number and rewrite.is_follow_up and rewrite.other == question
        is_joined = not is_short_only or weight_of(question) <= ALONE
        alone.append(rewrite.text if is_joined else question)
    return alone


class _Said(NamedTuple):
    """What a question may lean on."""

    topic: str = ""  # the last question that stood alone
    detail: str = ""  # the last one since that leaned on it
    alias: str = ""  # what the answer called the topic besides its own name
    before: tuple[str, ...] = ()  # earlier topics, oldest first

    def after(self, message: str) -> "_Said":
        """Return what can be leaned on once `message` was said; of several questions, the last."""
        said = self
        for question in split_questions(message):
            rewrite = _rewrite(question, said)
            if rewrite.topic == said.topic:
                says = rewrite.is_follow_up and weight_of(question) > 0  # "how long?" is no detail
                detail = question if says else said.detail
                said = said._replace(detail=detail)
            else:
                before = (*said.before, said.topic) if said.topic else ()
                said = _Said(rewrite.topic, before=before)
        return said

    def with_answer(self, answer: str) -> "_Said":
        """Return the same, with the name by which `answer` calls a topic it explains."""
        named = CALLED.match(answer)
        is_new = named and named[1].lower() not in self.topic.lower()
        return self._replace(alias=named[1]) if named and is_new else self

    def joined(self, question: str) -> str:
        """Return topic and question as one search question."""
        asked = COMPARED.sub("有什么区别", question)  # as knowledge puts it
        parts = [_subject(self.topic), _subject(self.detail), self.alias, asked]
        return " ".join(part for part in parts if part)

    def returned(self, question: str) -> "_Said":
        """Return the earlier topic `question` names by its words, else the one before."""
        asked = set(FILLER.sub("", question))
        best = max(reversed(self.before), key=lambda topic: len(asked & set(topic)), default="")
        return _Said(best) if best else self


def _rewrite(question: str, said: _Said) -> Rewrite:
    """Return the rewrite of `question` after what was `said`."""
    topic = said.topic
    asked = NEW_TOPIC.sub("", question).strip()
    if asked and asked != question and weight_of(asked) > 2:
        return Rewrite(asked, False, asked)
    if topic and (correction := _correction(question, said)):
        return correction
    if not THANKS.sub("", question).strip() or asks_for_person(question):
        return Rewrite(question, False, topic)
    question = code_of(WELL_THEN.sub("", question).strip())
    if not topic:
        question = _named_instead(question)
        return Rewrite(question, False, "" if is_bare(question) else question)
    if RETURN.match(question):
        earlier = said.returned(question)
        return Rewrite(earlier.joined(question), True, earlier.topic, question)
    aside = ASIDE.sub("", question).strip()
    if aside and aside != question and not is_bare(aside):
        return Rewrite(aside, False, aside, said.joined(aside))
    if not leans(question):
        other = said.joined(question) if may_lean(question) else ""
        return Rewrite(question, False, question, other)
    if swapped := _swapped(question, said):
        return Rewrite(swapped, True, topic)
    return Rewrite(said.joined(question), True, topic, _less(question, said))


def _named_instead(question: str) -> str:
    """Return what is meant by `不是 A，是 B` after what was too vague for a topic: B, a name."""
    match = CORRECTION.match(question)
    right = match["right"].strip(" 。.!！") if match else ""
    return right if right and not right.endswith("的") and not ASKS.search(right) else question


def _less(question: str, said: _Said) -> str:
    """Return the other reading of a question that leans: on less than all that was said."""
    if is_bare(question) or is_code(question):
        return said._replace(topic="", alias="").joined(question) if said.detail else ""
    if not surely_leans(question):
        return question
    own = LED.sub("", question)
    if surely_leans(own) or WHAT_ABOUT.search(question) or is_bare(own):
        return said._replace(detail="").joined(question) if said.detail else ""
    return own


def _correction(question: str, said: _Said) -> Rewrite | None:
    """Return what is meant by a message that corrects what was said; None where it does not."""
    if replaced := _replaced(question, said.topic):
        return Rewrite(replaced, True, replaced)
    if denial := DENIAL.match(question):
        return _instead(question[denial.end() :].strip(), said)
    corrected = _corrected(question, said.topic)
    return Rewrite(corrected, True, corrected) if corrected else None


def _replaced(question: str, topic: str) -> str:
    """Return the topic with B for A after `不是 A，是 B`; "" where it does not name A."""
    match = CORRECTION.match(question)
    wrong, right = (match["wrong"].strip(), match["right"].strip(" 。.!！")) if match else ("", "")
    return topic.replace(wrong, right) if wrong and right and wrong in topic else ""


def _instead(meant: str, said: _Said) -> Rewrite:
    """Return what is asked by a customer whom the reply before did not answer.

    `meant` is what they say instead: a question, the thing it is about, or nothing.
    """
    last = said.detail or said.topic
    if contrast := NOT_THAT.search(meant):
        meant = meant[: contrast.start()].strip()
    if is_bare(meant):
        return Rewrite(said.joined(""), True, said.topic, denies=True)
    if weight_of(meant) > SHORT + 2 or ASKS.search(meant):
        other = said.joined(meant) if weight_of(meant) <= SHORT else ""
        return Rewrite(meant, False, meant, other, denies=True)
    asked = _with_entity(last, meant) or f"{meant} {last}"
    return Rewrite(asked, True, asked, meant, denies=True)


def _corrected(question: str, topic: str) -> str:
    """Return the question meant by `不是 A，是 B` where the topic does not name A; "" if none."""
    match = CORRECTION.match(question)
    if not match or not match["right"].strip():
        return ""
    right = match["right"].strip(" 。.!！")
    if weight_of(right) > SHORT + 2 or ASKS.search(right):
        return right
    return _with_entity(topic, right) or f"{right} {topic}"


def _swapped(question: str, said: _Said) -> str:
    """Return what was asked about what `那…呢？`, or a bare code, names; "" where that fits not."""
    name = code_of(WHAT_ABOUT_WORDS.sub("", question).strip())
    if not WHAT_ABOUT.search(question) and not is_code(name):
        return ""
    if PERIOD.fullmatch(name):  # 一个月多少钱 - 一年呢
        last = said.detail or said.topic
        other = PERIOD.sub(name, last, count=1)
        changed = said._replace(detail="").joined(other) if said.detail else other
        return changed if other != last else ""
    if asked := _with_entity(said.topic, name):
        return asked
    asked = exchanged(said.topic, name)
    is_more = bool(asked and said.detail)  # 新疆包邮吗 - 几天到 - 那西藏呢
    return _Said(asked, alias=said.alias).joined(said.detail) if is_more else asked


def _with_entity(topic: str, name: str) -> str:
    """Return `topic` about `name` instead of the one product, or fault, it names; "" if not one.

    A name may come with what the product is: 洗碗机D6.
    """
    new: list[str] = ENTITY.findall(name)
    if len(new) != 1 or not name.endswith(new[0]) or language(topic) == "en":
        return ""
    is_fault = bool(FAULT.fullmatch(new[0]))
    alike = [m for m in ENTITY.finditer(topic) if bool(FAULT.fullmatch(m.group())) == is_fault]
    numbered = [m for m in alike if re.search(r"\d", m.group())]  # S10, not Wi-Fi beside it
    named = numbered or [m for m in alike if re.search("[A-Z]", m.group())]
    if len(named) != 1:
        return ""
    return topic[: named[0].start()] + new[0] + topic[named[0].end() :]


def _subject(topic: str) -> str:
    """Return what `topic` is about, without the words that only ask."""
    trimmed = re.sub(
        "请问一?下?|您好|你好|我?想问一?下?|^我(?![的家们])(?:想|要)?(?:把|要)?|(?:是什么|怎么样"
        "|怎么回事|是怎么回事|有哪些|吗|呢|么)[?？]?$|^什么是|[?？。]$",
        "",
        topic,
    ).strip(" ,，")
    return trimmed or topic
