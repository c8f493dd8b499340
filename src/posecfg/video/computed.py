"""Scenes: frames that are computed instead of decoded."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

import av

from posecfg.video.reel import Info, Shot
from posecfg.video.span import Span

if TYPE_CHECKING:
    from posecfg.pixels import Scene

_FINEST_RATE = 1001


class Computed:
    """Source of the frames of a computed scene, played like a film."""

    damaged = restarts = 0

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.tick = 1 / Fraction(scene.fps).limit_denominator(_FINEST_RATE)
        self.info = Info(
            size=scene.size,
            rotation=0,
            fps=scene.fps,
            frames=scene.frames,
            duration=float(scene.frames * self.tick),
            codec="computed",
            pixels="rgb24",
            source="synthetic",
        )

    def shots(self, span: Span) -> Iterator[Shot]:
        """Yield the frames inside ``span``."""
        for index in self._range(span):
            yield Shot(index, index, av.VideoFrame.from_ndarray(self._scene.rgb(index), "rgb24"), 0)

    def times(self, span: Span) -> list[float]:
        """Return the times of the frames inside ``span``."""
        return [float(index * self.tick) for index in self._range(span)]

    def ends_early(self) -> bool:
        """Return False: a scene never ends early."""
        return False

    def short(self) -> bool:
        """Return False: a scene never ends early."""
        return False

    def close(self) -> None:
        """Do nothing: a scene holds no file."""

    def _range(self, span: Span) -> range:
        low, high = span.ticks(self.tick)
        return range(low, self._scene.frames if high is None else min(high, self._scene.frames))
