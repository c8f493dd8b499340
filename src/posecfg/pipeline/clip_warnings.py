"""What the user is warned of in a clip: damage, lost times, odd pixels and clocks, people who were lost."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from posecfg.pipeline.clock_text import describe
from posecfg.text import count
from posecfg.types import Clip, Extraction
from posecfg.video.suffixes import IMAGES

# Times that a warning names; more are counted.
NAMED = 3


def told(clip: Clip, found: Extraction) -> list[str]:
    """Return what the user should know of a clip before its poses are used."""
    warnings, clock = [], found.clock
    if clock.status != "complete":
        warnings.append(f"{clock.status}: {describe(clock)}")
    if clock.source != "pts" and not _is_timeless(clip):
        warnings.append("the file has no time stamps: times follow its nominal rate")
    ignored = found.notes.get("ignored_pixel_aspect")
    if ignored:
        text = f"its pixels are said to be {ignored[0]}:{ignored[1]}, which cannot be right: they are read as square"
        warnings.append(text)
    angle = found.notes.get("ignored_angle")
    if angle is not None:
        text = f"it is said to be turned by {angle} degrees, which is no quarter turn: its pictures are turned by"
        warnings.append(f"{text} {clock.rotation}")
    if found.notes.get("ignored_matrix"):
        warnings.append("how it is said to be turned turns no picture: its pictures are not turned")
    restarts, sizes = found.notes.get("clock_restarts", 0), found.notes.get("size_changes", 0)
    if restarts:
        text = f"its clock is set back {count(restarts, 'time')}, as where recordings were joined"
        warnings.append(f"{text}: times go on there by one frame")
    if sizes:
        warnings.append(f"its pictures change their size {count(sizes, 'time')}: all are scaled to that of the first")
    late = _late(found)
    if late is not None:
        warnings.append(f"ends {late:.1f} s after the film" if late >= 1 else f"ends {late:.2g} s after the film")
    lost = found.notes.get("frames_unmatched", 0)
    if lost:
        where = f"the person followed is missing in {count(lost, 'frame')} that show other people"
        warnings.append(f"{where}: persons.follow=false chooses anew in each frame")
    return [*warnings, *_annotations(found.notes), *_others(found)]


def _annotations(notes: Mapping[str, Any]) -> list[str]:
    """Say in how far a film and its annotations differ in length."""
    last, lost = notes.get("annotations_of_last_frame", 0), notes.get("annotations_without_frame", 0)
    behind, number = notes.get("frames_behind_annotations", 0), count(notes.get("annotations", 0), "annotation")
    told = []
    for some, without in ((last, "its last frame"), (lost, "no row")):
        if some:
            verb = "has" if some == 1 else "have"
            told.append(f"{number}, but the film ends before {some} of them, which {verb} {without}")
    if behind:
        verb = "has" if behind == 1 else "have"
        told.append(f"{number}, but the film goes on: {count(behind, 'frame')} behind the last of them {verb} no row")
    return told


def _others(found: Extraction) -> list[str]:
    """Say from when on the track of a single person is that of another one."""
    rows = found.tracks[0].breaks if found.tracks else ()
    if not rows:
        return []
    times = [f"{found.clock.times[row]:.1f} s" for row in rows[:NAMED]]
    number = len(rows) - NAMED
    more = f" and {'once more' if number == 1 else f'{number:,} more times'}" if number > 0 else ""
    who = "another person, or the same one elsewhere,"
    return [f"{who} is followed from {', '.join(times)}{more} on: persons=all keeps them apart"]


def _is_timeless(clip: Clip) -> bool:
    """Tell whether times cannot be expected of a clip: it is computed, or pictures."""
    return clip.scene is not None or clip.path.is_dir() or clip.path.suffix.lower().lstrip(".") in IMAGES


def _late(found: Extraction) -> float | None:
    """Return how many seconds the clip goes on behind the end of its film, None where that is one frame or less."""
    clip, clock = found.clip, found.clock
    ends = [float(end) for end in (clip.end, found.about.get("end")) if end is not None]
    if clip.end is None or not len(clock) or clock.fps <= 0:
        return None
    end, frame = min(ends), 1 / clock.fps
    known = [] if clock.duration is None else [clock.duration]
    times = [float(time) for time in clock.times]
    widest = max((b - a for a, b in pairwise(times)), default=0.0)
    # Some containers declare the end of their sound; then the frames tell, where no row is missing at the end.
    if clock.status == "complete" and not clock.vfr and end - times[-1] > frame + widest:
        known.append(clock.decoded * frame)
    late = end - min(known, default=end)
    return late if late > 1.001 * frame else None
