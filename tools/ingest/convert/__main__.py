"""Read one file from standard input and write what it says.

python -m tools.ingest.convert pdf
python -m tools.ingest.convert upload faq.csv

A document's reader writes its text, `upload` the entries and the report of any file as JSON.
Exit code 0: the text is on standard output. 3: the reason why there is none is.
"""

import os
import resource
import sys
from contextlib import suppress
from importlib import import_module

from tools.ingest.convert.limits import (
    CPU_LIMIT_S,
    MAX_ENTRIES_BYTES,
    MAX_TEXT_BYTES,
    MEMORY_LIMIT_BYTES,
    UNREADABLE,
    UPLOAD,
    Unreadable,
    smaller,
)

KINDS = ("docx", "html", "pdf", "txt", "xlsx", UPLOAD)
NICENESS = 10  # customers are answered first


def main(kind: str, *name: str) -> int:
    """Write the document's Markdown (its sheets as JSON) and return the exit code."""
    os.nice(NICENESS)
    _limit(resource.RLIMIT_AS, MEMORY_LIMIT_BYTES)
    _limit(resource.RLIMIT_CPU, CPU_LIMIT_S, grace=1)  # the signal tells why it ended
    most = MAX_ENTRIES_BYTES if kind == UPLOAD else MAX_TEXT_BYTES
    _limit(resource.RLIMIT_FSIZE, most)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        if kind not in KINDS:
            raise Unreadable(f"expected one of {', '.join(KINDS)}, got {kind!r}")
        reader = import_module(f"tools.ingest.convert.{kind}")
        text = reader.convert(sys.stdin.buffer.read(), *name)
        written = text.encode("utf-8", "replace")
        if len(written) > most:
            raise Unreadable(f"it holds more text than is read; {smaller(kind)}")
        sys.stdout.buffer.write(written)
        sys.stdout.buffer.flush()
    except Unreadable as exc:
        return _refuse(str(exc))
    except MemoryError:
        return _refuse(f"needs more than {MEMORY_LIMIT_BYTES >> 20} MB of memory; {smaller(kind)}")
    except Exception as exc:
        return _refuse(f"damaged, or not what its name says ({type(exc).__name__})")
    return 0


def _limit(what: int, most: int, *, grace: int = 0) -> None:
    with suppress(ValueError, OSError):  # macOS does not know all of them; the time limit stays
        resource.setrlimit(what, (most, most + grace))


def _refuse(reason: str) -> int:
    with suppress(OSError):  # the text was too long for the file: nothing more can be written
        sys.stdout.buffer.write(reason.encode())
        sys.stdout.buffer.flush()
    return UNREADABLE


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
