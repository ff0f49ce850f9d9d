"""Split a Markdown page into passages along its headings."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tools.ingest.pack import Fits, blocks, pack
from tools.text.tokens import most_tokens

MAX_TOKENS = 512  # of an embedder, as `count_embedded` counts them
MARKS = 2  # of start and end, which it adds to title and text
MIN_TOKENS = 64  # left for the text below a very long heading path
_TOKEN_BYTES = 128  # no token of Qwen's has more

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*)")
_CODE = re.compile(r" {0,3}(```(?=`*[^`]*$)|~~~)")
_UNDERLINE = re.compile(r" {0,3}(?:(={3,})|-{3,})[ \t]*")  # of a heading
_NO_TITLE = re.compile(r" {4}|\s*(?:[-+*|>#<]|\d+[.)]\s|$)")
_MARKUP = re.compile(r"[*_`]+|!?\[([^\]]*)\]\([^)]*\)|\{[#.:][^}]*\}\s*$")


@dataclass(frozen=True, slots=True)
class Part:
    """One passage of a page."""

    id: str
    title: str  # heading path: "退款说明 > 到账时间"
    text: str
    line: int  # of the page's body, from 1, where the section starts


@dataclass(slots=True)
class _Section:
    path: list[str]
    line: int
    lines: list[str] = field(default_factory=list)


def split_page(
    markdown: str,
    *,
    doc_id: str,
    title: str,
    count_tokens: Callable[[str], int],
    max_tokens: int = MAX_TOKENS,
) -> list[Part]:
    """Return the page's passages, each with its title at most `max_tokens` long.

    An empty `title` is replaced by the page's heading of level 1, else by `doc_id`: also where
    the page has several, of which none names it. Ids follow the headings, so that a change in one
    section leaves the ids of the others alone.
    """
    sections = list(_sections(markdown.split("\n")))
    title = title or _title(sections) or doc_id
    parts: list[Part] = []
    taken: dict[str, int] = {}
    for section in sections:
        path = [heading for heading in section.path if heading]
        path = path[1:] if path[:1] == [title] else path
        heading_path = " > ".join([title, *path])
        budget = max(MIN_TOKENS, max_tokens - count_tokens(heading_path) - MARKS)
        texts = pack(blocks(section.lines), _within(budget, count_tokens))
        section_id = _free_id(doc_id, path, taken) if texts else ""
        for number, text in enumerate(texts, start=1):
            part_id = section_id if number == 1 else f"{section_id}~{number}"
            parts.append(Part(part_id, heading_path, text, section.line))
    return parts


def _within(budget: int, count_tokens: Callable[[str], int]) -> Fits:
    """Count only where the length alone does not decide: a long text is halved many times."""

    def fits(text: str) -> bool:
        most = most_tokens(text)
        if most > budget * _TOKEN_BYTES:
            return False
        return most <= budget or count_tokens(text) <= budget

    return fits


def _sections(lines: list[str]) -> Iterator[_Section]:
    """Yield the text below each heading with the path of headings above it."""
    section = _Section([], 1)
    fence = ""
    for number, line in enumerate(lines, start=1):
        if code := _CODE.match(line):
            fence = "" if fence == code[1] else fence or code[1]
        if fence or code:
            section.lines.append(line)
        elif heading := _HEADING.fullmatch(line):
            yield section
            title = heading[2].rstrip(" \t").rstrip("#")
            section = _Section(_path(section.path, len(heading[1]), title), number)
        elif (rule := _UNDERLINE.fullmatch(line)) and _ends_with_title(section.lines):
            title = section.lines.pop()
            yield section
            section = _Section(_path(section.path, 1 if rule[1] else 2, title), number - 1)
        else:
            section.lines.append(line)
    yield section


def _title(sections: list[_Section]) -> str:
    """Return the heading of level 1 that names the page: the only one, or one with nothing below.

    Chapters on one level each have their text: the first of them does not name the others.
    """
    tops = [at for at, section in enumerate(sections) if len(section.path) == 1 and section.path[0]]
    if not tops:
        return ""
    first = sections[tops[0]]
    is_bare = tops[0] + 1 in tops and not any(line.strip() for line in first.lines)
    names = {sections[at].path[0] for at in tops}
    return first.path[0] if is_bare or len(names) == 1 else ""


def _path(above: list[str], level: int, title: str) -> list[str]:
    return [*(above + [""] * level)[: level - 1], _plain(title)]


def _ends_with_title(lines: list[str]) -> bool:
    """Say whether the last line is a paragraph of its own."""
    is_alone = len(lines) < 2 or not lines[-2].strip()
    return bool(lines) and is_alone and not _NO_TITLE.match(lines[-1])


def _plain(heading: str) -> str:
    """Return a heading without emphasis, link targets and {#anchor .class}."""
    return _MARKUP.sub(lambda mark: mark[1] or "", heading).strip()


def _free_id(doc_id: str, path: list[str], taken: dict[str, int]) -> str:
    """Return an unused section id like `refund`, `refund#到账时间` or `refund#到账时间.2`.

    `taken` keeps the ids in use, each with the number of its last twin.
    """
    slug = "/".join(re.sub(r"[^\w.]+", "-", heading.lower()).strip("-") for heading in path)
    section_id = f"{doc_id}#{slug[:100]}" if slug else doc_id
    free, twin = section_id, taken.get(section_id, 1)
    while free in taken:  # two sections with the same heading
        twin += 1
        free = f"{section_id}.{twin}"
    taken[section_id] = twin
    taken.setdefault(free, 1)
    return free
