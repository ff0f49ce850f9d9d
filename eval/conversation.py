"""One simulated conversation: what the customer says, what comes back, and what the world shows."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple

from eval.goals import Goal
from eval.invariants import INVARIANTS
from eval.noise import burst, noisy
from eval.personas import Customer, End, Heard, Line
from eval.script import Persona, Script
from eval.steps import Facts, Step, Turn, World
from graph.app import Kefu
from graph.context import Context
from nodes.speech import reply_id
from tools.business.shop import Order, Shop, Trace
from ui.runner import Runner

MAX_STEPS = 14  # of one conversation; a customer who is still there has been kept for nothing
AGENT = "simulated"
_NOISY_MOVES = ("ask", "again", "jump", "wrong", "angry", "wish")

Voice = Callable[[Persona, Sequence[Step], Line], Awaitable[str]]  # says the line in other words


class Clock:
    """The simulated time; it moves only when it is told to."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return the time."""
        return self.at


class Violation(NamedTuple):
    """One broken invariant."""

    invariant: str
    step: int  # from 0
    what: str


@dataclass
class Talk:
    """A finished conversation."""

    number: int
    persona: str
    goal: str
    end: End
    is_met: bool  # the goal was reached
    is_patient: bool  # the customer never complained
    steps: list[Step]
    violations: list[Violation]


