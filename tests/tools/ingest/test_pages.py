"""Pages of web shops and Word documents as they are edited: what readers see is what is kept."""

import io
from pathlib import Path
from zipfile import ZipFile

import pytest
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml
from docx.text.paragraph import Paragraph

from tools.errors import BadEntry
from tools.ingest.convert.tags import MAX_DEPTH
from tools.ingest.documents import to_markdown
from tools.ingest.read import Reader

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
REST = "<p>商品签收后七天内可以退货，运费由商家承担，退款一到三个工作日到账。</p>"


def html(body: str) -> str:
    return to_markdown(f"<body>{body}{REST}</body>".encode(), "a.html").removesuffix(REST[3:-4])


@pytest.mark.parametrize(
    "chrome",
    [
        "<div class=cookieBanner><p>我们使用 Cookie。</p></div>",
        "<div id=gdpr-popup><p>继续使用即表示同意。</p></div>",
        "<div class=recommend-list><h3>猜你喜欢</h3></div>",
        "<span class=sr-only>跳到正文</span>",
        "<button>立即抢购</button>",
        "<del>运费 20 元</del><s>三十天</s>",
        "<h4><span></span></h4>",
    ],
)
def test_what_surrounds_or_is_crossed_out_is_no_content(chrome: str) -> None:
    assert html(chrome).strip() == ""


def test_a_shop_header_keeps_its_name_without_its_links() -> None:
    links = "".join(f"<a href=/{n}>入口{n}</a>" for n in range(3))

    assert html(f"<header><h1>云想</h1><div>{links}</div></header>").strip() == "# 云想"


@pytest.mark.parametrize(
    "title",
    [
        "<button data-bs-toggle=collapse>取消订单的办法</button>",
        "<button>怎么取消订单？</button>",
        "<h3><button>取消订单</button></h3>",
    ],
)
def test_the_title_of_a_folded_text_stays_with_it(title: str) -> None:
    assert "取消订单" in html(f"{title}<div>发货前可以取消。</div>")


def test_terms_and_what_they_mean_are_paragraphs() -> None:
    assert html("<dl><dt>多久到账？</dt><dd>三天。</dd></dl>").strip() == "多久到账？\n\n三天。"


def test_a_table_that_only_places_texts_leaves_the_tables_in_it_whole() -> None:
    fees = "<table><tr><th>地区</th><th>费</th></tr><tr><td>北京</td><td>9</td></tr></table>"

    said = html(f"<table><tr><td>{fees}</td><td><ul><li>大件另计</li></ul></td></tr></table>")

    assert said.strip() == "| 地区 | 费 |\n| --- | --- |\n| 北京 | 9 |\n\n- 大件另计"


def test_a_table_of_one_column_is_read_as_paragraphs() -> None:
    said = html("<table><tr><td><h2>保修</h2><p>一年。</p></td></tr><tr><td>凭票</td></tr></table>")

    assert [line for line in said.split("\n") if line] == ["## 保修", "一年。", "凭票"]


def test_a_note_tells_of_hidden_text(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"{REST}<p style='display:none'>确认收货后一天，积分自动到账。</p>")
    reader = Reader(len)

    [entry] = reader.entries([path])

    assert not isinstance(entry, BadEntry)
    assert "积分" not in entry["answer"]
    assert reader.notes == {
        str(path): ["hidden text ('确认收货后一天，积分', 1 in all): not read; "
                    "unfold it before saving the page"]
    }  # fmt: skip


def test_a_web_archive_is_named_as_one() -> None:
    content = b"From: <Saved by Blink>\nContent-Type: multipart/related;\n\n--x\n\n<p>x</p>"

    with pytest.raises(BadEntry, match="a web archive"):
        to_markdown(content, "a.html")


def tracked(paragraph: Paragraph, xml: str) -> None:
    paragraph._p.append(parse_xml(xml))


