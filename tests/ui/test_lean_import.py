"""Gradio's import writes no stub files, and Gradio is whole."""

import os
import subprocess
import sys

from graph.settings import ROOT

SCRIPT = """
import sys
from ui.lean_import import without_stubs

before = list(sys.meta_path)
with without_stubs():
    import gradio
import gradio.component_meta as meta

assert sys.meta_path == before
assert meta.create_or_modify_pyi(object, "x", []) is None
assert callable(gradio.Textbox(label="a").change)  # events are attached all the same
print(meta.create_or_modify_pyi.__module__)
"""


def test_gradio_is_imported_without_writing_stubs() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, "GRADIO_ANALYTICS_ENABLED": "False"},
    )

    assert (done.returncode, done.stdout.strip()) == (0, "ui.lean_import"), done.stderr
