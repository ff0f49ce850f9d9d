"""Draw the rows of `python -m eval retrieval`; needs the extra `plots`."""

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
