"""Web pages to Markdown: the content, without scripts, menus and hidden text."""

import re
from contextlib import suppress

from bs4 import BeautifulSoup, Tag

from tools.ingest.convert.implied import Page
from tools.ingest.convert.limits import Unreadable, note
from tools.ingest.convert.tags import check_depth, markdown
from tools.ingest.formats import decode, utf16

_NO_CONTENT = re.compile(
    "script|style|noscript|template|iframe|object|embed|svg|canvas|math|img|picture|video|audio"
    "|nav|aside|footer|button|input|select|textarea|label|dialog|head"
)
_BOILERPLATE = re.compile(
    r"(?:^|[-_ ])(?:nav|navbar|navigation|menu|sidebar|breadcrumbs?|\w*cookie\w*|footer|pagination"
    r"|pager|share|social|ads?|advert\w*|comments|related|recommend\w*|toc|skip\w*|gdpr|consent"
    r"|popup|topbar|toolbar|copyright)(?:[-_ ]|$)",
    re.IGNORECASE,
)
_ROLES = {"navigation", "search", "menu", "menubar", "contentinfo", "dialog", "alertdialog"}
_UNSEEN = re.compile(r"(?:^| )(?:sr-only|visually-?hidden)(?: |$)", re.IGNORECASE)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")  # cookieBanner
_FOLDS = ("aria-expanded", "aria-controls", "data-toggle", "data-bs-toggle")
MIN_FOLD_CHARS = 4  # of a folded text's title; shorter ones say "more" or "menu"
HIDDEN_TEXT = "hidden text ({!r}, {} in all): not read; unfold it before saving the page"
MIN_TOLD_CHARS = 10  # of hidden text that a note tells of
_ARCHIVE = re.compile(
    rb"(?:From|MIME-Version|Subject|Date|Snapshot[\w-]*):.{0,2000}multipart/related", re.S
)
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?!\.?\d)", re.IGNORECASE
)
_CHARSET = re.compile(rb"<meta[^>]+charset=[\"']?([\w-]+)", re.IGNORECASE)
_WIDER = {  # what browsers take these for
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
}
_LINK_SHARE = 0.7  # a block whose text is links to this share is a menu
_MENU_LINKS = 5
_HEADER_LINKS = 2


def convert(content: bytes) -> str:
    """Return the page's content as Markdown, its title above where the content has none.

    Raises:
        Unreadable: if nothing readable is left, or the encoding is neither declared nor known.
    """
    if _ARCHIVE.match(content.lstrip()):
        raise Unreadable("a web archive (MHT); save the page as HTML")
    page = Page(_decoded(content), "html.parser")
    title = page.title.get_text(" ", strip=True) if page.title else ""
    check_depth(page)
    main = page.select_one("main, [role=main]") or _only_article(page) or page
    hidden = _prune(main)
    text = markdown(main)
    if not text:
        raise Unreadable("the page has no text; a page drawn by scripts must be saved as text")
    has_title = re.match(r"# ", text) or len(main.find_all("h1")) == 1
    text = text if has_title or not title else f"# {title}\n\n{text}"
    return text + (note(HIDDEN_TEXT.format(hidden[0], len(hidden))) if hidden else "")


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


def _prune(content: Tag) -> list[str]:
    """Leave what readers came for; return how the hidden texts begin that they may have seen."""
    for button in content.find_all("button"):
        text = button.get_text(strip=True)
        is_title = text.endswith(("?", "？")) or any(button.has_attr(name) for name in _FOLDS)
        if is_title and len(text) >= MIN_FOLD_CHARS:
            button.name = "p"
        elif button.find_parent(re.compile("^h[1-6]$|^summary$")):
            button.unwrap()
    for tag in content.find_all(True):
        if not tag.decomposed and _NO_CONTENT.fullmatch(tag.name):
            tag.decompose()
    whole = len(content.get_text(strip=True))
    hidden: list[str] = []
    for tag in content.find_all(True):
        if tag.decomposed:
            continue
        if _is_boilerplate(tag, whole):
            tag.decompose()
        elif _is_hidden(tag):
            text = " ".join(tag.get_text(" ", strip=True).split())
            hidden += [text[:MIN_TOLD_CHARS]] * (len(text) >= MIN_TOLD_CHARS)
            tag.decompose()
    return hidden


def _is_hidden(tag: Tag) -> bool:
    style, names = str(tag.get("style", "")), " ".join(tag.get_attribute_list("class") or [])
    return tag.has_attr("hidden") or bool(_HIDDEN.search(style) or _UNSEEN.search(names))


def _is_boilerplate(tag: Tag, whole: int) -> bool:
    if tag.name in ("html", "body", "main", "article", "td", "th", "tr", "table"):
        return False
    text = len(tag.get_text(strip=True))
    if tag.name == "header":
        return tag.find(["h1", "h2"]) is None
    named = _HUMP.sub("-", " ".join([*tag.get_attribute_list("class"), str(tag.get("id", ""))]))
    is_around = _BOILERPLATE.search(named) or tag.get("role") in _ROLES
    if is_around and text * 2 < whole:
        return True
    if tag.name not in ("ul", "ol", "div"):
        return False
    links = tag.find_all("a")
    in_links = sum(len(link.get_text(strip=True)) for link in links)
    least = _HEADER_LINKS if tag.find_parent("header") else _MENU_LINKS
    return len(links) >= least and in_links >= _LINK_SHARE * text
