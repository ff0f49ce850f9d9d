"""Web pages to Markdown: the content, without scripts, menus and hidden text."""

import re
from contextlib import suppress
from copy import copy

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from tools.ingest.convert.limits import Unreadable
from tools.ingest.convert.outline import with_headings
from tools.ingest.formats import decode, utf16

_NO_CONTENT = re.compile(
    "script|style|noscript|template|iframe|object|embed|svg|canvas|math|img|picture|video|audio"
    "|nav|aside|footer|button|input|select|textarea|label|dialog|head"
)
_BOILERPLATE = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|cookies?|footer|pagination"
    r"|pager|share|social|ads?|advert\w*|comments|related|toc|skip\w*)(?:[-_ ]|$)",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?!\.?\d)")
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)
_WIDER = {  # what browsers take these for
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
}
_BLOCK = re.compile(r"^(?:br|p|div|li|d[dt]|t[dhr]|h[1-6]|pre|blockquote)$")
_LINK = re.compile(r"https?://|mailto:|tel:", re.IGNORECASE)
_LINK_SHARE = 0.7  # a block whose text is links to this share is a menu
_MENU_LINKS = 5
MAX_DEPTH = 500  # browsers flatten from about there


def convert(content: bytes) -> str:
    """Return the page's content as Markdown, its title above where the content has none.

    Raises:
        Unreadable: if nothing readable is left, or the encoding is neither declared nor known.
    """
    page = BeautifulSoup(_decoded(content), "html.parser")
    title = page.title.get_text(" ", strip=True) if page.title else ""
    _check_depth(page)
    main = page.select_one("main, [role=main]") or _only_article(page) or page
    _prune(main)
    text = markdown(main)
    if not text:
        raise Unreadable("the page has no text; a page drawn by scripts must be saved as text")
    return text if re.match(r"# ", text) or not title else f"# {title}\n\n{text}"


def markdown(content: Tag) -> str:
    """Return the Markdown of a pruned part of a page."""
    for link in content.find_all("a"):
        if not _LINK.match(str(link.get("href", ""))):
            link.unwrap()
    for cell in content.find_all(["td", "th"]):
        for block in cell.find_all(_BLOCK):
            block.insert_before(" ")
            block.insert_after(" ")
        flat = " ".join(cell.get_text().split())
        cell.string = flat.replace("|", "｜")  # a bar would end the cell
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
        strip=["b", "strong", "i", "em", "u", "s", "sub", "sup"],
    )
    text = re.sub(r"[ \t]+\n", "\n", converter.convert_soup(content))
    return with_headings(re.sub(r"\n{3,}", "\n\n", text).strip())


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


def _decoded(content: bytes) -> str:
    with suppress(UnicodeDecodeError):
        return decode(content) if utf16(content) else content.decode("utf-8-sig")
    if declared := _CHARSET.search(content[:4096]):
        name = declared[1].decode().lower()
        with suppress(UnicodeDecodeError, LookupError):
            return content.decode(_WIDER.get(name, name))
    try:
        return decode(content)
    except UnicodeDecodeError as exc:
        raise Unreadable("expected UTF-8 or the encoding that the page declares") from exc


def _only_article(page: BeautifulSoup) -> Tag | None:
    articles = page.find_all("article")
    return articles[0] if len(articles) == 1 else None


def _check_depth(content: Tag) -> None:
    depths = {id(content): 0}
    for tag in content.find_all(True):  # parents come before their children
        depths[id(tag)] = depths[id(tag.parent)] + 1
        if depths[id(tag)] > MAX_DEPTH:
            raise Unreadable(f"expected tags nested at most {MAX_DEPTH} deep")


def _prune(content: Tag) -> None:
    for tag in content.find_all(True):
        if not tag.decomposed and _NO_CONTENT.fullmatch(tag.name):
            tag.decompose()
    whole = len(content.get_text(strip=True))
    for tag in content.find_all(True):
        if not tag.decomposed and (_is_hidden(tag) or _is_boilerplate(tag, whole)):
            tag.decompose()


def _is_hidden(tag: Tag) -> bool:
    style = str(tag.get("style", ""))
    return tag.has_attr("hidden") or bool(_HIDDEN.search(style))


def _is_boilerplate(tag: Tag, whole: int) -> bool:
    if tag.name in ("html", "body", "main", "article", "td", "th", "tr", "table"):
        return False
    text = len(tag.get_text(strip=True))
    if tag.name == "header":
        return tag.find(["h1", "h2"]) is None
    named = " ".join([*tag.get_attribute_list("class"), str(tag.get("id", ""))])
    if _BOILERPLATE.search(named) and text * 2 < whole:
        return True
    if tag.name not in ("ul", "ol", "div"):
        return False
    links = tag.find_all("a")
    in_links = sum(len(link.get_text(strip=True)) for link in links)
    return len(links) >= _MENU_LINKS and in_links >= _LINK_SHARE * text
