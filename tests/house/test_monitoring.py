"""What is watched exists: rules and dashboard name only series that Kefu has."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from graph.settings import ROOT
from tools.telemetry import Telemetry

DEPLOY = ROOT / "deploy"
RULES = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = DEPLOY / "grafana" / "provisioning" / "dashboards" / "kefu.json"
SERIES = re.compile(r"\b(?:kefu|process)_\w+(?:\{[^}]*\})?")


def expressions() -> Iterator[str]:
    for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for panel in json.loads(DASHBOARD.read_text(encoding="utf-8"))["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def counted() -> str:
    telemetry = Telemetry(lambda: 0)
    for llm_calls in (0, 1):
        telemetry.count_turn(
            {
                "action": "answer",
                "reason": "clear_match",
                "level": 4,
                "llm_calls": llm_calls,
                "cached": False,
                "first_token_ms": 10.0,
            },
            channel="web",
            took_s=0.1,
        )
    return telemetry.text().decode()


@pytest.mark.parametrize("expression", list(expressions()))
def test_every_series_that_is_watched_is_served(expression: str) -> None:
    served = counted()
    names = SERIES.findall(expression)

    for name in names:
        series, _, labels = name.partition("{")
        lines = [line for line in served.splitlines() if re.match(rf"{series}[ {{]", line)]
        assert lines, series
        for label, value in re.findall(r'(\w+)="([^"]*)"', labels):
            if label not in ("job", "instance"):  # Prometheus' own
                assert any(f'{label}="{value}"' in line for line in lines), (series, label, value)
    assert names or expression.startswith("up{")


@pytest.mark.parametrize("path", sorted(DEPLOY.rglob("*.yml")), ids=lambda path: path.name)
def test_the_files_of_deploy_can_be_read(path: Path) -> None:
    assert yaml.safe_load(path.read_text(encoding="utf-8"))
