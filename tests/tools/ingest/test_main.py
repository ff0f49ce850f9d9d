"""`python -m tools.ingest` as an operator meets it."""

import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from elasticsearch import Elasticsearch

from graph.settings import ROOT
from tests.fakes.documents import lines, pdf
from tests.fakes.elastic import NO_SERVER, new_index, server_url
from tools.ingest.__main__ import main

LINE = '{"id": "q1", "question": "怎么退款？", "answer": "在订单页。", "owner": "李"}\n'


@pytest.fixture(autouse=True)
def words_only_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEFU_VAR", str(tmp_path / "var"))
    monkeypatch.setenv("KEFU_EMBED__KIND", "none")


@pytest.fixture
def kb(tmp_path: Path) -> Path:
    path = tmp_path / "kb.jsonl"
    path.write_text(LINE, encoding="utf-8")
    return path


def test_a_clean_run_exits_0_and_says_what_was_added(
    kb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(kb)]) == 0

    out = capsys.readouterr().out
    assert "added" in out
    assert f"ignored unknown field 'owner', first at {kb}:1" in out


def test_the_json_report_is_one_object(kb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main([str(kb), "--json"])
    capsys.readouterr()

    assert main([str(kb), "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert (report["added"], report["unchanged"], report["rejected"]) == (0, 1, [])


def test_rejected_entries_exit_1_and_are_listed(
    kb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kb.write_text(LINE + '{"id": "q2"}\n', encoding="utf-8")

    assert main([str(kb)]) == 1

    assert f"rejected {kb}:2: question: missing" in capsys.readouterr().out


def test_a_missing_path_exits_2_with_a_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path / "[nothing]")]) == 2

    assert "[nothing]: no such file or folder" in capsys.readouterr().err


def test_a_wrong_setting_exits_2_with_its_name(
    kb: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEFU_EMBED__KIND", "word2vec")

    assert main([str(kb)]) == 2

    assert "KEFU_EMBED__KIND" in capsys.readouterr().err


def test_a_missing_model_exits_2_before_any_work(
    kb: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEFU_EMBED__KIND", "http")

    assert main([str(kb)]) == 2

    assert "KEFU_EMBED__BASE_URL" in capsys.readouterr().err


def test_a_server_that_is_down_exits_2_and_says_how_to_go_on(
    kb: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEFU_EMBED__KIND", "http")
    monkeypatch.setenv("KEFU_EMBED__BASE_URL", "http://127.0.0.1:9/v1")

    assert main([str(kb)]) == 2

    assert "the same command goes on from there" in capsys.readouterr().err


def test_vectors_are_kept_where_the_setting_says(
    kb: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEFU_EMBED__KIND", "http")
    monkeypatch.setenv("KEFU_EMBED__BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("KEFU_VECTORS", str(tmp_path / "elsewhere.db"))

    main([str(kb)])

    assert (tmp_path / "elsewhere.db").exists()
    assert not (tmp_path / "var" / "vectors.db").exists()


def test_pruning_removes_what_left_the_files(
    kb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(kb)])
    other = tmp_path / "other.jsonl"
    other.write_text(LINE.replace("q1", "q2"), encoding="utf-8")
    capsys.readouterr()

    assert main([str(other), "--prune", "--json"]) == 0

    report = json.loads(capsys.readouterr().out)
    assert (report["added"], report["removed"]) == (1, 1)


def test_rebuilding_without_a_path_reads_no_files(
    kb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main([str(kb)])
    kb.unlink()
    capsys.readouterr()

    assert main(["--rebuild", "--json"]) == 0

    assert json.loads(capsys.readouterr().out)["rejected"] == []


def test_help_names_the_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    assert "Exit code" in capsys.readouterr().out


@pytest.mark.parametrize("flags", [["--rollback"], ["--rebuild", "--golden", "GOLDEN"]])
def test_an_engine_with_one_index_says_that_it_can_not_go_back(
    kb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    main([str(kb)])
    (tmp_path / "golden.jsonl").write_text('{"query": "退款", "relevant_ids": ["q1"]}')

    assert main([f.replace("GOLDEN", str(tmp_path / "golden.jsonl")) for f in flags]) == 2

    assert "only Elasticsearch keeps two indexes" in capsys.readouterr().err


def test_golden_queries_go_with_a_rebuild(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--golden", "golden.jsonl"])

    assert "--golden goes with --rebuild" in capsys.readouterr().err


@pytest.mark.skipif(not server_url(), reason=NO_SERVER)
def test_a_new_index_is_compared_served_and_taken_back(
    kb: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    index = new_index()
    monkeypatch.setenv("KEFU_SEARCH__URL", server_url())
    monkeypatch.setenv("KEFU_SEARCH__INDEX", index)
    golden = tmp_path / "golden.jsonl"
    golden.write_text('{"query": "怎么退款", "relevant_ids": ["q1"]}', encoding="utf-8")
    try:
        main([str(kb)])
        assert main(["--rebuild", "--golden", str(golden)]) == 0
        assert "1 golden queries" in capsys.readouterr().err
        assert main(["--rollback"]) == 0
        with Elasticsearch(server_url()) as raw:
            assert list(raw.indices.get_alias(name=index).body) == [f"{index}-000001"]
    finally:
        with Elasticsearch(server_url()) as raw:
            for name in raw.indices.get(index=f"{index}-*").body:
                raw.indices.delete(index=name)


def test_the_report_names_files_copies_and_personal_data_without_their_values(
    kb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "kb2.jsonl"
    other = '{"id": "q3", "question": "找谁？", "answer": "打店长手机 13812345678。"}\n'
    copy.write_text(LINE.replace("q1", "q2") + other, encoding="utf-8")
    (tmp_path / "locked.pdf").write_bytes(pdf(lines("x"), password=True))

    main([str(tmp_path), "--json"])

    out = capsys.readouterr().out
    report = json.loads(out)
    nothing = {"added": 0, "changed": 0, "unchanged": 0, "rejected": 0, "duplicates": 0}
    assert report["files"] == {
        str(kb): nothing | {"entries": 1, "added": 1},
        str(copy): nothing | {"entries": 2, "added": 1, "duplicates": 1},
        str(tmp_path / "locked.pdf"): nothing | {"entries": 0, "rejected": 1},
    }
    assert report["duplicates"] == [{"first": f"{kb}:1", "second": f"{copy}:1", "similarity": 1.0}]
    assert report["personal"] == {f"{copy}:2": ["phone"]}
    assert "13812345678" not in out


def test_the_table_has_a_row_for_each_file(
    kb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "[documents]"
    folder.mkdir()
    (folder / "[b].pdf").write_bytes(pdf(lines("退货七天内。")))
    kb.rename(folder / "kb.jsonl")

    assert main([str(folder)]) == 0

    out = capsys.readouterr().out.splitlines()
    assert [line for line in out if str(folder) in line] == [line for line in out if "[doc" in line]
    assert any(line.startswith("│ kb.jsonl ") for line in out)
    assert any(line.startswith("│ [b].pdf ") for line in out)


def test_watching_follows_a_file_until_it_is_stopped(kb: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "tools.ingest", str(kb), "--watch"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # noqa: TID251 the index of this test is in it
        stderr=subprocess.PIPE,
        text=True,
    ) as watching:
        assert watching.stderr is not None
        first = watching.stderr.readline()
        kb.write_text(LINE.replace("在订单页", "找客服"), encoding="utf-8")
        second = watching.stderr.readline()
        watching.send_signal(signal.SIGINT)
        rest = watching.stderr.read()

    assert first.rstrip().endswith(f"{kb}: 1 added")
    assert second.rstrip().endswith(f"{kb}: 1 changed")
    assert (rest, watching.returncode) == ("Stopped watching.\n", 0)


def test_watching_and_a_json_report_exclude_each_other(
    kb: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([str(kb), "--watch", "--json"])

    assert "--watch goes with" in capsys.readouterr().err


def test_names_that_are_no_text_are_reported_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kb = tmp_path / "kb"
    kb.mkdir()
    (kb / os.fsdecode("退款.md".encode("gbk"))).write_text("三天。")
    (kb / ":sos:.md").write_text("七天。")
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "stdout", out)

    assert main([str(kb), "--json"]) == 1

    out.seek(0)
    assert list(json.loads(out.read())["files"]) == [str(path) for path in sorted(kb.iterdir())]
