"""The clips that a page shows whole: their records are found, and each becomes JSON values, several at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from posecfg.errors import PosecfgError
from posecfg.page.clip_data import ClipRun, clip_data
from posecfg.page.columns import Clips
from posecfg.store import record_files

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Wishes:
    """What is wanted of a page: how many ``clips`` whole, with ``pictures`` of films or without, faces as blurs."""

    clips: int = 48
    pictures: bool = True
    blur_faces: bool = False


@dataclass
class Shown:
    """Clips as JSON values in the order in which they were chosen, and what the page as a whole knows of them."""

    clips: list[dict[str, Any]] = field(default_factory=list)
    index: dict[str, dict[str, Any]] = field(default_factory=dict)
    skeletons: list[dict[str, Any]] = field(default_factory=list)


def shown(
    picked: Sequence[str],
    runs: Mapping[Path, Clips],
    numbers: Mapping[str, int],
    wishes: Wishes,
    folder: Path,
    tick: Tick,
) -> Shown:
    """Read the ``picked`` clips in all runs; ``numbers`` are those of ids, ``folder`` is where the page goes."""
    found = Shown()
    with ThreadPoolExecutor(max(1, os.cpu_count() or 1)) as pool:
        every = [pool.submit(_clip, clip, runs, wishes, folder) for clip in picked]
        for number, (clip, one) in enumerate(zip(picked, every, strict=True)):
            data, strips, skeletons = one.result()
            tick(number + 1, len(picked))
            places = [_place(found.skeletons, skeleton) for skeleton in skeletons]
            for run in data["runs"].values():
                run["skeleton"] = None if run["skeleton"] is None else places[run["skeleton"]]
            found.index[str(numbers[clip])] = {"n": number, "strips": strips}
            found.clips.append(data)
    return found


def _place(table: list[dict[str, Any]], skeleton: dict[str, Any]) -> int:
    """Return the place of a skeleton in a table, which gets it where it lacks it."""
    if skeleton not in table:
        table.append(skeleton)
    return table.index(skeleton)


def _clip(
    clip: str, runs: Mapping[Path, Clips], wishes: Wishes, folder: Path
) -> tuple[dict[str, Any], dict[str, str], list[dict[str, Any]]]:
    skeletons: list[dict[str, Any]] = []
    of = [ClipRun(number, root, record) for number, root in enumerate(runs) if (record := _record(root, clip))]
    found = clip_data(clip, of, skeletons, folder)
    return found.data, found.strips, skeletons


def _record(root: Path, clip: str) -> Any:
    """Return the record of a clip that is done in a run, None where there is none that can be read."""
    try:
        record = record_files.read_clip(root, clip)
    except PosecfgError:
        return None
    return record if record is not None and record.status == "done" else None
