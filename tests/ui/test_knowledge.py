"""What the knowledge page makes of its form and of what it shows."""

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import gradio as gr
import pytest

from graph.app import Kefu
from tests.fakes.kefu import small_kefu
from tests.fakes.search import MemorySearch
from tools.errors import BadEntry
from tools.ingest.duplicates import Duplicate
from tools.ingest.editions import as_stored
from tools.ingest.editor import Editor
from tools.ingest.edits import Edit
from tools.ingest.read import RENAME
from tools.ingest.report import Report
from tools.search.types import Entry, Filters, SearchResult
from ui.knowledge_compare import side_by_side
from ui.knowledge_events import KnowledgeEvents, form_entry, form_texts, refusal
from ui.knowledge_page import lay_out
from ui.knowledge_report import reason, report
from ui.knowledge_views import badges, differences, edition, history, versions
from ui.words.knowledge import knowledge_words

W = knowledge_words("en")
REFUND = Entry(
    id="refund", question="退款多久？", answer="三天。", kind="faq", similar_questions=["a"]
)


def edit(before: Entry | None, after: Entry | None) -> Edit:
    return Edit(
        at="2026-11-22T02:00:00+00:00",
        by="anna",
        tenant="default",
        id="refund",
        action="edit",
        entry=after,
        before=before,
        file="",
    )


def changed(**fields: object) -> Entry:
    return Entry(**{**REFUND, **fields})  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("memory", "asked", "locale"),
    [("", "en-US", "en"), ("", "zh-CN", "zh"), ("", "fr", "en"), ("zh", "en-US", "zh")],
)
async def test_the_page_speaks_the_language_of_the_last_visit_the_browser_or_the_settings(
    tmp_path: Path, memory: str, asked: str, locale: str
) -> None:
    request = SimpleNamespace(headers={"accept-language": asked}, username="anna")
    with gr.Blocks():
        page = lay_out("zh", [0.0, 0.75], 0.75)

    async with small_kefu(tmp_path, locale="en") as kefu:
        events = KnowledgeEvents(kefu, cast(Editor, None), page)
        shown = await events.visit(memory, cast(gr.Request, request))

    assert shown[page.language] == locale


def test_a_form_that_was_not_touched_is_the_entry_as_it_was() -> None:
    entry = changed(audience="public", weight_of_later_versions=3)

    assert form_entry(form_texts(entry), entry) == entry


def test_a_form_changes_what_was_typed() -> None:
    typed = form_texts(REFUND) | {"similar_questions": "b\n\n c ", "audience": "internal"}

    assert form_entry(typed, REFUND) == changed(similar_questions=["b", "c"], audience="internal")


def test_a_field_that_can_not_be_used_is_named_with_what_it_should_be() -> None:
    bad = BadEntry("refund", "effective_to: expected a date like 2026-11-22, got 'x'")

    assert "Valid until" in refusal(W, bad)
    assert "a date like 2026-11-22" in refusal(W, bad)


def test_an_edition_that_can_not_be_one_is_refused_with_what_to_do() -> None:
    bad = BadEntry("refund", "version: expected one above '2', which begins no later")

    assert "a higher version" in refusal(W, bad)


def test_a_difference_shows_the_part_that_changed() -> None:
    long = "很长的开头" * 30
    shown = differences(W, edit(changed(answer=f"{long}三天。"), changed(answer=f"{long}一天。")))

    assert "三天" in shown
    assert "一天" in shown
    assert long not in shown


def test_every_text_an_entry_has_had_can_be_taken_up_again() -> None:
    latest_first = [edit(changed(answer="2"), None), edit(changed(answer="1"), changed(answer="2"))]

    texts = [entry["answer"] for _, entry in versions(W, latest_first, None)]

    assert texts == ["1", "2"]
    shown = history(W, latest_first, None)
    assert [f'data-version="{number}"' in shown for number in range(3)] == [True, True, False]


def test_an_entry_out_of_its_dates_is_marked() -> None:
    assert badges(changed(effective_to="2026-11-21"), "2026-11-22") == ["ended"]
    assert badges(changed(effective_to="2026-11-22"), "2026-11-22") == []
    assert badges(changed(effective_from="2026-11-23"), "2026-11-22") == ["later"]


def editions(*entries: Entry) -> dict[str, Entry]:
    """Return entries as the index holds them, by version."""
    return {entry["version"]: entry for entry in as_stored(entries).stored.values()}


def test_an_edition_says_what_takes_its_place_and_when() -> None:
    held = editions(changed(version="1"), changed(version="2", effective_from="2026-11-23"))

    assert "Edition 1 of 1, 2; 2 takes its place on 2026-11-23" in edition(
        W, held["1"], "2026-11-22"
    )
    assert "Edition 2 of 1, 2; begins on 2026-11-23" in edition(W, held["2"], "2026-11-22")
    assert "Edition 2 of 1, 2<" in edition(W, held["2"], "2026-11-23")
    assert edition(W, changed(version="1"), "2026-11-22") == ""


def test_a_superseded_edition_is_told_from_a_retired_one() -> None:
    later = changed(version="2", effective_from="2026-11-23")
    held = editions(changed(version="1"), later)["1"]
    retired = editions(changed(version="1", effective_to="2026-11-01"), later)["1"]

    assert badges(held, "2026-11-22") == []
    assert badges(held, "2026-11-23") == ["superseded"]
    assert badges(retired, "2026-11-23") == ["ended"]
    assert edition(W, retired, "2026-11-23").endswith("Edition 1 of 1, 2</p>")


