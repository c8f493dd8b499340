"""Give the person of each moment in space, from what the poses of several calibrated cameras tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from posecfg.datasets.views_scene import ViewsScene
from posecfg.detectors.moments import Moments, matched
from posecfg.detectors.triangulation import Found, triangulated
from posecfg.errors import ClipError, ConfigError, PosecfgError
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.types import Boxes, Clip, Meaning, Poses
from posecfg.types.projection import seen

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64

SPACES = ("world", "camera")
# Where x, y and z of the house (to the right, down, away) come from, for a world in which another axis points up.
_AXES = {
    "z": ((0, 1), (2, -1), (1, 1)),
    "-z": ((0, 1), (2, 1), (1, -1)),
    "y": ((0, 1), (1, -1), (2, -1)),
    "-y": ((0, 1), (1, 1), (2, 1)),
    "x": ((1, -1), (0, -1), (2, -1)),
    "-x": ((1, 1), (0, 1), (2, -1)),
}
_WORLD = "metres, in the world of the calibration, turned so that x is to the right, y down and z away"
_CAMERA = "metres from the camera {}: x to the right, y down, z away from the camera"


class Triangulated:
    """Triangulate each keypoint from the cameras that see it, for clips of ``dataset=views``.

    Keypoints that score below ``score_thr`` are left out; so are, as few as possible, cameras with which the mean
    distance of the point from what they saw is above ``max_error`` px. Fewer than ``least`` cameras give no point.
    Points are in the calibration's ``world``, or as the first ``camera`` sees them. Pixels are those of that camera.
    """

    def __init__(
        self,
        score_thr: float = 0.3,
        max_error: float = 15.0,
        least: int = 2,
        space: Literal["world", "camera"] = "world",
        device: str = "auto",
    ) -> None:
        _check(score_thr, max_error, least, space)
        self._score_thr, self._max_error, self._least = score_thr, max_error, least
        self._space = space
        self.device, self.batch = "cpu", 256
        self.weights: Mapping[str, str] = {}
        self.notes: dict[str, Any] = {}

    @staticmethod
    def facts(score_thr: float, max_error: float, least: int, space: str, **others: Any) -> Facts:
        """Return the facts known before the component is built: the skeleton is that of the views."""
        _check(score_thr, max_error, least, space)
        return Facts(gives=("xyz",), devices=("cpu",), operational=("device",))

    def __call__(self, batches: Iterable[Frames], clip: Clip) -> Iterator[Poses]:
        """Yield the person of each row of the first view, or nobody where no keypoint was found in space."""
        scene = clip.scene
        if not isinstance(scene, ViewsScene):
            raise ClipError(
                f"'{clip.id}' is no moment that several cameras saw: type posecfg triangulate FOLDER "
                "dataset.calibration=FILE, where FOLDER holds the results of a run over the films."
            )
        if self._least > len(scene.views):
            raise ClipError(
                f"Expected detector.least to be at most {len(scene.views)}, the cameras that saw '{clip.id}', but got "
                f"{self._least}."
            )
        try:
            moments = matched(scene)
        except PosecfgError as error:
            raise ClipError(str(error)) from error
        places = moments.xy.reshape(len(scene.views), -1, 2), moments.scores.reshape(len(scene.views), -1)
        found = triangulated(scene.cameras, *places, self._score_thr, self._max_error, self._least)
        self.notes["reprojection"] = errors(found, [view.name for view in scene.views], moments)
        meaning = Meaning(
            moments.meaning.score, _WORLD if self._space == "world" else _CAMERA.format(scene.views[0].name)
        )
        rows = self._rows(found, scene, moments)
        for batch in batches:
            for index in batch.indices.tolist():
                yield _poses(moments, meaning, *(one[index] for one in rows))

    def _rows(self, found: Found, scene: ViewsScene, moments: Moments) -> tuple[F32, F32, F32]:
        """Return px (T, K, 2), points (T, K, 3) and scores (T, K)."""
        import numpy as np

        shape = moments.xy.shape[1:3]
        xy = seen(found.points, scene.cameras[0])
        weights = np.where(found.used, moments.scores.reshape(found.used.shape), 0)
        scores = weights.sum(axis=0) / np.maximum(found.used.sum(axis=0), 1)
        lost = ~np.isfinite(xy).all(axis=1)
        points = turned(found.points, scene.up) if self._space == "world" else _from_first(found.points, scene)
        points[lost], scores[lost], xy[lost] = np.nan, 0, np.nan
        return (
            xy.reshape(*shape, 2).astype(np.float32),
            points.reshape(*shape, 3).astype(np.float32),
            scores.reshape(shape).astype(np.float32),
        )


def turned(points: F64, up: str) -> F64:
    """Return points (N, 3) of a world whose axis ``up`` points up, with y down; no axis changes its hand."""
    import numpy as np

    return np.stack([points[:, axis] * sign for axis, sign in _AXES[up]], axis=1)


def _from_first(points: F64, scene: ViewsScene) -> F64:
    first = scene.cameras[0]
    found: F64 = points @ first.rotation.T + first.translation
    return found


def errors(found: Found, names: list[str], moments: Moments) -> dict[str, Any]:
    """Return how far points are from what their cameras saw (mean px of each point's mean), and how many were left out.

    Of a camera it is the mean of all points that it was used for.
    """
    import numpy as np

    known, counts = found.used.any(axis=0), np.maximum(found.used.sum(axis=0), 1)
    apart = np.where(found.used, found.apart, np.nan)
    points = np.where(known, np.nansum(apart, axis=0) / counts, np.nan).reshape(moments.scores.shape[1:])

    def mean(values: F64) -> float | None:
        there = values[np.isfinite(values)]
        return round(float(there.mean()), 3) if len(there) else None

    return {
        "px": mean(points),
        "by_camera": {name: mean(one) for name, one in zip(names, apart, strict=True)},
        "by_keypoint": {name: mean(points[:, row]) for row, name in enumerate(moments.skeleton.keypoints)},
        "cameras_left_out": round(float((~found.used[:, known]).sum(axis=0).mean()), 3) if known.any() else None,
        "triangulated": round(float(known.mean()), 4) if known.size else None,
    }


def _poses(moments: Moments, meaning: Meaning, xy: F32, xyz: F32, scores: F32) -> Poses:
    """Return the person of one row, or nobody."""
    import numpy as np

    there = np.isfinite(xy).all(axis=1)
    if not there.any():
        none = [np.zeros((0, *one.shape), np.float32) for one in (xy, scores, xyz)]
        nobody = Boxes(np.zeros((0, 4), np.float32), np.zeros(0, np.float32))
        return Poses(moments.skeleton, meaning, none[0], none[1], nobody, none[2])
    box = np.concatenate([xy[there].min(axis=0), xy[there].max(axis=0)])[None]
    boxes = Boxes(box.astype(np.float32), scores[there].mean(keepdims=True).astype(np.float32))
    return Poses(moments.skeleton, meaning, xy[None], scores[None], boxes, xyz[None])


def _check(score_thr: float, max_error: float, least: int, space: str) -> None:
    if isinstance(score_thr, bool) or not 0 <= score_thr < float("inf"):
        raise ConfigError(f"Expected score_thr to be a score from 0 on, but got {score_thr}.")
    if isinstance(max_error, bool) or not 0 < max_error < float("inf"):
        raise ConfigError(f"Expected max_error to be px above 0, but got {max_error}.")
    if isinstance(least, bool) or least < 2:
        raise ConfigError(f"Expected least to be at least 2 cameras, but got {least}.")
    if space not in SPACES:
        raise ConfigError(f"Expected space to be world or camera, but got '{space}'.")
