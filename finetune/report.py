"""What a training run came to, and a picture of its losses."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

REPORT = "report.json"
PLOT = "loss.png"

Log = Sequence[Mapping[str, float]]


def report(
    trainer: Any,  # noqa: ANN401 of TRL
    kept: Sequence[Sequence[object]],
    cut: Mapping[str, int],
) -> dict[str, Any]:
    """Return figures of a run that has ended; losses are means over tokens or pairs.

    too_long  rows that were left out, and how many tokens they have
    """
    state = trainer.state
    evaluated = [entry for entry in state.log_history if "eval_loss" in entry]
    trained = [entry for entry in state.log_history if "loss" in entry]
    learnt, held_out = map(len, kept)
    best = min((entry["eval_loss"] for entry in evaluated), default=None)
    return {
        "model": trainer.model.config.name_or_path,
        "rows": {"train": learnt, "validation": held_out},
        "longest_row_tokens": cut["longest_row_tokens"],
        "too_long": {"rows": cut["rows"], "tokens": cut["tokens"]},
        "trainable_parameters": sum(
            part.numel() for part in trainer.model.parameters() if part.requires_grad
        ),
        "steps": state.global_step,
        "epochs": state.epoch,
        "seed": trainer.args.seed,
        "eval_loss_first": evaluated[0]["eval_loss"] if evaluated else None,
        "eval_loss_best": best,
        "best_checkpoint": Path(state.best_model_checkpoint or "").name or None,
        "loss_first": trained[0]["loss"] if trained else None,
        "loss_last": trained[-1]["loss"] if trained else None,
        "versions": {name: version(name) for name in ("torch", "transformers", "trl", "peft")},
        "log": state.log_history,
    }


def draw(log: Log, folder: Path) -> None:
    """Write loss.png; nothing where matplotlib is not installed."""
    if find_spec("matplotlib") is None:
        return
    figure = import_module("matplotlib.figure").Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for key, label in (("loss", "training"), ("eval_loss", "validation")):
        steps = [(entry["step"], entry[key]) for entry in log if key in entry]
        if steps:
            axes.plot(*zip(*steps, strict=True), marker="o", markersize=3, label=label)
    axes.set_xlabel("step")
    axes.set_ylabel("loss")
    axes.legend()
    figure.savefig(folder / PLOT, dpi=120)
