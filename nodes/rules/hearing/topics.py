"""What was said so far, and what a question may lean on."""

import re
from typing import Literal, NamedTuple

from nodes.rules.hearing.rewrite_words import CALLED, COMPARED, FILLER


class Turn(NamedTuple):
    """One message of the conversation so far."""

    role: Literal["user", "assistant"]
    content: str


class Rewrite(NamedTuple):
    """A question to search with.

    `topic` is the question that later follow-ups lean on; "" while there is none. `other` is the
    second way to read the question where rules can't tell: search with both. "" where they can.
    `wider` is a third: on a topic that may itself lean on the one before it.
    `denies`: the customer says that the reply before was about something else.
    """

    text: str
    is_follow_up: bool
    topic: str
    other: str = ""
    denies: bool = False
    wider: str = ""


class Said(NamedTuple):
    """What a question may lean on."""

    topic: str = ""  # the last question that stood alone
    detail: str = ""  # the last one since that leaned on it
    alias: str = ""  # what the answer called the topic besides its own name
    before: tuple[str, ...] = ()  # earlier topics, oldest first
    wider: str = ""  # the topic with what it may lean on itself; "" where it does not

    def with_answer(self, answer: str) -> "Said":
        """Return the same, with the name by which `answer` calls a topic it explains."""
        named = CALLED.match(answer)
        is_new = named and named[1].lower() not in self.topic.lower()
        return self._replace(alias=named[1]) if named and is_new else self

    def joined(self, question: str) -> str:
        """Return topic and question as one search question."""
        asked = COMPARED.sub("有什么区别", question)  # as knowledge puts it
        parts = [_subject(self.topic), _subject(self.detail), self.alias, asked]
        return " ".join(part for part in parts if part)

    def returned(self, question: str) -> "Said":
        """Return the earlier topic `question` names by its words, else the one before."""
        asked = set(FILLER.sub("", question))
        best = max(reversed(self.before), key=lambda topic: len(asked & set(topic)), default="")
        return Said(best) if best else self


def _subject(topic: str) -> str:
    """Return what `topic` is about, without the words that only ask."""
    trimmed = re.sub(
        "请问一?下?|您好|你好|我?想问一?下?|^我(?![的家们])(?:想|要)?(?:把|要)?|(?:是什么|怎么样"
        "|怎么回事|是怎么回事|有哪些|吗|呢|么)[?？]?$|^什么是|[?？。]$",
        "",
        topic,
    ).strip(" ,，")
    return trimmed or topic
