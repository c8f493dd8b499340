"""Moments that several cameras saw: the times and the poses of each, without pixels."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from posecfg.errors import ClipError
from posecfg.loading import load
from posecfg.types import Camera, Extraction

if TYPE_CHECKING:
    from posecfg.arrays import F64, U8

_GREY = 40


@dataclass(frozen=True)
class View:
    """One camera's clip: its ``name``, the ``clip`` and the ``sha256`` of its native file at ``path``."""

    name: str
    clip: str
    sha256: str
    path: Path = field(repr=False, compare=False)

    def load(self) -> Extraction:
        """Read the poses; raise ``ClipError`` where they cannot be read."""
        found = load(self.path)
        if not isinstance(found, Extraction):
            raise ClipError(f"Expected a native npz, but '{self.path}' is a folder.")
        return found


@dataclass(frozen=True)
class ViewsScene:
    """A grey film with the times and the size of the first of ``views``; ``calibration`` is the hash of the cameras.

    ``cameras`` belong to ``views``, in metres; ``up`` is the axis of their world that points up. Views may begin and
    end ``tolerance`` seconds apart.
    """

    views: tuple[View, ...]
    calibration: str
    up: str
    tolerance: float
    size: tuple[int, int]
    fps: float
    frames: int
    cameras: tuple[Camera, ...] = field(repr=False, compare=False)

    @cached_property
    def times(self) -> F64:
        """Return the times (T,) of the rows of the first view, s since its first row."""
        times = self.views[0].load().clock.times
        return times - times[:1]

    def rgb(self, index: int) -> U8:
        """Return frame ``index``, (H, W, 3) uint8."""
        import numpy as np

        if not 0 <= index < self.frames:
            raise IndexError(f"Expected a frame in 0..{self.frames - 1}, but got {index}.")
        return np.full((self.size[1], self.size[0], 3), _GREY, np.uint8)
