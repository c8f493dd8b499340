"""The joints of TotalCapture as known poses: measured by markers in the world, and as one camera sees them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from posecfg.datasets import totalcapture_files
from posecfg.errors import ClipError
from posecfg.samplers.slots import annotations_of
from posecfg.types import Camera, Clock, Slots, Truth
from posecfg.types.projection import project

if TYPE_CHECKING:
    from posecfg.arrays import I64

RATE = 60
"""Positions a second."""
# How far the shape of pictures may be from that of the calibrated ones.
SHAPE = 0.01


@dataclass(frozen=True)
class MarkerTruth:
    """The joints in the file ``positions``, seen by camera number ``camera`` (from 1) of the file ``calibration``.

    Without the latter nothing is known in pixels.
    """

    positions: Path
    calibration: Path | None
    camera: int

    def __call__(self, clock: Clock) -> Truth:
        """Return the poses of rows, each of the moment that its frame is shown at; films and markers end apart."""
        import numpy as np

        known, camera = totalcapture_files.positions(self.positions), self._camera()
        rows = annotations_of(clock, self.slots())
        xyz = np.full((len(rows), len(known.keypoints), 3), np.nan)
        there = rows >= 0
        xyz[there] = known.xyz[rows[there]]
        xy = np.full((*xyz.shape[:2], 2), np.nan)
        if camera is not None:
            xy = project(xyz, camera) * self._scale(camera, clock)
        return Truth(
            known.keypoints,
            xy=xy[None].astype(np.float32),
            xyz=xyz[None].astype(np.float32),
            space="world",
            camera=camera,
            rows=rows,
        )

    def slots(self) -> Slots:
        """Return the moments that are annotated."""
        return Slots(RATE, self._numbers())

    def files(self) -> tuple[Path, ...]:
        """Return the files that the poses are read from."""
        return (self.positions,) if self.calibration is None else (self.positions, self.calibration)

    def told(self) -> str:
        """Return what tells this truth apart from others of the same files."""
        return f"cam{self.camera}"

    def _numbers(self) -> I64:
        import numpy as np

        return np.arange(len(totalcapture_files.positions(self.positions).xyz))

    def _camera(self) -> Camera | None:
        if self.calibration is None:
            return None
        listed = totalcapture_files.cameras(self.calibration)
        if self.camera > len(listed):
            raise ClipError(
                f"Expected '{self.calibration}' to have the camera cam{self.camera}, but it has {len(listed)} cameras."
            )
        return listed[self.camera - 1]

    @staticmethod
    def _scale(camera: Camera, clock: Clock) -> float:
        """Return how much larger pictures are than the calibrated ones; refuse those of another shape."""
        wide, high = (now / then for now, then in zip(clock.size, camera.size, strict=True))
        if abs(wide / high - 1) > SHAPE:
            now, then = ("x".join(map(str, size)) for size in (clock.size, camera.size))
            raise ClipError(
                f"Expected pictures of the shape that the camera was calibrated with, {then}, but they are {now}."
            )
        return wide
