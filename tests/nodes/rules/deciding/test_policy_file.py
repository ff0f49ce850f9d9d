"""A policy file as it may come: of another version, damaged, edited by hand."""

import json
from pathlib import Path

import pytest

from graph.settings import ROOT
from nodes.rules.deciding.policy_file import VERSION, load_policy
from tools.errors import ConfigError

SHIPPED = ROOT / "data" / "policy.json"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"version": 1}, f"expected version {VERSION}, got 1"),
        ({"version": 99}, f"expected version {VERSION}, got 99"),
        ({"weights": {"luck": 1.0}}, "unknown features .'luck'"),
        ({"weights": [1.0]}, "AttributeError"),
        ({"follow_weights": {"luck": 1.0}}, "unknown features .'luck'"),
        ({"follow_weights": {"logit": "much"}}, "follow_weights: logit: expected a number"),
        ({"follow_at": 1.5}, "expected chances, 0..1: follow_at"),
        ({"answer_at": None}, "answer_at: expected a number, got None"),
        ({"bias": "high"}, "bias: expected a number, got 'high'"),
        ({"bias": float("nan")}, "bias: expected a finite number"),
        ({"answer_at": 0.9, "clear_at": 0.5}, "expected 0 <= clarify_at <= answer_at"),
        ({"fitted_on": "home"}, "fitted_on: expected an object"),
        ({"bars": {"0/kb": 1.2}}, "expected chances, 0..1: bars: 0/kb"),
        ({"bars": {"0/kb": "high"}}, "bars: 0/kb: expected a number, got 'high'"),
        ({"bars": {"0/kb": 0.5}}, "bars and scales of the same companies"),
        ({"scales": {"0/kb": [0, 1]}, "bars": {}}, "as many scales as .* got 1"),
        ({"scales": {"0/kb": [0]}}, "scales: 0/kb: expected shift and slope"),
        ({"scales": {"0/kb": "01"}}, "scales: 0/kb: expected shift and slope"),
        ({"scales": {"0/kb": [0, "1"]}}, "scales: 0/kb: expected a number, got '1'"),
        ({"scale": [0, 2]}, "multiple values for keyword argument .scale."),
        ({"scales": {"0/kb": [0, 0]}}, "scales: 0/kb: expected a slope above 0"),
        ({"surprise": 1}, "unexpected keyword argument 'surprise'"),
    ],
)
def test_says_what_is_wrong_and_how_to_make_it_anew(
    tmp_path: Path, change: dict[str, object], reason: str
) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(json.loads(SHIPPED.read_text("utf-8")) | change), "utf-8")

    with pytest.raises(ConfigError, match=reason) as caught:
        load_policy(path)

    assert f"python -m eval calibrate --out {path}" in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{", "null", '{"version": 2}'])
def test_a_damaged_file_is_no_policy(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.json"
    path.write_text(text, "utf-8")

    with pytest.raises(ConfigError, match="no usable policy"):
        load_policy(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no usable policy \(FileNotFoundError"):
        load_policy(tmp_path / "nowhere.json")


def test_the_shipped_policy_says_what_it_was_fitted_on() -> None:
    fitted_on = load_policy(SHIPPED).fitted_on

    assert str(fitted_on["kb"]).split(", ")[0] == "kb"
    assert fitted_on["embedder"]
    assert fitted_on["knowledge"]
