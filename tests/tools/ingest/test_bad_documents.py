"""Documents nobody should open: each is refused with file and reason, and the rest goes on."""

import io
import os
import resource
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.documents import bomb, docx, lines, pdf, xlsx
from tests.fakes.search import MemorySearch
from tools.errors import BadEntry
from tools.ingest import documents
from tools.ingest.documents import MAX_FILE_BYTES, to_markdown
from tools.ingest.index import ingest

GOOD_PDF = pdf(lines("退货七天内。"))
SHEET = xlsx(a=[["b", "c"], ["d", "e"]])
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)  # also with a password


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, content in members.items():
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("locked.pdf", pdf(lines("x"), password=True), "needs a password"),
        ("cut.pdf", GOOD_PDF[:200], "damaged"),
        ("scan.pdf", pdf([]), "only pictures perhaps"),
        ("page.pdf", b"<html>x</html>", "expected a PDF, got something else"),
        ("locked.docx", OLD_OFFICE, "of the old kind or with a password"),
        ("cut.docx", docx()[:3000], "damaged or was cut off"),
        ("sheet.docx", SHEET, "expected a DOCX file, got another kind of ZIP file"),
        ("broken.xlsx", archive(**{"xl/workbook.xml": b"<workbook"}), "damaged"),
        ("bomb.docx", bomb(docx(), "word/document.xml", megabytes=300), "unpacks to 300 MB"),
        ("bomb.xlsx", bomb(SHEET, "xl/worksheets/sheet1.xml", megabytes=30), "unpacks to 30 MB"),
        ("empty.xlsx", xlsx(a=[]), "no text"),
        ("empty.docx", b"", "the file is empty"),
        ("blank.txt", b" \n", "the file is empty"),
        ("latin.txt", "Rückgabe für Käufer größer".encode("latin-1") * 9, "UTF-16 or GB18030"),
        ("taiwan.txt", "退貨需要於七天內辦理並附上發票".encode("big5"), "UTF-16 or GB18030"),
        ("zeros.txt", b"x\0\0\0", "expected text, got binary data"),
        ("scripts.html", b"<html><script>document.write('x')</script></html>", "no text"),
        ("picture.html", b"\x89PNG\r\n", "expected text, got a picture"),
        ("old.doc", OLD_OFFICE, "expected one of .pdf"),
    ],
)
def test_a_bad_document_is_refused_with_its_name_and_reason(
    name: str, content: bytes, said: str
) -> None:
    with pytest.raises(BadEntry) as caught:
        to_markdown(content, name)

    assert caught.value.place == name
    assert said in caught.value.reason


def test_a_sheet_that_spans_the_whole_grid_is_refused() -> None:
    rows: list[list[object]] = [["a", "b"]]
    content = xlsx(a=rows)
    part = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        members = {name: old.read(name) for name in old.namelist()}
    members[part] = members[part].replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    )

    with pytest.raises(BadEntry, match="spans 1,048,576 rows"):
        to_markdown(archive(**members), "a.xlsx")


def test_an_archive_that_lies_about_its_size_is_refused() -> None:
    content = bomb(docx(), "word/document.xml", megabytes=64)
    real, claimed = (64 << 20).to_bytes(4, "little"), (1000).to_bytes(4, "little")

    with pytest.raises(BadEntry, match=r"damaged|unpacks"):
        to_markdown(content.replace(real, claimed), "liar.docx")


def test_markup_nested_beyond_reason_is_refused() -> None:
    content = b"<div>" * 20_000 + "退货".encode()

    with pytest.raises(BadEntry, match="nested at most 300 deep"):
        to_markdown(content, "deep.html")


def test_a_reader_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "TIME_LIMIT_S", 0.001)

    with pytest.raises(BadEntry, match="not read within"):
        to_markdown(GOOD_PDF, "slow.pdf")


def test_a_reader_sees_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[dict[str, str]] = []
    real = subprocess.run

    def watched(*args: object, env: dict[str, str], **more: object) -> object:
        seen.append(env)
        return real(*args, env=env, **more)  # type: ignore[call-overload] # passed on as it came

    monkeypatch.setenv("KEFU_LLM__API_KEY", "secret")
    monkeypatch.setattr(subprocess, "run", watched)

    to_markdown(GOOD_PDF, "a.pdf")

    assert "secret" not in str(seen)
    assert len(seen) == 1


def test_a_reader_that_needs_too_much_memory_is_ended() -> None:
    with pytest.raises(BadEntry, match="needs more than 1024 MB of memory"):
        to_markdown(b"ab\n" * 22_000_000, "large.txt")  # a line costs 60 bytes


async def test_bad_files_do_not_stop_the_good_ones_and_memory_stays_bounded(
    tmp_path: Path,
) -> None:
    write: dict[str, Callable[[Path], object]] = {
        "huge.pdf": lambda path: os.truncate(_touched(path), 100 << 20),
        "huge.jsonl": lambda path: os.truncate(_touched(path), MAX_FILE_BYTES + 1),
        "bomb.docx": lambda path: path.write_bytes(
            bomb(docx(), "word/document.xml", megabytes=300)
        ),
        "locked.pdf": lambda path: path.write_bytes(pdf(lines("x"), password=True)),
        "faq.csv": lambda path: path.write_text("id,question\nq1,怎么退？\n", encoding="utf-8"),
        "good.pdf": lambda path: path.write_bytes(GOOD_PDF),
    }
    for name, make in write.items():
        make(tmp_path / name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    report = await ingest([tmp_path], MemorySearch(), tenant="default", count_tokens=len)

    grown_mb = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    reasons = {bad.place: bad.reason.split(";")[0] for bad in report.rejected}
    assert reasons.pop(str(tmp_path / "bomb.docx")).startswith("unpacks to 300 MB")
    assert reasons == {
        f"{tmp_path / 'faq.csv'}:1": "the header lacks answer",
        str(tmp_path / "huge.jsonl"): "expected at most 64 MB",
        str(tmp_path / "huge.pdf"): "expected at most 64 MB",
        str(tmp_path / "locked.pdf"): "it needs a password",
    }
    assert report.files[str(tmp_path / "good.pdf")].added == 1
    assert grown_mb < 300


def _touched(path: Path) -> Path:
    path.touch()
    return path
