"""Word documents to Markdown, by way of HTML."""

import io
import zipfile
from xml.etree import ElementTree

import mammoth
from bs4 import BeautifulSoup

from tools.ingest.convert.limits import Unreadable, note
from tools.ingest.convert.tags import markdown

_HEADINGS = "\n".join(
    [f"p[style-name='标题 {n}'] => h{n}:fresh" for n in range(1, 7)]
    + [f"p[style-name='{name}'] => h1.title:fresh" for name in ("Title", "标题")]
    + [f"p[style-name^='{name}'] => !" for name in ("toc ", "TOC ")]  # page numbers of headings
)
_PARTS = {f"word/{name}.xml" for name in ("document", "footnotes", "endnotes")}
_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def convert(content: bytes) -> str:
    """Return headings, paragraphs, lists and tables.

    Pictures, comments, margins, hidden, struck-out and deleted text are left out.

    Raises:
        Unreadable: if the document has no text.
    """
    seen = _without_hidden(content)
    html = mammoth.convert_to_html(
        io.BytesIO(seen),
        style_map=_HEADINGS,
        convert_image=lambda image: [],
        external_file_access=False,
    ).value
    page = BeautifulSoup(html, "html.parser")
    is_struck = page.find("s") is not None
    if page.select_one("h1.title"):  # the headings of its chapters are of level 1, too
        for heading in page.select("h1:not(.title), h2, h3, h4, h5"):
            heading.name = f"h{int(heading.name[1]) + 1}"
    text = markdown(page)
    if not text:
        raise Unreadable("the document has no text; pictures are not read")
    left_out = ["hidden text"] * (seen is not content) + ["struck-out text"] * is_struck
    return text + "".join(note(f"{what}: not read") for what in left_out)


def _without_hidden(content: bytes) -> bytes:
    """Return the document without its hidden text, the very same if it has none."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        parts = {name: old.read(name) for name in _PARTS.intersection(old.namelist())}
        seen = {name: part for name in parts if (part := _seen(parts[name]))}
        if not seen:
            return content
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
            for name in dict.fromkeys(old.namelist()):
                new.writestr(name, seen.get(name) or old.read(name))
    return out.getvalue()


def _seen(part: bytes) -> bytes:
    """Return a part without its hidden text, nothing if it has none."""
    if b"<w:vanish" not in part:
        return b""
    body = ElementTree.fromstring(part)
    hidden = {run for run in body.iter(f"{_WORD}r") if _is_hidden(run)}
    for parent in list(body.iter()):
        for run in hidden.intersection(parent):
            parent.remove(run)
    return ElementTree.tostring(body) if hidden else b""


def _is_hidden(run: ElementTree.Element) -> bool:
    mark = run.find(f"{_WORD}rPr/{_WORD}vanish")
    return mark is not None and mark.get(f"{_WORD}val") not in ("0", "false", "off")
