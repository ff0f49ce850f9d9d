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

from eval.cases import ELSEWHERE, Case, read_companies
from eval.conformal import Chances, Flags, bounded, needed
from eval.fit import fitted_on, followed
from eval.held_out import alone, check, cross_fitted, promises
from graph.settings import ROOT, Settings
from nodes.rules.deciding.chances import SURE, Policy
from nodes.rules.deciding.features import FOLLOWS
from nodes.rules.deciding.policy_file import VERSION, load_policy
from nodes.rules.deciding.stale import served_by
from tools.errors import ConfigError
from tools.search.base import Progress

SHIPPED = ROOT / "data" / "policy.json"


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
    """Return the policy as it is kept in a file, and the report on it (docs/policy.md).

    - `files` are the knowledge and the queries of each company. Weights are fitted on the queries
      of `split`, and of companies whose queries name none; the bound comes from the others. ""
      fits on half of the entries.
    - A chance is that of a relevant entry among the hits that are shown at most.
    - From `clear_at` at most `risk` of the answers by one entry are wrong, with `confidence`
      (`eval.conformal.bounded`). Where the queries can't show that, `clear_at` is above every wrong
      case seen, and the report has no bound. Unless `is_strict` it is no lower than SURE: a model
      reads what is less sure.
    - `answer_at` and each company's bar leave few answerable queries unanswered, and promise
      nothing; with `is_strict` nothing is answered below `clear_at`.
    - Queries with earlier messages only tell how follow-ups are weighed; without any, they are
      weighed as in the shipped policy.

    Raises:
        ConfigError: if there is nothing to tell apart (no right, no wrong or no answerable query to
            fit on), nothing to calibrate on, or, with `is_strict`, no threshold keeps the bound.
    """
    found = await read_companies(files, config, progress=progress)
    later = [case for case in found.cases if case.is_later]
    found = replace(found, cases=[case for case in found.cases if not case.is_later])
    queries = ", ".join(str(asked) for _, asked in files)
    fitted, calibration = divided(found.cases, split)
    check(fitted, calibration, f"{queries}: split {split!r}")
    policy = _weighed(fitted, later)
    marks = [found.knowledge[company] for company in policy.scales]
    unbarred = policy._replace(bars={})  # as where a model answers: there `clear_at` decides
    served = {
        company: served_by(unbarred, marks, mark) for company, mark in found.knowledge.items()
    }
    calibration = [replace(case, served=served[case.company]) for case in calibration]
    both = [alone(part, policy) for part in (fitted, calibration)]
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
        clear_at=round(max(clear_at, answer_at, 0.0 if is_strict else SURE), 4),
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
            "knowledge": marks,
        },
    )
    report = {
        **promises(fitted, calibration, policy, risk, confidence),
        "cross_fitted": cross_fitted(
            [case for case in found.cases if case.company in {each.company for each in fitted}],
            risk,
            f"{queries}: a fold",
        ),
    }
    kept = {name: value for name, value in policy._asdict().items() if name != "scale"}
    return {"policy": {"version": VERSION, **kept}, "report": report}


def _weighed(fitted: Sequence[Case], later: Sequence[Case]) -> Policy:
    """Return fitted weights; those of follow-ups as shipped where none can tell anything."""
    shipped = load_policy(SHIPPED)
    policy = fitted_on(fitted)._replace(
        follow_bias=shipped.follow_bias,
        follow_weights=shipped.follow_weights,
        follow_at=shipped.follow_at,
    )
    return followed(policy, [case for case in later if case.found[FOLLOWS]])


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


def _above_wrong(chances: Chances, right: Flags) -> float:
    """Return a threshold just above the surest wrong case."""
    return min(float(chances[~right].max(initial=0.0)) + 1e-3, 1.0)


def save(policy: dict[str, Any], path: Path) -> None:
    """Write a policy file."""
    path.write_text(json.dumps(policy, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
