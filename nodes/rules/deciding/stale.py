"""Notice that the policy was fitted for something else than what it decides about."""

from collections.abc import Mapping, Sequence
from typing import Literal

from nodes.rules.deciding.chances import Policy, of_company, strictness

Mark = Mapping[str, str]  # of some entries: digest of the id -> digest of the question
Why = Literal["", "embedder", "unmarked", "away", "other_knowledge", "changed_knowledge"]

SAMPLE = 96  # entries that stand for all
CHANGED_BELOW = 0.75  # share of the same entries below which the knowledge has changed much
OTHER_BELOW = 0.25  # below which it is another one: never labelled


def likeness(one: Mark, other: Mark) -> float:
    """Return about which share of the entries of either is the same in both, 0..1."""
    sample = sorted(one.keys() | other.keys())[:SAMPLE]
    same = sum(one.get(digest) == other.get(digest) for digest in sample)
    return same / len(sample) if sample else 1.0


def staleness(fitted_on: Mapping[str, object], *, embedder: str, knowledge: Mark | None) -> Why:
    """Say why a policy fitted on `fitted_on` does not suit; "" when it does.

    Without an embedder (`embedder` "") its weights for words count, which fit any. `knowledge` is
    None while nobody can say what is served. Of several companies the one most alike counts.
    """
    marks = _marks(fitted_on)
    if not marks or "embedder" not in fitted_on:
        return "unmarked"
    if embedder and embedder != fitted_on["embedder"]:
        return "embedder"
    if knowledge is None:
        return "away"
    share = max(likeness(one, knowledge) for one in marks)
    if share >= CHANGED_BELOW:
        return ""
    return "changed_knowledge" if share >= OTHER_BELOW else "other_knowledge"


def suited(policy: Policy, why: Why, knowledge: Mark | None) -> Policy:
    """Return what to decide by where `knowledge` is served, and `why` `policy` does not quite suit.

    Chances and bar are those of the company which is most alike, of several the strictest's.
    Another embedder: its vectors mean other numbers, so words alone are weighed. Knowledge that was
    never labelled, or is not known: answered only from `careful_at`.
    """
    if why == "embedder":
        return policy._replace(
            bias=policy.words_bias,
            weights=policy.words_weights,
            read_weights={},
            together_weights={},
        )
    if why in ("unmarked", "away", "other_knowledge"):
        careful = max(policy.answer_at, policy.careful_at)
        return policy._replace(answer_at=careful, clear_at=max(policy.clear_at, careful))
    if policy.scales and knowledge is not None:
        return of_company(policy, served_by(policy, _marks(policy.fitted_on), knowledge))
    return policy


def served_by(policy: Policy, marks: Sequence[Mark], knowledge: Mark) -> str:
    """Return the company whose chances and bar count where `knowledge` is served; "" = nobody's."""
    ranked = [
        (likeness(mark, knowledge), strictness(policy, company), company)
        for mark, company in zip(marks, policy.scales, strict=True)
    ]
    alike, _, company = max(ranked)
    return company if alike >= OTHER_BELOW else ""


def _marks(fitted_on: Mapping[str, object]) -> list[Mark]:
    """Return what tells each company's knowledge, in the order of the policy's scales."""
    known = fitted_on.get("knowledge")
    every = known if isinstance(known, list) else [known]
    marks = [one for one in every if isinstance(one, Mapping)]
    return marks if len(marks) == len(every) else []
