"""The poses of a clip of a run, read from the best of what its writers made: npz, arrays, tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from posecfg import loading, skeletons
from posecfg.errors import PosecfgError
from posecfg.review import poses as stored
from posecfg.skeletons.skeleton import Skeleton
from posecfg.store import file_lists
from posecfg.store.clip_record import ClipRecord
from posecfg.store.file_record import FileRecord, FolderRecord
from posecfg.text import shortened
from posecfg.types import Detections, Extraction, Meaning, PoseTrack
from posecfg.viewing import reading
from posecfg.viewing.subject import Moving, person

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64

NATIVE = "writer=npz keeps all of it"
# Largest coordinates of a table that are taken for shares of the picture.
_SHARE = 2.0
_TOLD = 300
# NumPy parses headers as Python code, and warnings are silenced meanwhile: two threads may do neither at once.
_ONE = Lock()


@dataclass(frozen=True)
class ClipPoses:
    """The ``people`` of a clip over ``times`` (T,) s; ``note`` says what could not be read.

    ``indices`` (T,) are the frames of the film that rows are of, None where that is not known. ``size`` (width, height)
    px is that of the pictures that pixels are of. ``everybody`` are all whom the detector saw, where that is kept.
    ``lost`` says that there were poses, but none that can be read.
    """

    people: tuple[PoseTrack, ...]
    times: F64
    indices: I64 | None = None
    size: tuple[int, int] | None = None
    note: str = ""
    everybody: Detections | None = None
    lost: bool = False

    @property
    def skeleton(self) -> Skeleton | None:
        """The skeleton of the people, None where there are none."""
        return self.people[0].skeleton if self.people else None

    def __len__(self) -> int:
        return len(self.times)


def of_clip(root: Path, record: ClipRecord) -> ClipPoses:
    """Read the poses of the clip of ``record`` from the files below ``root``; no fault of a file is an error."""
    try:
        with _ONE:
            return _best(root, record)
    except PosecfgError as error:
        return _none(str(error))
    except (*loading.DAMAGE, MemoryError) as error:
        return _none(f"its files cannot be read ({error})")


def files(root: Path, record: ClipRecord, *kinds: str) -> list[FileRecord]:
    """Return the files of a clip that are of some kinds, those of folders with lists too, in the order of ``kinds``."""
    found: list[FileRecord] = []
    for entry in record.files:
        if isinstance(entry, FolderRecord):
            of_kind = entry.about.get("kind") in kinds
            found += (file_lists.of_folder(root, record.id, entry) or ()) if of_kind else ()
        else:
            found.append(entry)
    chosen = [file for file in found if file.about.get("kind") in kinds]
    return sorted(chosen, key=lambda file: kinds.index(file.about["kind"]))


def size_of(record: ClipRecord) -> tuple[int, int] | None:
    """Return (width, height) px of a clip's pictures as its record tells; None where it does not."""
    size = _clock(record).get("size")
    if not isinstance(size, list | tuple) or len(size) != 2 or not all(type(one) is int and one > 0 for one in size):
        return None
    return size[0], size[1]


def _none(note: str, lost: bool = True) -> ClipPoses:
    return ClipPoses((), np.zeros(0), note=shortened(note, _TOLD), lost=lost)


def _best(root: Path, record: ClipRecord) -> ClipPoses:
    if record.status != "done":
        return _none(record.reason or record.status, lost=False)
    for file in files(root, record, "npz"):
        return _native(root / file.name)
    arrays = files(root, record, "npy")
    if arrays:
        return _arrays(root, record, arrays)
    for file in files(root, record, "csv", "json"):
        found = reading.read(root / file.name, None, "", None, None, None)
        if isinstance(found, Moving):
            return _table(found, record)
    if not any(record.files):
        people = record.made.get("people")
        return _none("it has no files" if people else "nobody was found in it", lost=bool(people))
    kinds = sorted({str(entry.about.get("kind", "")) for entry in record.files} - {""})
    return _none(f"its files ({', '.join(kinds)}) are not read here: {NATIVE}")


