"""Documents are read on machines that have much else to do."""

import pytest


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the process that reads a document take its time; its CPU time is limited as ever."""
    monkeypatch.setattr("tools.ingest.documents.TIME_LIMIT_S", 600)
