"""Texts that ship with Kefu, in YAML."""

from importlib.resources.abc import Traversable
from typing import Any

import yaml

# libyaml's reader, where PyYAML was built with it, takes a tenth of the time
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(path: Traversable) -> Any:  # noqa: ANN401 the caller says what it is
    """Return what the file holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)
