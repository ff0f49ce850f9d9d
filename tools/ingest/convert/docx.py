"""Word documents to Markdown, by way of HTML."""

import io

import mammoth
from bs4 import BeautifulSoup

from tools.ingest.convert.html import markdown
from tools.ingest.convert.limits import Unreadable

_HEADINGS = "\n".join(
    [f"p[style-name='标题 {n}'] => h{n}:fresh" for n in range(1, 7)]
    + ["p[style-name='Title'] => h1:fresh", "p[style-name='标题'] => h1:fresh"]
)


def convert(content: bytes) -> str:
    """Return headings, paragraphs, lists and tables; pictures, comments and margins are left out.

    Raises:
        Unreadable: if the document has no text.
    """
    html = mammoth.convert_to_html(
        io.BytesIO(content),
        style_map=_HEADINGS,
        convert_image=lambda image: [],
        external_file_access=False,
    ).value
    text = markdown(BeautifulSoup(html, "html.parser"))
    if not text:
        raise Unreadable("the document has no text; pictures are not read")
    return text
