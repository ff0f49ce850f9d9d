"""Read files of JSON objects, one a line, of which every line must do."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from tools.errors import ConfigError

Row = TypeVar("Row")


def numbered(path: Path) -> list[tuple[int, bytes]]:
    """Return the lines with their numbers; of a str they would part at U+2028 too.

    Raises:
        ConfigError: if the file can't be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as exc:
        raise ConfigError(f"{path}: can't be read ({exc.strerror})") from exc
    return list(enumerate(lines, start=1))


def read_lines(path: Path, what: str, to_row: Callable[[dict[str, Any]], Row]) -> list[Row]:
    """Return the rows of `path`; `to_row` raises ValueError, KeyError or TypeError on a bad one.

    Raises:
        ConfigError: if the file can't be read, is empty or a line is no `what`; names the line.
    """
    rows: list[Row] = []
    for number, line in numbered(path):
        if not line.strip():
            continue
        try:
            raw = json.loads(line.decode("utf-8-sig"))
            if not isinstance(raw, dict):
                raise TypeError(f"expected an object, got {type(raw).__name__}")
            rows.append(to_row(raw))
        except (ValueError, KeyError, TypeError) as exc:
            reason = f"{type(exc).__name__}: {exc}"
            raise ConfigError(f"{path}:{number}: no {what} ({reason})") from exc
    if not rows:
        raise ConfigError(f"{path}: expected lines with a {what} each, found none")
    return rows


def ids(raw: dict[str, Any], name: str) -> list[str]:
    """Return the list of ids in field `name`.

    Raises:
        KeyError: if it is missing.
        TypeError: if it is no list of texts.
    """
    value = raw[name]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise TypeError(f"{name}: expected a list of ids, got {value!r}")
    return value


def text(raw: dict[str, Any], name: str) -> str:
    """Return the text field `name`.

    Raises:
        KeyError: if it is missing.
        TypeError: if it is no text.
    """
    value = raw[name]
    if not isinstance(value, str):
        raise TypeError(f"{name}: expected text, got {value!r}")
    return value
