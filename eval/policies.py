"""Kefu's policy beside the rules of others, on the same labelled queries."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from eval.cases import Case
from eval.conformal import Chances, Flags, area, coverage_at, curve
from eval.metrics import mean
from eval.peer_rules import RULES, Rule, cosine, cosine_rule
from nodes.rules.deciding.chances import Policy, chance_right, of_company
from nodes.rules.policy import Limits, decide_turn

LIMITS = Limits(max_clarify=2, clarify_count=0)
COSINE_REFUSED = 0.1  # share of answerable fitting queries that the plain rule may refuse
UNANSWERABLE = ("indomain_no_answer", "offdomain")


def chances_of(cases: Sequence[Case], policy: Policy, *, alone: bool = False) -> Chances:
    """Return the chance of every case, 0 where no threshold would make the policy answer.

    `alone`: 0 also where it would show several passages because none leads.
    """
    decisions = [
        decide_turn(
            case.state,
            _own(case, policy)._replace(answer_at=0.0, clarify_at=0.0, clear_at=2.0),
            LIMITS,
        )
        for case in cases
    ]
    return np.array(
        [
            chance(case, policy)
            if made["action"] == "answer" and not (alone and made["reason"] == "near_matches")
            else 0.0
            for case, made in zip(cases, decisions, strict=True)
        ]
    )


def right_of(cases: Sequence[Case], policies: Sequence[Policy]) -> Flags:
    """Return whether a relevant entry is among what each policy would show for its case."""
    return np.array(
        [
            case.is_right or (case.lag is not None and case.lag < lead_of(case, policy))
            for case, policy in zip(cases, policies, strict=True)
        ]
    )


def lead_of(case: Case, policy: Policy) -> float:
    """Return how far behind the best hit others are shown."""
    return policy.lead_at if case.state["vector"] else policy.words_lead_at


def chance(case: Case, policy: Policy) -> float:
    """Return the chance that answering is right, as it is for the company that serves the case."""
    own = _own(case, policy)
    return chance_right(own, case.found, has_vector=bool(case.state["vector"]))


def _own(case: Case, policy: Policy) -> Policy:
    return of_company(policy, case.company if case.served is None else case.served)


def compared(
    cases: Sequence[Case], policies: Sequence[Policy], chances: Chances, risk: float
) -> dict[str, dict[str, Any]]:
    """Return a row for Kefu, for every rule, and for one threshold on the best cosine.

    Case by case, `policies` are Kefu's and `chances` what they think of answering. The plain
    threshold is set on these very queries, in its favour.

    coverage              of all: answered
    wrong_among_answered  no relevant entry is shown: Kefu shows up to three, the others the best
    wrong_alone           the best passage is no relevant entry
    wrongly_answered      of in-domain-without-answer and off-domain: answered
    false_refusal         of answerable: not answered
    coverage_at_risk      with the threshold moved so that most are answered with no more than
                          `risk` of them wrong; None: there is none to move
    area                  mean share wrong over all thresholds (area under risk and coverage)
    """
    pairs = list(zip(cases, policies, strict=True))
    answers = [decide_turn(c.state, p, LIMITS)["action"] == "answer" for c, p in pairs]
    shown = right_of(cases, policies)
    rows = {"Kefu": row(cases, answers, chances, risk, shown)}
    for name, rule in {**RULES, "one cosine": _plain(cases)}.items():
        answers = [rule.decides(case.state) == "answer" for case in cases]
        scores = rule.score and np.array([_scored(case, rule) for case in cases])
        rows[name] = {"rule": rule.source, **row(cases, answers, scores, risk)}
    return rows


def _scored(case: Case, rule: Rule) -> float:
    """Return the rule's number; 0 where it would not answer at any threshold."""
    is_out = rule.decides(case.state) == "handoff"
    return 0.0 if is_out or rule.score is None else max(rule.score(case.state), 0.0)


def _plain(fitted: Sequence[Case]) -> Rule:
    asked = [cosine(case.state) for case in fitted if case.label == "answerable"]
    return cosine_rule(float(np.quantile(asked, COSINE_REFUSED)))


def row(
    cases: Sequence[Case],
    answers: Sequence[bool],
    scores: Chances | None,
    risk: float,
    shown: Flags | None = None,
) -> dict[str, Any]:
    """Return the figures of one policy; see `compared`. Shares of nothing are None.

    `shown` says where a relevant entry is shown; else the best passage is what is shown.
    """
    answered = np.array(answers)
    alone = np.array([case.is_right for case in cases])
    right = alone if shown is None else shown
    labels = np.array([case.label for case in cases])
    line = None if scores is None else curve(scores, right)
    return {
        "coverage": mean(answered),
        "wrong_among_answered": mean(~right[answered]),
        "wrong_alone": mean(~alone[answered]),
        "wrongly_answered": mean(answered[np.isin(labels, UNANSWERABLE)]),
        "false_refusal": mean(~answered[labels == "answerable"]),
        "coverage_at_risk": None if line is None else coverage_at(line, risk),
        "area": None if line is None else area(line),
    }


def mean_of(rows: Sequence[dict[str, float | None]]) -> dict[str, float | None]:
    """Return the mean of every figure; None where a row has none."""
    return {
        name: None
        if any(row[name] is None for row in rows)
        else round(sum(row[name] or 0.0 for row in rows) / len(rows), 4)
        for name in rows[0]
    }
