"""Preference rows from the knowledge: a right reply beside one that fails in a way Kefu checks for.

figure     a number differs from the passage's
uncited    the sources are left out
answered   the passage is withheld, and the question is answered nevertheless
refused    the passage is there, and the reply says that it is not
promise    the reply claims to have acted, or to be about to
"""

import re
from pathlib import Path
from typing import Literal, TypedDict, get_args

from finetune.cases import Asked, Case, Message, Split, case, cited, nothing, share, wordings
from finetune.data import THINKING_OFF
from finetune.prepare import write
from nodes.rules.checking.faithful import faults
from nodes.rules.wording.sentences import split
from tools.search.base import Progress
from tools.text.pii import mask

Kind = Literal["figure", "uncited", "answered", "refused", "promise"]
KINDS: tuple[Kind, ...] = get_args(Kind)

_FIGURE = re.compile(r"(?<![\d.\[])\d{1,6}(?![\d.\]])")  # neither half a number nor a citation
_STEPS = (1, 2, 5, 10, 20)
_MARK = re.compile(r"\[\d\]")
_PROMISES = {
    "zh": (
        "我已经为您提交申请，请耐心等待。",
        "我已经帮您登记好了，稍后专员会联系您。",
        "已为您转接人工客服。",
        "我这就为您办理退款。",
    ),
    "en": (
        "I have submitted this for you.",
        "I've already arranged a refund for you.",
        "I'm transferring you to a colleague now.",
    ),
}


class Preference(TypedDict):
    """One pair; `id` names entry, wording and kind. The fields are those of TRL's DPO and KTO."""

    id: str
    split: Split
    kind: Kind
    prompt: list[Message]
    chosen: list[Message]
    rejected: list[Message]
    chat_template_kwargs: dict[str, bool]


def preferences(
    kb: Path, out: Path, *, today: str, limit: int = 0, progress: Progress | None = None
) -> list[Preference]:
    """Write the pairs as JSON lines and return them; the same input gives the same file.

    `limit` keeps that many pairs, spread over knowledge and kinds; 0 keeps all.

    Raises:
        ConfigError: if the knowledge can't be read or has no FAQ entry that may be shown.
    """
    wanted = [(asked, kind) for asked in wordings(kb, today) for kind in KINDS]
    wanted.sort(key=lambda each: share(_name(*each)))
    kept: list[Preference] = []
    for asked, kind in wanted:
        if pair := _pair(asked, kind, today):
            kept.append(pair)
            if progress is not None:
                progress(len(kept), limit or len(wanted))
        if limit and len(kept) == limit:
            break
    write(out, kept)
    return kept


def _name(asked: Asked, kind: Kind) -> str:
    return f"{asked.id} {kind}"


def _pair(asked: Asked, kind: Kind, today: str) -> Preference | None:
    """Return the pair, None where this wording has none of that kind."""
    name = _name(asked, kind)
    made = case(asked, today, seed=name, is_withheld=kind == "answered")
    bad = _rejected(asked, made, kind, name)
    if not bad or mask(bad) == made.reply or _is_faulty(made.reply, made):
        return None
    return {
        "id": name,
        "split": asked.split,
        "kind": kind,
        "prompt": made.prompt,
        "chosen": [{"role": "assistant", "content": made.reply}],
        "rejected": [{"role": "assistant", "content": mask(bad)}],
        "chat_template_kwargs": THINKING_OFF,
    }


def _rejected(asked: Asked, made: Case, kind: Kind, name: str) -> str:
    match kind:
        case "figure":
            return _with_another_figure(made, name)
        case "uncited":
            return _MARK.sub("", made.reply)
        case "answered":
            if made.place:  # there was no other passage, so it could not be withheld
                return ""
            return cited(made.right.text, 1 + int(share(name) * len(made.shown)))
        case "refused":
            return nothing(asked)
        case "promise":
            told = _PROMISES[asked.lang]
            space = "" if asked.lang == "zh" else " "
            return made.reply.rstrip() + space + told[int(share(name) * len(told))]


def _with_another_figure(made: Case, name: str) -> str:
    """Return the reply with one number changed so that the product's checks notice, or ""."""
    figures = list(_FIGURE.finditer(made.reply))
    for figure in sorted(figures, key=lambda each: share(f"{name} {each.start()}")):
        for step in sorted(_STEPS, key=lambda each: share(f"{name} {each}")):
            changed = str(int(figure[0]) + step)
            bad = made.reply[: figure.start()] + changed + made.reply[figure.end() :]
            if _is_faulty(bad, made):
                return bad
    return ""


def _is_faulty(reply: str, made: Case) -> bool:
    """Say whether the checks of the answer node would hold the reply back."""
    sources = [mask(f"{item.title}\n{item.read}") for item in made.shown]
    sentences, rest = split(reply)
    return any(faults(each, sources) for each in [*sentences, rest] if each.strip())
