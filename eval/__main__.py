"""Measure Kefu, on the sample company unless --kb and --queries say otherwise.

python -m eval retrieval --kb kb.jsonl --queries queries.jsonl --json out.json
python -m eval retrieval --dataset insqa --data FOLDER --baselines --plot out.png
python -m eval routing --misses
python -m eval dialogue --misses
python -m eval load --turns 60
python -m eval crowd --customers 1,4,16 --delay-ms 100
python -m eval simulate --n 200 --seed 7 --show 3
python -m eval scale --n 1000,20000,100000
python -m eval calibrate --split dev --out var/policy.json --plot var/policy.png
python -m eval tune --kb data/kb --queries data/eval/queries.jsonl --kb KB --queries QUERIES
python -m eval safety --injection attacks.jsonl --pii pii.jsonl --poisoned entries.jsonl
python -m eval intent --train t.jsonl --val v.jsonl --oos-val o.jsonl --test v.jsonl
python -m eval grounding --cases data/eval/grounding.jsonl
python -m eval model --limit 20 --mtrag dev.jsonl --markdown report.md

Exit code: 0 measured, 1 an invariant was broken (simulate) or the model went away (model), 2 a file
or setting can't be used (the message says which).
"""

import json
import sys
from collections.abc import Sequence
from contextlib import suppress

from pydantic_settings import SettingsError
from rich.console import Console
from rich.markup import escape

from eval.arguments import arguments
from eval.plots import drawing
from tools.errors import ConfigError, KefuError
from tools.loop import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run one measurement and return the exit code."""
    args = arguments(__doc__).parse_args(argv)
    from eval.runs import measured  # noqa: PLC0415 --help should not wait for langgraph
    from eval.show import SHOW  # noqa: PLC0415

    out, errors = Console(soft_wrap=True), Console(stderr=True, soft_wrap=True)
    try:
        if getattr(args, "plot", None) is not None:
            drawing()
        for name in ("json", "markdown", "plot"):  # a wrong place is found before the work
            if (place := getattr(args, name, None)) is not None:
                place.touch()
        if args.command == "calibrate" and not args.out.parent.is_dir():
            raise ConfigError(f"--out {args.out}: expected a place in a folder that is there")
        result = run(measured(args, errors))
    except (KefuError, OSError, SettingsError) as exc:
        errors.print(f"[red]{escape(str(exc))}[/red]")
        return 2
    SHOW[args.command](result, out, args)
    if args.json is not None:
        args.json.write_text(json.dumps(result, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 1 if result.get("violations") or result.get("stopped") else 0


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        sys.exit(main())
    sys.exit(130)
