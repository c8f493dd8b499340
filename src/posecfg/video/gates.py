"""Limits on length and frame rate that decide which clips are processed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from posecfg.errors import ConfigError

_FUZZ = 1e-9


@dataclass(frozen=True)
class Gates:
    """Limits in seconds and frames per second, both ends included; None is no limit.

    ``tolerance`` is relative: 0.001 lets 23.976 pass for 24 and forgives rounding, 0 is strict.
    """

    min_duration: float | None = None
    max_duration: float | None = None
    fps: tuple[float, float] | None = None
    tolerance: float = 0.001

    def __post_init__(self) -> None:
        if self.fps is not None and (len(self.fps) != 2 or self.fps[0] > self.fps[1]):
            raise ConfigError(f"Expected fps as the lowest and the highest rate, such as [24, 60], but got {self.fps}.")
        low, high = self.min_duration, self.max_duration
        if low is not None and high is not None and low > high:
            raise ConfigError(f"Expected min_duration to be at most max_duration, but got {low} and {high}.")
        if not self.tolerance >= 0:
            raise ConfigError(f"Expected tolerance to be 0 or more, but got {self.tolerance}.")

    @classmethod
    def of(cls, video: Mapping[str, Any]) -> Gates:
        """Return the limits that the section ``video`` of a configuration sets."""
        return cls(video["min_duration"], video["max_duration"], video["fps"], video["tolerance"])

    @property
    def open(self) -> bool:
        """Whether there is no limit, so that every clip passes."""
        return (self.min_duration, self.max_duration, self.fps) == (None, None, None)

    def refuse(self, duration: float | None, fps: float | None) -> str | None:
        """Return why a clip is skipped, None if it passes; ``duration`` (s) is that of its range, None is unknown."""
        # Both limits are allowed values, in spite of rounding to binary.
        less, more = (1 - self.tolerance) * (1 - _FUZZ), (1 + self.tolerance) * (1 + _FUZZ)
        if duration is not None:
            if self.min_duration is not None and duration < self.min_duration * less:
                return f"too short: {duration:g} s, at least {self.min_duration:g} s was asked for"
            if self.max_duration is not None and duration > self.max_duration * more:
                return f"too long: {duration:g} s, at most {self.max_duration:g} s was asked for"
        if fps is not None and self.fps is not None:
            low, high = self.fps
            if fps < low * less:
                return f"frame rate too low: {fps:g} fps, at least {low:g} fps was asked for (video.fps)"
            if fps > high * more:
                return f"frame rate too high: {fps:g} fps, at most {high:g} fps was asked for (video.fps)"
        return None
