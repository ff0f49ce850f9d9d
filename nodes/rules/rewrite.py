"""Make a customer's turn a question that stands alone, by rules only."""

from collections.abc import Sequence

from nodes.rules.hearing.corrections import correction, named_instead, swapped
from nodes.rules.hearing.leaning import (
    asks_for_person,
    is_bare,
    leans,
    may_lean,
    surely_leans,
    weight_of,
)
from nodes.rules.hearing.rewrite_words import (
    ALONE,
    ASIDE,
    ASKS,
    JOINED,
    JOINT,
    LED,
    NEW_TOPIC,
    QUESTION_END,
    RETURN,
    THANKS,
    WELL_THEN,
    WHAT_ABOUT,
)
from nodes.rules.hearing.topics import Rewrite, Said, Turn
from nodes.rules.wording.condition_names import names_products
from tools.text.normalise import code_of, is_code


def stand_alone(question: str, history: Sequence[Turn]) -> Rewrite:
    """Return `question` as it can be searched without the conversation.

    Both come normalised; `history` is oldest first and ends before `question`. A question with a
    subject of its own comes back as it is.
    """
    said = Said()
    for turn in history:
        is_reply = turn.role == "assistant"
        said = said.with_answer(turn.content) if is_reply else _after(said, turn.content)
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


def _after(said: Said, message: str) -> Said:
    """Return what can be leaned on once `message` was said, too; of several questions, the last."""
    for question in split_questions(message):
        rewrite = _rewrite(question, said)
        if rewrite.topic == said.topic:
            says = rewrite.is_follow_up and weight_of(question) > 0  # "how long?" is no detail
            detail = question if says else said.detail
            said = said._replace(detail=detail)
        else:
            before = (*said.before, said.topic) if said.topic else ()
            wider = "" if rewrite.is_follow_up else rewrite.other
            said = Said(rewrite.topic, before=before, wider=wider)
    return said


def _rewrite(question: str, said: Said) -> Rewrite:
    """Return the rewrite of `question` after what was `said`."""
    topic = said.topic
    asked = NEW_TOPIC.sub("", question).strip()
    if asked and asked != question and weight_of(asked) > 2:
        return Rewrite(asked, False, asked)
    if topic and (corrected := correction(question, said)):
        return corrected
    if not THANKS.sub("", question).strip() or asks_for_person(question):
        return Rewrite(question, False, topic)
    question = code_of(WELL_THEN.sub("", question).strip())
    if not topic:
        question = named_instead(question)
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
    if other := swapped(question, said):
        return Rewrite(other, True, topic)
    wider = said._replace(topic=said.wider).joined(question) if said.wider else ""
    return Rewrite(said.joined(question), True, topic, _less(question, said), wider=wider)


def _less(question: str, said: Said) -> str:
    """Return the other reading of a question that leans: on less than all that was said."""
    if is_bare(question) or is_code(question) or names_products(question):
        return said._replace(topic="", alias="").joined(question) if said.detail else ""
    if not surely_leans(question):
        return question
    own = LED.sub("", question)
    if surely_leans(own) or WHAT_ABOUT.search(question) or is_bare(own):
        return said._replace(detail="").joined(question) if said.detail else ""
    return own
