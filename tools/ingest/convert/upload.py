"""An uploaded file of any type to its entries and what the report says of them, as JSON."""

import json
from importlib import import_module
from pathlib import Path

from tools.errors import BadEntry
from tools.ingest.convert.limits import Unreadable
from tools.ingest.index import audit, settle
from tools.ingest.read import Reader
from tools.ingest.report import Report, as_json
from tools.text.tokens import count_embedded


def convert(content: bytes, name: str) -> str:
    """Return `{"entries": […], "report": {…}}`; documents in it are read in this very process."""
    path = Path(name)
    reader = Reader(count_embedded, convert=_here)
    found = reader.content(content, path)
    report = Report(ignored_fields=reader.unknown, notes=reader.notes)
    settled = settle({path: found}, report)
    audit(settled, report)
    entries = [one.entry for one in settled.values()]
    return json.dumps({"entries": entries, "report": as_json(report)}, ensure_ascii=False)


def _here(kind: str, content: bytes, name: str) -> str:
    try:
        text: str = import_module(f"tools.ingest.convert.{kind}").convert(content)
    except Unreadable as exc:
        raise BadEntry(name, str(exc)) from exc
    return text
