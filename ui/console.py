"""Kefu in the terminal: one question, or a streaming chat."""

import argparse
import asyncio
import json
import logging
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from langchain_core.messages import HumanMessage
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from graph.app import Kefu, opened
from graph.context import Context
from graph.settings import Settings
from tools.errors import KefuError
from tools.ingest.report import complaints
from tools.search.base import Progress
from ui.handover import is_from_desk, person
from ui.health import policy_note
from ui.runner import Done, NotYours, Runner
from ui.turn import storable
from ui.typed import Lines
from ui.words import Locale, words

logger = logging.getLogger(__name__)

LISTEN_S = 3.0  # between two looks at what people at the desk have said
OTHERS_IDLE_S = 120.0  # messages older than this are not being worked on by another process

_LABELS = {
    "zh": {"you": "您", "sources": "来源", "indexing": "正在索引知识", "bye": "再见",
           "hint": "直接输入问题；/new 新会话，/quit 退出", "ticket": "已转人工，工单",
           "levels": ("", "部分检索不可用", "未接入大模型：回答为资料原文", "知识库不可用",
                      "系统故障")},
    "en": {"you": "You", "sources": "Sources", "indexing": "Indexing knowledge", "bye": "Bye",
           "hint": "Type a question; /new starts over, /quit leaves",
           "ticket": "With a person, ticket",
           "levels": ("", "part of the search is down", "no model: answers are quotes",
                      "the knowledge can't be searched", "system failure")},
}  # fmt: skip


