"""One clip of a page: its poses in each run, and pictures of its film, as JSON values."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import numpy as np

from posecfg.drawing.sides import LEFT, MIDDLE, RIGHT, side
from posecfg.page import letters, packing, poses
from posecfg.page.pictures import Pictures, Shown, Taken, pictures, prepare
from posecfg.page.poses import ClipPoses
from posecfg.page.scenes import scene_of
from posecfg.page.told import without_folders
from posecfg.skeletons.skeleton import Skeleton
from posecfg.store.clip_record import ClipRecord
from posecfg.types import PoseTrack

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDES = (MIDDLE, LEFT, RIGHT)
BUDGET = 400_000
"""Letters of packed poses of one clip in one run; where there are more, each n-th row alone is packed."""
# The step of pixels is the longer side of the picture by this; those of metres and of other units.
_STEPS, _MILLIMETRE, _PARTS = 8192, 0.001, 8192
# So many pictures beyond an edge, points are of no use and would make steps larger.
_BEYOND = 4.0
# Largest number that float32 can be computed with.
_LARGEST = 1e18
# Letters that a packed number takes at the least where people move; what is longer is not tried whole.
_LEAST = 0.4
# Seconds; no film is so long.
_LATEST = 1e9


@dataclass(frozen=True)
class ClipRun:
    """A clip in one run of a page: the ``number`` of the run, its folder, and the ``command`` that makes it again."""

    number: int
    root: Path
    record: ClipRecord
    command: str = ""


@dataclass(frozen=True)
class ClipData:
    """The JSON values of a clip, and the strip of each run by the run's number; ``lost``: some poses cannot be read."""

    data: dict[str, Any]
    strips: dict[str, str]
    lost: bool = False


def clips_data(
    clips: Iterable[tuple[str, Sequence[ClipRun]]],
    table: list[dict[str, Any]],
    base: Path | None = None,
    wanted: Pictures | None = None,
    threads: int | None = None,
) -> Iterator[ClipData]:
    """Yield each clip as the page wants it, in order, with the pictures ``wanted`` of its film.

    ``table`` gets the skeletons that it lacks. Films with poses drawn are named as seen from the folder ``base``.
    Several films are decoded at the same time. Poses are read in the caller's thread, since Python 3.11 fails at times
    where several threads parse headers of arrays.
    """
    number = threads or os.cpu_count() or 1
    if wanted is not None:
        prepare()
    waiting: deque[tuple[str, list[tuple[ClipRun, ClipPoses]], Future[Taken]]] = deque()
    with ThreadPoolExecutor(number, "posecfg-page") as pool:
        try:
            for clip_id, runs in clips:
                both = [(run, poses.of_clip(run.root, run.record)) for run in runs]
                waiting.append((clip_id, both, pool.submit(_pictures, _shown(both), wanted)))
                if len(waiting) > 2 * number:
                    yield _made(*waiting.popleft(), table, base)
            while waiting:
                yield _made(*waiting.popleft(), table, base)
        finally:
            pool.shutdown(cancel_futures=True)


def clip_data(
    clip_id: str,
    runs: Sequence[ClipRun],
    table: list[dict[str, Any]],
    base: Path | None = None,
    wanted: Pictures | None = None,
    budget: int = BUDGET,
) -> ClipData:
    """Return one clip as ``clips_data`` does; see there."""
    both = [(run, poses.of_clip(run.root, run.record)) for run in runs]
    taken: Future[Taken] = Future()
    taken.set_result(_pictures(_shown(both), wanted))
    return _made(clip_id, both, taken, table, base, budget)


def _shown(both: Sequence[tuple[ClipRun, ClipPoses]]) -> list[Shown]:
    return [Shown(run.record, one, scene_of(run.root, run.record)) for run, one in both]


def _pictures(shown: Sequence[Shown], wanted: Pictures | None) -> Taken:
    return ([], "") if wanted is None else pictures(shown, wanted)


def _made(
    clip_id: str,
    both: Sequence[tuple[ClipRun, ClipPoses]],
    taken: Future[Taken],
    table: list[dict[str, Any]],
    base: Path | None,
    budget: int = BUDGET,
) -> ClipData:
    sizes = [size for run, one in both if (size := one.size or poses.size_of(run.record))]
    runs = {str(run.number): _run(run, one, table, base, budget) for run, one in both}
    strips = {str(run.number): letters.strip(one.people, one.times) for run, one in both}
    found, note = taken.result()
    data = {
        "id": clip_id,
        "size": list(sizes[0]) if sizes else None,
        "note": without_folders(note),
        "pictures": found,
        "runs": runs,
    }
    lost = not both or any(one.lost for _, one in both)
    return ClipData(data, {number: text for number, text in strips.items() if text}, lost)


