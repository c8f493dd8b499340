"""Thresholds that decide which people are kept, and which boxes are the same person."""

from __future__ import annotations

from dataclasses import dataclass

from posecfg.errors import ConfigError


@dataclass(frozen=True)
class Rules:
    """Thresholds of a policy.

    A person counts when the box score is greater than ``bbox_thr``. Two boxes are the same person when their
    intersection over union is at least ``overlap``. A person missing for ``patience`` rows is no longer followed.
    """

    bbox_thr: float = 0.3
    follow: bool = True
    overlap: float = 0.1
    patience: int = 30

    def __post_init__(self) -> None:
        for name in ("bbox_thr", "overlap"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise ConfigError(f"Expected {name} to be a number from 0 to 1, but got {value!r}.")
        if isinstance(self.patience, bool) or not isinstance(self.patience, int) or self.patience < 0:
            raise ConfigError(f"Expected patience to be a whole number of rows, 0 or more, but got {self.patience!r}.")
        if not isinstance(self.follow, bool):
            raise ConfigError(f"Expected follow to be true or false, but got {self.follow!r}.")
