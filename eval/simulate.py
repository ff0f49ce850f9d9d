"""Simulated customers talk to the real graph; every step is held to the invariants."""

import re
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from string import Template
from typing import Any

from langchain_core.messages import HumanMessage

from eval.conversation import Clock, Conversation, Talk, Voice
from eval.dialogue import read_dialogues
from eval.goals import Goals, check_goals, read_users
from eval.invariants import INVARIANTS
from eval.metrics import mean
from eval.personas import Line
from eval.queries import TENANT, read_queries, served
from eval.script import Persona, Script, read_script
from eval.steps import Step
from graph.app import Kefu
from graph.parts import open_model
from graph.setting_groups import LLMSettings
from graph.settings import Settings
from tools.business.goods import SAMPLE
from tools.business.shop import SHOP_TZ
from tools.errors import KefuError
from tools.llm import ChatModel
from tools.search.base import Progress
from tools.search.types import Entry
from ui.runner import Runner

TODAY = datetime(2026, 11, 22, 10, 0, tzinfo=SHOP_TZ)  # the sample company's day
NIGHT = timedelta(hours=13)  # nobody answers at the desk
_TICKET = re.compile(r"T\d{8}-[0-9A-Z]{8}")  # drawn by chance: not the same in the next run
_SAID_CHARS = 200


async def simulate(
    kb: Path,
    queries: Path,
    dialogues: Path,
    customers: Path,
    config: Settings,
    *,
    n: int,
    seed: int,
    customer: LLMSettings | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return what `n` conversations came to, with their transcripts.

    Same seed, same conversations, as long as no model takes part. Threads, desk and shop live in a
    folder that is thrown away, and the clock stands at the sample company's day.

    Raises:
        ConfigError: if a file can't be used.
    """
    script = read_script(customers)
    check_goals(script.goals)
    asked, talks = read_queries(queries), read_dialogues(dialogues)
    records = config.business or SAMPLE
    users = read_users(records)
    clock = Clock(TODAY)
    async with AsyncExitStack() as stack:
        own = config.model_copy(update={"tenant": TENANT, "business": records})
        kefu = await stack.enter_async_context(served(kb, own, progress=progress, now=clock))
        shop = kefu.services.shop
        assert shop is not None  # `business` is set
        voice = None
        if customer is not None and (model := open_model(customer)):
            stack.push_async_callback(model.close)
            voice = spoken(model, script)
        entries = await _entries(kefu)
        goals = Goals(script, asked, talks, entries, users, shop)
        runner = Runner(kefu)
        stack.push_async_callback(runner.close)
        finished: list[Talk] = []
        for number in range(1, n + 1):
            random = Random(f"{seed}-{number}")
            clock.at = TODAY + (NIGHT if random.random() < 0.15 else timedelta())
            conversation = Conversation(
                number,
                random.choice(script.personas),
                await goals.draw(random),
                kefu=kefu,
                shop=shop,
                runner=runner,
                script=script,
                clock=clock,
                random=random,
                voice=voice,
            )
            finished.append(await conversation.run())
            if progress is not None:
                progress(number, n)
    return report(finished, seed=seed)


def spoken(model: ChatModel, script: Script) -> Voice:
    """Return a voice that lets a model say the script's lines in other words.

    What is said stays the script's choice, so that success and wishes can still be checked. A model
    that fails, or changes a code, leaves the line as it is.
    """
    template = Template(script.voice)

    async def say(persona: Persona, steps: Sequence[Step], line: Line) -> str:
        prompt = template.substitute(
            persona=persona.name, transcript="\n".join(_lines(steps)), line=line.text
        )
        try:
            pieces = [piece async for piece in model.stream([HumanMessage(prompt)], max_tokens=120)]
        except KefuError:
            return line.text
        text = "".join(pieces).strip().strip('“”"')
        codes = re.findall(r"[A-Za-z]*\d+", line.text)
        return text if text and all(code in text for code in codes) else line.text

    return say


async def _entries(kefu: Kefu) -> dict[str, Entry]:
    search = kefu.services.search
    found = {i: await search.get(i, tenant=TENANT) for i in await search.ids(tenant=TENANT)}
    return {i: entry for i, entry in sorted(found.items()) if entry is not None}


def outcome(talk: Talk) -> str:
    """Return what became of a conversation.

    confirmed    the goal was reached, and the customer said thanks
    assumed      the customer left after a reply, without a complaint
    handed_over  a person has it
    abandoned    the customer gave up, or complained and left
    """
    if talk.end == "person" or talk.steps[-1].turns[-1].owner != "bot":
        return "handed_over"
    if talk.is_met and talk.end == "thanked":
        return "confirmed"
    if talk.end in ("left", "thanked") and (talk.is_met or talk.is_patient):
        return "assumed"
    return "abandoned"


def report(talks: Sequence[Talk], *, seed: int) -> dict[str, Any]:
    """Return counts and shares, transcripts and violations.

    confirmed, assumed, handed_over, abandoned   conversations, see `outcome`
    assumed_right   of the assumed: the goal was reached, though nobody said so
    reached         of all: the goal was reached
    """
    outcomes = Counter(outcome(talk) for talk in talks)
    turns = [turn for talk in talks for step in talk.steps for turn in step.turns]
    broken = Counter(v.invariant for talk in talks for v in talk.violations)
    assumed = [talk for talk in talks if outcome(talk) == "assumed"]
    return {
        "seed": seed,
        "dialogues": len(talks),
        "turns": len(turns),
        "turns_per_dialogue": round(len(turns) / len(talks), 2) if talks else None,
        **{name: outcomes[name] for name in ("confirmed", "assumed", "handed_over", "abandoned")},
        "assumed_right": mean(talk.is_met for talk in assumed),
        "reached": mean(talk.is_met for talk in talks),
        "llm_calls": sum(turn.reply["llm_calls"] for turn in turns),
        "violations": sum(broken.values()),
        "by_invariant": {name: broken[name] for name in INVARIANTS},
        "by_goal": _by([(talk.goal, talk) for talk in talks]),
        "by_persona": _by([(talk.persona, talk) for talk in talks]),
        "talks": [_row(talk) for talk in talks],
    }


def _by(named: Sequence[tuple[str, Talk]]) -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = {}
    for name in sorted({name for name, _ in named}):
        talks = [talk for own, talk in named if own == name]
        counts = Counter(outcome(talk) for talk in talks)
        table[name] = {
            "dialogues": len(talks),
            "reached": mean(talk.is_met for talk in talks),
            **counts,
        }
    return table


def _row(talk: Talk) -> dict[str, Any]:
    return {
        "number": talk.number,
        "persona": talk.persona,
        "goal": talk.goal,
        "outcome": outcome(talk),
        "reached": talk.is_met,
        "violations": [
            {"invariant": v.invariant, "step": v.step, "what": _TICKET.sub("<工单>", v.what)}
            for v in talk.violations
        ],
        "transcript": [_TICKET.sub("<工单>", line) for line in _lines(talk.steps)],
    }


def _lines(steps: Sequence[Step]) -> list[str]:
    lines: list[str] = []
    for step in steps:
        for turn in step.turns:
            reply = turn.reply
            cited = "".join(f" {citation['id']}" for citation in reply["citations"])
            lines.append(f"顾客（{turn.move}）：{turn.said}")
            lines.append(
                f"客服（{reply['action']} {reply['reason']}{cited}）：{turn.text[:_SAID_CHARS]}"
            )
    return lines
