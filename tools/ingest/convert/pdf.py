"""The text layer of PDF files to Markdown: headings by size, tables by gaps, pages as comments."""

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

import pypdfium2
from pypdfium2 import raw

from tools.ingest.clean import EDGE_LINES, clean, running_lines
from tools.ingest.convert.columns import edges, table, unwoven
from tools.ingest.convert.limits import Unreadable, named, note
from tools.ingest.convert.lines import Line, lines
from tools.ingest.convert.outline import level as numbered_level

PICTURES = "page {}: no text to read, only pictures perhaps; run a text recognition first"
_WRAPPED = "\xad"  # a hyphen at the end of a line
MAX_PAGES = 2_000
HEADING_RATIO = 1.12  # of the body's letter height
MAX_HEADING_CHARS = 60
HEADING_LEVELS = 4
PARAGRAPH_GAP = 1.8  # line heights from base line to base line
SHORT_LINE = 0.7  # of the longest line: nobody wraps so early
_BULLET = re.compile(r"[•·●○■□◆▪▶➢✓\uf000-\uf0ff]\s*|[-–—*]\s+")
_NEW_ITEM = re.compile(
    r"- |\d{1,3}[.、)）]\s*\S|[（(]?[一二三四五六七八九十\d]{1,3}[)）、]|第.{1,6}条"
)
_SENTENCE_END = tuple("。！？；：.!?;:”」）)")


def convert(content: bytes) -> str:
    """Return the text with a comment `<!-- page 2 -->` where a page begins.

    Raises:
        Unreadable: if it needs a password, is damaged, too long, or holds pictures only.
    """
    pages: list[list[Line]] = []
    pictures: list[str] = []
    for number, (page, is_empty) in enumerate(_pages(content), start=1):
        pages.append(_cleaned(page))
        if not page and not is_empty:
            pictures.append(str(number))
    running = running_lines([[line.text for line in page] for page in pages])
    pages = [unwoven(_without(page, running)) for page in pages]
    heights = Counter[float]()
    for line in (line for page in pages for line in page):
        heights[round(line.height, 1)] += len(line.text)
    if not heights:
        raise Unreadable("no text in it, only pictures perhaps; run a text recognition first")
    levels = _levels(heights)
    blocks = [list(_blocks(page, levels)) for page in pages]
    told = note(PICTURES.format(named(pictures))) if pictures else ""
    return whole_words(_assembled(blocks)) + told


def _assembled(blocks: Sequence[Sequence[str]]) -> str:
    if any(block.startswith("#") for page in blocks for block in page):
        return _flowing(blocks)
    # No headings: the pages are the sections.
    return "\n\n".join(
        "\n\n".join([f"<!-- page {number} -->", f"## 第 {number} 页", *page])
        for number, page in enumerate(blocks, start=1)
        if page
    )


def _flowing(pages: Sequence[Sequence[str]]) -> str:
    """Return the text with page marks that do not break a paragraph across pages."""
    parts: list[str] = []
    for number, page in enumerate(pages, start=1):
        mark = f"<!-- page {number} -->"
        if parts and page and _goes_on(parts[-1], page[0]):
            parts[-1] = _joined(parts[-1] + mark, page[0])
            parts += page[1:]
        else:
            parts += [mark, *page]
    return "\n\n".join(parts)


def whole_words(text: str) -> str:
    """Return the text without the hyphens of words that it also has whole."""
    words = {word.lower() for word in re.findall(r"[A-Za-z]+", text)}

    def joined(word: re.Match[str]) -> str:
        whole = word[1] + word[2]
        return whole if whole.lower() in words else f"{word[1]}-{word[2]}"

    return re.sub(f"(?<![A-Za-z])([A-Za-z]+){_WRAPPED}([A-Za-z]+)", joined, text).replace(
        _WRAPPED, "-"
    )


