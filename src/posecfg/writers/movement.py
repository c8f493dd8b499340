"""Write netCDF files that the movement package loads: the poses of a clip as arrays with names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from posecfg import backends
from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Clock, Extraction, PoseTrack
from posecfg.writers import netcdf
from posecfg.writers.channels import SPACES
from posecfg.writers.choice import expect
from posecfg.writers.even_times import even
from posecfg.writers.names import Names
from posecfg.writers.netcdf import Variable
from posecfg.writers.points import Points, idle

if TYPE_CHECKING:
    from posecfg.arrays import F32

WANTED_BY = "writer=movement"
DIMENSIONS = ("time", "space", "keypoints", "individuals")
_LEVEL = 4


class Movement:
    """Write ``position`` (time, space, keypoints, individuals) and ``confidence`` of all people, NaN where missing.

    Times are the film's own, in seconds. ``fps`` is told where frames are at even times. People are called
    ``person_<id>``. ``space`` is that of ``Csv``.
    """

    suffix = ".nc"

    def __init__(
        self,
        path: str = "{id}",
        space: Literal["auto", "xyz", "xy"] = "auto",
        keypoints: str | Sequence[str] | Sequence[int] | None = None,
        mask: bool = False,
        kpt_thr: float = 0.3,
    ) -> None:
        backends.check("h5py", WANTED_BY)
        expect("space", space, SPACES)
        self._names = Names(path, self.suffix)
        self._space, self._points = space, Points(keypoints, mask, kpt_thr)

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(packages=("h5py",), ordered=True, operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses lack the keypoints, or the points in space, that are asked for."""
        self._points.target(skeleton)
        if self._space == "xyz" and given is not None and "xyz" not in given:
            raise ConfigError(
                "Expected poses with points in space, but detector and lifter give none: type space=auto."
            )

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the file of one clip, also of one in which no person was found."""
        if extraction.clip.independent:
            raise ClipError("Expected a clip whose frames follow each other, but these pictures are unrelated.")
        tracks = [self._points(track) for track in extraction.tracks]
        clock = extraction.clock
        target = self._points.target(extraction.skeleton)
        h5py = backends.require("h5py", WANTED_BY)
        in_space = self._space != "xy" and bool(tracks) and all(track.xyz is not None for track in tracks)
        if self._space == "xyz" and tracks and not in_space:
            raise ClipError("Expected poses with points in space, but those of this clip have none.")
        name = self._names(extraction.clip.id)
        about = {
            "kind": "movement",
            "shape": [len(clock), 3 if in_space else 2, len(target), len(tracks)],
            "missing": "nan",
            "made": sum(int(track.made.sum()) for track in tracks),
        }
        unit = extraction.meaning.xyz if in_space else "pixels of the upright image, y down"
        facts = {
            "ds_type": "poses",
            "source_software": "posecfg",
            "source_file": extraction.clip.source,
            "time_unit": "seconds",
            "space_unit": unit or "model units",
            **_rate(clock),
        }
        names = {
            "space": list("xyz" if in_space else "xy"),
            "keypoints": list(target.keypoints),
            "individuals": [f"person_{track.id}" for track in tracks],
        }
        with files.open(name, about) as stream:
            arrays = _arrays(tracks, (len(clock), len(target)), in_space)
            netcdf.write(h5py, stream, list(_variables(arrays, clock, names)), facts)


def _rate(clock: Clock) -> dict[str, float]:
    moments = even(clock)
    return {"fps": moments.rate} if moments.own else {}


def _arrays(tracks: Sequence[PoseTrack], shape: tuple[int, int], in_space: bool) -> tuple[F32, F32]:
    """Return (time, space, keypoints, individuals) and (time, keypoints, individuals), NaN where missing."""
    import numpy as np

    rows, points = shape
    places = np.empty((rows, 3 if in_space else 2, points, len(tracks)), np.float32)
    scores = np.empty((rows, points, len(tracks)), np.float32)
    for person, track in enumerate(tracks):
        own = track.xyz if in_space and track.xyz is not None else track.xy
        places[..., person], scores[..., person] = own.swapaxes(1, 2), track.scores
    return places, scores


def _variables(arrays: tuple[F32, F32], clock: Clock, names: Mapping[str, Sequence[str]]) -> Iterator[Variable]:
    import numpy as np

    yield Variable("time", ("time",), clock.times)
    yield Variable("frame", ("time",), clock.indices)
    for name, texts in names.items():
        yield Variable(name, (name,), np.array(texts, object))
    packed = {"compression": "gzip", "compression_opts": _LEVEL, "shuffle": True} if arrays[0].size else {}
    for name, array in zip(("position", "confidence"), arrays, strict=True):
        axes = DIMENSIONS if array.ndim == len(DIMENSIONS) else (DIMENSIONS[0], *DIMENSIONS[2:])
        yield Variable(name, axes, array, packed, {"coordinates": "frame"})
