"""Plain text to Markdown."""

from tools.ingest.convert.limits import Unreadable
from tools.ingest.convert.outline import with_headings
from tools.ingest.formats import decode


def convert(content: bytes) -> str:
    """Return the text with numbered titles as headings.

    Raises:
        Unreadable: if it is neither UTF-8 nor GB18030.
    """
    try:
        text = decode(content)
    except UnicodeDecodeError as exc:
        raise Unreadable("expected text in UTF-8 or GB18030; save it as UTF-8") from exc
    return with_headings(text.replace("\r\n", "\n").replace("\r", "\n"))