class Conversation:
    """Lets one customer talk to Kefu and judges every step."""

    def __init__(
        self,
        number: int,
        persona: Persona,
        goal: Goal,
        *,
        kefu: Kefu,
        shop: Shop,
        runner: Runner,
        script: Script,
        clock: Clock,
        random: Random,
        voice: Voice | None = None,
    ) -> None:
        self._number, self._persona, self._goal = number, persona, goal
        self._kefu, self._runner, self._script = kefu, runner, script
        self._shop = shop
        self._clock, self._random, self._voice = clock, random, voice
        self._thread = f"sim-{number}"
        self._context = Context(
            tenant=kefu.settings.tenant, channel="sim", user_id=goal.user_id, region=goal.region
        )
        self._customer = Customer(persona, goal, script.phrases, random)
        self._private: list[str] = [goal.address] if goal.address else []
        self._steps: list[Step] = []
        self._violations: list[Violation] = []
        self._sent = 0
        self._last: World | None = None  # after the last step, while nobody else has acted

    async def run(self) -> Talk:
        """Talk until the customer leaves."""
        is_met = False
        lines = self._customer.opening()
        for line in lines[:-1]:
            await self._step([line])
        texts = self._in_pieces(lines[-1])
        while True:
            heard = await self._step(texts)
            is_met = is_met or heard.is_met
            said = self._customer.next(heard) if len(self._steps) < MAX_STEPS else None
            if said is None:
                break
            texts = [said]
            if said.move == "thanks":
                await self._step(texts)
                break
            if said.move == "yes" and self._persona.late and self._random.random() < 0.3:
                self._clock.at += timedelta(minutes=self._persona.late)
        if self._customer.end == "person":
            await self._with_a_person()
        return Talk(
            self._number,
            self._persona.name,
            self._goal.name,
            self._customer.end,
            is_met,
            self._customer.is_patient,
            self._steps,
            self._violations,
        )

    def _in_pieces(self, line: Line) -> list[Line]:
        """Return the first question as one message, or as several at once."""
        if self._goal.is_wish or self._random.random() >= self._persona.bursts:
            return [line]
        greeting, *pieces = burst(line.text, self._script, self._random)
        return [Line(greeting, "greet"), *(Line(piece, line.move) for piece in pieces)]

    async def _with_a_person(self) -> None:
        """Now and then somebody takes the ticket, and hands the conversation back."""
        if self._random.random() < 0.5:
            return
        tenant = self._context.tenant
        await self._runner.take(self._thread, AGENT, tenant=tenant)
        tickets = await self._kefu.services.desk.tickets_of(self._thread, tenant=tenant)
        self._last = None
        await self._step([Line(self._random.choice(self._script.phrases["detail"]), "detail")])
        await self._runner.end(tickets[-1], agent=AGENT)
        self._last = None
        await self._step([Line(self._random.choice(self._script.phrases["thanks"]), "thanks")])

    async def _step(self, lines: Sequence[Line]) -> Heard:
        """Send the messages, all at once if there are several, and judge what comes back."""
        said = [line._replace(text=await self._worded(line)) for line in lines]
        before = self._last or await self._world()
        asked = [asyncio.create_task(self._turn(line)) for line in said]
        turns = list(await asyncio.gather(*asked))
        self._last = await self._world()
        self._steps.append(Step(before, self._last, turns))
        await self._complete(turns)
        facts = Facts(
            today=self._clock().date().isoformat(),
            region=self._goal.region,
            private=self._private,
            has_model=self._kefu.services.model is not None,
            has_vectors=self._kefu.services.embedder is not None,
        )
        for name, rule in INVARIANTS.items():
            faults = rule(self._steps, facts)
            self._violations += [Violation(name, len(self._steps) - 1, what) for what in faults]
        return self._heard()

    async def _worded(self, line: Line) -> str:
        if line.move not in _NOISY_MOVES:
            return line.text
        text = await self._voice(self._persona, self._steps, line) if self._voice else line.text
        kinds = [k for k in self._persona.noise if self._random.random() < self._persona.noisy]
        text = noisy(text, kinds, self._script, self._random)
        if line.move == "ask" and self._random.random() < self._persona.tells_all:
            phone = f"138{self._random.randrange(10**8):08}"
            address = self._random.choice(self._script.new_addresses)
            self._private += [phone, address]
            words = {"phone": phone, "address": address}
            text += self._random.choice(self._script.phrases["told"]).format_map(words)
        return text

    async def _turn(self, line: Line) -> Turn:
        self._sent += 1
        turn_id = f"{self._thread}-{self._sent}"
        shown, ends = "", []
        events = self._runner.stream(
            line.text, thread_id=self._thread, context=self._context, turn_id=turn_id
        )
        async for event in events:
            match event["kind"]:
                case "text":
                    shown += event["text"]
                case "reset":
                    shown = ""
                case "done":
                    ends.append(event)
        last = ends[-1]
        return Turn(
            said=line.text,
            move=line.move,
            ends=len(ends),
            shown=shown,
            text=last["text"],
            reply=last["reply"],
            owner=last["owner"],
            ticket_id=last["ticket_id"],
            saved=0,
            log=[],
            cited={},
        )

    async def _complete(self, turns: Sequence[Turn]) -> None:
        """Add to the turns what conversation, log and index hold of them."""
        tenant, search = self._context.tenant, self._kefu.services.search
        state = await self._runner.state(self._thread, tenant=tenant)
        log = await self._kefu.services.desk.turns(self._thread, tenant=tenant)
        for turn in turns:
            turn_id = turn.reply["turn_id"]
            saved = [message.id for message in state.get("messages", [])]
            turn.saved = saved.count(reply_id(turn_id))
            turn.log = [row for row in log if row["turn_id"] == turn_id]
            for citation in turn.reply["citations"]:
                turn.cited[citation["id"]] = await search.get(citation["id"], tenant=tenant)

    async def _world(self) -> World:
        tenant, services = self._context.tenant, self._kefu.services
        orders = await self._shop.orders(self._goal.user_id, limit=100)
        for order in orders:
            self._private += {order["phone"], order["address"]} - set(self._private)
        thread = await services.desk.thread(self._thread, tenant=tenant)
        tickets = [
            ticket
            for status in ("open", "taken")
            for ticket in await services.desk.tickets(tenant=tenant, status=status, limit=10_000)
            if ticket["thread_id"] == self._thread
        ]
        ticket = tickets[0] if tickets else None
        return World(
            orders={order["order_id"]: order for order in orders},
            stops=[trace["text"] for order in orders for trace in await self._traces(order)],
            owner=thread["owner"] if thread else "bot",
            ticket_id=ticket["ticket_id"] if ticket else "",
            ticket_status=ticket["status"] if ticket else "",
            ticket_text=ticket["summary"] if ticket else "",
        )

    async def _traces(self, order: Order) -> list[Trace]:
        return await self._shop.logistics(order["user_id"], order["order_id"])

    def _heard(self) -> Heard:
        step = self._steps[-1]
        turn = step.turns[-1]
        titles = [citation["title"] for citation in turn.reply["citations"]]
        is_met = self._goal.is_met(turn.reply, turn.text, turn.owner, step.after.orders, titles)
        return Heard(
            turn.reply["action"], turn.reply["reason"], turn.reply["options"], turn.owner, is_met
        )
