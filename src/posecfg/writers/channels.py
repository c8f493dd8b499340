"""Select numbers of a track by name: x, y, z, depth, score, made."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError, ConfigError
from posecfg.skeletons.skeleton import Skeleton
from posecfg.suggestions import hint
from posecfg.types import Clip, PoseTrack
from posecfg.writers.choice import expect

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32

CHANNELS = ("x", "y", "z", "depth", "score", "visibility", "made")
SPACES = ("auto", "xyz", "xy")


class Channels:
    """A selection of numbers by name, in order.

    ``x``, ``y`` and ``z`` are of one space: ``xyz`` is the model's 3D, ``xy`` pixels of the image (without z), and
    ``auto`` is 3D where every keypoint can have it. ``normalise`` divides pixels by the width and height of the image,
    and makes ``auto`` mean pixels. ``visibility`` is another word for ``score``; ``made`` is 1 in rows that a refine
    step made.
    """

    def __init__(self, names: Sequence[str] | None = None, space: str = "auto", normalise: bool = False) -> None:
        expect("space", space, SPACES)
        if normalise and space == "xyz":
            raise ConfigError("Expected space=xy beside normalise=true: only pixels have a width and height.")
        if names is not None:
            wrong = [n for n in names if n not in CHANNELS]
            if wrong or not names or len(set(names)) != len(names) or isinstance(names, str):
                near = hint(str(wrong[0]), CHANNELS) if wrong else ""
                raise ConfigError(f"Expected channels to list some of {', '.join(CHANNELS)}, but got {names}.{near}")
        self._names = None if names is None else tuple(names)
        self._space = "xy" if normalise and space == "auto" else space
        self._normalise = normalise

    def check(self, given: Collection[str], skeleton: Skeleton) -> None:
        """Raise ``ConfigError`` if a channel is missing from poses that have ``given`` (xyz, depth) beside pixels."""
        space = self._of("xyz" in given, skeleton)
        names = self._names or space
        lacking = [name for name in names if name in "xyz" and space not in ("xy", *given)]
        lacking += [name for name in names if (name, space) == ("z", "xy") or (name == "depth" and name not in given)]
        if lacking:
            raise ConfigError(f"'{lacking[0]}' is not in this data: {self._offer(given)}.")

    def refuse(self, clip: Clip) -> None:
        """Raise ``ClipError`` for unrelated images with ``normalise``: each has its own size."""
        if self._normalise and clip.independent:
            raise ClipError("normalise=true needs one size of image, but unrelated images may differ: write pixels.")

    def space_of(self, track: PoseTrack) -> str:
        """Return the space of the coordinates of ``track``: ``xyz`` or ``xy``."""
        return self._of(track.xyz is not None, track.skeleton)

    def _of(self, in_space: bool, skeleton: Skeleton) -> str:
        if self._space == "auto":
            return "xyz" if in_space and not skeleton.flat else "xy"
        return self._space

    def names_for(self, track: PoseTrack) -> tuple[str, ...]:
        """Return the channels of ``track``: as asked, or its coordinates and the score."""
        return self._names or (*self.space_of(track), "score")

    def unit_of(self, track: PoseTrack) -> str:
        """Return the unit of the coordinates, as text."""
        if self.space_of(track) == "xyz":
            return track.meaning.xyz or "model units"
        return "share of the image's width and height" if self._normalise else "px"

    def __call__(self, track: PoseTrack, size: tuple[int, int]) -> F32:
        """Return (T, K, C) float32, NaN where missing; ``size`` is the image's (width, height) px."""
        import numpy as np

        given = [name for name, there in (("xyz", track.xyz), ("depth", track.depth)) if there is not None]
        self.check(given, track.skeleton)
        names = self.names_for(track)
        out = np.empty((*track.scores.shape, len(names)), np.float32)
        for place, name in enumerate(names):
            out[..., place] = self._channel(name, track, size)
        out[~(track.valid | track.made)] = np.nan
        if "made" in names:
            out[..., names.index("made")] = track.made[:, None]
        return out

    def _channel(self, name: str, track: PoseTrack, size: tuple[int, int]) -> NDArray[Any]:
        if name in ("score", "visibility", "made"):
            return track.scores
        points = track.xyz if self.space_of(track) == "xyz" else track.xy
        values: NDArray[Any] | None = track.depth if name == "depth" else None
        if values is None and points is not None:
            values = points[..., "xyz".index(name)]
        if values is None:
            raise RuntimeError(f"Expected '{name}' to be in the data.")
        if self._normalise and name in "xy":
            return values / size["xy".index(name)]
        return values

    def _offer(self, given: Collection[str]) -> str:
        """Return a text that lists what poses have, and what to type to get most of the channels asked for."""
        offer = ["x and y of space=xy"]
        if "xyz" in given:
            offer.append("x, y and z of space=xyz" + (" (with normalise=false)" if self._normalise else ""))
        if "depth" in given:
            offer.append("depth")
        usable = [name for name in self._names or () if name not in ("z", "depth")]
        typed = ",".join([*usable[:2], *(["depth"] if "depth" in given else []), *usable[2:]])
        advice = f"type channels=[{typed}]" if usable else "leave channels null"
        return (
            f"the detector and lifter give {', '.join(offer)}; {advice if self._space != 'xyz' else 'type space=auto'}"
        )
