"""Lines from the standard input, waited for while other things go on."""

import asyncio
import os
import sys


class Lines:
    """Reads what is typed or piped in, a line at a time.

    `input` would hold up everything else, and a thread that waits in it the end of the process.
    """

    def __init__(self) -> None:
        self._rest = b""

    async def next(self) -> str:
        """Return the next line without its end.

        Raises:
            EOFError: if there is none.
        """
        loop = asyncio.get_running_loop()
        if sys.stdin is None:  # closed before the start
            raise EOFError
        try:
            descriptor = sys.stdin.fileno()
            loop.add_reader(descriptor, lambda: None)
            loop.remove_reader(descriptor)
        except (OSError, ValueError, NotImplementedError):  # a file: it lets nobody wait
            if not (line := sys.stdin.readline()):
                raise EOFError from None
            return line.rstrip("\n")
        while b"\n" not in self._rest:
            ready = asyncio.Event()
            loop.add_reader(descriptor, ready.set)
            try:
                await ready.wait()
            finally:
                loop.remove_reader(descriptor)
            if not (piece := os.read(descriptor, 65536)):
                break
            self._rest += piece
        if not self._rest:
            raise EOFError
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode(sys.stdin.encoding, "replace")
