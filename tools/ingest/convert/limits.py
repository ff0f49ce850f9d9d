"""What a document may cost, and how its reader says no."""

MEMORY_LIMIT_BYTES = 1 << 30  # address space of the reading process
CPU_LIMIT_S = 50
TIME_LIMIT_S = 60  # wall clock: a machine under load is slower than its CPU time says
MAX_TEXT_BYTES = 32 << 20  # of the Markdown that comes out
UNREADABLE = 3  # exit code


class Unreadable(Exception):
    """The document can't be used; the text says why and what to do."""
