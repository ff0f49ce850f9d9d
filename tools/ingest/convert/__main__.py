"""Read one document from standard input and write its text: `python -m tools.ingest.convert pdf`.

Exit code 0: the text is on standard output. 3: the reason why there is none is.
"""

import resource
import sys
from contextlib import suppress
from importlib import import_module

from tools.ingest.convert.limits import (
    CPU_LIMIT_S,
    MAX_TEXT_BYTES,
    MEMORY_LIMIT_BYTES,
    UNREADABLE,
    Unreadable,
)

KINDS = ("docx", "html", "pdf", "txt", "xlsx")


def main(kind: str) -> int:
    """Write the document's Markdown (its sheets as JSON) and return the exit code."""
    _limit(resource.RLIMIT_AS, MEMORY_LIMIT_BYTES)
    _limit(resource.RLIMIT_CPU, CPU_LIMIT_S)
    _limit(resource.RLIMIT_FSIZE, MAX_TEXT_BYTES)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        if kind not in KINDS:
            raise Unreadable(f"expected one of {', '.join(KINDS)}, got {kind!r}")
        text = import_module(f"tools.ingest.convert.{kind}").convert(sys.stdin.buffer.read())
        sys.stdout.buffer.write(text.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
    except Unreadable as exc:
        return _refuse(str(exc))
    except MemoryError:
        return _refuse(f"needs more than {MEMORY_LIMIT_BYTES >> 20} MB of memory; split it")
    except Exception as exc:
        return _refuse(f"damaged, or not what its name says ({type(exc).__name__})")
    return 0


def _limit(what: int, most: int) -> None:
    with suppress(ValueError, OSError):  # macOS does not know all of them; the time limit stays
        resource.setrlimit(what, (most, most))


def _refuse(reason: str) -> int:
    with suppress(OSError):  # the text was too long for the file: nothing more can be written
        sys.stdout.buffer.write(reason.encode())
        sys.stdout.buffer.flush()
    return UNREADABLE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
