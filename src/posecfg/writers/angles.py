"""Write the angles of joints and segments of each person, as a table or as a motion of OpenSim."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Clock, Extraction, PoseTrack
from posecfg.writers.choice import expect
from posecfg.writers.joint_angles import SIDES, available, in_picture, in_space
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle
from posecfg.writers.space import AXES, UNIT, refuse_flat

if TYPE_CHECKING:
    from posecfg.arrays import F64

SPACES = ("auto", "xy", "xyz")
FORMATS = ("csv", "mot")


class Angles:
    """Write one file for each person: frame, time (s) and the angles (degrees) that the skeleton has keypoints for.

    ``format`` is csv, with empty fields for what is missing, or mot, with nan. ``space`` is xyz, xy (the picture), or
    auto for points in space where there are any. ``side`` is the one that the picture shows, as ``in_picture`` says.
    Of keypoints that ``mask`` removes (see ``Points``) no angle is told.
    """

    def __init__(
        self,
        path: str = "{id}_angles",
        format: Literal["csv", "mot"] = "csv",
        space: Literal["auto", "xy", "xyz"] = "auto",
        side: Literal["auto", "right", "left", "front", "back"] = "auto",
        mask: bool = False,
        kpt_thr: float = 0.3,
    ) -> None:
        for name, value, known in (("format", format, FORMATS), ("space", space, SPACES), ("side", side, SIDES)):
            expect(name, value, known)
        self.suffix = f".{format}"
        self._names = Names(path, self.suffix)
        self._space, self._side, self._points = space, side, Points(None, mask, kpt_thr)

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(by_track=True, ordered=True, operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses lack the keypoints of all angles, or points in space that are asked for."""
        if not available(skeleton):
            raise ConfigError(
                f"Expected keypoints of arms, legs or trunk for angles, but {skeleton.name} has none: choose another "
                "detector, or leave this writer out."
            )
        if self._space == "xyz":
            refuse_flat(given)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's first file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write one file for each person; raise ``Dropped`` if none was found."""
        if extraction.clip.independent:
            raise ClipError("Expected a clip whose frames follow each other, but these pictures are unrelated.")
        tracks = [track for track in extraction.tracks if (track.valid | track.made).any()]
        if not tracks:
            raise Dropped(f"no person was found: {len(extraction.clock)} frames were looked at")
        for track in tracks:
            space = self._space_of(track)
            angles = self._angles(self._points(track), space)
            about: dict[str, Any] = {
                "kind": "angles",
                "columns": ["frame", "time", *angles] if self.suffix == ".csv" else ["time", *angles],
                "rows": len(track),
                "unit": "degrees",
                "space": space,
                "person": track.id,
                "made": int(track.made.sum()),
            }
            lines = _table if self.suffix == ".csv" else _motion
            name = self._names(extraction.clip.id, track.id, len(extraction.tracks) > 1)
            with files.open(name, about) as stream:
                for line in lines(name, extraction.clock, angles):
                    stream.write(line.encode())

    def _space_of(self, track: PoseTrack) -> str:
        """Return xyz or xy; points in space count where they are in metres with y down."""
        said = track.meaning.xyz or ""
        fits = track.xyz is not None and said.startswith(UNIT) and AXES in said
        if self._space == "xyz" and not fits:
            raise ClipError(
                f"Expected points in metres, x to the right, y down and z away from the camera, but their model says: "
                f"{said or 'nothing'}."
            )
        return "xyz" if fits and self._space != "xy" else "xy"

    def _angles(self, track: PoseTrack, space: str) -> dict[str, F64]:
        import numpy as np

        points = track.xyz if space == "xyz" else track.xy
        if points is None:
            raise RuntimeError("Expected a track with points in space.")
        known = np.where((track.valid | track.made)[:, None, None], points.astype(np.float64), np.nan)
        if space == "xyz":
            return in_space(known, track.skeleton)
        return in_picture(known, track.skeleton, self._side)


def _cells(angles: dict[str, F64], missing: str) -> Iterator[list[str]]:
    for row in zip(*(values.tolist() for values in angles.values()), strict=True):
        yield [missing if value != value else f"{value + 0.0:.4f}" for value in row]


def _table(name: str, clock: Clock, angles: dict[str, F64]) -> Iterator[str]:
    yield ",".join(["frame", "time", *angles]) + "\n"
    for frame, time, cells in zip(clock.indices.tolist(), clock.times.tolist(), _cells(angles, ""), strict=True):
        yield ",".join([str(frame), f"{time:.6f}", *cells]) + "\n"


def _motion(name: str, clock: Clock, angles: dict[str, F64]) -> Iterator[str]:
    yield f"{name.rpartition('/')[2].removesuffix('.mot')}\nversion=1\nnRows={len(clock)}\nnColumns={1 + len(angles)}\n"
    yield "inDegrees=yes\nendheader\n"
    yield "\t".join(["time", *angles]) + "\n"
    for time, cells in zip(clock.times.tolist(), _cells(angles, "nan"), strict=True):
        yield "\t".join([f"{time:.6f}", *cells]) + "\n"
