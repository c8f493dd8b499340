"""Write plain NumPy arrays, one file a track."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ConfigError, Dropped
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons import load
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction
from posecfg.writers.channels import Channels
from posecfg.writers.choice import expect
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle

if TYPE_CHECKING:
    from posecfg.arrays import F32

MISSING = ("nan", "zero")
BOUNDED = ("x", "y", "score", "visibility")
DTYPES = ("float32", "float64", "float16")
BYTES = {"float32": 4, "float64": 8, "float16": 2}
EMPTY = ("write", "skip")


class Npy:
    """Write (T, K, C) arrays: rows of the clip, keypoints, channels.

    ``channels`` are by default x, y, z and score where the track is 3D, else x, y and score. ``missing`` is the value
    for a person or keypoint that was not found. ``clip`` limits shares of the image and scores to 0 to 1, and records
    how many numbers it changed. ``empty`` tells whether a clip without any person gets a file. For file names see
    ``Names``, for ``keypoints``, ``mask`` and ``kpt_thr`` see ``Points``, for ``channels``, ``space`` and ``normalise``
    see ``Channels``.
    """

    suffix = ".npy"

    def __init__(
        self,
        path: str = "{id}",
        channels: Sequence[str] | None = None,
        space: Literal["auto", "xyz", "xy"] = "auto",
        normalise: bool = False,
        keypoints: str | Sequence[str] | Sequence[int] | None = None,
        missing: Literal["nan", "zero"] = "nan",
        mask: bool = False,
        kpt_thr: float = 0.3,
        dtype: Literal["float32", "float64", "float16"] = "float32",
        clip: bool = False,
        empty: Literal["write", "skip"] = "write",
    ) -> None:
        expect("missing", missing, MISSING)
        expect("dtype", dtype, DTYPES)
        expect("empty", empty, EMPTY)
        self._names = Names(path, self.suffix)
        self._channels = Channels(channels, space, normalise)
        self._points = Points(keypoints, mask, kpt_thr)
        self._missing, self._dtype, self._clip = missing, dtype, clip
        self._skips_empty = empty == "skip"
        self._bounded = BOUNDED if normalise else ()
        if clip and not normalise:
            raise ConfigError("Expected normalise=true beside clip=true: pixels and metres are not within 0 and 1.")

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(by_track=True, operational=idle(mask), row_bytes=partial(_row_bytes, others))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if tracks of ``skeleton`` that have ``given`` beside pixels cannot be written."""
        target = self._points.target(skeleton)
        if given is not None:
            self._channels.check(given, target)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's first file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write one file a track; raise ``Dropped`` if no person was found and ``empty`` is skip."""
        import numpy as np

        self._channels.refuse(extraction.clip)
        if self._skips_empty and not any(track.valid.any() for track in extraction.tracks):
            raise Dropped(f"no person was found: {len(extraction.clock)} frames were looked at")
        several = len(extraction.tracks) > 1
        for track in extraction.tracks:
            chosen = self._points(track)
            names = self._channels.names_for(chosen)
            data = self._channels(chosen, extraction.clock.size)
            clipped = _clip(data, names) if self._clip else None
            data = data.astype(self._dtype, copy=False)
            if self._missing == "zero":
                data[np.isnan(data)] = 0
            about = {
                "kind": "npy",
                "shape": list(data.shape),
                "dtype": self._dtype,
                "missing": self._missing,
                "channels": list(names),
                "keypoints": list(chosen.skeleton.keypoints),
                "space": self._channels.unit_of(chosen),
                "bounded": [name for name in names if name in self._bounded],
                "person": track.id,
                "made": int(track.made.sum()),
            }
            about |= {} if clipped is None else {"clipped": clipped}
            with files.open(self._names(extraction.clip.id, track.id, several), about) as stream:
                np.lib.format.write_array(stream, data, version=(1, 0), allow_pickle=False)


def _row_bytes(arguments: Mapping[str, Any], points: int, spatial: bool) -> float:
    """Return how many bytes a row takes in an array of poses with so many keypoints, in space or not."""
    keypoints, channels, space = arguments["keypoints"], arguments["channels"], arguments["space"]
    if isinstance(keypoints, str):
        points = len(load(keypoints).keypoints)
    elif keypoints is not None:
        points = len(keypoints)
    flat = space == "xy" or (space == "auto" and (arguments["normalise"] or not spatial))
    numbers = len(channels) if channels is not None else 3 if flat else 4
    return points * numbers * BYTES.get(arguments["dtype"], 4)


def _clip(data: F32, names: Sequence[str]) -> int:
    """Clip shares and scores (T, K, C) to 0 to 1, in place, and return how many were outside."""
    import numpy as np

    bounded = [place for place, name in enumerate(names) if name in BOUNDED]
    part = data[..., bounded]
    outside = int(((part < 0) | (part > 1)).sum())
    data[..., bounded] = np.clip(part, 0, 1)
    return outside
