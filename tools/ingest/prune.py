"""What `--prune` may not remove, and what is left where it is not said.

A wrong path or a lost disk must not empty the index.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from tools.ingest.editions import group
from tools.ingest.read import Found

MOST_SHARE = 0.5  # of a tenant's entries; more goes only where it is said that this is meant
_CUTS = re.compile(r"[#~]|$")  # where a passage's id leaves its page's
FEW = 20  # entries, of which any share goes


def lost(paths: Sequence[Path], files: Collection[Path]) -> list[Path]:
    """Return the folders in which nothing to read is left at all: more likely a lost disk."""
    return [
        path
        for path in paths
        if path.is_dir() and not any(file.is_relative_to(path) for file in files)
    ]


def refusal(gone: Collection[str], held: Collection[str], *, tenant: str, is_meant: bool) -> str:
    """Say why so many of the ids that a tenant holds are not removed, "" if they are."""
    if is_meant or len(gone) <= max(FEW, MOST_SHARE * len(held)):
        return ""
    return (
        f"that is more than half of the {len(held)} entries of tenant {tenant!r}; name all files "
        "and folders of its knowledge in one command, or say --prune-most if it is meant"
    )


def left_over(held: Collection[str], given: Collection[str], entries: Iterable[Found]) -> list[str]:
    """Return the ids of stored passages that are not in their pages any more."""
    of_pages = (found for found in entries if found.entry.get("kind") == "doc")
    pages = {found.page or group(found.entry) for found in of_pages}
    return sorted(at for at in held if at not in given and not pages.isdisjoint(_starts(at)))


def _starts(at: str) -> list[str]:
    return [at[: cut.start()] for cut in _CUTS.finditer(at)]
