"""Plain text to Markdown."""

from tools.ingest.convert.limits import Unreadable
from tools.ingest.convert.outline import with_headings
from tools.ingest.formats import ENCODINGS, decode


def convert(content: bytes) -> str:
    """Return the text with numbered titles as headings.

    Raises:
        Unreadable: if it is in none of the encodings that are known.
    """
    try:
        text = decode(content)
    except UnicodeDecodeError as exc:
        raise Unreadable(f"expected text in {ENCODINGS}; save it as UTF-8") from exc
    return with_headings(text.replace("\r\n", "\n").replace("\r", "\n"))
