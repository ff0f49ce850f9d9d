"""Readers of documents; they run in a process of their own, see `tools/ingest/documents.py`."""
