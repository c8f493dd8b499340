"""Scenes: frames that are computed instead of decoded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

from posecfg.video.reel import Info, Shot, Undrawn
from posecfg.video.span import Span

if TYPE_CHECKING:
    from posecfg.pixels import Scene

_FINEST_RATE = 1001
# Unit (s) of the times of scenes that have their own.
_FINEST_TIME = Fraction(1, 1_000_000)


class Computed:
    """Source of the frames of a computed scene, played like a film; each is drawn when its pixels are asked for."""

    damaged = restarts = 0

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        told = getattr(scene, "times", None)
        self._ticks = None if told is None else [round(time / _FINEST_TIME) for time in told.tolist()]
        self.tick = 1 / Fraction(scene.fps).limit_denominator(_FINEST_RATE) if told is None else _FINEST_TIME
        self.info = Info(
            size=scene.size,
            rotation=0,
            fps=scene.fps,
            frames=scene.frames,
            duration=scene.frames / scene.fps if told is not None else float(scene.frames * self.tick),
            codec="computed",
            pixels="rgb24",
            source="synthetic",
        )

    def shots(self, span: Span) -> Iterator[Shot]:
        """Yield the frames inside ``span``."""
        for index, ticks in self._inside(span):
            yield Shot(index, ticks, Undrawn(self.info.size, partial(self._scene.rgb, index)), 0)

    def times(self, span: Span) -> list[float]:
        """Return the times of the frames inside ``span``."""
        return [float(ticks * self.tick) for _, ticks in self._inside(span)]

    def ends_early(self) -> bool:
        """Return False: a scene never ends early."""
        return False

    def short(self) -> bool:
        """Return False: a scene never ends early."""
        return False

    def close(self) -> None:
        """Do nothing: a scene holds no file."""

    def _inside(self, span: Span) -> Iterator[tuple[int, int]]:
        """Yield index and ticks of each frame inside ``span``."""
        low, high = span.ticks(self.tick)
        if self._ticks is None:
            last = self._scene.frames if high is None else min(high, self._scene.frames)
            yield from ((index, index) for index in range(low, last))
            return
        for index, ticks in enumerate(self._ticks):
            if ticks >= low and (high is None or ticks < high):
                yield index, ticks
