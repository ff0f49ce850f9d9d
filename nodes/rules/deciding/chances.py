"""The chance that answering from the passages is right, and the policy file's weights for it.

It is a logistic function of a few features, fitted on labelled queries by `python -m eval
calibrate` and kept in a file (policy_file.py).
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from nodes.rules.deciding.features import FOLLOWS, LACKS

AS_IS = (0.0, 1.0)  # the scale that changes no chance
SURE = 0.95
LOGIT, MOST_LOGIT = "logit", 8.0  # of the chance by all other features; how far it counts
FOLLOW = (LOGIT, FOLLOWS, LACKS)  # what a follow-up is weighed by


class Policy(NamedTuple):
    """Weights and thresholds; chances are 0..1, weights are per unit of their feature."""

    bias: float  # where no tokens were read
    weights: Mapping[str, float]
    words_bias: float  # the same without vectors: words alone
    words_weights: Mapping[str, float]
    answer_at: float  # chance from which the passages are answered from
    clarify_at: float  # chance from which asking back is worth it
    clear_at: float  # chance from which one entry is quoted without asking the model
    lead_at: float = 0.0  # lead, in fused score, from which the best hit alone is quoted
    words_lead_at: float = 0.0  # the same without vectors
    careful_at: float = 1.0  # instead of answer_at for knowledge that was never labelled
    read_bias: float = 0.0  # where the hits' tokens were read
    read_weights: Mapping[str, float] = MappingProxyType({})  # {}: nothing of it was seen
    together_bias: float = 0.0  # where the best hit was read with the question as well
    together_weights: Mapping[str, float] = MappingProxyType({})
    follow_bias: float = 0.0  # of a follow-up
    follow_weights: Mapping[str, float] = MappingProxyType({})  # of its logit, `follows`, `lacks`
    follow_at: float = 0.0  # chance from which it is answered
    bars: Mapping[str, float] = MappingProxyType({})  # of each company: its own answer_at
    scales: Mapping[str, Sequence[float]] = MappingProxyType({})  # and shift, slope of its logit
    scale: Sequence[float] = AS_IS  # of the company that is served; not in the file
    fitted_on: Mapping[str, object] = MappingProxyType({})  # as the file has it; see stale.py


def chance_right(policy: Policy, found: Mapping[str, float], *, has_vector: bool) -> float:
    """Return the estimated chance, 0..1, that one of the best passages answers the question."""
    if not has_vector:
        bias, weights = policy.words_bias, policy.words_weights
    elif found["answers"] and policy.together_weights:
        bias, weights = policy.together_bias, policy.together_weights
    elif found["agreement"] > 0 and policy.read_weights:
        bias, weights = policy.read_bias, policy.read_weights
    else:
        bias, weights = policy.bias, policy.weights
    score = bias + sum(weight * found[name] for name, weight in weights.items())
    if found[FOLLOWS] and policy.follow_weights:
        read = {**found, LOGIT: bounded(score)}
        weighed = (weight * read[name] for name, weight in policy.follow_weights.items())
        score = policy.follow_bias + sum(weighed)
    else:
        shift, slope = policy.scale
        score = shift + slope * score
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def bounded(score: float) -> float:
    """Return a logit as it is weighed for a follow-up."""
    return max(-MOST_LOGIT, min(MOST_LOGIT, score))


def at_its_bar(policy: Policy, found: Mapping[str, float]) -> Policy:
    """Return the policy at the bar for follow-ups where this is one."""
    is_follow_up = found[FOLLOWS] and policy.follow_weights
    return at_bar(policy, policy.follow_at) if is_follow_up else policy


def of_company(policy: Policy, company: str) -> Policy:
    """Return the policy as it decides for a company it was fitted on: its chances, at its bar.

    How sure the same features make, differs between companies: whose customers write in the words
    of the entries, means more by them. So each has its own shift and slope of the logit (Platt,
    "Probabilistic outputs for support vector machines", 1999), of words alone too, which meet the
    same bar. A follow-up's chance was fitted on all companies' and has no scale. As the policy is
    for another company.
    """
    if scale := policy.scales.get(company):
        policy = policy._replace(scale=scale, scales={})
    return at_bar(policy, policy.bars[company]) if company in policy.bars else policy


def strictness(policy: Policy, company: str) -> float:
    """Return a company's bar as all companies' weights see it: a logit.

    Without bars, that of a sure answer: with a model only those are given unread.
    """
    shift, slope = policy.scales.get(company, AS_IS)
    bar = min(max(policy.bars.get(company, SURE), 1e-9), 1 - 1e-9)
    return (math.log(bar / (1 - bar)) - shift) / slope


def at_bar(policy: Policy, bar: float) -> Policy:
    """Return the policy that answers from chance `bar`, and asks back from half of it."""
    return policy._replace(answer_at=bar, clarify_at=bar / 2, clear_at=max(policy.clear_at, bar))
