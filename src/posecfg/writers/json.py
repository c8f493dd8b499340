"""Write one JSON file a clip: facts of the film, and every frame with its keypoints by name."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Clock, Extraction, PoseTrack
from posecfg.writers.names import Names
from posecfg.writers.points import Points

if TYPE_CHECKING:
    from posecfg.arrays import F64

PLACES, SCORES, MILLISECONDS = 1, 4, 3
"""Decimals to round to."""


class Json:
    """Write meta, keypoint_format and frames, one frame a line; ``assets/frames.schema.json`` describes the file.

    x and y are pixels with one decimal; scores have four, and are written however low they are; ``pose_score`` is their
    mean. What is missing is null. A frame whose pose a refine step made has ``"interpolated": true``. If several people
    are kept, each frame lists the ``people`` in it, by id. ``path`` may be the name of a file when there is one clip.
    """

    suffix = ".json"

    def __init__(self, path: str = "{id}", keypoints: str | Sequence[str] | Sequence[int] | None = None) -> None:
        self._names = Names(path, self.suffix, fixed=True)
        self._points = Points(keypoints)

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts()

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if tracks of ``skeleton`` cannot be written."""
        self._points.target(skeleton)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the file of one clip, frame by frame."""
        clock, names = extraction.clock, self._points.target(extraction.skeleton).keypoints
        tracks = [self._points(track) for track in extraction.tracks]
        about = {
            "kind": "json",
            "rows": len(clock),
            "keypoints": list(names),
            "people": len(tracks),
            "made": sum(int(track.made.sum()) for track in tracks),
            "missing": "null",
        }
        with files.open(self._names(extraction.clip.id), about) as stream:
            _put(stream, '{"meta": ', _meta(extraction), ',\n"keypoint_format": ', list(names), ',\n"frames": [')
            for row, frame in enumerate(_frames(clock, tracks, names, extraction.several or len(tracks) > 1)):
                _put(stream, ",\n" if row else "\n", frame)
            _put(stream, "\n]}\n")


def _put(stream: BinaryIO, *parts: Any) -> None:
    """Write texts as they are, and anything else as JSON."""
    for part in parts:
        text = part if isinstance(part, str) else json.dumps(part, ensure_ascii=False, allow_nan=False)
        stream.write(text.encode())


def _meta(extraction: Extraction) -> dict[str, Any]:
    clock = extraction.clock
    width, height = clock.size
    meta: dict[str, Any] = {"fps": _number(clock.fps, 6), "width": width, "height": height, "frame_count": clock.inside}
    if clock.pixel_aspect != (1, 1):
        meta["pixel_aspect"] = list(clock.pixel_aspect)
    if "pictures" in extraction.notes:
        meta["pictures"] = extraction.notes["pictures"]
    return meta


def _frames(clock: Clock, tracks: Sequence[PoseTrack], names: Sequence[str], several: bool) -> Iterator[dict[str, Any]]:
    for row, (index, time) in enumerate(zip(clock.indices.tolist(), clock.times.tolist(), strict=True)):
        frame = {"frame_index": index, "timestamp_ms": _number(time * 1000, MILLISECONDS)}
        if several:
            yield frame | {
                "people": [{"id": t.id, **_pose(t, row, names)} for t in tracks if t.valid[row] or t.made[row]]
            }
        elif tracks:
            yield frame | _pose(tracks[0], row, names)
        else:
            yield frame | _empty(names)


def _pose(track: PoseTrack, row: int, names: Sequence[str]) -> dict[str, Any]:
    """Return the person in one row as JSON values, null for what is missing."""
    import numpy as np

    made = bool(track.made[row])
    if not (made or track.valid[row]):
        return _empty(names)
    places, scores = _rounded(track.xy[row].astype(np.float64), PLACES), track.scores[row].astype(np.float64)
    there = np.isfinite(track.xy[row]).all(axis=1)
    known = scores[there & np.isfinite(scores)]
    points = zip(names, places.tolist(), _rounded(scores, SCORES).tolist(), there.tolist(), strict=True)
    pose = {
        "pose_score": float(_rounded(known.mean(), SCORES)) if len(known) else None,
        "keypoints": [_point(name, x, y, score) if told else _point(name) for name, (x, y), score, told in points],
    }
    return {**pose, "interpolated": True} if made else pose


def _empty(names: Sequence[str]) -> dict[str, Any]:
    return {"pose_score": None, "keypoints": [_point(name) for name in names]}


def _point(name: str, x: float | None = None, y: float | None = None, score: float | None = None) -> dict[str, Any]:
    return {"name": name, "x": x, "y": y, "score": score if score is not None and math.isfinite(score) else None}


def _rounded(values: F64, decimals: int) -> F64:
    import numpy as np

    return np.round(values, decimals) + 0.0  # no minus zero


def _number(value: float, decimals: int) -> float | int | None:
    """Round ``value``; a whole number has no decimal point, NaN and infinite become null."""
    if not math.isfinite(value):
        return None
    value = round(value, decimals)
    return int(value) if value == int(value) else value
