"""Fetch a model from the Hugging Face hub into a folder, for KEFU_EMBED__FOLDER.

python -m tools.ingest model BAAI/bge-small-zh-v1.5
python -m tools.ingest model BAAI/bge-reranker-base --to models/reranker
python -m tools.ingest model Xenova/bge-small-zh-v1.5 --kind onnx
python -m tools.ingest model BAAI/bge-m3 --kind m3
"""

import argparse
from collections.abc import Sequence
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.markup import escape

from tools.embed_m3 import HEADS
from tools.embed_onnx import FILES as ONNX_FILES
from tools.errors import ConfigError

DONE, FAILED, INTERRUPTED = 0, 2, 130
TIMEOUT_S = 20.0  # for the list of files; downloads have the client's own limits
Kind = Literal["local", "onnx", "m3"]
WEIGHTS = ("*.safetensors", "*.onnx", "*.onnx_data", "*.bin", "*.pt", "*.h5", "*.msgpack")
TORCH = ("*.safetensors", "pytorch_model*.bin")  # the first that there are
TEXTS = ("*.json", "*.txt", "*.model")  # configuration and vocabulary


def main(argv: Sequence[str], models: Path) -> int:
    """Run the command and return its exit code; without --to the model goes below `models`."""
    out, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    args = arguments().parse_args(argv)
    folder = args.to or models / args.name.rpartition("/")[2]
    try:
        fetch(args.name, folder, kind=args.kind, revision=args.revision)
    except ConfigError as exc:
        errors.print(f"[red]error:[/] {escape(str(exc))}")
        return FAILED
    except KeyboardInterrupt:
        errors.print("Stopped. The same command goes on from there.")
        return INTERRUPTED
    is_reranker = "rerank" in args.name.lower()
    role = "RERANK" if is_reranker else "EMBED"
    out.print(f"{escape(str(folder))} is complete. To use it, set", highlight=False)
    out.print(
        f"KEFU_{role}__KIND={args.kind}", f"KEFU_{role}__FOLDER={folder}", sep="\n", markup=False
    )
    if not is_reranker:
        out.print("and run `python -m tools.ingest --rebuild`.", highlight=False)
    return DONE


def arguments() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.ingest model",
        description="Fetch a model from the hub that HF_ENDPOINT names. Takes weights that hold "
        "numbers only (safetensors, onnx); where there are none, torch's pickles, of which the "
        "loaders take numbers only, too.",
    )
    parser.add_argument("name", metavar="OWNER/NAME", help="as on the hub")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="(default: KEFU_VAR/models/NAME)")
    parser.add_argument(
        "--kind",
        choices=["local", "onnx", "m3"],
        default="local",
        help="which weights (%(default)s); m3: with the heads of bge-m3",
    )
    parser.add_argument("--revision", help="branch, tag or commit (default: the newest)")
    return parser


def fetch(name: str, folder: Path, *, kind: Kind, revision: str | None = None) -> None:
    """Put the model's files into `folder`, with a progress bar; what is there stays.

    Raises:
        ConfigError: if there is no hub, no such model or no safe weights; says what to do.
    """
    try:
        hub = import_module("huggingface_hub")
    except ImportError as exc:
        raise ConfigError("needs huggingface_hub: pip install -e '.[onnx]'") from exc
    try:
        found = hub.HfApi().model_info(name, revision=revision, timeout=TIMEOUT_S)
        wanted = chosen([file.rfilename for file in found.siblings or ()], name, kind)
        hub.snapshot_download(name, revision=revision, allow_patterns=wanted, local_dir=folder)
    except ConfigError:
        raise
    except Exception as exc:  # the hub's client passes on the errors of three libraries
        raise ConfigError(
            f"{name}: can't be fetched from {hub.constants.ENDPOINT} ({exc}). Without a way there, "
            "set HF_ENDPOINT to a mirror, or download the model elsewhere, copy its folder here "
            "and name it in KEFU_EMBED__FOLDER"
        ) from exc


def chosen(offered: Sequence[str], name: str, kind: Kind) -> list[str]:
    """Return the files to fetch: texts, and the weights of that kind.

    Raises:
        ConfigError: if the model has no such weights.
    """
    texts = [file for file in offered if _is_any(file, TEXTS) and not file.startswith("onnx/")]
    if kind != "onnx":
        # transformers and FlagEmbedding read pickles with torch's weights_only, which runs no code
        found = ([file for file in offered if fnmatch(file, form)] for form in TORCH)
        weights = next(filter(None, found), [])
    else:
        exports = [file for file in ONNX_FILES if file in offered][:1]
        weights = exports + [data for file in exports if (data := f"{file}_data") in offered]
    heads = HEADS if kind == "m3" else ()
    if not weights or not set(heads) <= set(offered):
        there = sorted(file for file in offered if _is_any(file, WEIGHTS))
        wanted = " or ".join(ONNX_FILES if kind == "onnx" else TORCH)
        raise ConfigError(
            f"{name}: expected {', '.join((wanted, *heads))}, "
            f"got {', '.join(there) or 'no weights'}; try --kind or another model or revision"
        )
    return [*texts, *weights, *heads]


def _is_any(file: str, patterns: Sequence[str]) -> bool:
    return any(fnmatch(file, pattern) for pattern in patterns)
