"""HTML that editors and other systems leave in texts, as Markdown.

A chat shows tags as letters. Code keeps them, and so does what only looks like one: `<订单号>`,
`a <b and c> d`.
"""

import re
from html import escape, unescape
from html.entities import html5

from tools.ingest.convert.implied import Page
from tools.ingest.convert.limits import Unreadable
from tools.ingest.convert.tags import check_depth, markdown

_VALUE = r"""(?:"[^"<]*"|'[^'<]*'|[^\s"'<>]+)"""
_ATTRIBUTES = rf"(?:\s+(?:[\w:@.-]+\s*=\s*{_VALUE}|open|hidden|controls))*\s*/?"
_BLOCKS = (
    "p|div|section|article|header|footer|main|aside|nav|center|ul|ol|li|dl|dt|dd|hr|h[1-6]|pre"
    "|figure|figcaption|blockquote|details|summary"
    "|table|thead|tbody|tfoot|tr|td|th|caption|colgroup|col"
)
_WORDS = (
    "a|b|strong|i|em|u|font|span|small|big|sub|sup|code|kbd|mark|ins|tt|img|picture|source|o:p|wbr"
)
_GONE = "script|style|noscript|template|svg|math|iframe|object|video|audio|del|strike|s"


def _outside_code(what: str) -> re.Pattern[str]:
    """Return a pattern that also takes code, as `code`."""
    code = r"(?P<code>^[ \t]*```.*?^[ \t]*```|`[^`\n]*`)"
    return re.compile(rf"{code}|{what}", re.DOTALL | re.IGNORECASE | re.MULTILINE)


def _element(names: str) -> str:
    """Return the pattern of an element; where it holds another of its kind, of that."""
    return rf"<(?P<name>{names}){_ATTRIBUTES}>(?:(?!<(?P=name)\b).)*?</(?P=name)\s*>"


_UNREAD = _outside_code(_element(_GONE))
_TABLE = _outside_code(_element("table"))
_BLOCK = _outside_code(rf"(?P<tag></?(?:{_BLOCKS}){_ATTRIBUTES}>)")
_TEXT = _outside_code(rf"<(?!/?(?:{_BLOCKS}|{_WORDS}|br){_ATTRIBUTES}>)|&(?!#?\w{{2,31}};)")
_LINK = _outside_code(
    r"<a\s[^<>]*?href\s*=\s*[\"']?(?P<url>https?://[^\s\"'<>]+)[^<>]*>(?P<label>[^<>]*)</a\s*>"
)
_WORD = _outside_code(rf"</?(?:{_WORDS}){_ATTRIBUTES}>")
_BREAK = _outside_code(rf"[ \t]*<br{_ATTRIBUTES}>[ \t]*(?P<end>$)?")
_ENTITY = _outside_code(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|(?P<entity>\w{2,31}));")
_PIECES = re.compile(r"(^[ \t]*```.*?^[ \t]*```[^\n]*$|\n[ \t]*\n)", re.DOTALL | re.MULTILINE)
_HAS_MARKUP = re.compile(r"<[a-z/]|&#?\w{2,31};", re.IGNORECASE)


def without_tags(text: str) -> str:
    """Return a text with its HTML as Markdown, and what is struck out or no text left out.

    Its lines stay where they were, as far as they stay lines.
    """
    if not _HAS_MARKUP.search(text):
        return text
    text = _UNREAD.sub(lambda found: found["code"] or "\n" * found[0].count("\n"), text)
    text = _TABLE.sub(lambda found: found["code"] or _without_gaps(found[0]), text)
    return "".join(
        piece if at % 2 else _readable(piece) for at, piece in enumerate(_PIECES.split(text))
    )


def _without_gaps(table: str) -> str:
    lines = [line for line in table.split("\n") if line.strip()]
    return "\n".join(lines) + "\n" * (table.count("\n") + 1 - len(lines))


def _readable(piece: str) -> str:
    if not _HAS_MARKUP.search(piece):
        return piece
    if any(found["tag"] for found in _BLOCK.finditer(piece)):
        text = _from_html(piece)
        return text + "\n" * (piece.count("\n") - text.count("\n"))
    piece = "\n".join(map(_broken, piece.split("\n")))
    piece = _LINK.sub(lambda found: found["code"] or f"[{found['label']}]({found['url']})", piece)
    piece = _WORD.sub(lambda found: found["code"] or "", piece)
    return _ENTITY.sub(lambda found: found["code"] or _character(found), piece)


def _broken(line: str) -> str:
    """Return a line with the breaks in it; a row of a table stays one line."""
    end = " " if line.lstrip().startswith("|") else "\n"
    return _BREAK.sub(lambda found: found["code"] or ("" if found["end"] == "" else end), line)


def _character(found: re.Match[str]) -> str:
    name = found["entity"]
    return found[0] if name and f"{name};" not in html5 else unescape(found[0])


def _from_html(piece: str) -> str:
    page = Page(_TEXT.sub(lambda found: escape(found[0], quote=False), piece), "html.parser")
    for picture in page.find_all(["img", "picture"]):
        picture.decompose()
    try:
        check_depth(page)
        return markdown(page)
    except Unreadable:
        return page.get_text(" ")
