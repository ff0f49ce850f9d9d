"""What `--prune` may not remove: a wrong path or a lost disk must not empty the index."""

from collections.abc import Collection, Sequence
from pathlib import Path

MOST_SHARE = 0.5  # of a tenant's entries; more goes only where it is said that this is meant
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
