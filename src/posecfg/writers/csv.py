"""Write CSV tables in long form: one line for each keypoint of each person in each row."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ConfigError
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
LAYOUTS = ("posecfg", "sleap")
SLEAP = ("frame_idx", "time", "track", "node", "x", "y", "score", "instance_score", "video_path")


class Csv:
    """Write one UTF-8 table a clip, with all people in it.

    Columns are frame (index in the film), time (seconds), person, keypoint, x, y, z, score, depth where the detector
    gives it, and made: the same in all clips of a run, also in those without people. What is missing is an empty field,
    never NaN; ``missing=omit`` leaves out lines without coordinates, ``empty`` keeps them. ``layout=sleap`` has pixels
    and the names of sleap-io instead, whose reader takes the order of keypoints from the lines: none is left out of a
    person who is there.
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
        layout: Literal["posecfg", "sleap"] = "posecfg",
    ) -> None:
        expect("missing", missing, MISSING)
        expect("layout", layout, LAYOUTS)
        if layout == "sleap" and (space == "xyz" or normalise):
            raise ConfigError("Expected pixels beside layout=sleap: leave space and normalise out.")
        self._names = Names(path, self.suffix)
        self._is_sleap = layout == "sleap"
        self._space, self._normalise = "xy" if self._is_sleap else space, normalise
        self._channels_of(depth=False, z=False)
        self._points = Points(keypoints, mask, kpt_thr)
        self._omits = missing == "omit"

    @staticmethod
    def facts(mask: bool, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(operational=idle(mask))

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if tracks of ``skeleton`` that have ``given`` beside pixels cannot be written."""
        target = self._points.target(skeleton)
        if given is not None:
            self._channels_of(depth=False, z=False).check(given, target)

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write the table of one clip."""
        self._channels_of(depth=False, z=False).refuse(extraction.clip)
        tracks = [self._points(track) for track in extraction.tracks]
        deep = extraction.meaning.depth is not None or any(track.depth is not None for track in tracks)
        deep = deep and not self._is_sleap
        own = ["frame", "time", "person", "keypoint", "x", "y", "z", "score", *(["depth"] if deep else []), "made"]
        columns = list(SLEAP) if self._is_sleap else own
        made = sum(int(track.made.sum()) for track in tracks)
        about = {
            "kind": "csv",
            "columns": columns,
            "rows": len(extraction.clock),
            "missing": "empty",
            "made": made,
        }
        film = _field(extraction.clip.source or extraction.clip.id)
        with files.open(self._names(extraction.clip.id), about) as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
            text.write(",".join(columns) + "\n")
            values = [self._values(track, extraction.clock.size, deep) for track in tracks]
            for row, (frame, time) in enumerate(zip(extraction.clock.indices, extraction.clock.times, strict=True)):
                for track, numbers in zip(tracks, values, strict=True):
                    if self._is_sleap:
                        text.writelines(self._points_of(f"{frame},{time:.6f}", film, track, numbers[row], row))
                    else:
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
        made = int(track.made[row])
        for keypoint, fields, placed in zip(track.skeleton.keypoints, _texts(numbers), complete, strict=True):
            if placed or not self._omits:
                yield f"{start},{keypoint},{','.join(fields)},{made}\n"

    def _points_of(self, start: str, film: str, track: PoseTrack, numbers: F32, row: int) -> Iterator[str]:
        """Yield the lines of one person in one row as sleap-io has them; the track's name is text for its reader."""
        if self._omits and not (track.valid[row] or track.made[row]):
            return
        texts = _texts(numbers)
        whole = _texts(track.box_scores[row : row + 1])[0]
        for keypoint, (x, y, _, score) in zip(track.skeleton.keypoints, texts, strict=True):
            yield f"{start},person_{track.id},{keypoint},{x},{y},{score},{whole},{film}\n"


def _texts(numbers: F32) -> list[Any]:
    """Return numbers as the shortest texts that are read back as they are, empty ones for what is missing."""
    import numpy as np

    texts = numbers.astype(str)
    texts[~np.isfinite(numbers)] = ""
    found: list[Any] = texts.tolist()
    return found


def _field(text: str) -> str:
    """Return a text as a field, in quotes where it needs them."""
    return '"' + text.replace('"', '""') + '"' if set(text) & set(',"\r\n') else text
