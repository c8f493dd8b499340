"""Write everybody whom the detector saw as JSON, one file a frame."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from posecfg.errors import ClipError, ConfigError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Detections as Seen
from posecfg.types import Extraction
from posecfg.writers.names import Names

PIXELS, SCORES, SECONDS = 2, 4, 6
"""Decimals to round to."""


class Detections:
    """Write ``<path>/frame_0001_keypoints.json`` for each row; ``assets/detections.schema.json`` describes the files.

    ``people`` are all whose box scores above ``bbox_thr``, whomever the policy kept; their keypoints are as the
    detector gave them, before refine steps and lifters. null are people of a row that no detector looked at, and
    coordinates that are missing. ``path`` may be a folder without fields, with a slash at its
    end, when there is one clip.
    """

    suffix = ".json"

    def __init__(self, path: str = "{id}", bbox_thr: float = 0.3) -> None:
        if not 0 <= bbox_thr <= 1:
            raise ConfigError(f"Expected bbox_thr to be from 0 to 1, but got {bbox_thr}.")
        self._folders = Names(path, "/", fixed=True)
        self._bbox_thr = bbox_thr

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(detections=True)

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's first file."""
        return self._name(clip_id, 0)

    def _name(self, clip_id: str, row: int) -> str:
        return f"{self._folders(clip_id)}frame_{row + 1:04d}_keypoints.json"

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the files of one clip."""
        seen, clock = extraction.detections, extraction.clock
        if seen is None:
            raise ClipError("The people that the detector saw are not kept with these poses: make them again.")
        width, height = clock.size
        meaning = {name: value for name, value in vars(seen.meaning).items() if value is not None}
        said = {"width": width, "height": height, "meaning": meaning, "keypoint_names": list(seen.skeleton.keypoints)}
        for row, (index, time) in enumerate(zip(clock.indices.tolist(), clock.times.tolist(), strict=True)):
            frame = {"frame": row + 1, "frame_index": index, "time": round(time, SECONDS), **said}
            looked = seen.rows[row] >= 0
            text = json.dumps(frame | {"people": self._people(seen, row) if looked else None}, allow_nan=False)
            with files.open(self._name(extraction.clip.id, row), {"kind": "detections", "missing": "null"}) as stream:
                stream.write(text.encode())

    def _people(self, seen: Seen, row: int) -> list[dict[str, Any]]:
        """Return the people of the row's frame, best box first where scores differ; ties stay in their order."""
        poses, tracks = seen.of_row(row), seen.tracks_of_row(row).tolist()
        scores = poses.boxes.scores.tolist()
        chosen = (poses.boxes.scores > self._bbox_thr).nonzero()[0].tolist()
        return [
            {
                "box": _numbers(poses.boxes.xyxy[place], PIXELS),
                "box_score": _rounded(scores[place], SCORES),
                "person": tracks[place] if tracks[place] >= 0 else None,
                "keypoints": [
                    [*_numbers(xy, PIXELS), _rounded(float(score), SCORES)]
                    for xy, score in zip(poses.xy[place], poses.scores[place], strict=True)
                ],
                **({} if poses.xyz is None else {"keypoints_3d": [_numbers(one, SCORES) for one in poses.xyz[place]]}),
            }
            for place in sorted(chosen, key=lambda place: -scores[place])
        ]


def _numbers(values: Any, places: int) -> list[float | None]:
    return [_rounded(value, places) for value in values.tolist()]


def _rounded(value: float, places: int) -> float | None:
    """Round a number; None where it is missing."""
    return round(value, places) if abs(value) < float("inf") else None
