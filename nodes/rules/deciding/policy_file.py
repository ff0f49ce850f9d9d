"""Read the file that `python -m eval calibrate` writes."""

import json
import math
from collections.abc import Mapping
from pathlib import Path

from nodes.rules.deciding.chances import AS_IS, FOLLOW, Policy
from nodes.rules.deciding.features import FEATURES
from tools.errors import ConfigError

VERSION = 4
REPAIR = "python -m eval calibrate"
NUMBERS = (
    *("bias", "words_bias", "read_bias", "together_bias", "follow_bias"),
    *("follow_at", "lead_at", "words_lead_at"),
)
EDGES = ("clarify_at", "answer_at", "clear_at", "careful_at")


def load_policy(path: Path) -> Policy:
    """Read a policy.

    Raises:
        ConfigError: if the file is missing, damaged or of another version.
    """
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if (version := raw.pop("version")) != VERSION:
            raise ValueError(f"expected version {VERSION}, got {version!r}")
        policy = Policy(**raw, scale=AS_IS)
        _check(policy)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as exc:
        raise ConfigError(
            f"{path}: no usable policy ({type(exc).__name__}: {exc}); make it anew: "
            f"{REPAIR} --out {path}"
        ) from exc
    return policy


def _check(policy: Policy) -> None:
    """Raise TypeError or ValueError, saying which key has what instead of what."""
    every = (policy.weights, policy.words_weights, policy.read_weights, policy.together_weights)
    weights = [pair for each in every for pair in each.items()]
    follow = policy.follow_weights
    unknown = {name for name, _ in weights} - set(FEATURES) | follow.keys() - set(FOLLOW)
    if unknown:
        raise ValueError(f"unknown features {sorted(unknown)}")
    edges = {name: getattr(policy, name) for name in EDGES}
    numbers = {name: getattr(policy, name) for name in NUMBERS} | dict(weights) | edges
    numbers |= {f"follow_weights: {name}": weight for name, weight in follow.items()}
    for name, number in numbers.items():
        _check_number(name, number)
    if not 0 <= policy.clarify_at <= policy.answer_at <= min(policy.clear_at, policy.careful_at):
        raise ValueError(
            "expected 0 <= clarify_at <= answer_at <= clear_at and careful_at, "
            f"got {', '.join(f'{name} {edge}' for name, edge in edges.items())}"
        )
    if not isinstance(policy.fitted_on, Mapping):
        raise TypeError(f"fitted_on: expected an object, got {policy.fitted_on!r}")
    _check_companies(policy)


def _check_companies(policy: Policy) -> None:
    for company, scale in policy.scales.items():
        name = f"scales: {company}"
        if not isinstance(scale, list) or len(scale) != len(("shift", "slope")):
            raise ValueError(f"{name}: expected shift and slope, got {scale!r}")
        for number in scale:
            _check_number(name, number)
        if scale[1] <= 0:
            raise ValueError(f"{name}: expected a slope above 0, got {scale[1]}")
    chances = {f"bars: {company}": bar for company, bar in policy.bars.items()}
    for name, bar in (chances | {"follow_at": policy.follow_at}).items():
        _check_number(name, bar)
        if not 0 <= bar <= 1:
            raise ValueError(f"expected chances, 0..1: {name}")
    if policy.bars and policy.bars.keys() != policy.scales.keys():
        raise ValueError("expected bars and scales of the same companies")
    known = policy.fitted_on.get("knowledge")
    n = len(policy.scales)
    if n and not (isinstance(known, list) and len(known) == n):
        raise ValueError(f"expected as many scales as fitted_on has knowledge, got {n}")


def _check_number(name: str, number: object) -> None:
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise TypeError(f"{name}: expected a number, got {number!r}")
    if not math.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, got {number!r}")
