"""Write the frames of a clip as pictures, and a table of their times."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ClipError
from posecfg.facts import Facts
from posecfg.pixels import Frames as Batch
from posecfg.protocols import Files
from posecfg.skeletons.skeleton import Skeleton
from posecfg.timing import frames_done, stage
from posecfg.types import Clip, Clock, Extraction, Person
from posecfg.types.annotations import slots_of
from posecfg.writers.names import Names
from posecfg.writers.picture_files import PictureFiles, PictureFormat

if TYPE_CHECKING:
    from posecfg.arrays import F64

MAPPING = "frame_mapping.json"
# Milliseconds are cut off, as in the annotations; what is this near to a whole one is that.
ROUNDED = 1e-6
ABOUT = {"kind": "frames"}
# Decimals of milliseconds.
PLACES = 3


class Frames:
    """Write ``<path>/frame_000000.jpg`` for each row, upright, with square pixels, and ``<path>/frame_mapping.json``.

    Pictures are numbered by output row, so that each row of any other file has its picture. ``format`` is jpg, of a
    ``quality`` from 1 to 100, or png. ``threads`` encode at the same time.
    """

    def __init__(
        self, path: str = "{id}", format: Literal["jpg", "png"] = "jpg", quality: int = 93, threads: int = 2
    ) -> None:
        self._folders = Names(path, "")
        self._kind = PictureFormat(format, quality, threads)
        self.suffix = f".{format}"

    @staticmethod
    def facts(format: str, **others: Any) -> Facts:
        """Return the facts known before the component is built."""
        idle = ("quality",) if format == "png" else ()
        return Facts(
            filmed=True, undrawn=True, concludes=True, annotated=True, flat=True, operational=("threads", *idle)
        )

    def check(self, skeleton: Skeleton, given: Collection[str] | None = None) -> None:
        """Accept poses of any kind."""

    def target(self, clip_id: str) -> str:
        """Return the name of the clip's first picture."""
        return self.name(clip_id, 0)

    def name(self, clip_id: str, row: int) -> str:
        """Return the name of the picture of a row."""
        return f"{self._folders(clip_id)}/{_file(row, self.suffix)}"

    def write(self, extraction: Extraction, files: Files) -> None:
        """Decode the clip again and write the frames of its rows."""
        decoded(extraction, files, self.begin)
        self.conclude(extraction, files)

    @contextmanager
    def begin(self, clip: Clip, files: Files) -> Iterator[PicturePen]:
        """Start the pictures of a clip; leaving the block finishes them."""
        pictures = PictureFiles(files, self._kind, ABOUT)
        try:
            yield PicturePen(pictures, partial(self.name, clip.id))
        except BaseException:
            pictures.abandon()
            raise

    def conclude(self, extraction: Extraction, files: Files) -> None:
        """Write the table of pictures and times."""
        with files.open(f"{self._folders(extraction.clip.id)}/{MAPPING}", ABOUT) as stream:
            stream.write(json.dumps(mapping(extraction, self.suffix), indent=1, allow_nan=False).encode())


class PicturePen:
    """Takes the frames of a clip in order, and numbers the rows that they fill; ``name`` is that of a row's picture."""

    def __init__(self, pictures: PictureFiles, name: Callable[[int], str]) -> None:
        self._pictures, self._name = pictures, name
        self._row = 0

    def __call__(self, frames: Batch, people: Sequence[Sequence[Person]], seconds: Sequence[float]) -> None:
        """Take the next frames in order; people are not drawn."""
        first, fills = self._row, frames.fills.tolist()
        self._row += sum(fills)
        rows = iter(range(first, self._row))
        self.add(frames, [[next(rows) for _ in range(number)] for number in fills])

    def add(self, frames: Batch, rows: Sequence[Sequence[int]]) -> None:
        """Write each frame once for each of its ``rows``."""
        with stage("encode"):
            for number, own in enumerate(rows):
                for row in own:
                    self._pictures.add(self._name(row), frames, number)

    def end(self) -> None:
        """Wait until the last picture is written."""
        with stage("encode"):
            self._pictures.end()


def decoded(
    extraction: Extraction, files: Files, begin: Callable[[Clip, Files], AbstractContextManager[PicturePen]]
) -> None:
    """Decode a clip again, and write the frame of each row with what ``begin`` begins."""
    if extraction.frames is None:
        raise ClipError("Pictures need the film, which is not available for stored poses.")
    rows: dict[int, list[int]] = {}
    for row, index in enumerate(extraction.clock.indices.tolist()):
        rows.setdefault(index, []).append(row)
    with begin(extraction.clip, files) as pen:
        for frames in extraction.frames():
            pen.add(frames, [rows.get(index, []) for index in frames.indices.tolist()])
            frames_done(len(frames))
        pen.end()


def _file(row: int, suffix: str) -> str:
    return f"frame_{row:06d}{suffix}"


def mapping(extraction: Extraction, suffix: str) -> dict[str, Any]:
    """Return the table with the fields that tools for AIST++ read.

    Where every row is that of an annotation, time stamps are those of the annotations; else they are the frames' own,
    as ``frame_sec`` always is. Milliseconds are cut off, as in the annotations. ``input`` is the hash of the film.
    """
    clock = extraction.clock
    indices, seconds, rate = _annotated(extraction.clip, clock) or ([None] * len(clock), clock.times, _rate(clock))
    times = [int(time * 1000 + ROUNDED) for time in seconds.tolist()]
    rows = {
        str(row): {
            "filename": _file(row, suffix),
            "timestamp_ms": time,
            "timestamp_sec": round(moment, PLACES + 3),
            "annotation_index": index,
            "frame_sec": round(shown, PLACES + 3),
        }
        for row, (time, moment, index, shown) in enumerate(
            zip(times, seconds.tolist(), indices, clock.times.tolist(), strict=True)
        )
    }
    return {
        "video_name": extraction.clip.id.rpartition("/")[2],
        "original_fps": round(clock.fps, 6),
        "target_fps": rate,
        "total_frames": len(times),
        "frame_mapping": rows,
        "timestamps_ms": times,
        "aligned_with_annotations": None not in indices,
        "input": extraction.about.get("input"),
    }


def _annotated(clip: Clip, clock: Clock) -> tuple[list[int | None], F64, float | None] | None:
    """Return the annotation of each row, the times of rows, and their rate; None where no row has an annotation."""
    import numpy as np

    from posecfg.samplers.slots import annotations_of

    slots = slots_of(clip.truth)
    if slots is None or not len(clock):
        return None
    found = annotations_of(clock, slots)
    if (found < 0).all():
        return None
    if (found < 0).any():
        return [index if index >= 0 else None for index in found.tolist()], clock.times, _rate(clock)
    numbers = slots.numbers[found]
    steps = np.diff(numbers)
    return (
        found.tolist(),
        numbers / slots.rate,
        round(slots.rate / float(np.median(steps)), PLACES) if len(steps) else None,
    )


def _rate(clock: Clock) -> float | None:
    """Return the frame rate of the rows, None where they have no steps."""
    import numpy as np

    steps = np.diff(clock.times)
    steps = steps[steps > 0]
    return round(float(1 / np.median(steps)), PLACES) if len(steps) else None
