"""The clips that a page shows whole: their records are found, and each becomes JSON values, several at a time."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posecfg.errors import PosecfgError
from posecfg.page.columns import Clips
from posecfg.store import record_files

if TYPE_CHECKING:
    from posecfg.page.clip_data import ClipRun

Tick = Callable[[int, int], None]


@dataclass(frozen=True)
class Wishes:
    """What is wanted of a page: how many ``clips`` whole, with ``pictures`` of films or without, faces as blurs."""

    clips: int = 48
    pictures: bool = True
    blur_faces: bool = False


@dataclass
class Shown:
    """Clips as JSON values in the order in which they were chosen, and what the page as a whole knows of them.

    ``lost`` is of how many of them not all poses can be read.
    """

    clips: list[dict[str, Any]] = field(default_factory=list)
    index: dict[str, dict[str, Any]] = field(default_factory=dict)
    skeletons: list[dict[str, Any]] = field(default_factory=list)
    lost: int = 0


def prepare() -> None:
    """Import what reads films and poses, which takes as long as a helper takes to start."""
    import posecfg.page.clip_data  # noqa: F401


def shown(
    picked: Sequence[str],
    runs: Mapping[Path, Clips],
    numbers: Mapping[str, int],
    wishes: Wishes,
    folder: Path,
    tick: Tick,
) -> Shown:
    """Read the ``picked`` clips in all runs; ``numbers`` are those of ids, ``folder`` is where the page goes."""
    from posecfg.page.clip_data import clips_data
    from posecfg.page.pictures import Pictures

    found = Shown()
    wanted = Pictures(blur=wishes.blur_faces) if wishes.pictures else None
    # Films that a writer drew on show every face.
    films = folder if wishes.pictures and not wishes.blur_faces else None
    clips = ((clip, _runs(clip, runs)) for clip in picked)
    for number, one in enumerate(clips_data(clips, found.skeletons, films, wanted)):
        found.index[str(numbers[picked[number]])] = {"n": number, "strips": one.strips}
        found.clips.append(one.data)
        found.lost += one.lost
        tick(number + 1, len(picked))
    return found


def _runs(clip: str, runs: Mapping[Path, Clips]) -> list[ClipRun]:
    from posecfg.page.clip_data import ClipRun

    return [ClipRun(number, root, record) for number, root in enumerate(runs) if (record := _record(root, clip))]


def _record(root: Path, clip: str) -> Any:
    """Return the record of a clip that is done in a run, None where there is none that can be read."""
    try:
        record = record_files.read_clip(root, clip)
    except PosecfgError:
        return None
    return record if record is not None and record.status == "done" else None
