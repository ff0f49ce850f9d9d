"""The command line of `python -m eval`."""

import argparse
from pathlib import Path
from typing import Any, get_args

from eval.model import PARTS
from eval.options import add_retrieval, some_of
from eval.retrieval import Backend
from eval.tune import NAMES
from graph.settings import ROOT
from tools.errors import ConfigError
from tools.text.segment import Segmenter

DATA = ROOT / "data"


def arguments(about: str | None) -> argparse.ArgumentParser:
    """Return the parser; `about` is what --help begins with."""
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    texts = {
        "retrieval": "recall and rank of the right entries, by leg",
        "routing": "what the whole graph does with labelled queries",
        "dialogue": "recall and rank of a conversation's last question",
        "scale": "what an index of many short passages costs",
        "load": "own cost of a turn with a stub model, beside a bare graph",
        "simulate": "simulated customers against the whole graph, held to invariants",
        "calibrate": "fit the decision policy to labelled queries",
        "tune": "measure the numbers of the ranking on labelled queries, by cross-validation",
    }
    for name, text in texts.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")
        if name == "scale":
            command.add_argument(
                "--n", type=_sizes, default=[1000, 20_000], help="passages, 1000,20000 if not given"
            )
            command.add_argument(
                "--backend", choices=get_args(Backend), default="sqlite", help="(%(default)s)"
            )
            command.add_argument(
                "--questions", type=_positive, default=200, help="how many are asked (%(default)s)"
            )
            command.add_argument("--reads", action="store_true", help="with token readings")
            continue
        if name == "calibrate":
            _add_calibration(command)
            continue
        if name == "tune":
            _add_companies(command)
            command.add_argument(
                "--split", default="dev", help="measure on this split only; '' = all (%(default)s)"
            )
            command.add_argument(
                "--numbers",
                type=some_of(NAMES),
                default=NAMES,
                help=f"some of {','.join(NAMES)} (all)",
            )
            continue
        command.add_argument(
            "--kb", type=Path, default=DATA / "kb", help="knowledge file or folder (%(default)s)"
        )
        asked = "dialogues" if name == "dialogue" else "queries"
        command.add_argument(
            f"--{asked}",
            type=Path,
            default=DATA / "eval" / f"{asked}.jsonl",
            help=f"labelled {asked}, JSONL (%(default)s)",
        )
        if name in ("retrieval", "routing", "dialogue"):
            command.add_argument(
                "--segmenter", choices=get_args(Segmenter), help="instead of that of the settings"
            )
        if name == "retrieval":
            add_retrieval(command)
        if name in ("routing", "dialogue"):
            command.add_argument("--misses", action="store_true", help="list what went wrong")
        if name == "load":
            command.add_argument(
                "--turns", type=_positive, default=100, help="that are measured (%(default)s)"
            )
            command.add_argument(
                "--delay-ms", type=_positive, default=100, help="the stub model takes (%(default)s)"
            )
        if name == "simulate":
            _add_simulation(command)
    _add_checks(commands)
    _add_intent(commands)
    _add_model(commands)
    return parser


def _add_companies(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--kb", type=Path, action="append", help="knowledge file or folder (data/kb)"
    )
    command.add_argument(
        "--queries",
        type=Path,
        action="append",
        help="labelled queries, JSONL (data/eval/queries.jsonl); repeat both for more companies",
    )


def _add_calibration(command: argparse.ArgumentParser) -> None:
    _add_companies(command)
    command.add_argument("--split", default="", help="fit on this split only")
    command.add_argument(
        "--out", type=Path, default=DATA / "policy.json", help="policy file (%(default)s)"
    )
    command.add_argument("--plot", type=Path, metavar="PNG", help="reliability, risk and coverage")
    command.add_argument(
        "--risk", type=_share, default=0.05, help="most wrong among sure answers (%(default)s)"
    )
    command.add_argument(
        "--confidence", type=_share, default=0.9, help="that the bound holds (%(default)s)"
    )
    command.add_argument(
        "--strict", action="store_true", help="answer nothing that the bound does not hold for"
    )


def companies(args: argparse.Namespace) -> list[tuple[Path, Path]]:
    """Return knowledge and queries of each company to fit on.

    Raises:
        ConfigError: if there are more of one than of the other.
    """
    kbs = args.kb or [DATA / "kb"]
    asked = args.queries or [DATA / "eval" / "queries.jsonl"]
    if len(kbs) != len(asked):
        raise ConfigError(
            f"--kb and --queries go together: got {len(kbs)} of knowledge and {len(asked)} of "
            "queries; repeat both, in the same order"
        )
    return list(zip(kbs, asked, strict=True))