def number_of(table: list[dict[str, Any]], skeleton: Skeleton) -> int:
    """Return the place of a skeleton in a table, which gets it where it lacks it."""
    entry = {
        "name": skeleton.name,
        "keypoints": list(skeleton.keypoints),
        "bones": [list(bone) for bone in skeleton.edges],
        "sides": [SIDES.index(side(name)) for name in skeleton.keypoints],
    }
    if entry not in table:
        table.append(entry)
    return table.index(entry)


def _run(run: ClipRun, seen: ClipPoses, table: list[dict[str, Any]], base: Path | None, budget: int) -> dict[str, Any]:
    every = max(1, min(len(seen), int(_numbers(seen.people) * _LEAST / budget)))
    people = _people(seen, every)
    while (letters_now := sum(map(_letters, people))) > budget and every < len(seen):
        every = min(max(every + 1, every * letters_now // budget), len(seen))
        people = _people(seen, every)
    times, indices = seen.times[::every], None if seen.indices is None else seen.indices[::every]
    notes = [without_folders(seen.note)] if seen.note else []
    notes += [f"of its {len(seen):,} rows only one in {every} is shown"] if every > 1 else []
    return {
        "skeleton": None if seen.skeleton is None else number_of(table, seen.skeleton),
        "every": every,
        "rows": len(times),
        "times": packing.floats(np.clip(times, -_LATEST, _LATEST)),
        "index": None if indices is None else packing.integers(indices),
        "film": _film(run, base),
        "command": run.command,
        "space": _space(seen.people),
        "note": "; ".join(notes),
        "people": people,
    }


def _people(seen: ClipPoses, every: int) -> list[dict[str, Any]]:
    longest = float(max(seen.size)) if seen.size else None
    return [_person(one, every, longest) for one in seen.people]


def _person(one: PoseTrack, every: int, longest: float | None) -> dict[str, Any]:
    xy, scores, xyz = (None if part is None else part[::every] for part in (one.xy, one.scores, one.xyz))
    return {
        "id": one.id,
        "state": letters.states(one)[::every],
        "xy": None if xy is None or not np.isfinite(xy).any() else _pixels(xy, longest),
        "score": None if scores is None or not np.isfinite(scores).any() else packing.scores(_usable(scores)),
        "xyz": None if xyz is None or not np.isfinite(xyz).any() else _spatial(xyz, one.meaning.xyz or ""),
        "breaks": sorted({-(-row // every) for row in one.breaks if row < len(one)}),
    }


def _numbers(people: Sequence[PoseTrack]) -> int:
    """Return how many numbers there are to pack, but for those that are missing."""
    parts = (part for one in people for part in (one.xy, one.scores, one.xyz) if part is not None)
    return sum(int(np.isfinite(part).sum()) for part in parts)


def _usable(values: NDArray[Any]) -> NDArray[Any]:
    return np.where(np.abs(values) < _LARGEST, values, np.nan)


def _pixels(xy: NDArray[Any], longest: float | None) -> dict[str, Any]:
    """Pack pixels in steps that are much smaller than can be seen; points far from the picture count as missing."""
    values = _usable(xy)
    if longest is None:
        return packing.points(values, 0.1)
    near = (np.abs(values - longest / 2) < (_BEYOND + 0.5) * longest).all(axis=-1, keepdims=True)
    return packing.points(np.where(near, values, np.nan), longest / _STEPS)


def _spatial(xyz: NDArray[Any], unit: str) -> dict[str, Any]:
    values = _usable(xyz)
    if unit.startswith("metres"):
        return packing.points(values, _MILLIMETRE)
    known = np.abs(values[np.isfinite(values)])
    return packing.points(values, (float(known.max()) if len(known) else 1.0) / _PARTS or 1.0)


def _letters(person: dict[str, Any]) -> int:
    return sum(len(person[name]["data"]) for name in ("xy", "score", "xyz") if person[name] is not None)


def _space(people: Sequence[PoseTrack]) -> str:
    """Return the unit of points in space, px where there are none."""
    return next((one.meaning.xyz or "model units" for one in people if one.xyz is not None), "px")


def _film(run: ClipRun, base: Path | None) -> str | None:
    """Return the address of a film with the poses drawn, as seen from ``base``; None where there is none."""
    if base is None:
        return None
    for file in poses.files(run.root, run.record, "overlay", "render3d"):
        path = run.root / file.name
        if os.path.isfile(path):
            return quote(Path(os.path.relpath(path, base)).as_posix())
    return None
