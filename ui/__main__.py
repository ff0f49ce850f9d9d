"""Kefu's command line: serve it, talk to it, see or erase what it keeps of a customer."""

import argparse
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

from pydantic_settings import SettingsError

from graph.settings import Settings, settings
from graph.settings_table import given_names, misnamed
from tools.errors import KefuError
from tools.loop import run
from ui.lean_import import install

MOST_DAYS = 36_500  # a hundred years; the calendar begins somewhere


def arguments() -> argparse.ArgumentParser:
    """Return the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m ui",
        description=__doc__,
        epilog="Exit code: 0 done, 1 Kefu could not answer (ask), 2 a file or setting can't be "
        "used, or the conversation is another customer's.",
    )
    parser.add_argument("--verbose", action="store_true", help="show log lines on stderr")
    commands = parser.add_subparsers(dest="command", required=True)
    texts = {
        "serve": "chat page, knowledge page and health, on KEFU_HOST and KEFU_PORT (the demo)",
        "chat": "streaming chat in the terminal",
        "ask": "one question, one answer",
        "profile": "what is remembered of a customer across conversations, as JSON",
        "export": "all that is kept of a customer, as JSON: what forget would erase",
        "forget": "erase a customer: profile, conversations, log, tickets, feedback, gaps",
        "purge": "erase what is older than some days, of everybody; not profiles and open tickets",
    }
    made = {n: commands.add_parser(n, help=text, description=text) for n, text in texts.items()}
    made["ask"].add_argument(
        "question", help="the customer's message; - reads it from standard input"
    )
    made["ask"].add_argument("--json", action="store_true", help="print reply and metadata as JSON")
    user = "the customer's id, as the channel signs them in"
    made["profile"].add_argument("user", help=user)
    for right in (made["export"], made["forget"]):
        whose = right.add_mutually_exclusive_group(required=True)
        whose.add_argument("user", nargs="?", default="", help=user)
        whose.add_argument("--thread", default="", help="one conversation, of who is not signed in")
    made["purge"].add_argument("days", type=_days, help="what is younger stays, e.g. 180")
    for right in (made["profile"], made["export"], made["forget"], made["purge"]):
        right.add_argument(
            "--tenant", type=_tenant, default="", help="instead of that of the settings"
        )
    for command in (made["ask"], made["chat"]):
        command.add_argument("--thread", default="", help="conversation to go on with")
        command.add_argument("--user", default="", help="signed-in customer, e.g. u001 in the demo")
        command.add_argument("--region", default="", help="province whose rules apply, e.g. 新疆")
    return parser


def _days(given: str) -> int:
    try:
        days = int(given)
    except ValueError:  # argparse would name this function
        days = 0
    if not 1 <= days <= MOST_DAYS:
        raise argparse.ArgumentTypeError(f"expected 1 to {MOST_DAYS}, got {given}")
    return days


def _tenant(given: str) -> str:
    if "/" in given:
        raise argparse.ArgumentTypeError(f"expected no slash, got {given!r}")
    return given


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 1 when it can't answer, 2 when a file or setting can't be used."""
    args = arguments().parse_args(argv)
    install()
    logging.basicConfig(level=logging.INFO if args.verbose else logging.ERROR)
    try:
        config = settings()
        sys.stderr.writelines(f"{line}\n" for line in misnamed(given_names()))
        code = run(_run(args, config))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # who was to read it has left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the last flush
        return 1
    except (SettingsError, KefuError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 2


async def _run(args: argparse.Namespace, config: Settings) -> int:
    if args.command == "serve":
        from ui.server import serve  # noqa: PLC0415 --help should not wait for it

        await serve(config)
        return 0
    if args.command in ("profile", "export", "forget", "purge"):
        found = await _rights(args, config, tenant=args.tenant or config.tenant)
        sys.stdout.write(json.dumps(found, ensure_ascii=False, indent=1, default=str) + "\n")
        is_theirs = args.command in ("export", "forget")
        if is_theirs and not any(found.values()):  # as after a slip of the pen
            sys.stderr.write(f"nothing was kept of {args.thread or args.user!r}\n")
        return 0
    from ui.console import ask, chat  # noqa: PLC0415 --help should not wait for langgraph

    return await (ask(args, config) if args.command == "ask" else chat(args, config))


async def _rights(
    args: argparse.Namespace, config: Settings, *, tenant: str
) -> Mapping[str, object]:
    from ui import rights  # noqa: PLC0415 --help needs none

    if args.command == "profile":
        return await rights.known(args.user, config, tenant=tenant)
    if args.command == "purge":
        return await rights.purge(args.days, config, tenant=tenant)
    of_user, of_thread = (
        (rights.export, rights.export_thread)
        if args.command == "export"
        else (rights.forget, rights.forget_thread)
    )
    if args.thread:
        return await of_thread(args.thread, config, tenant=tenant)
    return await of_user(args.user, config, tenant=tenant)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
