"""Write CSV tables in long form: one line for each keypoint of each person in each row."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Extraction, PoseTrack
from posecfg.writers.channels import Channels
from posecfg.writers.choice import expect
from posecfg.writers.names import Names
from posecfg.writers.points import Points, idle

if TYPE_CHECKING:
    from posecfg.arrays import F32

MISSING = ("omit", "empty")


class Csv:
    """Write one UTF-8 table a clip, with all people in it.

    Columns are frame (index in the film), time (seconds), person, keypoint, x, y, z, score, depth where the detector
    gives it, and made. What is missing is an empty field, never NaN; ``missing=omit`` leaves out lines without
    coordinates, ``empty`` keeps them.
    """

    suffix = ".csv"

    def __init__(
        self,
        path: str = "{id}",
        space: Literal["auto", "xyz", "xy"] = "auto",
        normalise: bool = False,
        keypoints: str | Sequence[str] | Sequence[int] | None = None,
        missing: Literal["omit", "empty"] = "omit",
        mask: bool = False,
        kpt_thr: float = 0.3,
    ) -> None:
        expect("missing", missing, MISSING)
        self._names = Names(path, self.suffix)
        self._space, self._normalise = space, normalise
        self._channels_of(depth=False, z=False)
        self._points = Points(keypoints, mask, kpt_thr)
        self._omits = missing == "omit"

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if tracks of ``skeleton`` that have ``given`` beside pixels cannot be written."""
        self._points.target(skeleton)
        if given is not None:
            self._channels_of(depth=False, z=False).check(given)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the table of one clip."""
        self._channels_of(depth=False, z=False).refuse(extraction.clip)
        tracks = [self._points(track) for track in extraction.tracks]
        deep = any(track.depth is not None for track in tracks)
        columns = ["frame", "time", "person", "keypoint", "x", "y", "z", "score", *(["depth"] if deep else []), "made"]
        made = sum(int(track.made.sum()) for track in tracks)
        about = {
            "kind": "csv",
            "columns": columns,
            "rows": len(extraction.clock),
            "missing": "empty",
            "made": made,
        }
        with files.open(self._names(extraction.clip.id), about) as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
            text.write(",".join(columns) + "\n")
            values = [self._values(track, extraction.clock.size, deep) for track in tracks]
            for row, (frame, time) in enumerate(zip(extraction.clock.indices, extraction.clock.times, strict=True)):
                for track, numbers in zip(tracks, values, strict=True):
                    text.writelines(self._lines(f"{frame},{time:.6f},{track.id}", track, numbers[row], row))
            text.detach()

    def _channels_of(self, depth: bool, z: bool) -> Channels:
        names = ["x", "y", *(["z"] if z else []), "score", *(["depth"] if depth else [])]
        return Channels(names, self._space, self._normalise)

    def _values(self, track: PoseTrack, size: tuple[int, int], deep: bool) -> F32:
        """Return (T, K, 4 or 5): x, y, z, score and depth, NaN where there is none."""
        import numpy as np

        has_z = self._channels_of(depth=False, z=False).space_of(track) == "xyz"
        known = self._channels_of(depth=deep and track.depth is not None, z=has_z)(track, size)
        out = np.full((*known.shape[:2], 5 if deep else 4), np.nan, np.float32)
        out[..., :2] = known[..., :2]
        first = 2 if has_z else 3
        out[..., first : first + known.shape[-1] - 2] = known[..., 2:]
        return out

    def _lines(self, start: str, track: PoseTrack, numbers: F32, row: int) -> Iterator[str]:
        import numpy as np

        there = np.isfinite(numbers)
        complete = there[:, 0] & there[:, 1]
        texts = numbers.astype(str)
        texts[~there] = ""
        made = int(track.made[row])
        for keypoint, fields, placed in zip(track.skeleton.keypoints, texts, complete, strict=True):
            if placed or not self._omits:
                yield f"{start},{keypoint},{','.join(fields)},{made}\n"
