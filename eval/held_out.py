"""How good a fitted policy is: what it promises, and how policies do on what they never saw."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from eval.cases import ELSEWHERE, Case
from eval.conformal import (
    Chances,
    Flags,
    bins,
    bounded,
    curve,
    error_by_chance,
    expected_error,
    needed,
    upper,
)
from eval.fit import fitted_on
from eval.policies import chance, chances_of, compared, mean_of, right_of
from nodes.rules.deciding.chances import Policy, of_company
from tools.errors import ConfigError

FOLDS = 5
REPEATS = 5
RISKS = (0.05, 0.1, 0.15, 0.2, 0.3)  # bounds that the report tries


def check(fitted: Sequence[Case], calibration: Sequence[Case], place: str) -> None:
    """Check that there is something to tell apart.

    Raises:
        ConfigError: if there is not; says what there is.
    """
    right = sum(case.lag is not None for case in fitted)
    asked = sum(case.label == "answerable" for case in fitted)
    if not right or right == len(fitted) or not asked or not calibration:
        raise ConfigError(
            f"{place}: expected right, wrong and answerable queries to fit on, and others to "
            f"calibrate on; got {right} right of {len(fitted)}, {asked} answerable, "
            f"{len(calibration)} others; label more queries"
        )


def alone(cases: Sequence[Case], policy: Policy) -> tuple[Chances, Flags]:
    """Return the chances of answers by one entry, and whether it is the right one."""
    right = np.array([case.is_right for case in cases])
    return chances_of(cases, policy, alone=True), right


def promises(
    fitted: Sequence[Case],
    calibration: Sequence[Case],
    policy: Policy,
    risk: float,
    confidence: float,
) -> dict[str, Any]:
    """Return what the calibration part says of a policy.

    bounds: for each share of wrong answers, what can be promised of it, each for itself. Shares
    with an `upper` stay under it with the confidence, where the threshold was not chosen on them.
    """
    known, (chances, right) = alone(fitted, policy), alone(calibration, policy)
    bounds = []
    for tried in sorted({risk, *RISKS}):
        bound = bounded(known, (chances, right), risk=tried, confidence=confidence)
        threshold, answered, wrong = bound or (None, 0, 0)
        bounds.append(
            {
                "risk": tried,
                "threshold": threshold,
                "coverage": round(answered / len(chances), 4),
                "answered": answered,
                "wrong": wrong,
            }
        )
    return {
        "fitted": len(fitted),
        "calibration": len(calibration),
        "risk": risk,
        "confidence": confidence,
        "needed": needed(risk, confidence),
        "bounds": bounds,
        "answer_at": _from(
            policy.answer_at, *_shown(calibration, [policy] * len(calibration)), confidence
        ),
        "clear_at": _from(policy.clear_at, chances, right, confidence),
    }


def cross_fitted(cases: Sequence[Case], risk: float, place: str) -> list[dict[str, Any]]:
    """Return for each company how good policies are that were not fitted on a case's entries.

    Fitted on all companies. Means over REPEATS divisions into FOLDS; diagram and curve are the
    first one's. ece: of the chances of all that a passage may settle; ece_by_chance is what exactly
    true chances would show on as many cases.
    """
    divisions = [_by_fold(cases, seed, place) for seed in range(REPEATS)]
    companies = list(dict.fromkeys(case.company for case in cases))
    return [
        {"kb": Path(company).name, **_judged(cases, divisions, company, risk)}
        for company in companies
    ]


def _judged(
    cases: Sequence[Case], divisions: Sequence[Sequence[Policy]], company: str, risk: float
) -> dict[str, Any]:
    runs: list[dict[str, Any]] = []
    own = [case for case in cases if case.company == company]
    for division in divisions:
        pairs = [(c, p) for c, p in zip(cases, division, strict=True) if c.company == company]
        policies = [policy for _, policy in pairs]
        asked = [(case, policy) for case, policy in pairs if case.label not in ELSEWHERE]
        chances = np.array([chance(case, policy) for case, policy in asked])
        diagram = bins(chances, np.array([case.lag is not None for case, _ in asked]))
        gated, right = _shown(own, policies)
        runs.append(
            {
                "ece": expected_error(diagram),
                "ece_by_chance": error_by_chance(chances),
                "reliability": diagram,
                "curve": curve(gated, right),
                "policies": compared(own, policies, gated, risk),
            }
        )
    rows = dict(runs[0]["policies"])
    rows["Kefu"] = mean_of([run["policies"]["Kefu"] for run in runs])
    means = mean_of([{key: run[key] for key in ("ece", "ece_by_chance")} for run in runs])
    return {"n": len(own), **runs[0], **means, "policies": rows}


def _by_fold(cases: Sequence[Case], seed: int, place: str) -> list[Policy]:
    """Return for every case a policy that was fitted without its entry, at its company's bar."""
    folds = [crc32(f"{seed} {case.group}".encode()) % FOLDS for case in cases]
    fitted: dict[int, Policy] = {}
    for fold in set(folds):
        parts = zip(cases, folds, strict=True)
        others = [case for case, own in parts if own != fold and case.label not in ELSEWHERE]
        check(others, cases, place)
        fitted[fold] = fitted_on(others)
    return [of_company(fitted[fold], c.company) for c, fold in zip(cases, folds, strict=True)]


def _shown(cases: Sequence[Case], policies: Sequence[Policy]) -> tuple[Chances, Flags]:
    """Return the chances of all answers, and whether a right entry is shown."""
    pairs = zip(cases, policies, strict=True)
    chances = np.concatenate([chances_of([case], policy) for case, policy in pairs])
    return chances, right_of(cases, policies)


def _from(edge: float, chances: Chances, right: Flags, confidence: float) -> dict[str, Any]:
    answered = chances >= edge
    n, wrong = int(answered.sum()), int((answered & ~right).sum())
    return {
        "threshold": edge,
        "coverage": round(n / len(chances), 4),
        "answered": n,
        "wrong": wrong,
        "upper": round(upper(n, wrong, confidence), 4),
    }
