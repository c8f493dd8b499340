"""Check what components hand over while a clip passes, so that a slip is told of the component that made it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import index
from typing import Any

from posecfg import skeletons
from posecfg.components.calls import blamed
from posecfg.components.parts import Part, top
from posecfg.errors import ClipError
from posecfg.shapes import Misshapen
from posecfg.skeletons.skeleton import Skeleton
from posecfg.text import shown
from posecfg.types import Clock, Meaning, Poses, PoseTrack

# Track ids are kept as 64-bit numbers.
_MOST = 2**62
_ARRAYS = ("xy", "scores", "xyz", "depth")
_TRACKS = (*_ARRAYS, "boxes", "box_scores", "valid", "made")


@dataclass(frozen=True)
class Expected:
    """What a configuration lets expect of poses and picks: facts of the detector, and whom a sentence is about.

    ``detector`` and ``persons`` are group and class. ``skeleton`` is None where only the data will tell.
    ``by_row`` says that there are poses for each row that a frame fills, not one for all of them.
    """

    detector: str = "detector"
    persons: str = "persons"
    skeleton: str | None = None
    gives: tuple[str, ...] = ()
    by_row: bool = False

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Expected:
        """Return what the detector's facts promise."""
        part = top(config, "detector")
        name = None if part.facts.skeleton is None else skeletons.load(part.facts.skeleton).name
        return cls(title(part), title(top(config, "persons")), name, part.facts.gives or (), part.facts.by_row)

    def results(self, results: Any) -> Iterator[Poses]:
        """Return what a detector's call returned, if it is an iterator."""
        if not hasattr(results, "__next__"):
            raise self.not_poses(results)
        found: Iterator[Poses] = results
        return found

    def not_poses(self, got: Any) -> ClipError:
        """Return the error of a detector that gave something else."""
        return ClipError(f"{self.detector}: expected an iterator of Poses, one a frame, but got {shown(got)}.")

    def poses(self, poses: Any, before: Poses | None) -> None:
        """Hold the first poses of a clip, or those with another skeleton than ``before``, against the facts."""
        if not isinstance(poses, Poses):
            raise self.not_poses(poses)
        if not isinstance(poses.skeleton, Skeleton) or not isinstance(poses.meaning, Meaning):
            got = f"{type(poses.skeleton).__name__} and {type(poses.meaning).__name__}"
            raise ClipError(f"{self.detector}: expected Poses with a Skeleton and a Meaning, but got {got}.")
        name = before.skeleton.name if before is not None else self.skeleton or poses.skeleton.name
        if poses.skeleton.name != name or (before is not None and poses.skeleton != before.skeleton):
            since = "its first poses have" if before is not None else "its facts say"
            raise ClipError(
                f"{self.detector}: expected poses of the skeleton {name}, as {since}, but got {poses.skeleton.name}."
            )
        _numbers(self.detector, {name: getattr(poses, name) for name in _ARRAYS} | vars(poses.boxes))

    def extra(self, poses: Poses) -> tuple[bool, bool]:
        """Return whether the first poses with people have xyz and depth; facts that promise what lacks are refused."""
        for name in self.gives:
            if getattr(poses, name) is None:
                raise ClipError(f"{self.detector}: expected poses with {name}, as its facts say, but they have none.")
        return poses.xyz is not None, poses.depth is not None

    def changed(self) -> ClipError:
        """Return the error of a detector that gives xyz or depth in some frames only."""
        return ClipError(f"{self.detector}: expected xyz and depth in all frames with people or in none, not in some.")

    def count(self, fewer: bool) -> ClipError:
        """Return the error of a detector that gave fewer poses than frames, or more."""
        return ClipError(
            f"{self.detector}: expected Poses for each frame, but got {'fewer' if fewer else 'more'} than frames."
        )

    def picks(self, picks: Any, people: int) -> list[tuple[int, int]]:
        """Return the picks of a policy in a frame with so many ``people``, if they can be tracks."""
        try:
            found = [(index(track), index(row)) for track, row in picks]
        except (TypeError, ValueError) as error:
            raise self._no_picks(picks, people) from error
        for track, row in found:
            if not 0 <= row < people or not 0 <= track < _MOST:
                raise self._no_picks(picks, people)
        if len(found) > 1 and len(dict(found)) < len(found):
            raise ClipError(f"{self.persons}: expected each track once in a frame, but got {shown(picks)}.")
        return found

    def _no_picks(self, picks: Any, people: int) -> ClipError:
        return ClipError(
            f"{self.persons}: expected (track id, row) for each person kept, both from 0 and rows below {people}, "
            f"but got {shown(picks)}."
        )

    def notes(self, notes: Any) -> Mapping[str, Any]:
        """Return the notes of a policy, if they are a mapping."""
        if not isinstance(notes, Mapping):
            raise ClipError(f"{self.persons}: expected notes() to return JSON values by name, but got {shown(notes)}.")
        return notes


def title(part: Part) -> str:
    """Name a component in a sentence: its place in the configuration and its class."""
    return f"{part.where} ({part.component.__name__})"


def passed(
    where: str, step: Callable[[PoseTrack, Clock], PoseTrack], track: PoseTrack, clock: Clock, skeleton: str
) -> PoseTrack:
    """Return what a refine step or lifter made of ``track``: as many rows, of ``skeleton`` ("" for any).

    The rows at which another person begins stay those of ``track``.
    """
    with blamed(where):
        try:
            found: Any = step(still(track), clock)
        except Misshapen as error:
            raise ClipError(f"{where}: {error}") from error
        except ValueError as error:
            if "read-only" not in str(error):
                raise
            text = "expected a new track to be returned, but it writes into the one it got"
            raise ClipError(f"{where}: {text}.") from error
    if not isinstance(found, PoseTrack):
        raise ClipError(f"{where}: expected a PoseTrack to be returned, but got {shown(found)}.")
    if len(found) != len(track):
        raise ClipError(f"{where}: expected a track of {len(track)} rows, but got {len(found)}.")
    if skeleton and found.skeleton.name != skeleton:
        raise ClipError(f"{where}: expected a track of the skeleton {skeleton}, but got {found.skeleton.name}.")
    _numbers(where, {name: getattr(found, name) for name in _TRACKS})
    return finite(where, found if found.breaks == track.breaks else replace(found, breaks=track.breaks))


def finite(where: str, track: PoseTrack) -> PoseTrack:
    """Return ``track``; refuse infinite numbers, which are neither a place nor missing."""
    import numpy as np

    for name in _TRACKS:
        array = getattr(track, name)
        if array is not None and array.dtype.kind == "f" and np.isinf(array).any():
            row = int(np.argmax(np.isinf(array).reshape(len(array), -1).any(axis=1)))
            raise ClipError(
                f"{where}: expected finite numbers, or NaN where one is missing, but {name} of row {row} is infinite."
            )
    return track


def still(track: PoseTrack) -> PoseTrack:
    """Return ``track`` with arrays that cannot be written to: one component must not change what others get."""
    views: dict[str, Any] = {
        name: array.view() for name in _TRACKS if (array := getattr(track, name)) is not None and array.flags.writeable
    }
    for view in views.values():
        view.flags.writeable = False
    return replace(track, **views) if views else track


def _numbers(where: str, arrays: Mapping[str, Any]) -> None:
    """Refuse what is no array of numbers."""
    import numpy as np

    for name, array in arrays.items():
        if array is not None and (not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub"):
            got = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
            raise ClipError(f"{where}: expected {name} to be an array of numbers, but got {got}.")
