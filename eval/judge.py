"""False and true sentences about passages: what the rules notice, what the model, what either."""

from typing import Any

from eval.grounding import Case, report
from eval.watch import Watch, measured
from nodes.judge import is_disputed
from nodes.rules.checking.faithful import faults
from nodes.rules.deciding.evidence import Evidence
from tools.search.base import Progress


async def judged(
    cases: list[Case], watch: Watch, progress: Progress | None = None
) -> dict[str, Any]:
    """Return the keys of `python -m eval grounding` for the rules, beside the model as a judge."""

    async def ask(case: Case) -> bool:
        passages = [Evidence("", "doc", "", text) for text in case.evidence]
        return await is_disputed(watch, case.sentence, passages)

    result = await measured(cases, ask, watch, progress)
    if not result.done:
        return result.note()
    rows = [case for case, _ in result.done]
    ruled = [faults(case.sentence, case.evidence, case.question) for case in rows]
    by_model = [["judge"] if is_faulty else [] for _, is_faulty in result.done]
    either = [[*rule, *model] for rule, model in zip(ruled, by_model, strict=True)]
    return {
        **report(rows, ruled),
        **result.note(),
        "by_model": report(rows, by_model),
        "by_either": report(rows, either),
    }