def test_a_word_document_says_what_its_reader_sees(tmp_path: Path) -> None:
    document = Document()
    document.sections[0].header.paragraphs[0].text = "内部页眉"
    paragraph = document.add_paragraph("签收后")
    tracked(paragraph, f"<w:del {WORD}><w:r><w:delText>三十</w:delText></w:r></w:del>")
    tracked(paragraph, f"<w:ins {WORD}><w:r><w:t>七</w:t></w:r></w:ins>")
    paragraph.add_run("天内可退，")
    paragraph.add_run("运费自付，").font.strike = True
    paragraph.add_run("成本五十元，").font.hidden = True
    paragraph.add_run("凭发票。").font.hidden = False
    out = io.BytesIO()
    document.save(out)
    (path := tmp_path / "a.docx").write_bytes(out.getvalue())
    reader = Reader(len)

    [entry] = reader.entries([path])

    assert not isinstance(entry, BadEntry)
    assert entry["answer"] == "签收后七天内可退，凭发票。"
    assert reader.notes == {str(path): ["hidden text: not read", "struck-out text: not read"]}


def test_chapters_of_a_word_document_stand_below_its_title_and_its_contents_are_left_out() -> None:
    document = Document()
    document.styles.add_style("toc 1", WD_STYLE_TYPE.PARAGRAPH)
    document.add_paragraph("手册", style="Title")
    document.add_paragraph("保修\t3", style="toc 1")
    for chapter in ("保修", "退款"):
        document.add_heading(chapter, level=1)
        document.add_heading("期限", level=2)
        document.add_paragraph("三天。")
    out = io.BytesIO()
    document.save(out)

    text = to_markdown(out.getvalue(), "a.docx")

    headings = [line for line in text.split("\n") if line.startswith("#")]
    assert headings == ["# 手册", "## 保修", "### 期限", "## 退款", "### 期限"]
    assert "3" not in text


def test_a_banner_is_told_by_its_role_or_name_and_the_only_heading_names_the_page() -> None:
    banner = "<div role='dialog'>用 Cookie。</div><div id='CybotCookiebotDialog'>同意？</div>"
    body = f"{banner}<p>商城 / 帮助</p><h1>退款</h1><p>{'三天。' * 20}</p>"

    text = to_markdown(f"<head><title>退款 - 商城</title></head>{body}".encode(), "a.html")

    assert text == f"商城 / 帮助\n\n# 退款\n\n{'三天。' * 20}"


def test_hidden_text_of_a_footnote_is_not_read() -> None:
    document = Document()
    paragraph = document.add_paragraph("七天内可退")
    tracked(paragraph, f'<w:r {WORD}><w:footnoteReference w:id="2"/></w:r>')
    document.save(out := io.BytesIO())
    runs = (
        "<w:r><w:t>凭发票。</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>成本五十元。</w:t></w:r>"
    )
    note = f'<w:footnote w:id="2"><w:p>{runs}</w:p></w:footnote>'
    with ZipFile(out, "a") as parts:
        parts.writestr("word/footnotes.xml", f"<w:footnotes {WORD}>{note}</w:footnotes>")

    text = to_markdown(out.getvalue(), "a.docx")

    assert "凭发票。" in text
    assert "成本" not in text


@pytest.mark.parametrize("style", ["display:none", "DISPLAY: None", "Font-Size:0"])
def test_hidden_text_is_left_out_however_its_style_is_written(style: str) -> None:
    assert html(f"<p style='{style}'>底价五十元。</p>") == ""


def test_a_page_as_deep_as_is_allowed_is_read_and_a_deeper_one_is_refused_with_the_reason() -> None:
    deep = "<div>" * (MAX_DEPTH - 1) + REST + "</div>" * (MAX_DEPTH - 1)

    assert to_markdown(deep.encode(), "a.html") == REST[3:-4]
    with pytest.raises(BadEntry, match=f"expected tags nested at most {MAX_DEPTH} deep"):
        to_markdown(f"<div>{deep}</div>".encode(), "a.html")
