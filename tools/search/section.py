"""The whole section that a passage of a document was cut from."""

import re

from tools.ingest.pack import joined
from tools.search.base import SearchBackend
from tools.search.types import Entry

MAX_PARTS = 20  # about 10,000 tokens; what is longer is no section anyone wants to read at once

_PART = re.compile(r"~\d+$")  # `split_page` numbers the parts of a section from the second on


async def whole_section(entry: Entry, search: SearchBackend, *, tenant: str) -> str:
    """Return the text of the entry's section, of an FAQ entry its answer.

    Raises:
        SearchUnavailable: if the index does not answer.
    """
    if entry.get("kind") != "doc":
        return entry["answer"]
    section_id = _PART.sub("", entry["id"])
    names = [section_id, *(f"{section_id}~{number}" for number in range(2, MAX_PARTS + 1))]
    texts: list[str] = []
    for name in names:
        part = await search.get(name, tenant=tenant)
        if part is None or part["question"] != entry["question"]:
            break
        texts.append(part["answer"])
    return joined(texts) if entry["answer"] in texts else entry["answer"]
