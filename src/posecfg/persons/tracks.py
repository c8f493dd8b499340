"""Collect the people kept in each frame into tracks, with little more memory than the tracks need."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Detections, Meaning, Poses, PoseTrack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posecfg.arrays import I64

CHUNK = 1024
"""Records that are allocated at once."""
NOBODY = -1
"""The track of people whom the policy leaves out."""


class Tracks:
    """Collect ``(track id, row)`` picks frame by frame; ``finish`` lays them out as dense arrays.

    With ``everybody``, people whom the policy leaves out are collected too, for ``detections``.
    """

    def __init__(self, everybody: bool = False) -> None:
        self.frames = 0
        self._everybody = everybody
        self._chunks: list[NDArray[np.void]] = []
        self._used = 0
        self._gives: set[str] = set()

    def add(self, poses: Poses, picks: Sequence[tuple[int, int]]) -> None:
        """Add the picked people of the next frame."""
        optional = [name for name in ("xyz", "depth") if getattr(poses, name) is not None]
        self._gives.update(optional)
        for track, row, first in _all(len(poses), picks) if self._everybody else ((*pick, True) for pick in picks):
            record = self._record(len(poses.skeleton), optional)
            record["frame"], record["id"], record["first"] = self.frames, track, first
            record["boxes"], record["box_scores"] = poses.boxes.xyxy[row], poses.boxes.scores[row]
            for name in ("xy", "scores", *optional):
                record[name] = getattr(poses, name)[row]
        self.frames += 1

    @property
    def gives(self) -> frozenset[str]:
        """Which of xyz and depth the detector gave."""
        return frozenset(self._gives)

    def _record(self, points: int, optional: list[str]) -> Any:
        """Return the next free record; a new chunk begins when one is full or the fields change."""
        import numpy as np

        fields: list[Any] = [("frame", "i8"), ("id", "i8"), ("first", "?"), ("boxes", "f4", (4,)), ("box_scores", "f4")]
        fields += [("xy", "f4", (points, 2)), ("scores", "f4", (points,))]
        shapes = _extra(points)
        fields += [(name, "f4", shapes[name]) for name in optional]
        dtype = np.dtype(fields)
        if not self._chunks or self._used == len(self._chunks[-1]) or self._chunks[-1].dtype != dtype:
            if self._chunks:
                self._chunks[-1] = self._chunks[-1][: self._used]
            self._chunks.append(np.empty(CHUNK, dtype))
            self._used = 0
        self._used += 1
        return self._chunks[-1][self._used - 1]

    def finish(self, skeleton: Skeleton, meaning: Meaning, rows: I64, single: bool) -> tuple[PoseTrack, ...]:
        """Return the tracks in order of their ids.

        ``rows`` (T,) is the number of the frame that fills each output row, -1 where no frame does: there the person is
        missing. ``single`` gives one track even if no person was found. Tracks have ``xyz`` and ``depth`` if the
        detector gave them, or ``meaning`` describes them.
        """
        filling = int(rows.max(initial=-1)) + 1
        if filling != self.frames:
            raise ValueError(f"Expected rows filled by {self.frames} frames, but got rows of {filling}.")
        found = sorted({i for chunk in self._filled() for i in chunk["id"].tolist()} - {NOBODY})
        if single and len(found) > 1:
            raise ClipError(f"persons: expected one track, as the facts of a single person say, but got {len(found)}.")
        ids = found or ([0] if single else [])
        return tuple(replace(self._track(i, skeleton, meaning, rows), alone=single) for i in ids)

    def detections(self, skeleton: Skeleton, meaning: Meaning, rows: I64) -> Detections:
        """Return everybody who was collected, frame by frame; ``rows`` (T,) is the frame that fills each output row."""
        import numpy as np

        chunks = self._filled()
        mine = [chunk["first"] for chunk in chunks]
        shapes: dict[str, Any] = {"boxes": (4,), "box_scores": (), "xy": (len(skeleton), 2), "scores": (len(skeleton),)}
        shapes |= {name: shape for name, shape in _extra(len(skeleton)).items() if name in self._given(meaning)}

        def gather(name: str, dtype: Any, shape: tuple[int, ...] = ()) -> Any:
            total, done = sum(int(first.sum()) for first in mine), 0
            array = np.full((total, *shape), np.nan if dtype is np.float32 else 0, dtype)
            for chunk, first in zip(chunks, mine, strict=True):
                end = done + int(first.sum())
                if name in (chunk.dtype.names or ()):
                    array[done:end] = chunk[name][first]
                done = end
            return array

        offsets = np.searchsorted(gather("frame", np.int64), np.arange(self.frames + 1))
        arrays = {name: gather(name, np.float32, shape) for name, shape in shapes.items()}
        tracks = gather("id", np.int64)
        return Detections(skeleton, meaning, rows, offsets.astype(np.int64), tracks, **arrays)

    def _filled(self) -> list[NDArray[np.void]]:
        """Return the chunks without what is not used yet of the last one."""
        return [*self._chunks[:-1], self._chunks[-1][: self._used]] if self._chunks else []

    def _given(self, meaning: Meaning) -> set[str]:
        """Return which of xyz and depth there are: those that the detector gave, or that ``meaning`` describes."""
        return self._gives | {name for name in ("xyz", "depth") if getattr(meaning, name) is not None}

    def _track(self, track: int, skeleton: Skeleton, meaning: Meaning, rows: I64) -> PoseTrack:
        import numpy as np

        points = len(skeleton)
        shapes: dict[str, tuple[int, ...]] = {"xy": (points, 2), "scores": (points,), "boxes": (4,), "box_scores": ()}
        shapes |= {name: shape for name, shape in _extra(points).items() if name in self._given(meaning)}
        # The place after the last frame stays empty, for the rows that no detector looked at (-1).
        places = self.frames + 1
        arrays: dict[str, Any] = {name: np.full((places, *s), np.nan, np.float32) for name, s in shapes.items()}
        valid = np.zeros(places, bool)
        for chunk in self._filled():
            mine = chunk[chunk["id"] == track]
            valid[mine["frame"]] = True
            for name, array in arrays.items():
                if name in (chunk.dtype.names or ()):
                    array[mine["frame"]] = mine[name]
        plain = np.array_equal(rows, np.arange(self.frames))
        chosen: Any = slice(self.frames) if plain else rows
        arrays = {name: array[chosen] for name, array in arrays.items()}
        valid = valid[chosen]
        made = np.zeros(len(valid), bool)
        return PoseTrack(id=track, skeleton=skeleton, meaning=meaning, valid=valid, made=made, **arrays)


def _extra(points: int) -> dict[str, tuple[int, ...]]:
    """Return the shapes of what one pose can have beside pixels."""
    return {"xyz": (points, 3), "depth": (points,)}


def _all(people: int, picks: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int, bool]]:
    """Yield track, row, and whether it is the first of its row, for all people; most rows have one track or none."""
    tracks: dict[int, list[int]] = {}
    for track, row in picks:
        tracks.setdefault(row, []).append(track)
    for row in range(people):
        for number, track in enumerate(tracks.get(row, (NOBODY,))):
            yield track, row, number == 0