def _native(path: Path) -> ClipPoses:
    found = loading.load(path)
    if not isinstance(found, Extraction):
        raise PosecfgError(f"'{path}' is a folder, where a native npz was expected.")
    people = tuple(map(_with_pixels, found.tracks))
    width, height = found.clock.size
    if type(width) is not int or type(height) is not int or min(width, height) < 1:
        raise PosecfgError(f"'{path}' tells no size of its pictures.")
    return ClipPoses(people, found.clock.times, found.clock.indices, (width, height), "", found.detections)


def _with_pixels(track: PoseTrack) -> PoseTrack:
    """Return a lifted track with pixels, those that it was lifted from where it has none of its own."""
    below = track.source
    if below is None or np.isfinite(track.xy).any() or below.skeleton != track.skeleton:
        return track
    return replace(track, xy=below.xy, scores=below.scores)


def _arrays(root: Path, record: ClipRecord, chosen: Sequence[FileRecord]) -> ClipPoses:
    seen = stored.of_files(root, [(file.name, file.about) for file in chosen], "npy")
    if seen is None:
        return _none(f"its arrays say nothing of what is in them, or differ: {NATIVE}")
    skeleton, size = skeletons.named(seen.keypoints, "its own"), size_of(record)
    people = [_person(number, one, skeleton, seen.units, size) for number, one in enumerate(seen.people)]
    if any(one is None for one in people):
        return _none(f"its arrays have coordinates of no known kind: {NATIVE}")
    times, indices = _rows(record, len(seen))
    made = sum(number for file in chosen if isinstance(number := file.about.get("made"), int))
    notes = [f"which rows were made up is not in arrays: {NATIVE}"] if made else []
    notes += [] if indices is not None else [f"which frames its rows are is not in arrays: {NATIVE}"]
    return ClipPoses(tuple(one for one in people if one is not None), times, indices, size, "; ".join(notes))


def _person(
    number: int, one: stored.Person, skeleton: Skeleton, units: Mapping[str, str], size: tuple[int, int] | None
) -> PoseTrack | None:
    """Return one person of an array; None where its numbers are neither pixels, nor shares, nor in space."""
    xy, xyz, scores = (one.values.get(name) for name in ("xy", "xyz", "score"))
    if xy is not None and units.get("xy", "").startswith("share"):
        xy = None if size is None else xy * np.array(size)
    if xyz is not None and xyz.shape[-1] != 3:
        xyz = None
    if xy is None and xyz is None:
        return None
    meaning = Meaning(score="", xyz=units.get("xyz") if xyz is not None else None)
    return person(one.id or number, skeleton, xy, scores, xyz, meaning)


def _clock(record: ClipRecord) -> Mapping[str, Any]:
    clock = record.made.get("clock", {})
    return clock if isinstance(clock, dict) else {}


def _rows(record: ClipRecord, rows: int) -> tuple[F64, I64 | None]:
    """Return the times of rows as far as a record tells, and their frames where every frame of a film was taken."""
    clock, facts = _clock(record), record.facts
    fps = clock.get("fps")
    rate = float(fps) if isinstance(fps, int | float) and 0 < fps < 1e6 else 1.0
    lasts = facts.get("duration")
    every = clock.get("rows") == clock.get("inside") == rows
    if not every and isinstance(lasts, int | float) and 0 < lasts < 1e9 and rows:
        rate = rows / float(lasts)
    whole = every and clock.get("decoded") == rows and not facts.get("start") and facts.get("end") is None
    return np.arange(rows) / rate, np.arange(rows) if whole else None


def _table(found: Moving, record: ClipRecord) -> ClipPoses:
    """Return the people of a table or JSON file, whose frames are not told in a way that film and rows could share."""
    size = size_of(record) or found.size
    people = found.people
    known = np.concatenate([np.abs(one.xy[np.isfinite(one.xy)]) for one in people]) if people else np.zeros(0)
    if size is not None and len(known) and known.max() <= _SHARE:
        people = tuple(replace(one, xy=(one.xy * np.array(size)).astype(np.float32)) for one in people)
    return ClipPoses(people, found.times, None, size, f"which frames its rows are is not read of its file: {NATIVE}")
