"""What simulated customers are like and say: data/eval/simulation.yaml, read and checked."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tools.errors import ConfigError


class Persona(BaseModel):
    """Who asks; data/eval/simulation.yaml explains the fields, chances are 0..1."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    patience: int = Field(ge=1)
    thanks: float = Field(ge=0, le=1)
    notices: float = Field(ge=0, le=1)
    accepts: float = Field(ge=0, le=1)
    gives_up: Literal["person", "leave"]
    backs_out: float = Field(default=0.0, ge=0, le=1)
    temper: float = Field(default=0.0, ge=0, le=1)
    bursts: float = Field(default=0.0, ge=0, le=1)
    jumps: float = Field(default=0.0, ge=0, le=1)
    tells_all: float = Field(default=0.0, ge=0, le=1)
    noisy: float = Field(default=0.0, ge=0, le=1)
    noise: tuple[str, ...] = ()
    late: int = Field(default=0, ge=0)


class Wording(BaseModel):
    """How often a goal is drawn, and how it is asked for."""

    model_config = ConfigDict(extra="forbid")
    weight: float = Field(ge=0)
    asks: list[str] = []


class Script(BaseModel):
    """Everything simulated customers say."""

    model_config = ConfigDict(extra="forbid")
    version: Literal[1]
    personas: list[Persona] = Field(min_length=1)
    goals: dict[str, Wording]
    new_addresses: list[str] = Field(min_length=1)
    phrases: dict[str, list[str]]
    noise: dict[str, dict[str, str]]
    voice: str


def read_script(path: Path) -> Script:
    """Read the customers.

    Raises:
        ConfigError: if the file is missing or not as expected; says where.
    """
    try:
        raw: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Script.model_validate(raw)
    except (OSError, yaml.YAMLError, ValidationError) as exc:
        raise ConfigError(f"{path}: no usable customers ({exc})") from exc
