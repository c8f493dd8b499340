"""Poses of a clip read back from its files, in whatever format, as arrays that can be compared."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg import budgets, loading
from posecfg.errors import PosecfgError
from posecfg.types import Extraction, PoseTrack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from posecfg.arrays import F32, F64, I64, Bools

SPACES = {2: "xy", 3: "xyz"}
_SCORES = ("score", "visibility")


@dataclass(frozen=True)
class Person:
    """One person over the rows of a clip: ``found`` (T,) without rows that were made up, and measures by name.

    ``values`` has points ``xy`` (T, K, 2) and ``xyz`` (T, K, 3), and numbers ``depth`` and ``score`` (T, K), or
    ``numbers`` (T, K, C) of an array of which nothing is known; NaN where missing.
    """

    id: int
    found: Bools
    values: Mapping[str, NDArray[Any]]

    @property
    def boxes(self) -> F64:
        """Return the extent (T, 4) of the person's keypoints in pixels, NaN where there is none."""
        import numpy as np

        xy = self.values.get("xy")
        if xy is None:
            return np.full((len(self.found), 4), np.nan)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # rows of NaN only
            return np.concatenate([np.nanmin(xy, axis=1), np.nanmax(xy, axis=1)], axis=1).astype(np.float64)


@dataclass(frozen=True)
class Seen:
    """The people of one clip; ``rows`` (T,) are the frames that rows are of, None where the file does not tell.

    ``units`` are those of measures by name; ``keypoints`` is empty where names are not known.
    """

    kind: str
    keypoints: tuple[str, ...]
    people: tuple[Person, ...]
    units: Mapping[str, str]
    rows: I64 | None = None

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows) if self.rows is not None else max((len(one.found) for one in self.people), default=0)


def of_files(root: Path, files: Sequence[tuple[str, Mapping[str, Any]]], kind: str) -> Seen | None:
    """Read those of a clip's files, with what its record says of them, that are of a ``kind``; None of none."""
    chosen = [(root / name, about) for name, about in files if about.get("kind") == kind]
    if kind == "npz":
        return of_npz(chosen[0][0]) if chosen else None
    found = [of_npy(path, about) for path, about in chosen if about.get("channels") and about.get("keypoints")]
    if not found:
        return None
    people = tuple(person for one in found for person in one.people)
    alike = all((one.keypoints, one.units) == (found[0].keypoints, found[0].units) for one in found)
    return Seen("npy", found[0].keypoints, people, found[0].units) if alike else None


def of_npz(path: Path) -> Seen:
    """Read a native npz."""
    found = loading.load(path)
    if not isinstance(found, Extraction):
        raise PosecfgError(f"'{path}' is a folder, where a native npz was expected.")
    meaning = found.meaning
    units = {
        "xy": "px",
        "xyz": meaning.xyz or "model units",
        "depth": meaning.depth or "model units",
        "score": meaning.score,
    }
    people = tuple(map(_person, found.tracks))
    units = {name: unit for name, unit in units.items() if any(name in one.values for one in people)}
    return Seen("npz", found.skeleton.keypoints, people, units, found.clock.indices)


def _person(track: PoseTrack) -> Person:
    values: dict[str, F32] = {"xy": track.xy, "score": track.scores}
    values |= {name: value for name in ("xyz", "depth") if (value := getattr(track, name)) is not None}
    return Person(track.id, track.valid & ~track.made, values)


def of_npy(path: Path, about: Mapping[str, Any]) -> Seen:
    """Read a plain array (T, K, C), of which a record says ``about``; without that its numbers are only numbers."""
    import numpy as np

    try:
        budgets.check_npy(path)
        with budgets.open_regular(path) as stream:
            array = np.load(stream, allow_pickle=False)
        if array.dtype.kind not in "fiub" or array.ndim < 1:
            raise ValueError(f"it is of the type {array.dtype}")
    except (OSError, ValueError, EOFError) as error:
        raise PosecfgError(
            f"'{path}' is damaged or no array of numbers ({error}): make it again with redo=CLIP."
        ) from error
    array = array.astype(np.float64)
    channels, keypoints = list(about.get("channels", ())), tuple(about.get("keypoints", ()))
    if array.ndim != 3 or array.shape[1:] != (len(keypoints), len(channels)):
        found = np.isfinite(array.reshape(len(array), -1)).any(axis=1)
        return Seen("npy", (), (Person(0, found, {"numbers": array}),), {"numbers": ""})
    empty = (array == 0) if about.get("missing") == "zero" else np.isnan(array)
    array[empty.all(axis=2)] = np.nan
    values, units = _measures(array, channels, str(about.get("space") or ""))
    person = about.get("person", 0)
    one = Person(person if isinstance(person, int) else 0, ~np.isnan(array).all(axis=(1, 2)), values)
    return Seen("npy", keypoints, (one,), units)


def _measures(array: F64, channels: Sequence[str], unit: str) -> tuple[dict[str, F64], dict[str, str]]:
    points = [channels.index(name) for name in "xyz" if name in channels]
    values: dict[str, F64] = {}
    units: dict[str, str] = {}
    if [channels[place] for place in points][:2] == ["x", "y"]:
        # Of three coordinates in space, two may have been chosen.
        name = SPACES[len(points)] if unit.startswith(("px", "share")) or len(points) == 3 else "xyz"
        values[name], units[name] = array[..., points], unit or "units"
    for name, wanted in (("depth", ("depth",)), ("score", _SCORES)):
        place = next((channels.index(one) for one in wanted if one in channels), None)
        if place is not None:
            values[name], units[name] = array[..., place], ""
    return values, units
