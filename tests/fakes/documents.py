"""Office documents as offices make them, and some that nobody should open."""

import io
import zipfile
from collections.abc import Sequence

from docx import Document
from openpyxl import Workbook

Text = tuple[float, float, float, str]  # left, bottom, letter size in points, what is printed


def pdf(*pages: Sequence[Text] | None, password: bool = False) -> bytes:
    """Return a PDF with a text layer in a Chinese font that is not embedded; None is a picture."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H "
        "/DescendantFonts [<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 0 >> /DW 1000 "
        "/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 4 "
        "/FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 "
        "/CapHeight 880 /StemV 93 >> >>] >>",
    ]
    for number, texts in enumerate(pages):
        drawn = "\n".join(
            f"BT /F1 {size} Tf 1 0 0 1 {left} {bottom} Tm <{text.encode('utf-16-be').hex()}> Tj ET"
            for left, bottom, size, text in texts or ()
        )
        drawn = "60 60 400 600 re f" if texts is None else drawn
        objects += [
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font "
            f"<< /F1 3 0 R >> >> /Contents {5 + 2 * number} 0 R >>",
            f"<< /Length {len(drawn)} >>\nstream\n{drawn}\nendstream",
        ]
    out, offsets = "%PDF-1.4\n", []
    for number, text in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{text}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    lock = (
        f" /Encrypt << /Filter /Standard /V 1 /R 2 /O <{'41' * 32}> /U <{'42' * 32}> /P -44 >>"
        f" /ID [<{'43' * 16}> <{'43' * 16}>]"
    )
    size = len(objects) + 1
    return (
        f"{out}xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {size} /Root 1 0 R{lock if password else ''} >>\nstartxref\n{len(out)}\n%%EOF\n"
    ).encode()


def lines(*texts: str, top: float = 780, size: float = 12, left: float = 60) -> list[Text]:
    """Return one text a line, from the top of a page."""
    return [(left, top - 1.5 * size * n, size, text) for n, text in enumerate(texts)]


def docx() -> bytes:
    """Return a Word document with headings, lists, a table and a picture's place."""
    document = Document()
    document.add_heading("保修条款", level=1)
    document.add_heading("保修期", level=2)
    document.add_paragraph("整机保修一年，“主要部件”三年。")
    document.add_paragraph("人为损坏除外", style="List Bullet")
    document.add_paragraph("需要发票", style="List Bullet")
    document.add_heading("部件", level=2)
    cells = [("部件", "年限"), ("电机", "10 年"), ("滤网", "不保")]
    table = document.add_table(rows=3, cols=2)
    for row, texts in zip(table.rows, cells, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def xlsx(**sheets: Sequence[Sequence[object]]) -> bytes:
    """Return a workbook with these sheets; one whose name starts with `hidden` is hidden."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name.startswith("hidden"):
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def bomb(content: bytes, part: str, *, megabytes: int) -> bytes:
    """Return an Office file whose `part` unpacks to so many megabytes of the same character."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        with new.open(part, "w", force_zip64=True) as file:
            for _ in range(megabytes):
                file.write(b" " * (1 << 20))
    return out.getvalue()
