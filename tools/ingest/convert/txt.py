"""Plain text to Markdown."""

import re

from tools.ingest.convert.limits import Unreadable
from tools.ingest.convert.outline import with_headings
from tools.ingest.fields import KNOWN, our_names
from tools.ingest.formats import ENCODINGS, decode

FIELDS = KNOWN | {"title"}  # others, as 电话, stand between lines drawn around them
_NAME = re.compile(r"^([\w ]+)[:：]", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\s*---[ \t]*\n(?:[\w ]+[:：].*\n)+---[ \t]*(?:\n|\Z)")


def convert(content: bytes) -> str:
    """Return the text with numbered titles as headings.

    Raises:
        Unreadable: if it is in none of the encodings that are known, or has front matter: what
            that keeps from customers would be shown to them.
    """
    try:
        text = decode(content)
    except UnicodeDecodeError as exc:
        raise Unreadable(f"expected text in {ENCODINGS}; save it as UTF-8") from exc
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if (found := _FRONT_MATTER.match(text)) and FIELDS & {*our_names(_NAME.findall(found[0]))}:
        raise Unreadable("front matter counts in Markdown only; rename it to .md, or take it out")
    return with_headings(text)
