"""The chat page with scripted turns behind it: python -m tests.e2e.scripted PORT.

In a process of its own, as in real life; `/_seen` tells the test what reached the fakes.
"""

import sys
from dataclasses import asdict
from typing import Any

import uvicorn

from graph.settings import Settings
from graph.state import Pending
from tests.fakes.runner import FakeDesk, FakeModel, FakeRunner, ScriptedTurn, fake_kefu
from ui.web import create_app

EVIL = "<img src=x onerror=\"document.title='pwned'\"><script>document.title='pwned'</script>"
TRACKER = "![pixel](http://192.0.2.1/pixel.png)"
TABLE = "| 方式 | 时间 |\n|---|---|\n| 支付宝 | 1 天 |"
QUOTE = f"信用卡 5-10 个工作日。{EVIL} {TRACKER}\n\n{TABLE}\n\n```"
OPTIONS = ["退款多久到账？", "怎么申请退款？"]
TURNS = {
    "退款多久": ScriptedTurn(
        "信用卡退款 5-10 个工作日到账。[3]",
        citations=[{"id": "nz-1", "title": f"退款到账时间{EVIL}", "quote": QUOTE}],
    ),
    "退款": ScriptedTurn(
        "请问您想了解的是哪一个？\n1. 退款多久到账？\n2. 怎么申请退款？",
        action="clarify",
        reason="uncertain",
        pending=Pending(kind="choice", options=OPTIONS),
    ),
    "股价": ScriptedTurn(
        "资料里没有答案。要为您转接人工客服吗？",
        action="fallback",
        reason="no_knowledge",
        pending=Pending(kind="offer"),
    ),
    "转人工": ScriptedTurn(
        "已为您转接人工客服。",
        action="handoff",
        reason="human",
        owner="queue",
        ticket_id="T20261122-ABCD2345",
    ),
    "没有模型": ScriptedTurn("资料原文。", level=2),
    "故障": ScriptedTurn("", error=RuntimeError("secret: /etc/kefu token=123")),
}


def main(port: int) -> None:
    """Serve until the process is ended."""
    runner, desk = FakeRunner(TURNS, ScriptedTurn("好的。")), FakeDesk()
    app = create_app(runner, fake_kefu(Settings(), desk, FakeModel()))  # type: ignore[arg-type]

    @app.get("/_seen")
    async def _seen() -> dict[str, Any]:
        return {
            "asked": [{"text": text, **asdict(context)} for text, context in runner.asked],
            "turn_ids": runner.turn_ids,
            "feedback": desk.feedback,
        }

    app.router.routes.insert(0, app.router.routes.pop())  # the page takes every other path
    uvicorn.run(app, port=port, log_level="warning", timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(int(sys.argv[1]))
