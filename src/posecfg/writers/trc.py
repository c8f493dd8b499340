"""Write TRC, the marker file of OpenSim, one file a track."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ClipError, Dropped
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction
from posecfg.writers.choice import expect
from posecfg.writers.even_times import Even, even
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle
from posecfg.writers.space import refuse_flat, spatial

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64

UNEVEN = ("resample", "refuse")
UNITS, MARKERS = ("m", "px"), ("posecfg", "pose2sim")
KEYS = "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames"
AXES = {
    "m": "metres, x away from the camera, y up, z to the right of the image",
    "px": "pixels of the upright image, x to the right, y down, z 0",
}


class Trc:
    """Write markers in metres: x away from the camera, y up, z to the right of the image.

    With ``units=px`` they are pixels as Sports2D reads them, and names end in ``_px``, as it asks. ``markers=pose2sim``
    calls them as Pose2Sim and Sports2D do: ``LBigToe`` for ``left_big_toe``.
    The format knows one rate. Rows at even times are written as they are; of a film with other times, ``uneven`` writes
    rows at even times between its own, or refuses the clip. A marker that is missing has blank cells. For file names
    see ``Names``, for ``keypoints``, ``mask`` and ``kpt_thr`` see ``Points``.
    """

    suffix = ".trc"

    def __init__(
        self,
        path: str = "{id}",
        keypoints: str | Sequence[str] | Sequence[int] | None = None,
        mask: bool = False,
        kpt_thr: float = 0.3,
        uneven: Literal["resample", "refuse"] = "resample",
        units: Literal["m", "px"] = "m",
        markers: Literal["posecfg", "pose2sim"] = "posecfg",
    ) -> None:
        for name, value, known in (("uneven", uneven, UNEVEN), ("units", units, UNITS), ("markers", markers, MARKERS)):
            expect(name, value, known)
        self._units, self._renames = units, markers == "pose2sim"
        self._names = Names(path, f"_px{self.suffix}" if units == "px" else self.suffix)
        self._points = Points(keypoints, mask, kpt_thr)
        self._refuses = uneven == "refuse"

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(by_track=True, ordered=True, operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses have no points in space, or lack the keypoints that are asked for."""
        self._points.target(skeleton)
        if self._units == "m":
            refuse_flat(given)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's first file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write one file for each person; raise ``Dropped`` if none was found."""
        if extraction.clip.independent:
            raise ClipError("Expected a clip whose frames follow each other, but these pictures are unrelated.")
        there = [track for track in extraction.tracks if (track.valid | track.made).any()]
        tracks = there if self._units == "px" else spatial(extraction.tracks)
        if not tracks:
            raise Dropped(f"no person was found: {len(extraction.clock)} frames were looked at")
        moments = even(extraction.clock)
        if self._refuses and not moments.own:
            raise ClipError(
                "Expected frames at even times, but those of this clip are not: type writer.trc.uneven=resample for "
                "rows at even times between them."
            )
        for track in tracks:
            chosen = self._points(track)
            name = self._names(extraction.clip.id, track.id, len(extraction.tracks) > 1)
            about: dict[str, Any] = {
                "kind": "trc",
                "shape": [len(moments.times), len(chosen.skeleton), 3],
                "rate": moments.rate,
                "space": AXES[self._units],
                "person": track.id,
                "made": int(track.made.sum()),
            }
            if not moments.own:
                about["resampled"] = len(track)
                about["warning"] = (
                    f"the frames of {name} are not at even times: its {len(moments.times)} rows lie between them"
                )
            points = moments(flat(chosen.xy) if self._units == "px" else turned(chosen.xyz), track.breaks)
            called = [pose2sim(one) if self._renames else one for one in chosen.skeleton.keypoints]
            with files.open(name, about) as stream:
                for line in _header(name, moments, called, len(track), self._units):
                    stream.write(line.encode())
                for line in _rows(points, moments.times):
                    stream.write(line.encode())


def pose2sim(keypoint: str) -> str:
    """Return how Pose2Sim calls a keypoint."""
    if keypoint in ("mid_hip", "pelvis", "hip"):
        return "Hip"
    keypoint = keypoint.replace("foot_index", "big_toe")
    words = [{"left": "L", "right": "R"}.get(word, word.capitalize()) for word in keypoint.split("_")]
    return "".join(words)


def flat(xy: F32) -> F32:
    """Return (..., 3) with 0 for z; a point that lacks a number lacks all."""
    import numpy as np

    found = np.concatenate([xy, np.zeros_like(xy[..., :1])], axis=-1)
    found[np.isnan(found).any(axis=-1)] = np.nan
    return found


def turned(xyz: F32 | None) -> F32:
    """Turn (..., 3) from the camera's axes to OpenSim's; a point that lacks a number lacks all."""
    import numpy as np

    if xyz is None:
        raise RuntimeError("Expected a conversion to keep points in space.")
    found = np.stack([xyz[..., 2], -xyz[..., 1], xyz[..., 0]], axis=-1)
    found[np.isnan(found).any(axis=-1)] = np.nan
    return found


def _header(name: str, moments: Even, keypoints: Sequence[str], rows: int, units: str) -> Iterator[str]:
    rate = f"{moments.rate:.6f}".rstrip("0").rstrip(".")
    values = [rate, rate, len(moments.times), len(keypoints), units, rate, 1, rows]
    yield f"PathFileType\t4\t(X/Y/Z)\t{name.rpartition('/')[2]}\n"
    yield f"{KEYS}\n"
    yield "\t".join(map(str, values)) + "\n"
    yield "Frame#\tTime\t" + "".join(f"{keypoint}\t\t\t" for keypoint in keypoints) + "\n"
    yield "\t\t" + "".join(f"X{k}\tY{k}\tZ{k}\t" for k in range(1, len(keypoints) + 1)) + "\n\n"


def _rows(markers: F32, times: F64) -> Iterator[str]:
    """Yield lines that end in a tab: without it, OpenSim counts no cell behind the last blank one."""
    import numpy as np

    whole = "%.6f\t" * (markers.shape[1] * 3)
    blank = np.isnan(markers[..., 0])
    for number, (row, gone, time) in enumerate(zip(markers, blank, times.tolist(), strict=True), 1):
        if not gone.any():
            cells = whole % tuple(row.ravel().tolist())
        else:
            cells = "".join(
                "\t\t\t" if lost else f"{x:.6f}\t{y:.6f}\t{z:.6f}\t"
                for (x, y, z), lost in zip(row.tolist(), gone.tolist(), strict=True)
            )
        # A number that rounds to 0 from below.
        cells = cells.replace("-0.000000\t", "0.000000\t")
        yield f"{number}\t{time:.6f}\t{cells}\n"
