"""Values of settings that more than one group has: names of people, secrets that are sent."""

from typing import Annotated

from pydantic import AfterValidator, SecretStr


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


Name = Annotated[str, AfterValidator(_can_sign_in)]
Sent = Annotated[SecretStr, AfterValidator(_can_be_sent)]