def _pages(content: bytes) -> Iterator[tuple[list[Line], bool]]:
    """Yield the lines of each page, and whether nothing at all is on it."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as exc:
        if exc.err_code == raw.FPDF_ERR_PASSWORD:
            raise Unreadable("it needs a password; save it without one") from exc
        raise Unreadable("damaged, or no PDF") from exc
    if len(document) > MAX_PAGES:
        raise Unreadable(f"expected at most {MAX_PAGES:,} pages, got {len(document):,}; split it")
    for number in range(len(document)):
        page = document[number]
        yield lines(page.get_textpage()), next(page.get_objects(max_depth=1), None) is None
        page.close()


def _without(page: Sequence[Line], running: set[str]) -> list[Line]:
    """Return the page without running lines; the same words further inside are its text."""
    inner = range(EDGE_LINES, len(page) - EDGE_LINES)
    return [line for at, line in enumerate(page) if at in inner or line.text not in running]


def _cleaned(page: Sequence[Line]) -> list[Line]:
    """Return the lines with dashes as bullets and without what nobody sees."""
    return [
        line._replace(
            text=text,
            cells=tuple(cell._replace(text=clean(cell.text).strip()) for cell in line.cells),
        )
        for line in page
        if (
            text := clean(
                _BULLET.sub("- ", line.text, count=1) if _BULLET.match(line.text) else line.text
            ).strip()
        )
    ]


def _levels(heights: Counter[float]) -> dict[float, int]:
    """Return the heading level of each letter height that is larger than the body's."""
    body = heights.most_common(1)[0][0]
    larger = sorted((h for h in heights if h >= body * HEADING_RATIO), reverse=True)
    return {height: min(rank, HEADING_LEVELS) for rank, height in enumerate(larger, start=1)}


def _blocks(page: Sequence[Line], levels: dict[float, int]) -> Iterator[str]:
    """Yield the headings, tables and paragraphs of a page as Markdown."""
    left_right, right = edges(page)
    step = statistics.median(line.height for line in page) if page else 0.0
    paragraph, above = "", None
    at = 0
    while at < len(page):
        line = page[at]
        rows, size = table(page, at)
        depth = _heading_level(line, levels)
        if rows or depth:
            if paragraph:
                yield paragraph
            paragraph, above = "", None
        if rows:
            yield _markdown_table(rows)
            at += size
            continue
        at += 1
        if depth:
            yield f"{'#' * depth} {line.text}"
            continue
        if (
            paragraph
            and above is not None
            and not _breaks(above, line, left_right if above.right <= left_right else right, step)
        ):
            paragraph = _joined(paragraph, line.text)
        else:
            if paragraph:
                yield paragraph
            paragraph = line.text
        above = line
    if paragraph:
        yield paragraph


def _heading_level(line: Line, levels: dict[float, int]) -> int:
    if len(line.text) > MAX_HEADING_CHARS or len(line.cells) > 1:
        return 0
    return levels.get(round(line.height, 1), 0) or numbered_level(line.text)


def _breaks(above: Line, line: Line, right: float, step: float) -> bool:
    """Say whether a paragraph ends between two lines."""
    if _NEW_ITEM.match(line.text) or above.bottom - line.bottom > PARAGRAPH_GAP * step:
        return True
    is_short = above.right < right - 2 * above.height
    return above.right < SHORT_LINE * right or (is_short and above.text.endswith(_SENTENCE_END))


def _goes_on(before: str, after: str) -> bool:
    """Say whether a paragraph goes on across a page break."""
    is_prose = not before.startswith(("#", "|", "<!--")) and not after.startswith(("#", "|"))
    return is_prose and not before.endswith(_SENTENCE_END) and not _NEW_ITEM.match(after)


def _joined(before: str, after: str) -> str:
    """Join two lines of a paragraph; Chinese has no space between them."""
    visible = re.sub(r"<!--.*?-->$", "", before)
    if visible.endswith("-") and visible[-2:-1].isascii() and after[:1].islower():
        return before[:-1] + _WRAPPED + after
    if visible.endswith("-") and visible[-2:-1].isalnum() and after[:1].isalnum():
        return before + after
    is_spaced = visible[-1:].isascii() and after[:1].isascii()
    return f"{before} {after}" if is_spaced else before + after


def _markdown_table(rows: Sequence[Sequence[str]]) -> str:
    shown = [f"| {' | '.join(cell.replace('|', '｜') for cell in row)} |" for row in rows]
    return "\n".join([shown[0], "|" + " --- |" * len(rows[0]), *shown[1:]])
