"""Write the native format: all data of a clip in one npz, without loss.

``numpy.load`` reads the arrays: ``ids`` (P,), ``xy`` (P, T, K, 2), ``scores`` (P, T, K), ``boxes`` (P, T, 4),
``box_scores`` (P, T), ``valid`` and ``made`` (P, T), ``xyz`` and ``depth`` where there are any, ``indices`` and
``times`` (T,), ``keypoints`` (K,) names. Missing is NaN. The member ``header.json`` holds the rest; ``posecfg.load``
reads all of it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from posecfg.errors import ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Clock, Extraction, PoseTrack
from posecfg.writers.jsontext import dumps
from posecfg.writers.names import Names

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEMA = 1
HEADER = "header.json"
OPTIONAL = ("xyz", "depth")
EPOCH = (1980, 1, 1, 0, 0, 0)


class Npz:
    """Write one native npz a clip, with all its tracks."""

    suffix = ".npz"

    def __init__(self, path: str = "{id}", compress: bool = True) -> None:
        self._names = Names(path, self.suffix)
        if not isinstance(compress, bool):
            raise ConfigError(f"Expected compress to be true or false, but got {compress!r}.")
        self._method = zipfile.ZIP_DEFLATED if compress else zipfile.ZIP_STORED

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts()

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the file of one clip."""
        people, rows, points = len(extraction.tracks), len(extraction.clock), len(extraction.skeleton)
        for track in extraction.tracks:
            if track.skeleton != extraction.skeleton or len(track) != rows:
                raise ValueError(f"Expected track {track.id} to have {rows} rows of {extraction.skeleton.name}.")
        about = {
            "kind": "npz",
            "schema": SCHEMA,
            "shape": [people, rows, points],
            "dtype": "float32",
            "missing": "nan",
            "made": sum(int(track.made.sum()) for track in extraction.tracks),
        }
        with (
            files.open(self._names(extraction.clip.id), about) as stream,
            zipfile.ZipFile(stream, "w") as archive,
        ):
            with archive.open(self._member(HEADER), "w") as member:
                member.write(dumps(header(extraction)).encode())
            for name, dtype, shape, parts in _arrays(extraction):
                self._put(archive, name, dtype, shape, parts)

    def _put(
        self, archive: zipfile.ZipFile, name: str, dtype: str, shape: tuple[int, ...], parts: Iterable[NDArray[Any]]
    ) -> None:
        """Write an array given in parts along its first axis, so that no copy of the whole is made."""
        import numpy as np

        with archive.open(self._member(f"{name}.npy"), "w", force_zip64=True) as member:
            kind = np.lib.format.dtype_to_descr(np.dtype(dtype))
            np.lib.format.write_array_header_1_0(member, {"descr": kind, "fortran_order": False, "shape": shape})
            for part in parts:
                member.write(np.ascontiguousarray(part, dtype).tobytes())

    def _member(self, name: str) -> zipfile.ZipInfo:
        """Describe a member of the zip without date and platform, so that equal data give equal bytes."""
        info = zipfile.ZipInfo(name, EPOCH)
        info.compress_type = self._method
        info.create_system = 3
        info.external_attr = 0o644 << 16
        return info


def header(extraction: Extraction) -> dict[str, Any]:
    """Return all data that are not arrays, as JSON values; without timings and paths of this machine."""
    clip, clock, skeleton = extraction.clip, extraction.clock, extraction.skeleton
    named = ("id", "source", "start", "end", "group", "view", "camera", "independent", "counted", "meta")
    numbers = {name: value for name, value in vars(clock).items() if name not in ("indices", "times", "pixel_aspect")}
    return {
        "schema": SCHEMA,
        "clip": {name: getattr(clip, name) for name in named},
        "clock": numbers,
        # Left out where pixels are square, as in all files of earlier versions.
        **({} if clock.pixel_aspect == (1, 1) else {"pixel_aspect": clock.pixel_aspect}),
        "several": extraction.several,
        "skeleton": {
            "name": skeleton.name,
            "keypoints": skeleton.keypoints,
            "bones": skeleton.bones,
            "derived": skeleton.derived,
        },
        "meaning": asdict(extraction.meaning),
        "tracks": [
            {
                "id": track.id,
                "meaning": asdict(track.meaning),
                "has": [name for name in OPTIONAL if getattr(track, name) is not None],
            }
            for track in extraction.tracks
        ],
        "notes": extraction.notes,
        "about": extraction.about,
    }


def _arrays(extraction: Extraction) -> Iterable[tuple[str, str, tuple[int, ...], Iterable[NDArray[Any]]]]:
    """Yield name, dtype, shape and parts of every array."""
    import numpy as np

    tracks, clock = extraction.tracks, extraction.clock
    people, rows, points = len(tracks), len(clock), len(extraction.skeleton)
    shapes: dict[str, tuple[int, ...]] = {"xy": (points, 2), "scores": (points,), "boxes": (4,), "box_scores": ()}
    shapes |= {"valid": (), "made": (), "xyz": (points, 3), "depth": (points,)}
    yield "ids", "<i8", (people,), [np.array([t.id for t in tracks])]
    yield from _clock(clock)
    names = np.array(extraction.skeleton.keypoints, dtype=np.str_)
    yield "keypoints", names.dtype.str, names.shape, [names]
    for name, shape in shapes.items():
        if name in OPTIONAL and all(getattr(t, name) is None for t in tracks):
            continue
        dtype = "|b1" if name in ("valid", "made") else "<f4"
        yield name, dtype, (people, rows, *shape), (_part(t, name, (rows, *shape)) for t in tracks)


def _clock(clock: Clock) -> Iterable[tuple[str, str, tuple[int, ...], Iterable[NDArray[Any]]]]:
    yield "indices", "<i8", clock.indices.shape, [clock.indices]
    yield "times", "<f8", clock.times.shape, [clock.times]


def _part(track: PoseTrack, name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    import numpy as np

    values: NDArray[Any] | None = getattr(track, name)
    return np.full(shape, np.nan, np.float32) if values is None else values
