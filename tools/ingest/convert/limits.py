"""What a document may cost, and how its reader says no."""

from collections.abc import Sequence

MEMORY_LIMIT_BYTES = 1 << 30  # address space of the reading process
CPU_LIMIT_S = 50
TIME_LIMIT_S = 60  # wall clock: a machine under load is slower than its CPU time says
MAX_TEXT_BYTES = 32 << 20  # of the Markdown that comes out
MAX_ENTRIES_BYTES = 64 << 20  # of an upload's entries as JSON, which repeat titles and headers
UPLOAD = "upload"  # the reader of any file: its entries, not its text
UNREADABLE = 3  # exit code
NAMED = 10  # cells, rows, columns or pages that a note names


def smaller(kind: str) -> str:
    """Return what to do with a file that costs more than a reader of `kind` may spend."""
    return "split it, or load it with `python -m tools.ingest`" if kind == UPLOAD else "split it"


def named(places: Sequence[str]) -> str:
    """Return the first places, and how many more there are, in no language."""
    more = f" (+{len(places) - NAMED})" if len(places) > NAMED else ""
    return ", ".join(places[:NAMED]) + more


def note(text: str) -> str:
    """Return what a reader appends to its Markdown for the file's editor."""
    return f"\n\n<!-- note: {text.replace('--', '')} -->"


class Unreadable(Exception):
    """The document can't be used; the text says why and what to do."""
