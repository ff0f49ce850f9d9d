"""What a watched folder has put into the index, kept on disk from one start to the next."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import cast

from tools.ingest.editions import Key, key
from tools.ingest.read import Found
from tools.search.types import Entry


class Remembered:
    """A file that lists entries by the knowledge file that they were read from."""

    def __init__(self, folder: Path, paths: Sequence[Path], tenant: str) -> None:
        """Keep it in `folder`, under a name that the tenant and these paths, as written, make.

        Files are told by their paths as written: those of another spelling would all be gone.
        """
        watched = json.dumps([tenant, *sorted((str(path), str(path.resolve())) for path in paths)])
        self.path = (
            folder / f"{hashlib.sha256(watched.encode('utf-8', 'replace')).hexdigest()}.json"
        )

    def read(self) -> dict[Key, Found]:
        """Return the entries without their texts; none if there is no such file.

        Raises:
            OSError: if the file can't be read.
            ValueError: if it is damaged.
        """
        if not self.path.exists():
            return {}
        kept: dict[str, list[dict[str, str]]] = json.loads(self.path.read_text(encoding="utf-8"))
        entries = [
            Found(file, file, cast(Entry, {"question": "", "answer": "", **one}))
            for file, of_file in kept.items()
            for one in of_file
        ]
        return {key(found.entry): found for found in entries}

    def write(self, entries: Iterable[Found]) -> None:
        """Keep these entries, or all that were kept before if it breaks off.

        Raises:
            OSError: if the file can't be written.
        """
        kept: dict[str, list[dict[str, str]]] = {}
        for found in entries:
            names = ("id", "version", "kind", "document")
            one = {name: str(found.entry[name]) for name in names if name in found.entry}  # type: ignore[literal-required]
            kept.setdefault(found.file, []).append(one)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps(kept), encoding="utf-8")  # names of any bytes, as \\udc80
        new.replace(self.path)
