"""How often the last question of a conversation is found, counted on three entries."""

import json
from pathlib import Path

import pytest

from eval.__main__ import main
from eval.dialogue import dialogue
from graph.settings import settings

LINE = (
    '{"qid": "m1", "history": [{"role": "user", "content": "退款多久到账"}], "query": "运费呢", '
    '"relevant_ids": ["freight"]}'
)


def row(said: str, query: str, relevant: str) -> dict[str, object]:
    history = [{"role": "user", "content": said}, {"role": "assistant", "content": "好的。"}]
    return {"qid": "m", "history": history, "query": query, "relevant_ids": [relevant]}


def written(folder: Path, *rows: dict[str, object]) -> Path:
    path = folder / "dialogues.jsonl"
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in rows), "utf-8")
    return path


async def test_counts_ranks_as_by_hand(kb: Path, tmp_path: Path) -> None:
    dialogues = written(
        tmp_path,
        row("电子发票怎么开", "多久开", "invoice"),
        row("退款多久到账", "换个话题，电子发票怎么开", "invoice"),
        row("退款多久到账", "电子发票怎么开", "no-such-entry"),
    )

    result = await dialogue(kb, dialogues, settings())

    assert (result["n"], result["r_at_1"], result["r_at_5"]) == (3, 0.6667, 0.6667)
    assert result["mrr_at_10"] == 0.6667
    assert [row["rank"] for row in result["outcomes"]] == [1, 1, None]


async def test_the_search_knows_the_synonyms_of_the_deployment(
    kb: Path, tmp_path: Path, spark: str
) -> None:
    dialogues = written(tmp_path, row("你好", spark, "freight"))

    result = await dialogue(kb, dialogues, settings())

    assert [row["rank"] for row in result["outcomes"]] == [1]


def test_writes_the_result_as_json(kb: Path, tmp_path: Path) -> None:
    dialogues, out = (
        written(tmp_path, row("退款多久到账", "运费呢", "freight")),
        tmp_path / "o.json",
    )

    code = main(["dialogue", "--kb", str(kb), "--dialogues", str(dialogues), "--json", str(out)])

    assert code == 0
    assert {"n", "r_at_1", "r_at_5", "mrr_at_10"} <= set(json.loads(out.read_text("utf-8")))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "no dialogue (JSONDecodeError"),
        (LINE.replace('"history"', '"past"'), "no dialogue (KeyError: 'history'"),
        (LINE.replace('"user"', '"customer"'), "no dialogue (ValueError: role: expected"),
        (LINE.replace('"运费呢"', "3"), "no dialogue (TypeError: query: "),
        (LINE.replace('["freight"]', "[]"), "no dialogue (ValueError: relevant_ids: "),
    ],
)
def test_a_bad_line_is_named_with_file_and_line(
    line: str, reason: str, kb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dialogues = tmp_path / "dialogues.jsonl"
    dialogues.write_text(f"{LINE}\n{line}\n", encoding="utf-8")

    code = main(["dialogue", "--kb", str(kb), "--dialogues", str(dialogues)])

    assert code == 2
    assert f"{dialogues}:2: {reason}" in capsys.readouterr().err
