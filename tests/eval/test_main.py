"""`python -m eval` as an engineer meets it."""

import json
import sys
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.meters import Meter
from tests.eval.knowledge import Write

LINE = '{"qid": "q1", "query": "退款多久到账", "relevant_ids": ["refund"], "label": "answerable"}'


@pytest.mark.parametrize("command", ["retrieval", "routing"])
def test_writes_the_result_as_json(command: str, kb: Path, write: Write, tmp_path: Path) -> None:
    queries, out = write(("退款多久到账", "answerable", "refund")), tmp_path / "out.json"

    code = main([command, "--kb", str(kb), "--queries", str(queries), "--json", str(out)])

    assert code == 0
    assert json.loads(out.read_text(encoding="utf-8"))["n"] == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no labelled query (JSONDecodeError"),
        ("[]", "no labelled query (TypeError"),
        ('{"qid": "q1", "query": "?", "label": "answerable"}', "no labelled query (KeyError: 'rel"),
        (LINE.replace("answerable", "easy"), "no labelled query (ValueError: label: expected"),
        (LINE.replace('["refund"]', '"refund"'), "no labelled query (TypeError: relevant_ids: "),
        (LINE.replace('"退款多久到账"', "3"), "no labelled query (TypeError: query: "),
    ],
)
def test_a_bad_line_is_named_with_file_and_line(
    line: str, reason: str, kb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_text(f"{LINE}\n\n{line}\n", encoding="utf-8")

    code = main(["retrieval", "--kb", str(kb), "--queries", str(queries)])

    assert code == 2
    assert f"{queries}:3: {reason}" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "expected lines with a labelled query each, found none"),
        (b"\n \n", "expected lines with a labelled query each, found none"),
        (b"\xff\xfe", "1: no labelled query (UnicodeDecodeError"),
    ],
)
def test_a_file_without_queries_exits_2(
    content: bytes, reason: str, kb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = tmp_path / "queries.jsonl"
    queries.write_bytes(content)

    assert main(["routing", "--kb", str(kb), "--queries", str(queries)]) == 2

    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["--kb", "--queries"])
def test_a_missing_file_exits_2_and_is_named(
    missing: str, kb: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    places = {"--kb": str(kb), "--queries": str(write(("退款", "answerable", "refund")))}
    places[missing] = "/nowhere/[file].jsonl"

    code = main(["retrieval", *(part for pair in places.items() for part in pair)])

    assert code == 2
    assert "/nowhere/[file].jsonl" in capsys.readouterr().err


def test_an_unusable_setting_exits_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEFU_SEARCH__DENSE_WEIGHT", "2")

    assert main(["retrieval"]) == 2

    assert "KEFU_SEARCH__DENSE_WEIGHT" in capsys.readouterr().err


def test_a_result_that_could_not_be_written_is_refused_before_the_work(
    kb: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = write(("退款", "answerable", "refund"))
    out = "/nowhere/out.json"

    code = main(["retrieval", "--kb", str(kb), "--queries", str(queries), "--json", out])

    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert out in captured.err


def test_a_policy_that_could_not_be_written_is_refused_before_the_work(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = str(tmp_path / "nowhere" / "policy.json")

    code = main(["calibrate", "--kb", "nowhere", "--queries", "nowhere", "--out", out])

    assert code == 2
    assert f"--out {out}" in capsys.readouterr().err


def test_shows_all_rows_and_draws_them(
    kb: Path, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries, plot = write(("退款多久到账", "answerable", "refund")), tmp_path / "out.png"
    arguments = ["--kb", str(kb), "--queries", str(queries), "--plot", str(plot)]

    code = main(["retrieval", *arguments, "--baselines", "--by", "category"])

    shown = capsys.readouterr().out
    assert code == 0
    assert "sqlite hybrid" in shown
    assert "BM25 bigrams" in shown
    assert "1.000 1.00–1.00" in shown
    assert "sqlite dense left out: no embedder" in shown
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_data_set_is_measured_from_its_own_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        json.dumps({"text": f"{words} {number}", "intent": intent})
        for number in range(8)
        for intent, words in (("card_lost", "I lost my card"), ("top_up", "top up my balance"))
    ]
    (tmp_path / "train.jsonl").write_text("\n".join(lines), "utf-8")

    code = main(["retrieval", "--dataset", "banking77", "--data", str(tmp_path)])

    assert code == 0
    assert "6 answerable queries" in capsys.readouterr().out


def test_without_matplotlib_a_plot_says_what_to_install(
    kb: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    code = main(["retrieval", "--kb", str(kb), "--plot", str(tmp_path / "out.png")])

    assert code == 2
    assert "pip install -e '.[plots]'" in capsys.readouterr().err


def test_load_without_an_embedder_says_what_it_needs(
    kb: Path, write: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = write(("退款", "answerable", "refund"))

    code = main(["load", "--kb", str(kb), "--queries", str(queries), "--turns", "1"])

    assert code == 2
    assert "load needs an embedder" in capsys.readouterr().err


async def test_a_meter_adds_up_what_it_awaits() -> None:
    async def work() -> int:
        return sum(range(200_000))

    meter = Meter()
    await meter.run(work())
    once = meter.wall_s

    await meter.run(work())

    assert meter.wall_s > once > 0
    assert meter.cpu_s > 0
