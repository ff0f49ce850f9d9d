"""/metrics: what Prometheus reads of this process, for those who may."""

import math
import re
from collections.abc import Mapping
from secrets import compare_digest

from fastapi import FastAPI, Request, Response
from starlette.responses import PlainTextResponse

from graph.settings import Settings
from tools.telemetry import CONTENT_TYPE_PLAIN_0_0_4, Telemetry
from ui.health import Pulse
from ui.loopback import is_loopback

METRICS_PATH = "/metrics"
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")  # a proxy asks for somebody


def add_metrics(app: FastAPI, telemetry: Telemetry, pulse: Pulse, config: Settings) -> None:
    """Serve METRICS_PATH; without a key only where nobody else can reach the address."""
    key = config.metrics_key.get_secret_value()
    if not key and not is_loopback(config.host):
        return

    @app.get(METRICS_PATH)
    async def _metrics(request: Request) -> Response:
        if why := _refused(request.headers, key):
            return PlainTextResponse(why, 401, {"WWW-Authenticate": "Bearer"})
        found = await pulse.feel()
        desk = found["desk"] or {}
        telemetry.stand(
            found["level"],
            waiting_messages=desk.get("waiting_messages", math.nan),
            unclosed_tickets=desk.get("unclosed_tickets", math.nan),
        )
        return Response(telemetry.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _refused(headers: Mapping[str, str], key: str) -> str:
    """Return what to do to be let in; "" for whoever may read."""
    if not key:
        is_forwarded = any(name in headers for name in FORWARDED)
        # A browser that a page has led here by a name of its own, or a proxy that hides itself.
        is_renamed = not is_loopback(re.sub(r":\d*$", "", headers.get("host", "")).strip("[]"))
        is_elsewhere = is_forwarded or is_renamed
        return "Set KEFU_METRICS_KEY to read this from elsewhere" if is_elsewhere else ""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    is_right = scheme.lower() == "bearer" and compare_digest(given.encode(), key.encode())
    return "" if is_right else "Authorization: Bearer KEFU_METRICS_KEY, please"
