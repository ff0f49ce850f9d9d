"""Records of pages: a page becomes passages, a Markdown page with a `question` one FAQ entry."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from tools.errors import BadEntry
from tools.ingest.fields import KNOWN, in_our_names, our_names
from tools.ingest.formats import ENCODINGS, Note, Record, decode
from tools.ingest.marks import is_text_for_staff
from tools.ingest.split import split_page
from tools.ingest.tags import without_tags

QUOTES = "put values with : or # into quotes"
_OPENING = re.compile(r"\s*(---|\+\+\+)[ \t]*\n")
_ABOVE = re.compile(r"\s*<!--.*?-->", re.DOTALL)  # a note or a licence above the front matter
_FIELD = re.compile(r"\s*---[ \t]*\n\s*[\w ]+[:：]")
_LIKE_FENCE = re.compile(  # one drawn otherwise, with nothing but fields in it
    r"\s*(?P<line>[-—–_=]{2,})[ \t]*\n(?P<fields>(?:\w[\w ]{0,40}[:：].*\n){1,40})"
    r"[ \t]*[-—–_=]{2,}[ \t]*(?:\n|\Z)"
)
_FENCE = re.compile(r"\s*---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_CODE = r"(?P<code>```.*?```|`[^`\n]*`)|"  # stays as it is
# No longer true; 1~~3 is a range.
_STRUCK = re.compile(_CODE + r"(?<![\d~])~~(?!~)[^~\n]+~~(?![\d~])", re.DOTALL)
# What leads into the folder; a customer sees nothing of it.
_LOCAL = re.compile(
    _CODE + r"(?P<picture>!)?\[(?P<label>[^\[\]\n]*)\]"
    r"\((?!<?(?:https?://|www\.|mailto:|tel:))[^()\n]*\)",
    re.DOTALL | re.IGNORECASE,
)
_CONTENTS = re.compile(  # lines that lead to places in the page
    r"^[ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+\[[^\[\]\n]*\]\(#[^()\n]*\)|\[\[?toc\]?\])[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_EMBEDDED = re.compile(r"data:[\w.+/-]{1,80};base64,[\w+/=%-]*")  # a picture as letters
_FOR_STAFF = (
    "the text says that it is internal, which counts in front matter of Markdown only; write it "
    "there, or audience: public if all may read it; what an earlier run stored still answers"
)
_NOTE = re.compile(r"^<!-- note: (.*) -->$", re.MULTILINE)  # of a document's reader to its editor
_PAGE = re.compile(r"<!-- page (\d+) -->")  # where a page of a PDF begins


def read_markdown(
    content: bytes, path: Path, count_tokens: Callable[[str], int]
) -> Iterator[Record | BadEntry | Note]:
    """Yield the records of one page; without an `id` in its front matter the file's stem is used.

    Front matter fields apply to every passage, and its `id` makes them passages of one document.
    Comments are left out: they are for editors. So are struck-out text, a table of contents, and
    pictures and links that lead into the folder, of which a customer can see nothing. HTML becomes
    Markdown.
    """
    try:
        text = decode(content).replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as exc:
        yield BadEntry(f"{path}:1", f"expected {ENCODINGS} ({exc.reason})")
        return
    try:
        fields, body, line = _front_matter(text)
    except yaml.MarkedYAMLError as exc:
        at = exc.problem_mark.line + 1 if exc.problem_mark else 1
        yield BadEntry(f"{path}:{at}", f"front matter: no valid YAML: {exc.problem}; {QUOTES}")
        return
    except ValueError as exc:
        yield BadEntry(f"{path}:1", f"front matter: {exc}")
        return
    body = without_tags(_EMBEDDED.sub("", _without_comments(body)))
    if struck := next((found for found in _STRUCK.finditer(body) if not found["code"]), None):
        at = line + 1 + body.count("\n", 0, struck.start())
        yield Note(f"{path}:{at}", "struck-out text: not read")
    body = _STRUCK.sub(lambda found: found["code"] or "", body)
    body = _CONTENTS.sub("", body)
    body = _LOCAL.sub(lambda link: link["code"] or ("" if link["picture"] else link["label"]), body)
    page = {"id": path.stem, "source": path.name} | {k: v for k, v in fields.items() if v != ""}
    title = page.pop("title", "")
    if "question" in page:
        yield Record(f"{path}:1", page | {"answer": body}, "" if fields.get("id") else path.stem)
        return
    if not isinstance(page["id"], str) or not isinstance(title, str):
        yield BadEntry(f"{path}:1", "front matter: expected text for id and title")
        return
    if fields.get("id"):
        page["document"] = page["id"]
    passages = split_page(body, doc_id=page["id"], title=title, count_tokens=count_tokens)
    if not passages:
        yield BadEntry(f"{path}:1", "the page has no text")
    for passage in passages:
        own = {"id": passage.id, "question": passage.title, "answer": passage.text}
        name = "" if "document" in page else path.stem
        yield Record(f"{path}:{line + passage.line}", page | {"kind": "doc"} | own, name)


def read_document(
    markdown: str, path: Path, count_tokens: Callable[[str], int]
) -> Iterator[Record | BadEntry | Note]:
    """Yield the passages of a document that became Markdown; its file's stem makes the ids."""
    pages = [
        (number, int(mark[1]))
        for number, line in enumerate(markdown.split("\n"), start=1)
        for mark in _PAGE.finditer(line)
    ]
    if is_text_for_staff(markdown):
        yield BadEntry(str(path), _FOR_STAFF)
        return
    fields = {"kind": "doc", "source": path.name}
    passages = split_page(
        _without_comments(markdown), doc_id=path.stem, title="", count_tokens=count_tokens
    )
    yield from (Note(str(path), text) for text in _NOTE.findall(markdown))
    if not passages:
        yield BadEntry(str(path), "the document has no text")
    for passage in passages:
        page = max((page for line, page in pages if line <= passage.line), default=0)
        place = f"{path} page {page}" if page else f"{path}: {passage.title}"
        own = {"id": passage.id, "question": passage.title, "answer": passage.text}
        yield Record(place, fields | own, path.stem)


