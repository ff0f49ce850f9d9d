"""The Markdown of HTML tags, of web pages and of Word documents alike."""

import re
from copy import copy

from bs4 import Tag
from markdownify import MarkdownConverter

from tools.ingest.convert.limits import Unreadable
from tools.ingest.convert.outline import with_headings

_BLOCK = re.compile(r"^(?:br|p|div|li|d[dt]|t[dhr]|h[1-6]|pre|blockquote)$")
_LINK = re.compile(r"https?://|mailto:|tel:", re.IGNORECASE)
_STRUCK = ["del", "s", "strike"]  # no longer true
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
MAX_DEPTH = 300  # three Python frames a level; a browser flattens what is below 512


def check_depth(content: Tag) -> None:
    """Do nothing if the tags in a page are nested as deep as can be read.

    Raises:
        Unreadable: if they are nested deeper.
    """
    depths = {id(content): 0}
    for tag in content.find_all(True):  # parents come before their children
        depths[id(tag)] = depths[id(tag.parent)] + 1
        if depths[id(tag)] > MAX_DEPTH:
            raise Unreadable(f"expected tags nested at most {MAX_DEPTH} deep; save it as text")


def markdown(content: Tag) -> str:
    """Return the Markdown of a pruned part of a page."""
    _tidy(content)
    for table in content.find_all("table"):
        _fill_spans(table)
    converter = MarkdownConverter(
        heading_style="ATX",
        bullets="-",
        table_infer_header=True,
        autolinks=False,
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
        strip=["b", "strong", "i", "em", "u", "sub", "sup"],
    )
    text = re.sub(r"[ \t]+\n", "\n", converter.convert_soup(content))
    return with_headings(re.sub(r"\n{3,}", "\n\n", text).strip())


def _tidy(content: Tag) -> None:
    """Leave out what is struck out or empty; keep cells in one line and blocks out of tables."""
    for struck in content.find_all(_STRUCK):
        struck.decompose()
    for heading in content.find_all(_HEADINGS):
        if not heading.get_text(strip=True):
            heading.decompose()
    for term in content.find_all(["dt", "dd"]):
        term.name = "p"
    for link in content.find_all("a"):
        if not _LINK.match(str(link.get("href", ""))):
            link.unwrap()
    for table in content.find_all("table"):
        _unwrap_layout(table)
    for cell in content.find_all(["td", "th"]):
        for block in cell.find_all(_BLOCK):
            block.insert_before(" ")
            block.insert_after(" ")
        flat = " ".join(cell.get_text().split())
        cell.string = flat.replace("|", "｜")  # a bar would end the cell


def _unwrap_layout(table: Tag) -> None:
    """Make plain blocks of a table that only places texts: in one column, or pages side by side."""
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    cells = [row.find_all(["td", "th"], recursive=False) for row in rows]
    is_column = max(map(len, cells), default=0) <= 1
    if not is_column and not any(_is_page(cell) for cell in cells[0] if len(rows) == 1):
        return
    for tag in [table, *rows, *(cell for row in cells for cell in row)]:
        tag.name = "div"


def _is_page(cell: Tag) -> bool:
    return bool(cell.find(["table", "ul", "ol", *_HEADINGS])) or len(cell.find_all("p")) > 1


def _fill_spans(table: Tag) -> None:
    """Put a cell that spans rows or columns into each of them, as a reader sees it."""
    below: dict[int, tuple[int, Tag]] = {}  # column -> in how many more rows it has which cell
    for row in table.find_all("tr"):
        cells = row.find_all(["td", "th"])
        filled: list[Tag] = []
        while cells or len(filled) <= max(below, default=-1):
            column = len(filled)
            if column in below:
                high, cell = below.pop(column)
                wide, high = 1, high - 1
            elif cells:
                cell = cells.pop(0)
                wide, high = _span(cell, "colspan"), _span(cell, "rowspan") - 1
            else:
                cell, wide, high = Tag(name="td"), 1, 0
            filled += [copy(cell) for _ in range(wide)]
            if high > 0:
                below |= dict.fromkeys(range(column, len(filled)), (high, cell))
        row.clear()
        row.extend(filled)


def _span(cell: Tag, name: str) -> int:
    said = re.fullmatch(r"[1-9]\d{0,3}", str(cell.attrs.pop(name, "")).strip())
    return int(said[0]) if said else 1