@asynccontextmanager
async def indexing(errors: Console, text: str) -> AsyncIterator[Progress]:
    """Show a bar while knowledge is indexed; nothing when there is no terminal to show it on."""
    columns = (TextColumn(text), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    bar = Bar(*columns, console=errors, transient=True)
    task = bar.add_task(text, total=None)

    def progress(done: int, total: int) -> None:
        if errors.is_terminal:
            bar.start()
        bar.update(task, completed=done, total=total)

    try:
        yield progress
    finally:
        if bar.live.is_started:  # else it would end with an empty line
            bar.stop()


@asynccontextmanager
async def running(config: Settings, errors: Console) -> AsyncIterator[tuple[Kefu, Runner]]:
    """Open Kefu with a progress bar; say on stderr what the knowledge files got wrong."""
    async with AsyncExitStack() as stack:
        async with indexing(errors, str(_LABELS[config.locale]["indexing"])) as progress:
            kefu = await stack.enter_async_context(opened(config, progress=progress))
        for line in complaints(kefu.report) if kefu.report else []:
            errors.print(f"[yellow]{escape(line)}[/yellow]")
        runner = Runner(kefu)
        stack.push_async_callback(runner.close)
        yield kefu, runner


async def ask(args: argparse.Namespace, config: Settings) -> int:
    """Answer one question; 1 when Kefu itself is down."""
    out = Console(emoji=False, highlight=False)
    errors = Console(stderr=True, emoji=False, highlight=False)
    text = sys.stdin.read() if args.question == "-" else args.question
    async with running(config, errors) as (_, runner):
        try:
            done = await runner.ask(
                text, thread_id=args.thread or uuid.uuid4().hex, context=_context(args, config)
            )
        except NotYours as exc:
            errors.print(f"[red]{escape(str(exc))}[/red]")
            return 2
    if args.json:
        sys.stdout.write(json.dumps({"text": done["text"], **done["reply"]}, ensure_ascii=False))
        sys.stdout.write("\n")
    else:
        out.print(Text(done["text"]), soft_wrap=True)
        _footer(done, out, config)
    return 1 if done["reply"]["level"] == 4 else 0


async def chat(args: argparse.Namespace, config: Settings) -> int:
    """Chat until /quit or end of input."""
    out = Console(emoji=False, highlight=False)
    errors = Console(stderr=True, emoji=False, highlight=False)
    labels = _LABELS[config.locale]
    thread_id, context = args.thread or uuid.uuid4().hex, _context(args, config)
    lines, desk = Lines(), _Desk(out, config.locale)
    async with running(config, errors) as (kefu, runner):
        await runner.recover(idle_s=OTHERS_IDLE_S)
        if text := await policy_note(kefu):
            errors.print(text, style="yellow", markup=False, soft_wrap=True)
        out.print(f"[dim]{labels['hint']}[/dim]")
        while True:
            await desk.show(runner, thread_id, context)
            prompt = f"[bold cyan]{labels['you']}[/bold cyan] › "
            out.print(prompt, end="")
            hearing = asyncio.create_task(desk.listen(runner, thread_id, context, prompt))
            try:
                text = storable(await lines.next()).strip()
            except EOFError:
                break
            finally:
                hearing.cancel()
            if text in ("/quit", "/exit"):
                break
            if text == "/new":
                thread_id = uuid.uuid4().hex
                continue
            await _turn(runner, text, thread_id, context, out, config)
    out.print(f"[dim]{labels['bye']}[/dim]")
    return 0


class _Desk:
    """What people at the desk say in a conversation, shown once."""

    def __init__(self, out: Console, locale: Locale) -> None:
        self._out, self._words = out, words(locale)
        self._shown: set[str] | None = None  # ids; None before the first look

    async def listen(self, runner: Runner, thread_id: str, context: Context, prompt: str) -> None:
        """Look every few seconds, until cancelled or the bot goes on."""
        while True:
            if not await self.show(runner, thread_id, context, prompt):
                return
            await asyncio.sleep(LISTEN_S)

    async def show(
        self, runner: Runner, thread_id: str, context: Context, prompt: str = ""
    ) -> bool:
        """Print what is new, and the prompt once more behind it; False where the bot is in charge.

        At the first look that is what was said since the customer's last message.
        """
        try:
            state = await runner.state_of(thread_id, context=context)
        except KefuError:  # the next look may succeed, and a turn says what is wrong
            logger.warning("nothing heard of the desk", exc_info=True)
            return True
        messages = state.get("messages", [])
        if self._shown is None:
            asked = [at for at, said in enumerate(messages) if isinstance(said, HumanMessage)]
            self._shown = {str(said.id) for said in messages[: max(asked, default=0)]}
        news = [m for m in messages if is_from_desk(m) and str(m.id) not in self._shown]
        self._shown |= {str(message.id) for message in news}
        if prompt and news:
            self._out.print()
        for message in news:
            name = person(message)
            who = self._words["person"].format(name=name) if name else "Kefu"
            self._out.print(Text.assemble((who, "bold green"), " › ", message.text), soft_wrap=True)
        if prompt and news:
            self._out.print(prompt, end="")
        return state.get("owner", "bot") != "bot"


async def _turn(
    runner: Runner, text: str, thread_id: str, context: Context, out: Console, config: Settings
) -> None:
    """Print one turn as it streams."""
    out.print("[bold green]Kefu[/bold green] › ", end="")
    async for event in runner.stream(text, thread_id=thread_id, context=context):
        match event["kind"]:
            case "text":
                out.print(Text(event["text"]), end="", soft_wrap=True)
            case "reset":
                out.print()
            case "done":
                out.print()
                _footer(event, out, config)


def _footer(done: Done, out: Console, config: Settings) -> None:
    reply, labels = done["reply"], _LABELS[config.locale]
    for number, citation in enumerate(reply["citations"], start=1):
        head = " ".join(citation["quote"].split())[:40]
        out.print(
            f"[dim]\\[{number}] {escape(citation['title'])}: {escape(head)}…[/dim]", soft_wrap=True
        )
    notes = [f"{reply['action']} {reply['confidence']:.2f} {reply['reason']}"]
    if reply["level"]:
        notes.append(f"L{reply['level']} {labels['levels'][reply['level']]}")
    if done["owner"] != "bot":
        notes.append(f"{labels['ticket']} {done['ticket_id']}")
    out.print(f"[dim]{escape(' · '.join(notes))} · {reply['took_ms']:.0f} ms[/dim]", soft_wrap=True)


def _context(args: argparse.Namespace, config: Settings) -> Context:
    return Context(
        tenant=config.tenant,
        channel="console",
        user_id=args.user,
        locale=config.locale,
        region=args.region,
    )
