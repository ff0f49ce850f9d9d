"""What serving never touches is not read, and is whole for whoever touches it."""

import os
import subprocess
import sys

from graph.settings import ROOT

LEAN = """
import sys
from ui.lean_import import LATER, install

install()
"""
SERVING = (
    LEAN
    + """
import ui.service
import ui.web

print(sorted(name for name in LATER if type(sys.modules[name]).__name__ != "_Unread"))
"""
)
TOUCHING = (
    LEAN
    + """
import gradio as gr
import gradio.cli
import gradio.component_meta as meta
import httpx
import langgraph_sdk
import pandas as pd
from huggingface_hub import HfApi
from langsmith.types import RunSelectField
from pandas.api.types import is_numeric_dtype

assert callable(gr.Textbox(label="a").change)  # events are there, their documentation is not
assert meta.create_or_modify_pyi(object, "x", []) is None
assert is_numeric_dtype(pd.DataFrame({"a": [1]})["a"])
assert gr.Dataframe(pd.DataFrame({"a": [1]})).value["data"] == [[1]]
assert callable(gradio.cli.cli)
assert type(HfApi(endpoint="http://127.0.0.1")).__name__ == "HfApi"
assert langgraph_sdk.get_client.__module__ == "langgraph_sdk._async.client"
try:
    pd.nothing_of_that_name
except AttributeError as exc:
    print(exc)
"""
)


def run(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "GRADIO_ANALYTICS_ENABLED": "False"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_service_is_imported_without_what_it_never_touches() -> None:
    assert run(SERVING) == "[]"


def test_what_was_left_unread_is_whole_when_it_is_used() -> None:
    assert "nothing_of_that_name" in run(TOUCHING)