def _without_comments(body: str) -> str:
    """Return the body with comments gone and all lines in their place.

    Behind the last end of one nothing is looked for: each beginning would be read to the end.
    """
    last = body.rfind("-->") + len("-->")
    within, behind = body[:last], body[last:]
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), within) + behind


def _front_matter(text: str) -> tuple[dict[str, Any], str, int]:
    """Return fields, body and how many lines stand before the body.

    Raises:
        ValueError: see _parted; or if the body says what only front matter can.
        yaml.MarkedYAMLError: see _parted.
    """
    fields, body, line = _parted(text)
    seen = without_tags(_without_comments(body))
    if not fields.get("audience") and (is_text_for_staff(body) or is_text_for_staff(seen)):
        raise ValueError(_FOR_STAFF)
    return fields, body, line


def _check_fence(text: str, start: int) -> None:
    """Do nothing if no fields stand between other lines than ours: they would count as text.

    Raises:
        ValueError: if some do.
    """
    if like := _LIKE_FENCE.match(text, start):
        names = our_names(re.split("[:：]", line)[0] for line in like["fields"].split("\n"))
        if KNOWN & {*names}:
            raise ValueError(f"expected a line --- above and below it, got {like['line']}")


def _parted(text: str) -> tuple[dict[str, Any], str, int]:
    """Return fields, body and how many lines stand before the body.

    Raises:
        ValueError: if the front matter has no end, is no YAML mapping, or names a field twice.
        yaml.MarkedYAMLError: if it is no YAML; its line is that of the page, from 0.
    """
    start = 0
    while above := _ABOVE.match(text, start):
        start = above.end()
    if start and not _FIELD.match(text, start):  # a line drawn below a comment
        start = 0
    if not (opening := _OPENING.match(text, start)):
        _check_fence(text, start)
        return {}, text, 0
    if opening[1] == "+++":
        raise ValueError("expected YAML between lines ---, got TOML between lines +++")
    block = _FENCE.match(text, start)
    if block is None:
        raise ValueError("expected a closing line ---")
    try:  # BaseLoader makes texts of all values: no surprise from dates, numbers or yes/no
        fields = yaml.load(block[1] or "", Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as exc:
        if exc.problem_mark:
            exc.problem_mark.line += text.count("\n", 0, block.start(1))
        raise
    except (yaml.YAMLError, OverflowError, RecursionError) as exc:  # "\UFFFFFFFF", many "["
        raise ValueError(f"no valid YAML: {' '.join(str(exc).split())[:200]}") from exc
    if fields is not None and not isinstance(fields, dict):
        raise ValueError(f"expected `name: value` lines, got {type(fields).__name__}")
    body = text[block.end() :]
    named = in_our_names({str(k): v for k, v in (fields or {}).items()})
    return named, body, text.count("\n", 0, block.end())
