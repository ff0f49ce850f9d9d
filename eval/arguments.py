"""The command line of `python -m eval`; it imports no measurement, so that --help is quick."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from eval.options import NUMBER_NAMES, PARTS, Backend, add_retrieval, some_of
from graph.settings import ROOT
from tools.errors import ConfigError
from tools.text.segment import Segmenter

DATA = ROOT / "data"
QUERIES = DATA / "eval" / "queries.jsonl"


def arguments(about: str | None) -> argparse.ArgumentParser:
    """Return the parser; `about` is what --help begins with."""
    parser = argparse.ArgumentParser(
        prog="python -m eval",
        description=about,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, (text, add) in _COMMANDS.items():
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("--json", type=Path, metavar="OUT", help="also write the result here")
        add(command)
    return parser


def companies(args: argparse.Namespace) -> list[tuple[Path, Path]]:
    """Return knowledge and queries of each company to fit on.

    Raises:
        ConfigError: if there are more of one than of the other.
    """
    kbs, asked = args.kb or [DATA / "kb"], args.queries or [QUERIES]
    if len(kbs) != len(asked):
        raise ConfigError(
            f"--kb and --queries go together: got {len(kbs)} of knowledge and {len(asked)} of "
            "queries; repeat both, in the same order"
        )
    return list(zip(kbs, asked, strict=True))


def _retrieval(command: argparse.ArgumentParser) -> None:
    _labelled(command, "queries")
    _segmenter(command)
    add_retrieval(command)


def _routing(command: argparse.ArgumentParser) -> None:
    _labelled(command, "queries")
    _segmenter(command)
    _misses(command)


def _dialogue(command: argparse.ArgumentParser) -> None:
    _labelled(command, "dialogues")
    _segmenter(command)
    _misses(command)


def _scale(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--n", type=_sizes, default=[1000, 20_000], help="passages, 1000,20000 if not given"
    )
    command.add_argument(
        "--backend", choices=get_args(Backend), default="sqlite", help="(%(default)s)"
    )
    _count(command, "questions", 200, "how many are asked")
    command.add_argument("--reads", action="store_true", help="with token readings")


def _load(command: argparse.ArgumentParser) -> None:
    _labelled(command, "queries")
    _count(command, "turns", 100, "that are measured")
    _count(command, "delay-ms", 100, "the stub model takes")


def _crowd(command: argparse.ArgumentParser) -> None:
    _labelled(command, "queries")
    command.add_argument(
        "--customers", type=_sizes, default=[1, 4, 16], help="at once, 1,4,16 if not given"
    )
    _count(command, "turns", 400, "that are measured for each")
    command.add_argument(
        "--delay-ms", type=_positive, default=0, help="a stub model takes (no model if not given)"
    )


def _simulate(command: argparse.ArgumentParser) -> None:
    _labelled(command, "queries", "dialogues")
    _file(command, "customers", DATA / "eval" / "simulation.yaml", "YAML")
    _count(command, "n", 200, "conversations")
    command.add_argument("--seed", type=int, default=7, help="of who asks what (%(default)s)")
    command.add_argument("--show", type=int, default=0, metavar="K", help="print K transcripts")
    command.add_argument(
        "--customer-url", help="/v1 address of a model that words what the customers say"
    )
    command.add_argument(
        "--customer-model", default="qwen3-14b", help="its served name (%(default)s)"
    )


def _calibrate(command: argparse.ArgumentParser) -> None:
    _companies(command)
    command.add_argument("--split", default="", help="fit on this split only")
    _file(command, "out", DATA / "policy.json", "policy file")
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


def _tune(command: argparse.ArgumentParser) -> None:
    _companies(command)
    command.add_argument(
        "--split", default="dev", help="measure on this split only; '' = all (%(default)s)"
    )
    _some(command, "numbers", NUMBER_NAMES)


def _safety(command: argparse.ArgumentParser) -> None:
    command.add_argument("--injection", type=Path, help="JSONL: text, label injection|benign")
    command.add_argument("--pii", type=Path, help="JSONL: text, has_pii[, start, end]")
    _file(command, "kb", DATA / "kb", "what is poisoned")
    command.add_argument("--poisoned", type=Path, help="JSONL: question, answer[, payload]")
    command.add_argument(
        "--speed",
        type=Path,
        nargs="?",
        const=QUERIES,
        metavar="QUERIES",
        help="the guard's cost on these messages, JSONL with query (%(const)s)",
    )
    _misses(command)


def _intent(command: argparse.ArgumentParser) -> None:
    for name in ("train", "val", "test"):
        about = "JSONL: text, intent" + ("" if name == "train" else "; needless with --folds")
        command.add_argument(f"--{name}", type=Path, required=name == "train", help=about)
        command.add_argument(f"--oos-{name}", type=Path, help="the same, out of scope")
    command.add_argument(
        "--folds", type=_several, default=0, help="cross-validate on --train instead"
    )


def _grounding(command: argparse.ArgumentParser) -> None:
    _cases(command)
    _misses(command)


def _model(command: argparse.ArgumentParser) -> None:
    _labelled(command, "queries", "dialogues")
    _cases(command)
    command.add_argument(
        "--mtrag", type=Path, help="reference tasks of mt-rag-benchmark, JSONL; else left out"
    )
    command.add_argument(
        "--rows", type=Path, help="rows of `finetune prepare` to answer, JSONL; else left out"
    )
    command.add_argument("--limit", type=_positive, help="rows of each part (all)")
    _some(command, "parts", PARTS)
    command.add_argument("--markdown", type=Path, metavar="OUT", help="also write the tables here")


_COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "retrieval": ("recall and rank of the right entries, by leg", _retrieval),
    "routing": ("what the whole graph does with labelled queries", _routing),
    "dialogue": ("recall and rank of a conversation's last question", _dialogue),
    "scale": ("what an index of many short passages costs", _scale),
    "load": ("own cost of a turn with a stub model, beside a bare graph", _load),
    "crowd": ("many customers at once: turns a second, P50 to P99, errors", _crowd),
    "simulate": ("simulated customers against the whole graph, held to invariants", _simulate),
    "calibrate": ("fit the decision policy to labelled queries", _calibrate),
    "tune": (
        "measure the numbers of the ranking on labelled queries, by cross-validation",
        _tune,
    ),
    "safety": ("attacks, personal data and poisoned knowledge", _safety),
    "grounding": ("false and true sentences about passages", _grounding),
    "intent": ("tell intents apart, and notice what is none of them", _intent),
    "model": ("what the model at KEFU_LLM__BASE_URL adds, in one report", _model),
}


def _file(command: argparse.ArgumentParser, name: str, default: Path, about: str) -> None:
    command.add_argument(f"--{name}", type=Path, default=default, help=f"{about} (%(default)s)")


def _labelled(command: argparse.ArgumentParser, *names: str) -> None:
    """Add the knowledge, and the files of what is asked about it."""
    _file(command, "kb", DATA / "kb", "knowledge file or folder")
    for name in names:
        _file(command, name, DATA / "eval" / f"{name}.jsonl", f"labelled {name}, JSONL")


def _companies(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--kb", type=Path, action="append", help="knowledge file or folder (data/kb)"
    )
    command.add_argument(
        "--queries",
        type=Path,
        action="append",
        help="labelled queries, JSONL (data/eval/queries.jsonl); repeat both for more companies",
    )


def _cases(command: argparse.ArgumentParser) -> None:
    _file(command, "cases", DATA / "eval" / "grounding.jsonl", "grounding cases, JSONL")


def _segmenter(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--segmenter", choices=get_args(Segmenter), help="instead of that of the settings"
    )


def _misses(command: argparse.ArgumentParser) -> None:
    command.add_argument("--misses", action="store_true", help="list what went wrong")


def _count(command: argparse.ArgumentParser, name: str, default: int, about: str) -> None:
    command.add_argument(
        f"--{name}", type=_positive, default=default, help=f"{about} (%(default)s)"
    )


def _some(command: argparse.ArgumentParser, name: str, known: tuple[str, ...]) -> None:
    about = f"some of {', '.join(known)}, with commas (all)"
    command.add_argument(f"--{name}", type=some_of(known), default=known, help=about)


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
