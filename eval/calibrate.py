"""Fit the decision policy to labelled queries, bound its wrong answers, and say how good it is.

The queries are divided by entry: weights come from the fitting part alone, the bound from the
calibration part. How good such policies are is measured on all queries, each judged by a policy
that was fitted without its entry.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from eval.cases import ELSEWHERE, Case, read_companies
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
from eval.fit import fitted_on, followed
from eval.policies import chance, chances_of, compared, mean_of, right_of
from graph.settings import ROOT, Settings
from nodes.rules.chances import Policy, at_bar
from nodes.rules.features import FOLLOWS
from nodes.rules.policy_file import VERSION, load_policy
from tools.errors import ConfigError
from tools.search.base import Progress

SHIPPED = ROOT / "data" / "policy.json"
FOLDS = 5
REPEATS = 5
RISKS = (0.05, 0.1, 0.15, 0.2, 0.3)  # bounds that the report tries


async def calibrate(
    files: Sequence[tuple[Path, Path]],
    config: Settings,
    *,
    split: str = "",
    risk: float = 0.05,
    confidence: float = 0.9,
    is_strict: bool = False,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Return the policy as it is kept in a file, and the report on it.

    `files` are knowledge and queries of each company. Fitted on the queries of `split` and of
    companies whose queries name none, bounded on those of other splits; "" fits on half of the
    entries. A chance is that of a relevant entry among the hits that are shown at most. From
    `clear_at` at most `risk` of the answers by one entry are wrong, with `confidence`
    (`eval.conformal.bounded`); with `is_strict` nothing is answered below it, else `answer_at` and
    each company's own bar leave few answerable queries unanswered and carry no such promise. Where
    the queries can't show the bound, `clear_at` is above every wrong case seen, and the report has
    no bound. Queries with earlier messages only say how follow-ups are weighed; without any, these
    are weighed as the shipped policy does.

    Raises:
        ConfigError: if there is nothing to tell apart (no right, no wrong or no answerable query to
            fit on), nothing to calibrate on, or, with `is_strict`, no threshold keeps the bound.
    """
    found = await read_companies(files, config, progress=progress)
    later = [case for case in found.cases if case.is_later]
    found = replace(found, cases=[case for case in found.cases if not case.is_later])
    queries = ", ".join(str(asked) for _, asked in files)
    fitted, calibration = divided(found.cases, split)
    _check(fitted, calibration, f"{queries}: split {split!r}")
    shipped = load_policy(SHIPPED)
    policy = fitted_on(fitted)._replace(
        follow_bias=shipped.follow_bias,
        follow_weights=shipped.follow_weights,
        follow_at=shipped.follow_at,
    )
    policy = followed(policy, [case for case in later if case.found[FOLLOWS]])
    both = [_alone(part, policy) for part in (fitted, calibration)]
    bound = bounded(*both, risk=risk, confidence=confidence)
    if is_strict and bound is None:
        raise ConfigError(
            f"{queries}: no threshold keeps wrong answers at {risk:.0%} with {confidence:.0%} "
            f"confidence; it takes at least {needed(risk, confidence)} answers, all right: label "
            "more queries, or raise --risk, lower --confidence, leave out --strict"
        )
    clear_at = bound.threshold if bound else max(_above_wrong(*part) for part in both)
    answer_at = clear_at if is_strict else policy.answer_at
    bars = {} if is_strict else policy.bars
    policy = policy._replace(
        answer_at=round(answer_at, 4),
        clarify_at=round(min(policy.clarify_at, answer_at), 4),
        clear_at=round(max(clear_at, answer_at), 4),
        careful_at=round(max(policy.careful_at, answer_at), 4),
        bars=bars,
        fitted_on={
            "kb": ", ".join(dict.fromkeys(kb.name for kb, _ in files)),
            "queries": ", ".join(asked.name for _, asked in files),
            "split": split,
            "n": len(fitted),
            "calibrated_on": len(calibration),
            "embedder": found.embedder,
            "bound": {"risk": risk, "confidence": confidence, **bound._asdict()} if bound else None,
            "knowledge": [found.knowledge[company] for company in policy.bars],
        },
    )
    report = {
        **_promises(fitted, calibration, policy, risk, confidence),
        "cross_fitted": _cross_fitted(
            [case for case in found.cases if case.company in {each.company for each in fitted}],
            risk,
            f"{queries}: a fold",
        ),
    }
    return {"policy": {"version": VERSION, **policy._asdict()}, "report": report}


def divided(cases: Sequence[Case], split: str) -> tuple[list[Case], list[Case]]:
    """Return fitting and calibration part, without an entry in common in one file.

    What no passage should settle is no matter of chances: it is only in the second part. With a
    `split`, companies whose queries name none are fitted on as a whole. Queries in a file of their
    own, none of them of `split`, are a draw of their own: they are calibrated on as a whole,
    whatever they are about, for customers too will ask about entries that were fitted on.
    """
    parted = {case.company for case in cases if case.split}

    def is_fitted(case: Case) -> bool:
        if split:
            return case.split == split or case.company not in parted
        return crc32(case.group.encode()) % 2 == 0

    groups = {case.group for case in cases if is_fitted(case)}
    fitted = [case for case in cases if is_fitted(case) and case.label not in ELSEWHERE]
    return fitted, [case for case in cases if case.group not in groups]


def _check(fitted: Sequence[Case], calibration: Sequence[Case], place: str) -> None:
    right = sum(case.lag is not None for case in fitted)
    asked = sum(case.label == "answerable" for case in fitted)
    if not right or right == len(fitted) or not asked or not calibration:
        raise ConfigError(
            f"{place}: expected right, wrong and answerable queries to fit on, and others to "
            f"calibrate on; got {right} right of {len(fitted)}, {asked} answerable, "
            f"{len(calibration)} others; label more queries"
        )


def _alone(cases: Sequence[Case], policy: Policy) -> tuple[Chances, Flags]:
    """Return the chances of answers by one entry, and whether it is the right one."""
    right = np.array([case.is_right for case in cases])
    return chances_of(cases, policy, alone=True), right


def _shown(cases: Sequence[Case], policies: Sequence[Policy]) -> tuple[Chances, Flags]:
    """Return the chances of all answers, and whether a right entry is shown."""
    pairs = zip(cases, policies, strict=True)
    chances = np.concatenate([chances_of([case], policy) for case, policy in pairs])
    return chances, right_of(cases, policies)


def _above_wrong(chances: Chances, right: Flags) -> float:
    """Return a threshold just above the surest wrong case."""
    return min(float(chances[~right].max(initial=0.0)) + 1e-3, 1.0)


def _promises(
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
    known, (chances, right) = _alone(fitted, policy), _alone(calibration, policy)
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


def _cross_fitted(cases: Sequence[Case], risk: float, place: str) -> list[dict[str, Any]]:
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
        _check(others, cases, place)
        fitted[fold] = fitted_on(others)
    return [
        at_bar(fitted[fold], fitted[fold].bars.get(case.company, fitted[fold].answer_at))
        for case, fold in zip(cases, folds, strict=True)
    ]


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


def save(policy: dict[str, Any], path: Path) -> None:
    """Write a policy file."""
    path.write_text(json.dumps(policy, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
