"""Write C3D, the binary file of motion laboratories, one file a track."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

from posecfg import backends
from posecfg.errors import ClipError, Dropped
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction
from posecfg.writers.choice import expect
from posecfg.writers.even_times import even
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle
from posecfg.writers.space import refuse_flat, spatial
from posecfg.writers.trc import AXES, UNEVEN, UNITS, flat, turned

if TYPE_CHECKING:
    from posecfg.arrays import F32

WANTED_BY = "writer=c3d"


class C3d:
    """Write markers of one person in metres or in pixels, with the axes of ``Trc``; a missing one has residual -1.

    The format knows one rate, and the second at which the first row is: for ``uneven`` and ``units`` see ``Trc``.
    """

    suffix = ".c3d"

    def __init__(
        self,
        path: str = "{id}",
        keypoints: str | Sequence[str] | Sequence[int] | None = None,
        mask: bool = False,
        kpt_thr: float = 0.3,
        uneven: Literal["resample", "refuse"] = "resample",
        units: Literal["m", "px"] = "m",
    ) -> None:
        backends.check("ezc3d", WANTED_BY)
        expect("uneven", uneven, UNEVEN)
        expect("units", units, UNITS)
        self._names = Names(path, self.suffix)
        self._points = Points(keypoints, mask, kpt_thr)
        self._refuses, self._units = uneven == "refuse", units

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(packages=("ezc3d",), by_track=True, ordered=True, operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses have no points in space for metres, or lack keypoints that are asked for."""
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
                "Expected frames at even times, but those of this clip are not: type writer.c3d.uneven=resample for "
                "rows at even times between them."
            )
        library = backends.require("ezc3d", WANTED_BY)
        for track in tracks:
            chosen = self._points(track)
            name = self._names(extraction.clip.id, track.id, len(extraction.tracks) > 1)
            about: dict[str, Any] = {
                "kind": "c3d",
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
            first = round(float(moments.times[0]) * moments.rate)
            data = _encoded(library, points, chosen.skeleton.keypoints, moments.rate, first, self._units)
            with files.open(name, about) as stream:
                stream.write(data)


def _encoded(library: ModuleType, points: F32, names: Sequence[str], rate: float, first: int, units: str) -> bytes:
    """Return the file of points (T, K, 3): the library writes to a path only."""
    import numpy as np

    rows, markers, _ = points.shape
    whole = np.ones((4, markers, rows))
    whole[:3] = points.transpose(2, 1, 0)
    one = library.c3d()
    one["header"]["points"]["first_frame"] = first
    about = one["parameters"]["POINT"]
    about["RATE"]["value"], about["UNITS"]["value"], about["LABELS"]["value"] = [rate], [units], list(names)
    one["data"]["points"] = whole
    missing = np.isnan(whole[:3]).any(axis=0)
    one["data"]["meta_points"]["residuals"] = np.where(missing, -1.0, 0.0)[None]
    with tempfile.TemporaryDirectory(prefix="posecfg-c3d-") as folder:
        path = Path(folder) / "one.c3d"
        one.write(str(path))
        return path.read_bytes()
