"""Simulated customers: a small policy that reads the reply's metadata and says the next thing."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Literal, NamedTuple

from eval.goals import Goal
from eval.script import Persona

Move = Literal[
    "ask", "wrong", "again", "choose", "slot", "yes", "no", "accept", "refuse", "wish",
    "angry", "jump", "detail", "thanks", "greet",
]  # fmt: skip
End = Literal["", "thanked", "left", "gave_up", "person"]
OFFERS = (
    "no_knowledge", "nothing_more", "offer", "stuck",
    "needs_sign_in", "unsupported", "needs_person", "shop_down",
)  # fmt: skip


MAX_WISHES = 3  # an unheard customer asks for a person, then goes


class Line(NamedTuple):
    """One message of the customer, and what it is for."""

    text: str
    move: Move


class Heard(NamedTuple):
    """What the customer knows of the last reply."""

    action: str
    reason: str
    options: Sequence[str]
    owner: str
    is_met: bool  # the goal is reached


class Customer:
    """One customer in one conversation.

    Attributes:
        end: how it ended; "" while it goes on.
        is_patient: no complaint was made.
    """

    def __init__(
        self, persona: Persona, goal: Goal, phrases: Mapping[str, list[str]], random: Random
    ) -> None:
        self.end: End = ""
        self.is_patient = True
        self._persona, self._goal, self._phrases, self._random = persona, goal, phrases, random
        self._patience = persona.patience
        self._asked = 1
        self._details = 0
        self._may_jump = bool(goal.aside)

    def opening(self) -> list[Line]:
        """Return the first messages, in the order in which they get an answer each."""
        first = Line(self._goal.asks[0], "wish" if self._goal.is_wish else "ask")
        return [*(Line(text, "ask") for text in self._goal.before), first]

    def next(self, heard: Heard) -> Line | None:
        """Return what the customer says to the reply; None = leaves, `end` says how."""
        if heard.owner != "bot":
            return self._waiting()
        if heard.is_met:
            return self._content()
        if heard.reason == "needs_confirmation":
            if self._is(self._persona.backs_out):
                self._goal.drop()
                return self._say("no")
            return self._say("yes")
        if heard.reason == "needs_order":
            return self._picks(heard.options)
        if heard.reason == "needs_address":
            return Line(self._goal.address, "slot")
        if heard.action == "clarify" and heard.options and (line := self._chosen(heard.options)):
            return line
        return self._unhelped(heard)

    def _waiting(self) -> Line | None:
        """A person has the thread: add a word or two, then wait."""
        self._details += 1
        if self._details <= 1 and self._is(0.5):
            return self._say("detail")
        self.end = "person"
        return None

    def _content(self) -> Line | None:
        if self._is(self._persona.thanks):
            self.end = "thanked"
            return self._say("thanks")
        self.end = "left"
        return None

    def _picks(self, options: Sequence[str]) -> Line | None:
        at = next((n for n, o in enumerate(options, 1) if self._goal.order in o), 0)
        if at and self._goal.order and self._is(0.5):
            return Line(f"第{at}个", "choose")
        if self._goal.order:
            return Line(self._goal.order, "slot")
        return self._unhelped(None)

    def _chosen(self, options: Sequence[str]) -> Line | None:
        """Return the option that is meant; the first one where the customer has no other wish."""
        wanted = [n for n, o in enumerate(options) if o in self._goal.titles]
        if not wanted and self._goal.titles:
            return None
        at = wanted[0] if wanted else self._random.randrange(len(options))
        self._goal.titles.add(options[at])
        return Line(str(at + 1) if self._is(0.5) else options[at], "choose")

    def _unhelped(self, heard: Heard | None) -> Line | None:
        if heard and heard.reason in OFFERS:
            if self._is(self._persona.accepts):
                return self._say("accept")
            if self._is(0.3):
                return self._say("refuse")
        is_wrong = heard is not None and heard.action in ("answer", "act")
        if is_wrong and not self._is(self._persona.notices):
            return self._content()  # takes what was said for help
        self._patience -= 1
        if self._patience <= 0:
            return self._gives_up()
        if self._may_jump and self._is(self._persona.jumps):
            self._may_jump = False
            return Line(self._goal.aside, "jump")
        self.is_patient = False
        if self._is(self._persona.temper):
            return self._say("angry")
        if is_wrong and self._is(0.3):
            return self._say("wrong")
        text = self._goal.asks[min(self._asked, len(self._goal.asks) - 1)]
        self._asked += 1
        return Line(self._random.choice(self._phrases["again"]) + text, "again")

    def _gives_up(self) -> Line | None:
        self.is_patient = False
        if self._persona.gives_up == "person" and self._patience > -MAX_WISHES:
            return self._say("wish")
        self.end = "gave_up"
        return None

    def _say(self, move: Move) -> Line:
        return Line(self._random.choice(self._phrases[move]), move)

    def _is(self, chance: float) -> bool:
        return self._random.random() < chance
