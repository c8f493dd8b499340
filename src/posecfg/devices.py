"""The device that models run on, as the user configured it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from posecfg.errors import ConfigError
from posecfg.facts import Facts

PRECISIONS = ("fp32", "fp16")


@dataclass(frozen=True)
class Device:
    """A device name, a number format and a thread count."""

    name: str = "auto"
    precision: Literal["fp32", "fp16"] = "fp32"
    threads: int = 1

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(operational=("threads",))

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise ConfigError(f"Expected precision to be one of {', '.join(PRECISIONS)}, but got '{self.precision}'.")
        if self.threads < 1:
            raise ConfigError(f"Expected threads to be at least 1, but got {self.threads}.")
