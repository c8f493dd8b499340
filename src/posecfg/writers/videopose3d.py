"""Write the 2D inputs of VideoPose3D's own scripts: the detections of each film, and the data set made of them."""

from __future__ import annotations

import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from posecfg import skeletons
from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.facts import Facts
from posecfg.protocols import Files
from posecfg.refine.convert import convert
from posecfg.refine.gaps import gapless
from posecfg.skeletons.skeleton import Skeleton, unreachable
from posecfg.types import Detections, Extraction, PoseTrack
from posecfg.writers.names import Names
from posecfg.writers.object_arrays import Objects, write_objects
from posecfg.writers.zips import member

if TYPE_CHECKING:
    from posecfg.arrays import F32, F64

LAYOUT = "coco17"
SYMMETRY = [[1, 3, 5, 7, 9, 11, 13, 15], [2, 4, 6, 8, 10, 12, 14, 16]]


class VideoPose3D:
    """Write ``data_2d_custom_<name>.npz``, which ``run.py`` reads, and ``<film>.npz``, which is prepared to that.

    The first has the followed person in each row as 17 keypoints in pixels; rows in which they are missing are
    interpolated over time, and held at the ends and where another person begins. A clip with several people has a
    subject for each. The second has, for each row, all people whose box scores above ``bbox_thr``; ``detections`` names
    it, None leaves it out. Both are of the keypoints before a lifter. For file names see ``Names``.
    """

    suffix = ".npz"

    def __init__(
        self, path: str = "{id}/data_2d_custom_{name}", detections: str | None = "{id}/{name}", bbox_thr: float = 0.3
    ) -> None:
        if not 0 <= bbox_thr <= 1:
            raise ConfigError(f"Expected bbox_thr to be from 0 to 1, but got {bbox_thr}.")
        self._names = Names(path, self.suffix)
        self._films = None if detections is None else Names(detections, "")
        self._bbox_thr = bbox_thr
        self._skeleton = skeletons.load(LAYOUT)

    @staticmethod
    def facts(detections: str | None, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(detections=detections is not None, source=True, ordered=True)

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Raise ``ConfigError`` if the detector's keypoints do not give the 17 of COCO."""
        lost = unreachable(skeleton, self._skeleton)
        if lost:
            raise ConfigError(f"Expected keypoints that give COCO's 17, but {skeleton.name} lacks {', '.join(lost)}.")

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's first file."""
        return self._names(clip_id)

    def write(self, extraction: Extraction, files: Files) -> None:
        """Write both files of one clip; raise ``Dropped`` if no person was found."""
        if extraction.clip.independent:
            raise ClipError("Expected a clip whose frames follow each other, but these pictures are unrelated.")
        film = _film(extraction)
        subjects = self._subjects(extraction, film)
        if not subjects:
            raise Dropped(f"no person was found: {len(extraction.clock)} frames were looked at")
        width, height = extraction.clock.size
        size = {"w": width, "h": height}
        metadata = {
            "layout_name": "coco",
            "num_joints": len(self._skeleton),
            "keypoints_symmetry": SYMMETRY,
            "video_metadata": dict.fromkeys(subjects, size),
        }
        positions = {subject: {"custom": [xy]} for subject, xy in subjects.items()}
        about = {"kind": "videopose3d", "rows": len(extraction.clock), "people": len(subjects)}
        with files.open(self._names(extraction.clip.id), about) as stream:
            _put(stream, {"positions_2d": Objects((), [positions]), "metadata": Objects((), [metadata])})
        if self._films is not None:
            seen = extraction.detections
            if seen is None:
                raise ClipError("The people that the detector saw are not kept with these poses: make them again.")
            name = self._films(extraction.clip.id) + PurePosixPath(film).suffix + self.suffix
            with files.open(name, about | {"people": len(seen.tracks)}) as stream:
                _put(stream, {**self._frames(seen), "metadata": Objects((), [size])})

    def _subjects(self, extraction: Extraction, film: str) -> dict[str, F32]:
        """Return the pixels (T, 17, 2) of each person, without gaps, by the name that scripts ask for."""
        found = {}
        several = len(extraction.tracks) > 1
        for track in extraction.tracks:
            rows = track.source if track.source is not None else track
            xy = _gapless(convert(rows, self._skeleton), extraction.clock.times)
            if xy is not None:
                name = PurePosixPath(film)
                found[f"{name.stem}.person{track.id}{name.suffix}" if several else film] = xy.astype("f4")
        return found

    def _frames(self, seen: Detections) -> dict[str, Objects]:
        """Return boxes and keypoints of everybody above the threshold, row by row."""
        import numpy as np

        everybody = convert(_as_track(seen), self._skeleton)
        good = (seen.box_scores > self._bbox_thr) & np.isfinite(everybody.xy).all(axis=(1, 2))
        boxes = np.concatenate([seen.boxes, seen.box_scores[:, None]], axis=1).astype(np.float32)
        scores = np.nan_to_num(everybody.scores)
        points = np.stack([everybody.xy[..., 0], everybody.xy[..., 1], np.zeros_like(scores), scores], axis=1)
        chosen = [np.flatnonzero(good[start:end]) + start for start, end in _parts(seen)]
        return {
            "boxes": Objects((len(chosen),), [[[], boxes[rows]] for rows in chosen]),
            "segments": Objects((len(chosen),), [None] * len(chosen)),
            "keypoints": Objects((len(chosen),), [[[], points[rows].astype(np.float32)] for rows in chosen]),
        }


def _gapless(track: PoseTrack, times: F64) -> F64 | None:
    """Return pixels (T, K, 2) without gaps: of each person alone, unless one of them lacks a keypoint in all rows."""
    import numpy as np

    parts = [gapless(track.xy[part], times[part]) for part in track.parts]
    known = [part for part in parts if part is not None]
    return np.concatenate(known) if len(known) == len(parts) else gapless(track.xy, times)


def _film(extraction: Extraction) -> str:
    """Return the name of the film, with its suffix."""
    return PurePosixPath(extraction.clip.source or extraction.clip.id).name


def _parts(seen: Detections) -> Iterator[tuple[int, int]]:
    """Yield where the people of each output row begin and end."""
    offsets = seen.offsets.tolist()
    for frame in seen.rows.tolist():
        yield (0, 0) if frame < 0 else (offsets[frame], offsets[frame + 1])


def _as_track(seen: Detections) -> PoseTrack:
    """Return all people as the rows of one track, to convert them at once."""
    import numpy as np

    there = np.ones(len(seen.tracks), bool)
    return PoseTrack(
        id=0,
        skeleton=seen.skeleton,
        meaning=seen.meaning,
        xy=seen.xy,
        scores=seen.scores,
        boxes=seen.boxes,
        box_scores=seen.box_scores,
        valid=there,
        made=~there,
    )


def _put(stream: Any, arrays: Mapping[str, Objects]) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(member(f"{name}.npy"), "w", force_zip64=True) as part:
                write_objects(part, array)
