"""The annotations of AIST++ as known poses: 2D of one view, which a detector found, points in space, and the camera."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.datasets import aist_cameras, aist_keypoints2d, aist_keypoints3d
from posecfg.datasets.aist_keypoints2d import RATE
from posecfg.datasets.aist_names import VIEWS
from posecfg.samplers.slots import annotations_of
from posecfg.types import Camera, Clock, Slots, Truth

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64

FOUND_BY = "the detector that AIST++ was annotated with"
WORLD = "world"
FLAT = "none"


@dataclass(frozen=True)
class AistTruth:
    """The annotations of a view, from 0, of a sequence, in the folder ``root``.

    ``keypoints3d`` says which points in space are known: optimised, plain or none. ``setting`` is the name of the file
    with the cameras, None if it is not known. What other folders lack is not known: only ``keypoints2d`` must be there.
    """

    root: Path
    sequence: str
    view: int
    keypoints3d: str = "optimised"
    setting: str | None = None

    def __call__(self, clock: Clock) -> Truth:
        """Return the poses of rows, each from its annotation."""
        import numpy as np

        known = self._known()
        rows = annotations_of(clock, Slots(RATE, known.slots))
        points = _rows(known.points, rows)
        boxes, xyz = known.boxes, self._space(known, rows)
        return Truth(
            known.keypoints,
            xy=np.ascontiguousarray(points[..., :2]),
            scores=np.ascontiguousarray(points[..., 2]),
            boxes=None if boxes is None else _rows(boxes, rows),
            box_scores=_rows(known.box_scores, rows),
            xyz=xyz,
            space=None if xyz is None else WORLD,
            camera=self._camera(),
            found_by=FOUND_BY,
            rows=rows,
        )

    def slots(self) -> Slots:
        """Return the moments that are annotated."""
        return Slots(RATE, self._known().slots)

    def files(self) -> tuple[Path, ...]:
        """Return the files that the annotations are read from."""
        space = () if self._kind is None else (self._path("keypoints3d"),)
        cameras = () if self.setting is None else (self.root / "cameras" / f"{self.setting}.json",)
        return (self._path("keypoints2d"), *space, *cameras)

    def told(self) -> str:
        """Return what tells these annotations apart from others of the same files."""
        return f"{VIEWS[self.view]}, {self.keypoints3d}, {self.setting}"

    def flat(self) -> AistTruth:
        """Return the annotations in pixels alone."""
        return replace(self, keypoints3d=FLAT, setting=None)

    @property
    def _kind(self) -> str | None:
        return self.keypoints3d if self.keypoints3d in aist_keypoints3d.KINDS else None

    def _path(self, folder: str) -> Path:
        return self.root / folder / f"{self.sequence}.pkl"

    def _known(self) -> aist_keypoints2d.Keypoints2d:
        return aist_keypoints2d.load(self._path("keypoints2d"), self.view)

    def _space(self, known: aist_keypoints2d.Keypoints2d, rows: I64) -> F32 | None:
        """Return the points in space of rows; they are of one person only, and of the body."""
        path = self._path("keypoints3d")
        if self._kind is None or len(known.points) != 1 or not path.is_file():
            return None
        points = aist_keypoints3d.load(path, self._kind)
        if points.shape[1] != len(known.keypoints):
            return None
        return _rows(points[None], rows)

    def _camera(self) -> Camera | None:
        path = self.root / "cameras" / f"{self.setting}.json"
        return None if self.setting is None or not path.is_file() else aist_cameras.load(path)[self.view]


def _rows(values: Any, rows: I64) -> F32:
    """Return ``values`` (P, N, ...) at ``rows`` (T,), NaN where there is none."""
    import numpy as np

    found: F32 = np.full((values.shape[0], len(rows), *values.shape[2:]), np.nan, np.float32)
    there = (rows >= 0) & (rows < values.shape[1])
    found[:, there] = values[:, rows[there]]
    return found
