"""The tables that `python -m eval retrieval` prints."""

from io import StringIO
from typing import Any

from rich.console import Console

from eval.tables import FIGURES, TIMES, show_retrieval


def test_figures_are_whole_in_a_narrow_terminal() -> None:
    row: dict[str, Any] = dict.fromkeys(FIGURES, 0.926) | dict.fromkeys(TIMES, 1686.2)
    row |= {"r_at_5_ci": (0.981, 1.0), "mrr_at_10_ci": (1.0, 1.0), "n": 7}
    groups = {"用户指南/增值服务/HTTPS安全加速/常见问题": {**row, "n": 3}}
    legs = {"hybrid": {**row, "by": groups}}
    result = {"n": 7, "embedder": "none", "legs": legs, "baselines": {"EnsembleRetriever": row}}
    out = Console(file=StringIO(), width=80)

    show_retrieval({**result, "skipped": {}}, out, ["elastic"])

    shown = out.file.getvalue()  # type: ignore[attr-defined]
    assert shown.count("0.926 .98–1.00") == 3
    assert shown.count("0.926 1.00–1.00") == 3
    assert shown.count("0.926") == 3 * len(FIGURES)
    assert shown.count("1686") == 2 * len(TIMES)
    assert "nDCG@10" in shown
    assert "EnsembleRetriever" in shown
