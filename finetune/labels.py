"""People correct answers in Label Studio: rows go out as tasks, corrections come back as rows.

The form is finetune/labels.xml. What goes out is masked; no server is asked, both ways are files:
create a project with the form, import the tasks, export JSON.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from finetune.data import read
from finetune.prepare import write
from tools.errors import ConfigError
from tools.text.pii import mask

FORM = Path(__file__).with_name("labels.xml")
_PASSAGE = re.compile(r'<资料 编号="(\d+)">\n(.*?)\n</资料>', re.DOTALL)


class Labelled(NamedTuple):
    """Rows that people's verdicts gave."""

    rows: list[dict[str, Any]]  # for sft: good answers, and bad ones as corrected
    pairs: list[dict[str, Any]]  # for dpo and kto: the corrected answer beside the first one


def export(data: Path, out: Path, *, limit: int = 0) -> int:
    """Write rows of a file for `sft` as Label Studio tasks; return how many.

    Raises:
        ConfigError: if the file can't be used; names the line.
    """
    kept, held_out = read("sft", data)
    rows = [
        (split, sample)
        for split, samples in (("train", kept), ("validation", held_out))
        for sample in samples
    ][: limit or None]
    tasks = [{"data": _task(split, sample)} for split, sample in rows]
    out.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return len(tasks)


def _task(split: str, sample: dict[str, Any]) -> dict[str, Any]:
    said = sample["prompt"]
    passages = _PASSAGE.findall("\n".join(m["content"] for m in said if m["role"] == "system"))
    return {
        "split": split,
        "prompt": said,
        "passages": "\n\n".join(f"[{number}] {text}" for number, text in passages),
        "dialogue": [message for message in said if message["role"] != "system"],
        "answer": sample["completion"][0]["content"],
    }


def labelled(exported: Path, out: Path, *, pairs: Path | None = None) -> Labelled:
    """Read what Label Studio exported as JSON, and write rows, and pairs where asked for.

    Tasks without a verdict are left out; of several verdicts on one the last counts.

    Raises:
        ConfigError: if it is no such file or has no verdict.
    """
    try:
        tasks = json.loads(exported.read_text(encoding="utf-8"))
        found = list(_verdicts(tasks))
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as exc:
        raise ConfigError(
            f"{exported}: expected Label Studio's export as JSON, with the form"
            f" {FORM.name} ({exc!r})"
        ) from exc
    if not found:
        raise ConfigError(f"{exported}: expected tasks with a verdict, found none")
    made = Labelled([], [])
    for task, is_good, answer in found:
        before = {"split": task["split"], "prompt": task["prompt"]}
        if is_good or answer != task["answer"]:
            made.rows.append({**before, "completion": answer})
        if answer != task["answer"]:
            made.pairs.append({**before, "chosen": answer, "rejected": task["answer"]})
    write(out, made.rows)
    if pairs is not None:
        write(pairs, made.pairs)
    return made


def _verdicts(tasks: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], bool, str]]:
    """Yield a task's data, whether its answer was called good, and the answer as it stands now."""
    for task in tasks:
        given = [each for each in task["annotations"] if not each.get("was_cancelled")]
        if not given:
            continue
        values = {each["from_name"]: each["value"] for each in given[-1]["result"]}
        if "verdict" in values:
            texts = values.get("answer", {}).get("text") or [task["data"]["answer"]]
            answer = mask((texts if isinstance(texts, str) else "\n".join(texts)).strip())
            if not answer:
                raise ValueError("an answer is empty")
            yield task["data"], values["verdict"]["choices"][0] == "good", answer
