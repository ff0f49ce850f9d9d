"""Show what `python -m eval tune` measured."""

import argparse
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table


def show_tune(result: dict[str, Any], out: Console, _: argparse.Namespace) -> None:
    """Print the curve of each number, bold on its plateau, and what of all that is to be set."""
    companies = [f"{one['kb']} ({one['n']})" for one in result["companies"]]
    for number in result["numbers"]:
        out.print(_curve(number, companies))
    table = Table(
        "number", "now", "plateau", "middle", "MRR@10 now", "chosen on other queries", "moved"
    )
    for number in result["numbers"]:
        table.add_row(
            number["name"],
            f"{number['now']:g}",
            _span(number),
            f"{number['middle']:g}",
            f"{number['mrr_at_10']:.3f}",
            f"{number['cv_mrr_at_10']:.3f} ({number['cv_gain']:+.3f} ± {number['cv_error']:.3f})",
            f"{number['moved']} of {result['n']}",
        )
    out.print(table)
    for number in result["numbers"]:
        if number["taken"] != number["now"]:
            out.print(
                f"{number['name']}: {number['now']:g} is behind the best; "
                f"{number['home']}: {number['taken']:g}",
                markup=False,
            )
    if all(number["taken"] == number["now"] for number in result["numbers"]):
        out.print("every number is as good as its best value")


def _span(number: dict[str, Any]) -> str:
    """Return where the plateau lies, "all" where no value can be told from the best."""
    values = number["plateau"]
    return "all" if len(values) == len(number["curve"]) else f"{values[0]:g} to {values[-1]:g}"


def _curve(number: dict[str, Any], companies: list[str]) -> Table:
    names = map(escape, companies)
    table = Table(number["name"], "R@5", "MRR@10", "behind the best", *names, title=number["home"])
    for row in number["curve"]:
        table.add_row(
            f"{row['value']:g}" + (" now" if row["value"] == number["now"] else ""),
            f"{row['r_at_5']:.3f}",
            f"{row['mrr_at_10']:.3f}",
            f"{row['behind']:.3f} ± {row['error']:.3f}",
            *(f"{worth:.3f}" for worth in row["by_company"]),
            style="bold" if row["value"] in number["plateau"] else None,
        )
    return table
