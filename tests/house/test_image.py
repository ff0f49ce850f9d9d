"""The image and its compose file hold what Kefu's server needs, under the names it reads."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from graph.settings import ROOT
from graph.settings_table import variables

IMAGE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "deploy" / "compose.yml").read_text(encoding="utf-8"))
KNOWN = {variable.name for variable in variables()}


def test_what_the_image_copies_is_enough_to_answer(tmp_path: Path) -> None:
    for each in re.findall(r"^COPY (\S+) ", IMAGE, re.MULTILINE):
        if (ROOT / each).is_dir():
            shutil.copytree(
                ROOT / each, tmp_path / each, ignore=shutil.ignore_patterns("__pycache__")
            )
        else:
            shutil.copy(ROOT / each, tmp_path / each)
    given = {"PYTHONPATH": str(tmp_path), "KEFU_VAR": str(tmp_path / "var")}

    ran = subprocess.run(
        [sys.executable, "-m", "ui", "ask", "退款多久到账", "--json"],
        cwd=tmp_path,
        env=given | {"KEFU_EMBED__KIND": "none"},
        capture_output=True,
        check=True,
        text=True,
    )

    assert json.loads(ran.stdout)["citations"]


def test_image_and_compose_file_name_only_settings() -> None:
    named = set(re.findall(r"\b(KEFU_\w+)=", IMAGE))
    named |= set(COMPOSE["services"]["kefu"]["environment"])

    assert named <= KNOWN
    assert {"KEFU_HOST", "KEFU_VAR"} <= named


def test_only_what_the_container_fixes_wins_over_the_env_file() -> None:
    kefu = COMPOSE["services"]["kefu"]

    assert kefu["env_file"] == [{"path": "../.env", "required": False}]
    assert [name for name, value in kefu["environment"].items() if "$" in str(value)] == []


def test_the_port_that_is_open_is_the_one_that_is_served() -> None:
    served = COMPOSE["services"]["kefu"]["environment"]["KEFU_PORT"]

    assert re.findall(r"^EXPOSE (\d+)", IMAGE, re.MULTILINE) == [str(served)]
    assert f"127.0.0.1:{served}/health" in IMAGE
    assert [port.rpartition(":")[2] for port in COMPOSE["services"]["kefu"]["ports"]] == [
        str(served)
    ]
