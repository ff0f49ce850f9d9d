"""Ask one question back: which of the candidates, or what is missing."""

from collections.abc import Callable

from langgraph.runtime import Runtime

from graph.context import Context
from graph.state import Pending, State
from nodes.replies import say
from nodes.speech import elapsed_ms, message, note, show
from tools.text.normalise import language


async def clarify(state: State, runtime: Runtime[Context], *, now_s: Callable[[], float]) -> State:
    """Ask, and remember the options so that the next message can pick one."""
    decision = state["decision"]
    options = decision["options"]
    match decision["reason"]:
        case "empty":
            text = say(state["locale"], "empty")
        case "too_long":
            text = say(state["locale"], "too_long", chars=str(len(state["said"])))
        case "denied":
            text = say(state["locale"], "clarify_denied" if options else "clarify_denied_open")
        case "no_such_option":
            text = say(state["locale"], "no_such_option", count=str(len(options)))
        case "other_product":
            text = say(state["locale"], "clarify_other_product")
        case _:
            text = say(state["locale"], "clarify" if options else "clarify_open")
    if state["locale"] == "en" and any(language(option) == "zh" for option in options):
        text += f" {say('en', 'other_language')}"
    if options:
        text += "".join(f"\n{n}. {option}" for n, option in enumerate(options, start=1))
    show(runtime, text)
    note(runtime, "clarify", options=options)
    pending = Pending(kind="choice", question=state["question"], options=options)
    return {
        "messages": [message(state, text)],
        "pending": pending if options else Pending(),
        "clarify_count": state.get("clarify_count", 0) + 1,
        "first_token_ms": elapsed_ms(state, now_s()),
    }