def test_the_history_says_which_edition_a_change_is_of() -> None:
    shown = history(W, [edit(changed(version="8"), None), edit(None, changed(version="7"))], None)

    assert shown.index("Version 8") < shown.index("Version 7")
    assert "Version" not in history(W, [edit(None, REFUND)], None)


async def test_side_by_side_marks_what_moved_and_what_is_missing() -> None:
    names = ("a", "b", "c")
    search = MemorySearch([Entry(id=name, question=f"{name}<i>", answer="x") for name in names])
    every = await search.search("abc", None, k=3, filters=Filters())
    a, b, c = sorted(every.passages, key=lambda passage: passage["id"])
    legs = every.legs

    shown = side_by_side(W, ("L", "R"), SearchResult([a, b], legs), SearchResult([c, a], legs))

    assert "▼1" in shown
    assert shown.count("kefu-new") == 1
    assert shown.count("kefu-gone") == 1
    assert "<i>" not in shown.replace("&lt;i&gt;", "")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("the file is empty", "文件是空的"),
        ("expected a DOCX file, got a file of the old kind or with a password; "
         "save it as DOCX without a password",
         "不是能读的 DOCX 文件（旧格式或有密码），请另存为不带密码的 DOCX"),
        ("unpacks to 300 MB from 0.3 MB; expected at most 256 MB", "解压后有 300 MB，"),
        ("the header lacks answer; it has id, question", "表头缺少 answer；现有 id, question"),
        (f"id: 'a' in version '2' was already used at b.csv:3; {RENAME}",
         "编号 a 的版本 2 已在 b.csv:3 用过；请"),
        (f"id: 'a' was already used at b.csv:3; {RENAME}", "编号 a 已在 b.csv:3 用过；请"),
        ("id: 'a@1' is what an older edition of 'a' is stored under; choose another",
         "编号 a@1 已留给 a 的旧版本，请换一个"),
        ("question: empty", "标准问题是空的"),
        ("answer: expected at most 20,000 characters, got 20,001",
         "答案最多 20,000 字，现有 20,001 字"),
        ("what no table knows {0}", "what no table knows {0}"),
    ],
)  # fmt: skip
def test_a_refusal_is_said_in_the_language_of_the_page(said: str, shown: str) -> None:
    bad = BadEntry("a.csv:1", said)

    assert reason("zh", bad).startswith(shown)
    assert reason("en", bad) == said


class Uploads:
    """An editor who takes in every file and notes which."""

    def __init__(self) -> None:
        self.read: list[str] = []

    async def upload(self, path: Path, *, by: str) -> Report:
        self.read.append(path.name)
        return Report(added=1)


async def test_of_several_files_with_one_name_none_takes_the_place_of_another(
    tmp_path: Path,
) -> None:
    paths = [tmp_path / at for at in ("1/faq.md", "2/faq.md", "3/other.md")]
    for path in paths:
        path.parent.mkdir()
        path.write_text("text")
    uploads = Uploads()
    with gr.Blocks():
        page = lay_out("zh", [0.0, 0.75], 0.75)

    filled = cast(Kefu, SimpleNamespace(report=Report()))
    events = KnowledgeEvents(filled, cast(Editor, uploads), page)
    given = [str(path) for path in [*paths, paths[2]]]  # the last as Gradio keeps two alike
    anna = cast(gr.Request, SimpleNamespace(username="anna"))

    shown = (await events.upload(given, "zh", anna))[page.report]

    assert uploads.read == ["other.md"]
    assert "<td>faq.md</td><td>这次上传里有几个同名的文件" in shown
    assert "<td>other.md</td><td>1</td>" in shown
    assert not any(path.exists() for path in paths)


def test_an_upload_says_which_editions_do_not_count() -> None:
    done = Report(superseded={"a.csv:2": "3"}, outranked={"a.csv:4": "5"})

    shown = report("zh", {"a.csv": done})

    assert "<td>a.csv:2</td><td>没有收下：版本 3" in shown
    assert "<td>a.csv:4</td><td>知识库里还有更高的版本 5" in shown


def test_an_upload_names_what_to_check_without_showing_it() -> None:
    done = Report(
        personal={"a.csv:2": ["phone"]},
        duplicates=[Duplicate("a.csv:1", "a.csv:3", 1.0)],
        near_duplicates=[Duplicate("a.csv:1", "<b>.csv:4", 0.9)],
    )

    shown = report("zh", {"a.csv": done})

    assert "<td>a.csv:2</td><td>内容里像有个人信息" in shown
    assert "<td>a.csv:3</td><td>与 a.csv:1 完全相同" in shown
    assert "<td>&lt;b&gt;.csv:4</td><td>与 a.csv:1 几乎相同" in shown


def test_an_upload_says_what_it_left_out_in_the_language_of_the_page() -> None:
    done = Report(notes={"a.xlsx:价目": ["hidden rows 3, 4: not read; unhide what may be known"]})

    assert "<td>a.xlsx:价目</td><td>隐藏的第 3, 4 行没有读" in report("zh", {"a.xlsx": done})
