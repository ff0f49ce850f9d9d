"""The text layer of PDF files to Markdown: headings by size, tables by gaps, pages as comments."""

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence

import pypdfium2
from pypdfium2 import raw

from tools.ingest.clean import EDGE_LINES, clean, running_lines
from tools.ingest.convert.limits import Unreadable
from tools.ingest.convert.lines import Line, lines
from tools.ingest.convert.outline import level as numbered_level

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
    pages = [_without_bullets(page) for page in _pages(content)]
    running = running_lines([[line.text for line in page] for page in pages])
    pages = [_without(page, running) for page in pages]
    heights = Counter[float]()
    for line in (line for page in pages for line in page):
        heights[round(line.height, 1)] += len(line.text)
    if not heights:
        raise Unreadable("no text in it, only pictures perhaps; run a text recognition first")
    levels = _levels(heights)
    blocks = [list(_blocks(page, levels)) for page in pages]
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


def _pages(content: bytes) -> Iterator[list[Line]]:
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
        yield lines(page.get_textpage())
        page.close()


def _without(page: Sequence[Line], running: set[str]) -> list[Line]:
    """Return the page without running lines; the same words further inside are its text."""
    inner = range(EDGE_LINES, len(page) - EDGE_LINES)
    return [line for at, line in enumerate(page) if at in inner or line.text not in running]


def _without_bullets(page: Sequence[Line]) -> list[Line]:
    return [
        line._replace(text=text)
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
    right = max((line.right for line in page), default=0.0)
    step = statistics.median(line.height for line in page) if page else 0.0
    paragraph, above = "", None
    at = 0
    while at < len(page):
        line = page[at]
        rows = _table(page, at)
        depth = _heading_level(line, levels)
        if rows or depth:
            if paragraph:
                yield paragraph
            paragraph, above = "", None
        if rows:
            yield _markdown_table(rows)
            at += len(rows)
            continue
        at += 1
        if depth:
            yield f"{'#' * depth} {line.text}"
            continue
        if paragraph and above is not None and not _breaks(above, line, right, step):
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
        return before + after
    is_spaced = visible[-1:].isascii() and after[:1].isascii()
    return f"{before} {after}" if is_spaced else before + after


def _table(page: Sequence[Line], at: int) -> list[Line]:
    """Return the lines from `at` on that have the same number of cells, if they make a table."""
    columns = len(page[at].cells)
    end = at
    while columns > 1 and end < len(page) and len(page[end].cells) == columns:
        end += 1
    return list(page[at:end]) if end - at > 1 else []


def _markdown_table(rows: Sequence[Line]) -> str:
    shown = [f"| {' | '.join(cell.replace('|', '｜') for cell in row.cells)} |" for row in rows]
    return "\n".join([shown[0], "|" + " --- |" * len(rows[0].cells), *shown[1:]])
