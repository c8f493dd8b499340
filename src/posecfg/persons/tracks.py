"""Collect the people kept in each frame into tracks, with little more memory than the tracks need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Meaning, Poses, PoseTrack

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from posecfg.arrays import I64

CHUNK = 1024
"""Records that are allocated at once."""


class Tracks:
    """Collect ``(track id, row)`` picks frame by frame; ``finish`` lays them out as dense arrays."""

    def __init__(self) -> None:
        self.frames = 0
        self._chunks: list[NDArray[np.void]] = []
        self._used = 0
        self._gives: set[str] = set()

    def add(self, poses: Poses, picks: Sequence[tuple[int, int]]) -> None:
        """Add the picked people of the next frame."""
        optional = [name for name in ("xyz", "depth") if getattr(poses, name) is not None]
        self._gives.update(optional)
        for track, row in picks:
            record = self._record(len(poses.skeleton), optional)
            record["frame"], record["id"] = self.frames, track
            record["boxes"], record["box_scores"] = poses.boxes.xyxy[row], poses.boxes.scores[row]
            for name in ("xy", "scores", *optional):
                record[name] = getattr(poses, name)[row]
        self.frames += 1

    def _record(self, points: int, optional: list[str]) -> Any:
        """Return the next free record; a new chunk begins when one is full or the fields change."""
        import numpy as np

        fields: list[Any] = [("frame", "i8"), ("id", "i8"), ("boxes", "f4", (4,)), ("box_scores", "f4")]
        fields += [("xy", "f4", (points, 2)), ("scores", "f4", (points,))]
        shapes = {"xyz": (points, 3), "depth": (points,)}
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
        import numpy as np

        filling = int(rows.max(initial=-1)) + 1
        if filling != self.frames:
            raise ValueError(f"Expected rows filled by {self.frames} frames, but got rows of {filling}.")
        if self._chunks:
            self._chunks[-1] = self._chunks[-1][: self._used]
        found = sorted({int(i) for chunk in self._chunks for i in np.unique(chunk["id"])})
        if single and len(found) > 1:
            raise ClipError(f"persons: expected one track, as the facts of a single person say, but got {len(found)}.")
        ids = found or ([0] if single else [])
        return tuple(replace(self._track(i, skeleton, meaning, rows), alone=single) for i in ids)

    def _track(self, track: int, skeleton: Skeleton, meaning: Meaning, rows: I64) -> PoseTrack:
        import numpy as np

        points = len(skeleton)
        shapes: dict[str, tuple[int, ...]] = {"xy": (points, 2), "scores": (points,), "boxes": (4,), "box_scores": ()}
        if "xyz" in self._gives or meaning.xyz is not None:
            shapes["xyz"] = (points, 3)
        if "depth" in self._gives or meaning.depth is not None:
            shapes["depth"] = (points,)
        # The place after the last frame stays empty, for the rows that no detector looked at (-1).
        places = self.frames + 1
        arrays: dict[str, Any] = {name: np.full((places, *s), np.nan, np.float32) for name, s in shapes.items()}
        valid = np.zeros(places, bool)
        for chunk in self._chunks:
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
