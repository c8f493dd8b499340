"""What a detector found in a clip, whole or a part: poses and clock, to be remembered and replayed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from posecfg.loading import skeleton_in
from posecfg.persons.tracks import Tracks
from posecfg.pipeline.entry_checks import refuse_strange
from posecfg.skeletons.skeleton import Skeleton
from posecfg.store.memory import Entry
from posecfg.types import Boxes, Clock, Detections, Meaning, Poses
from posecfg.writers.jsontext import plain

if TYPE_CHECKING:
    from posecfg.arrays import F32, I64

_SEEN = ("offsets", "boxes", "box_scores", "xy", "scores", "xyz", "depth")
_TIMES = ("indices", "times", "moments")


@dataclass(frozen=True)
class Whole:
    """What is known once a clip was looked at to its end: the frame of each row (T,), its clock, the reader's notes."""

    rows: I64
    clock: Clock
    notes: Mapping[str, Any]


@dataclass(frozen=True)
class Told:
    """What a detector says of itself once it has looked at a clip."""

    notes: Mapping[str, Any] = field(default_factory=dict)
    device: str = ""
    weights: Mapping[str, str] = field(default_factory=dict)
    batch: int = 1


@dataclass(frozen=True)
class Finds:
    """The people of the first frames that were looked at: all whose box score is above ``floor``.

    ``seconds`` (F,) is what each frame took, ``sizes`` (F, 2) its width and height in px. ``whole`` is None where the
    clip was not looked at to its end.
    """

    seen: Detections
    seconds: F32
    sizes: I64
    floor: float
    told: Told
    whole: Whole | None = None

    def __len__(self) -> int:
        return len(self.seen)

    def entry(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return header and arrays as the memory keeps them."""
        import numpy as np

        seen, skeleton = self.seen, self.seen.skeleton
        header: dict[str, Any] = {
            "floor": self.floor,
            "frames": len(seen),
            "people": len(seen.tracks),
            "skeleton": {name: getattr(skeleton, name) for name in ("name", "keypoints", "bones", "derived")},
            "meaning": asdict(seen.meaning),
            "told": plain(asdict(self.told)),
            "whole": None,
        }
        arrays = {name: array for name in _SEEN if (array := getattr(seen, name)) is not None}
        arrays |= {"seconds": self.seconds, "sizes": self.sizes}
        if self.whole is not None:
            clock = vars(self.whole.clock)
            numbers = {name: value for name, value in clock.items() if name not in _TIMES}
            header["whole"] = {"clock": numbers, "notes": plain(self.whole.notes)}
            arrays["rows"] = self.whole.rows.astype(np.int64)
            arrays |= {name: clock[name] for name in _TIMES if clock[name] is not None}
        return header, arrays

    @classmethod
    def of(cls, entry: Entry) -> Finds | None:
        """Return what an entry holds, None where it is not what posecfg writes."""
        try:
            return _read(entry.header, entry.arrays)
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


def _read(header: Mapping[str, Any], arrays: Mapping[str, Any]) -> Finds:
    import numpy as np

    refuse_strange(header, arrays)
    people, frames = len(arrays["scores"]), len(arrays["offsets"]) - 1
    told, whole = header["whole"], None
    rows = arrays["rows"] if told is not None else np.arange(frames)
    people_of: dict[str, Any] = {name: arrays.get(name) for name in _SEEN}
    seen = Detections(
        skeleton=skeleton_in(header),
        meaning=Meaning(**header["meaning"]),
        rows=rows,
        tracks=np.full(people, -1),
        **people_of,
    )
    if arrays["seconds"].shape != (frames,) or arrays["sizes"].shape != (frames, 2):
        raise ValueError("Expected seconds and sizes of each frame.")
    if told is not None:
        numbers: dict[str, Any] = {**told["clock"], **{name: arrays.get(name) for name in _TIMES}}
        numbers |= {name: tuple(numbers[name]) for name in ("size", "pixel_aspect")}
        clock = Clock(**numbers)
        if len(clock) != len(rows):
            raise ValueError("Expected a time for each row.")
        whole = Whole(rows, clock, told["notes"])
    return Finds(seen, arrays["seconds"], arrays["sizes"], float(header["floor"]), Told(**header["told"]), whole)


def above(poses: Poses, floor: float | None) -> Poses:
    """Return the people whose box score is above ``floor``, None for all; the same object where that is everybody."""
    if floor is None or not len(poses):
        return poses
    kept = poses.boxes.scores > floor
    if kept.all():
        return poses
    return Poses(
        poses.skeleton,
        poses.meaning,
        poses.xy[kept],
        poses.scores[kept],
        Boxes(poses.boxes.xyxy[kept], poses.boxes.scores[kept]),
        None if poses.xyz is None else poses.xyz[kept],
        None if poses.depth is None else poses.depth[kept],
    )


class Recorder:
    """Collects poses frame by frame for the memory; ``fits`` says that they come back from there as they are."""

    def __init__(self) -> None:
        self._tracks = Tracks(everybody=True)
        self._kind: tuple[Skeleton, Meaning] | None = None
        self.fits = True

    def __len__(self) -> int:
        return self._tracks.frames

    def add(self, poses: Poses) -> None:
        """Add the poses of the next frame."""
        kind = poses.skeleton, poses.meaning
        arrays = (poses.xy, poses.scores, poses.boxes.xyxy, poses.boxes.scores, poses.xyz, poses.depth)
        if self._kind not in (None, kind) or any(one is not None and one.dtype.str != "<f4" for one in arrays):
            self.fits = False
        self._kind = kind
        if self.fits:
            self._tracks.add(poses, ())

    def finds(
        self, seconds: Sequence[float], sizes: Sequence[tuple[int, int]], floor: float, told: Told, whole: Whole | None
    ) -> Finds | None:
        """Return everything, None where there is nothing, or what would not come back as it is."""
        import numpy as np

        if self._kind is None or not self.fits:
            return None
        frames = len(self)
        times = np.full(frames, np.nan, np.float32)
        times[: len(seconds)] = seconds[:frames]
        seen = self._tracks.detections(*self._kind, np.arange(frames))
        lacking = {name: None for name in ("xyz", "depth") if name not in self._tracks.gives}
        seen = Detections(**{**vars(seen), **lacking})
        return Finds(seen, times, np.array(sizes[:frames], np.int64).reshape(frames, 2), floor, told, whole)