def _add_intent(commands: Any) -> None:  # noqa: ANN401 argparse does not name its type
    text = "tell intents apart, and notice what is none of them"
    command = commands.add_parser("intent", help=text, description=text)
    for name in ("train", "val", "test"):
        about = "JSONL: text, intent" + ("" if name == "train" else "; needless with --folds")
        command.add_argument(f"--{name}", type=Path, required=name == "train", help=about)
        command.add_argument(f"--oos-{name}", type=Path, help="the same, out of scope")
    command.add_argument(
        "--folds", type=_several, default=0, help="cross-validate on --train instead"
    )
    command.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")


def _add_checks(commands: Any) -> None:  # noqa: ANN401 argparse does not name its type
    """Add the commands that need no labelled queries."""
    text = "attacks, personal data and poisoned knowledge"
    guard = commands.add_parser("safety", help=text, description=text)
    guard.add_argument("--injection", type=Path, help="JSONL: text, label injection|benign")
    guard.add_argument("--pii", type=Path, help="JSONL: text, has_pii[, start, end]")
    guard.add_argument(
        "--kb", type=Path, default=DATA / "kb", help="what is poisoned (%(default)s)"
    )
    guard.add_argument("--poisoned", type=Path, help="JSONL: question, answer[, payload]")
    guard.add_argument(
        "--speed",
        type=Path,
        nargs="?",
        const=DATA / "eval" / "queries.jsonl",
        metavar="QUERIES",
        help="the guard's cost on these messages, JSONL with query (%(const)s)",
    )
    text = "false and true sentences about passages"
    ground = commands.add_parser("grounding", help=text, description=text)
    ground.add_argument(
        "--cases", type=Path, default=DATA / "eval" / "grounding.jsonl", help="JSONL (%(default)s)"
    )
    for command in (guard, ground):
        command.add_argument("--misses", action="store_true", help="list what went wrong")
        command.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")


def _add_model(commands: Any) -> None:  # noqa: ANN401 argparse does not name its type
    text = "what the model at KEFU_LLM__BASE_URL adds, in one report"
    command = commands.add_parser("model", help=text, description=text)
    folder = DATA / "eval"
    for name, default, about in (
        ("kb", DATA / "kb", "knowledge file or folder"),
        ("queries", folder / "queries.jsonl", "labelled queries, JSONL"),
        ("dialogues", folder / "dialogues.jsonl", "labelled dialogues, JSONL"),
        ("cases", folder / "grounding.jsonl", "grounding cases, JSONL"),
    ):
        command.add_argument(f"--{name}", type=Path, default=default, help=f"{about} (%(default)s)")
    command.add_argument(
        "--mtrag", type=Path, help="reference tasks of mt-rag-benchmark, JSONL; else left out"
    )
    command.add_argument(
        "--rows", type=Path, help="rows of `finetune prepare` to answer, JSONL; else left out"
    )
    command.add_argument("--limit", type=_positive, help="rows of each part (all)")
    command.add_argument(
        "--parts", type=some_of(PARTS), default=PARTS, help=f"some of {','.join(PARTS)} (all)"
    )
    command.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")
    command.add_argument("--markdown", type=Path, metavar="OUT", help="also write the tables here")


def _add_simulation(command: argparse.ArgumentParser) -> None:
    folder = DATA / "eval"
    command.add_argument(
        "--dialogues", type=Path, default=folder / "dialogues.jsonl", help="JSONL (%(default)s)"
    )
    command.add_argument(
        "--customers", type=Path, default=folder / "simulation.yaml", help="YAML (%(default)s)"
    )
    command.add_argument("--n", type=_positive, default=200, help="conversations (%(default)s)")
    command.add_argument("--seed", type=int, default=7, help="of who asks what (%(default)s)")
    command.add_argument("--show", type=int, default=0, metavar="K", help="print K transcripts")
    command.add_argument(
        "--customer-url", help="/v1 address of a model that words what the customers say"
    )
    command.add_argument(
        "--customer-model", default="qwen3-14b", help="its served name (%(default)s)"
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected 1 or more, got {text!r}")
    return int(text)


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:  # argparse would name this function
        number = 0.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"expected a share between 0 and 1, got {text}")
    return number


def _several(text: str) -> int:
    if (number := _positive(text)) < 2:
        raise argparse.ArgumentTypeError(f"expected 2 or more, got {number}")
    return number


def _sizes(text: str) -> list[int]:
    return [_positive(part) for part in text.split(",")]
