"""Write .pose, the binary format of the pose-format package for sign language, one file a clip."""

from __future__ import annotations

import struct
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ClipError
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction, PoseTrack
from posecfg.writers.choice import expect
from posecfg.writers.even_times import Even, even
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle
from posecfg.writers.pose_components import Component, components

if TYPE_CHECKING:
    from posecfg.arrays import F32

UNEVEN = ("resample", "refuse")
VERSION = 0.2
LARGEST = 65_535
"""The largest width, height or number of people that the format can hold."""
# A point that is there must not have the confidence 0, which stands for one that is missing.
_LEAST = 1e-6


class Pose:
    """Write all people of a clip: pixels, and metres where the model gives them, each with its confidence.

    Keypoints are grouped into components by parts of the body, called as pose-format calls those of MediaPipe for its
    models. The format knows one rate: for ``uneven`` see ``Trc``. What is missing is 0 with the confidence 0.
    """

    suffix = ".pose"

    def __init__(
        self,
        path: str = "{id}",
        keypoints: str | Sequence[str] | Sequence[int] | None = None,
        mask: bool = False,
        kpt_thr: float = 0.3,
        uneven: Literal["resample", "refuse"] = "resample",
    ) -> None:
        expect("uneven", uneven, UNEVEN)
        self._names = Names(path, self.suffix)
        self._points = Points(keypoints, mask, kpt_thr)
        self._refuses = uneven == "refuse"

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(ordered=True, operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if poses lack the keypoints that are asked for."""
        self._points.target(skeleton)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the file of one clip, also of one in which no person was found."""
        if extraction.clip.independent:
            raise ClipError("Expected a clip whose frames follow each other, but these pictures are unrelated.")
        size, people = extraction.clock.size, len(extraction.tracks)
        if max(*size, people) > LARGEST:
            raise ClipError(f"Expected at most {LARGEST:,} px and people, but got {size[0]} x {size[1]} and {people}.")
        moments = even(extraction.clock)
        if self._refuses and not moments.own:
            raise ClipError(
                "Expected frames at even times, but those of this clip are not: type writer.pose.uneven=resample for "
                "rows at even times between them."
            )
        tracks = [self._points(track) for track in extraction.tracks]
        in_space = bool(tracks) and all(track.xyz is not None for track in tracks)
        is_deep = bool(tracks) and all(track.depth is not None for track in tracks)
        parts = components(self._points.target(extraction.skeleton), in_space, is_deep)
        name = self._names(extraction.clip.id)
        about: dict[str, Any] = {
            "kind": "pose",
            "shape": [len(moments.times), people, sum(len(part.points) for part in parts)],
            "rate": moments.rate,
            "components": [part.name for part in parts],
            "made": sum(int(track.made.sum()) for track in tracks),
        }
        if not moments.own:
            about["resampled"] = len(extraction.clock)
            about["warning"] = (
                f"the frames of {name} are not at even times: its {len(moments.times)} rows lie between them"
            )
        with files.open(name, about) as stream:
            stream.write(_header(size, parts))
            values, confidence = _body(tracks, parts, moments, size[0])
            stream.write(struct.pack("<fIH", moments.rate, len(moments.times), people))
            stream.write(values.astype("<f4").tobytes())
            stream.write(confidence.astype("<f4").tobytes())


def _header(size: tuple[int, int], parts: Sequence[Component]) -> bytes:
    """Return the version, the size of the picture, and the components with their points, limbs and colours."""
    from posecfg.drawing import theme

    found = [struct.pack("<f3HH", VERSION, *size, 0, len(parts))]
    for part in parts:
        found += [_text(part.name), _text(part.format)]
        found.append(struct.pack("<3H", len(part.points), len(part.limbs), len(part.points)))
        found += map(_text, part.points)
        found += [struct.pack("<2H", *limb) for limb in part.limbs]
        found += [struct.pack("<3H", *theme.side(name)) for name in part.keypoints]
    return b"".join(found)


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<H", len(data)) + data


def _body(tracks: Sequence[PoseTrack], parts: Sequence[Component], moments: Even, width: int) -> tuple[F32, F32]:
    """Return points (T, P, K, D) and their confidence (T, P, K), 0 where one is missing.

    Depth beside pixels is a share of the picture's ``width``, as MediaPipe gives it.
    """
    import numpy as np

    dimensions = max(len(part.format) for part in parts) - 1
    rows, points = len(moments.times), sum(len(part.points) for part in parts)
    values = np.zeros((rows, len(tracks), points, dimensions), np.float32)
    confidence = np.zeros((rows, len(tracks), points), np.float32)
    for person, track in enumerate(tracks):
        scores = np.where(np.isnan(track.scores), 1.0, track.scores).astype(np.float32)
        scores, begin = moments(scores, track.breaks), 0
        for part in parts:
            source = track.xyz if part.in_space and track.xyz is not None else track.xy
            if part.is_deep and track.depth is not None:
                source = np.concatenate([source, track.depth[..., None] / np.float32(width)], axis=2)
            known = moments(source, track.breaks)[:, list(part.indices)]
            there = np.asarray(np.isfinite(known).all(axis=2), bool)
            place = slice(begin, begin + len(part.points))
            values[:, person, place, : known.shape[2]] = np.where(there[..., None], known, 0)
            own = np.maximum(np.nan_to_num(scores[:, list(part.indices)]), _LEAST)
            confidence[:, person, place] = np.where(there, own, 0)
            begin = place.stop
    return values, confidence
