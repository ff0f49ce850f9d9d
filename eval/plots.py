"""Draw what `python -m eval retrieval` and `calibrate` found; needs the extra `plots`."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from tools.errors import ConfigError

FIGURES = {"r_at_5": "R@5", "mrr_at_10": "MRR@10"}
COLOURS = ("#4477aa", "#ee6677")  # told apart without red and green
BAR = 0.38  # rows are 1 apart


def drawing() -> Any:  # noqa: ANN401 matplotlib's own type
    """Return matplotlib's Figure, which draws without a screen.

    Raises:
        ConfigError: if matplotlib is not installed.
    """
    try:
        return import_module("matplotlib.figure").Figure
    except ModuleNotFoundError as exc:
        raise ConfigError(f"--plot: {exc}; install it: pip install -e '.[plots]'") from exc


def draw(rows: Sequence[tuple[str, dict[str, Any]]], title: str, path: Path) -> None:
    """Write a PNG with a bar for each row and figure, and the 95 % interval on it."""
    figure = drawing()(figsize=(9, 1.4 + 0.62 * len(rows)), layout="constrained")
    axes = figure.subplots()
    for number, (name, label) in enumerate(FIGURES.items()):
        values = [row[name] for _, row in rows]
        places = [at + (number - 0.5) * BAR for at in range(len(rows))]
        low, high = zip(*(row[f"{name}_ci"] for _, row in rows), strict=True)
        spans = [
            [value - edge for value, edge in zip(values, low, strict=True)],
            [edge - value for value, edge in zip(values, high, strict=True)],
        ]
        axes.barh(places, values, BAR, label=label, color=COLOURS[number], xerr=spans, capsize=2)
        for place, value, edge in zip(places, values, high, strict=True):
            axes.text(edge + 0.01, place, f"{value:.3f}", va="center", fontsize=8)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.invert_yaxis()
    axes.set_xlim(0, 1.1)
    axes.set_xticks([tick / 5 for tick in range(6)])
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.set_title(title, fontsize=10, loc="left")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.04), ncols=2, frameon=False)
    figure.savefig(path, dpi=150, format="png")


def draw_policy(report: dict[str, Any], bound: float, title: str, path: Path) -> None:
    """Write a PNG: chance against share of right cases, and share wrong against share answered."""
    figure = drawing()(figsize=(9, 4.4), layout="constrained")
    reliability, risk = figure.subplots(1, 2)
    reliability.plot([0, 1], [0, 1], color="#bbbbbb", linewidth=1)
    bins = report["reliability"]
    reliability.plot(
        [b["chance"] for b in bins], [b["right"] for b in bins], "o-", color=COLOURS[0]
    )
    reliability.set_xlabel("chance")
    reliability.set_ylabel("share right")
    reliability.set_title(f"ECE {report['ece']:.3f}", fontsize=10, loc="left")
    reliability.set_xlim(0, 1)
    risk.step(
        [point["coverage"] for point in report["curve"]],
        [point["risk"] for point in report["curve"]],
        where="post",
        color=COLOURS[0],
        label="Kefu",
    )
    risk.axhline(bound, color="#bbbbbb", linewidth=1)
    places: dict[tuple[float, float], list[str]] = {}
    for name, row in report["policies"].items():
        if name != "Kefu" and row["coverage"]:
            places.setdefault((row["coverage"], row["wrong_among_answered"]), []).append(name)
    for place, names in places.items():
        risk.plot(*place, "x", color=COLOURS[1])
        label = "\n".join(names)
        risk.annotate(
            label, place, fontsize=8, xytext=(-5, 3), ha="right", textcoords="offset points"
        )
    risk.set_xlabel("share answered")
    risk.set_ylabel("share wrong among answered")
    risk.set_title("risk and coverage", fontsize=10, loc="left")
    risk.set_xlim(0, 1.05)
    for axes in (reliability, risk):
        axes.set_ylim(0, 1)
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    figure.suptitle(title, fontsize=10)
    figure.savefig(path, dpi=150, format="png")
