"""One picture of a clip of a folder of results: from its film, or from a preview, with the pose drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from posecfg import budgets, loading, skeletons
from posecfg.drawing.colors import BONES, JOINTS, color
from posecfg.errors import PosecfgError
from posecfg.samplers.every import All
from posecfg.store import file_lists, real_files, record_files
from posecfg.store.clip_record import ClipRecord
from posecfg.store.file_record import FileRecord
from posecfg.types import Clip, Extraction, Person, PoseTrack
from posecfg.viewing.strip import spread
from posecfg.viewing.subject import person

if TYPE_CHECKING:
    from posecfg.arrays import U8
    from posecfg.viewing.results import Result

# Bytes and pixels of a preview that are read.
_BYTES, _PIXELS = 256 << 20, 64 << 20
_SIGNATURE, _SIZES = b"\x89PNG\r\n\x1a\n", slice(16, 24)
# Frames before the wanted one from which on the film is read, as times are rounded.
_BEFORE, _TRIES = 2, 64
_LEAST_RADIUS = 2.0
PREVIEW = "writer=preview makes pictures that need no film"


@dataclass(frozen=True)
class Still:
    """What there is to see of a clip: a picture, or people alone where there is none, and ``note`` says why.

    ``size`` (width, height) px is that of the pictures that the people's pixels are of.
    """

    picture: U8 | None = None
    row: int | None = None
    people: tuple[PoseTrack, ...] = ()
    size: tuple[int, int] | None = None
    note: str = ""


@dataclass(frozen=True)
class _Poses:
    """The people of a clip, the ``row`` that is shown, and which frame of the film that is, where it is known."""

    people: tuple[PoseTrack, ...]
    size: tuple[int, int]
    row: int
    index: int | None
    time: float


def still(root: Path, result: Result, most: tuple[int, int], kpt_thr: float) -> Still:
    """Return a picture of a clip that fits into ``most`` (width, height) px."""
    try:
        if result.file is not None:
            return _of_poses(_native(loading.load(result.file)), None, most, kpt_thr)
        record = record_files.read_clip(root, result.id)
        if record is None:
            return Still(note="" if result.status == "failed" else "its record is missing")
        if picture := _preview(root, record, most):
            return picture
        if record.status != "done":
            return Still()
        poses = _stored(root, record)
        if poses is None:
            return Still(note=f"no poses with pixels are here: add writer=npz; {PREVIEW}")
        return _of_poses(poses, record, most, kpt_thr)
    except PosecfgError as error:
        return Still(note=str(error))
    except (OSError, ValueError, LookupError, TypeError, ArithmeticError) as error:
        return Still(note=f"its files cannot be read ({error})")


def _files(root: Path, record: ClipRecord, kind: str) -> list[FileRecord]:
    """Return the files of one kind, those of folders with lists too."""
    found: list[FileRecord] = []
    for entry in record.files:
        if isinstance(entry, FileRecord):
            found.append(entry)
        elif entry.about.get("kind") == kind:
            found += file_lists.of_folder(root, record.id, entry) or ()
    return [file for file in found if file.about.get("kind") == kind]


def _preview(root: Path, record: ClipRecord, most: tuple[int, int]) -> Still | None:
    """Return the middle one of the pictures that writer=preview made."""
    files = _files(root, record, "png")
    if not files:
        return None
    data = real_files.read_bytes(root / files[len(files) // 2].name, _BYTES)
    width, height = (int.from_bytes(data[_SIZES][n : n + 4]) for n in (0, 4))
    if not data.startswith(_SIGNATURE) or not 0 < width * height <= _PIXELS:
        return None
    import av

    with av.open(io.BytesIO(data), "r", format="png_pipe") as file:
        frame = next(file.decode(video=0))
        size = fitted((width, height), most)
        return Still(frame.reformat(*size, format="rgb24").to_ndarray().astype(np.uint8), size=(width, height))


def _stored(root: Path, record: ClipRecord) -> _Poses | None:
    """Return the poses of a clip from its npz, or from the arrays of pixels that writer=npy made."""
    for file in _files(root, record, "npz"):
        return _native(loading.load(root / file.name))
    clock = record.made.get("clock", {})
    width, height = clock.get("size", (0, 0))
    people = [track for file in _files(root, record, "npy") if (track := _array(root, file, (width, height)))]
    if not people or not width or not height:
        return None
    row = _row(people)
    # Only where every frame is looked at is a row that of a frame which can be told without the npz.
    plain = (
        clock.get("rows") == clock.get("inside") and not record.facts.get("start") and record.facts.get("end") is None
    )
    plain = plain and clock.get("rows") == clock.get("decoded") and float(clock.get("fps", 0)) > 0
    return _Poses(
        tuple(people), (width, height), row, row if plain else None, row / float(clock["fps"]) if plain else 0
    )


def _native(found: Extraction | dict[str, Extraction]) -> _Poses:
    one = found if isinstance(found, Extraction) else next(iter(found.values()))
    people = tuple(track.source or track for track in one.tracks)
    row = _row(people)
    return _Poses(people, one.clock.size, row, int(one.clock.indices[row]), float(one.clock.times[row]))


def _array(root: Path, file: FileRecord, size: tuple[int, int]) -> PoseTrack | None:
    """Return the person of an array (T, K, C), None where it holds no pixels and no shares of the picture."""
    about, path = file.about, root / file.name
    names, space = list(about.get("channels", ())), str(about.get("space", ""))
    if not {"x", "y"} <= set(names) or not space.startswith(("px", "share")):
        return None
    budgets.check_npy(path)
    data = np.load(path, allow_pickle=False).astype(np.float64)
    xy = data[..., [names.index("x"), names.index("y")]]
    if about.get("missing") == "zero":
        xy[(xy == 0).all(axis=2)] = np.nan
    scores = next((data[..., names.index(name)] for name in ("score", "visibility") if name in names), None)
    scale = np.array(size) if space.startswith("share") else 1.0
    skeleton = skeletons.named(tuple(about.get("keypoints", ())), "its own")
    return person(
        int(about.get("person", 0)), skeleton, xy * scale, np.ones(xy.shape[:2]) if scores is None else scores
    )


def _row(people: Sequence[PoseTrack]) -> int:
    """Return the middle one of the rows that show most people."""
    if not people or not len(people[0]):
        return 0
    there = np.sum([one.valid | one.made for one in people], axis=0)
    best = np.flatnonzero(there == there.max())
    rows = spread(people, 1) if there.max() == 0 else [int(best[len(best) // 2])]
    return rows[0] if rows else len(people[0]) // 2


def _of_poses(poses: _Poses, record: ClipRecord | None, most: tuple[int, int], kpt_thr: float) -> Still:
    """Return the frame of the film with the poses, or these alone, and why."""
    alone: dict[str, Any] = {"row": poses.row, "people": poses.people, "size": poses.size}
    source = record.input.path if record is not None else ""
    if record is not None and record.made.get("clock", {}).get("codec") == "computed":
        return Still(**alone, note="computed, so that there is no film")
    path = Path(source)
    if not source or not path.is_absolute() or not path.exists():
        return Still(
            **alone, note=f"its film is not at '{source}': {PREVIEW}" if source else "no record names its film"
        )
    if record is not None and path.is_file() and path.stat().st_size != record.input.bytes:
        return Still(**alone, note=f"'{source}' is another film by now: {PREVIEW}")
    if poses.index is None:
        return Still(**alone, note="which frames its rows are is only in an npz: add writer=npz")
    picture = _frame(path, record, poses, poses.index, fitted(poses.size, most), kpt_thr)
    return Still(**alone, note="the film has no such frame") if picture is None else Still(picture, **alone)


def _frame(
    path: Path, record: ClipRecord | None, poses: _Poses, index: int, size: tuple[int, int], kpt_thr: float
) -> U8 | None:
    """Return the frame of a row, scaled, with its people on it."""
    from posecfg.drawing.people import Artist
    from posecfg.video.planes import rgb
    from posecfg.video.video import Video

    facts: Any = record.facts if record is not None else {}
    fps = float(record.made.get("clock", {}).get("fps") or 0) if record is not None else 0
    begin = max(0.0, poses.time - _BEFORE / fps) if fps > 0 else 0.0
    clip = Clip("still", path, independent=bool(facts.get("independent")))
    with closing(iter(Video(clip, All(), start=begin if path.is_file() and begin > 0 else None))) as frames:
        for _, batch in zip(range(_TRIES if begin > 0 else index + 1), frames, strict=False):
            if int(batch.indices[0]) == index:
                (picture,) = batch.planes(size)
                scale = np.array(size) / np.array(poses.size)
                there = [one for one in poses.people if one.valid[poses.row] or one.made[poses.row]]
                shown = [
                    Person(k, one.skeleton, (one.xy[poses.row] * scale).astype(np.float32), one.scores[poses.row])
                    for k, one in enumerate(there)
                ]
                colors = [color(text) for text in JOINTS], [color(text) for text in BONES]
                Artist(*colors, None, None, kpt_thr, _LEAST_RADIUS)(picture, shown)
                return rgb(picture)
    return None


def fitted(size: tuple[int, int], most: tuple[int, int]) -> tuple[int, int]:
    """Return ``size`` scaled to lie within ``most``, in whole, even px."""
    scale = min(most[0] / size[0], most[1] / size[1])
    width, height = (max(2, 2 * int(length * scale / 2)) for length in size)
    return width, height
