"""Poses as a long table in Arrow's types: one line for each keypoint of each person in each row of a clip."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from types import ModuleType
from typing import TYPE_CHECKING, Any

from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction, PoseTrack

if TYPE_CHECKING:
    from numpy.typing import NDArray

SCHEMA, KEY = 1, "posecfg"
# Name, Arrow's type, unit, and what it is; of x3d, y3d, z3d and depth the model tells the unit.
COLUMNS = (
    ("clip", "string", "", "id of the clip"),
    ("row", "int32", "", "number of the row within the clip, from 0"),
    ("frame", "int64", "", "index of the frame in the film"),
    ("time", "float64", "s", "the film's own time stamp, from its first frame"),
    ("person", "int32", "", "id of the track"),
    ("keypoint", "string", "", "name of the keypoint"),
    ("x", "float32", "px", "of the upright picture, to the right"),
    ("y", "float32", "px", "of the upright picture, down"),
    ("score", "float32", "", "as the model gives it"),
    ("x3d", "float32", None, "in space, null where the model gives pixels only"),
    ("y3d", "float32", None, "in space"),
    ("z3d", "float32", None, "in space"),
    ("depth", "float32", None, "distance along the view, null where the model gives none"),
    ("made", "bool", "", "whether a refine step or a lifter made the row up"),
)
NUMBERS = ("x", "y", "score", "x3d", "y3d", "z3d", "depth")
# Parts of a unit that are kept where numbers need not be exact: powers of two leave bits that cost nothing.
STEPS = {"x": 64, "y": 64, **dict.fromkeys(("score", "x3d", "y3d", "z3d", "depth"), 4096)}
# Lines of a group, within which each keypoint's rows follow each other: near numbers take less room.
GROUP = 1 << 18


def schema(arrow: ModuleType) -> Any:
    """Return the columns, the same in all clips."""
    return arrow.schema([(name, getattr(arrow, {"bool": "bool_"}.get(kind, kind))()) for name, kind, _, _ in COLUMNS])


def metadata(extraction: Extraction, skeleton: Skeleton) -> dict[str, str]:
    """Return what the columns of a clip cannot tell, as JSON; bones are pairs of keypoints by number."""
    clip, clock, meaning = extraction.clip, extraction.clock, extraction.meaning
    told = {"score": meaning.score, "depth": meaning.depth, **dict.fromkeys(("x3d", "y3d", "z3d"), meaning.xyz)}
    facts = {
        "schema": SCHEMA,
        "clip": clip.id,
        "source": clip.source,
        "frames": len(clock),
        "fps": clock.fps if math.isfinite(clock.fps) else None,
        "size": list(clock.size),
        "people": [track.id for track in extraction.tracks],
        "units": {name: unit for name, _, own, _ in COLUMNS if (unit := own or told.get(name))},
        "skeleton": {
            "name": skeleton.name,
            "keypoints": list(skeleton.keypoints),
            "bones": [list(edge) for edge in skeleton.edges],
        },
    }
    return {KEY: json.dumps(facts, ensure_ascii=False, separators=(",", ":"))}


def groups(
    arrow: ModuleType, extraction: Extraction, tracks: Sequence[PoseTrack], shape: Any, exact: bool = True
) -> Iterator[Any]:
    """Yield tables of some rows each, by person, keypoint and row; rows without the person have null for numbers."""
    rows = len(extraction.clock)
    each = max(256, GROUP // max(1, sum(len(track.skeleton) for track in tracks)))
    for start in range(0, rows if tracks else 0, each):
        part = slice(start, min(rows, start + each))
        yield arrow.concat_tables([_lines(arrow, extraction, track, part, shape, exact) for track in tracks])


def _lines(arrow: ModuleType, extraction: Extraction, track: PoseTrack, part: slice, shape: Any, exact: bool) -> Any:
    import numpy as np

    clock, names = extraction.clock, arrow.array(track.skeleton.keypoints, arrow.string())
    rows, points = part.stop - part.start, len(track.skeleton)
    numbered = np.arange(part.start, part.stop, dtype=np.int32)
    columns: dict[str, Any] = {
        "clip": arrow.repeat(arrow.scalar(extraction.clip.id), rows * points),
        "row": np.tile(numbered, points),
        "frame": np.tile(clock.indices[part], points),
        "time": np.tile(clock.times[part], points),
        "person": np.full(rows * points, track.id, np.int32),
        "keypoint": names.take(arrow.array(np.repeat(np.arange(points, dtype=np.int32), rows))),
        "made": np.tile(track.made[part], points),
    }
    for name, values in _numbers(track).items():
        flat = None if values is None else np.ascontiguousarray(values[part].T).ravel()
        if flat is not None and not exact:
            flat = np.round(flat * STEPS[name]) / np.float32(STEPS[name])
        kind = arrow.float32()
        columns[name] = arrow.nulls(rows * points, kind) if flat is None else arrow.array(flat, kind, from_pandas=True)
    return arrow.table([columns[name] for name in shape.names], schema=shape)


def _numbers(track: PoseTrack) -> dict[str, NDArray[Any] | None]:
    """Return the numbers (T, K) of a track, None for what it does not have."""
    space = (None, None, None) if track.xyz is None else (track.xyz[..., axis] for axis in range(3))
    return dict(zip(NUMBERS, (track.xy[..., 0], track.xy[..., 1], track.scores, *space, track.depth), strict=True))
