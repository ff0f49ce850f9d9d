"""Values of settings that are checked: names of people, secrets that are sent, time zones."""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, SecretStr


def _can_sign_in(name: str) -> str:
    if not name.strip() or ":" in name:  # HTTP's own sign-in ends the name at the first colon
        raise ValueError("expected a name that can sign in: not empty, and without a colon")
    return name


def _can_be_sent(secret: SecretStr) -> SecretStr:
    """Refuse what no header carries: it would never be right, or shown in the client's error."""
    value = secret.get_secret_value()
    if not (value.isascii() and value.isprintable()) or value != value.strip():
        raise ValueError("expected ASCII without a line's end, or spaces at either end")
    return secret


def _known(name: object) -> ZoneInfo:
    try:
        return name if isinstance(name, ZoneInfo) else ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError) as exc:  # OSError: Europe is a folder
        raise ValueError("expected a time zone such as Europe/Berlin") from exc


Name = Annotated[str, AfterValidator(_can_sign_in)]
Sent = Annotated[SecretStr, AfterValidator(_can_be_sent)]
Zone = Annotated[ZoneInfo, BeforeValidator(_known)]
