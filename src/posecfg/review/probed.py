"""Open the films of clips that are to do, and say what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from posecfg.config.compose import Job
from posecfg.errors import PosecfgError
from posecfg.pipeline.work import Work
from posecfg.runs.scope import gates


def frames(probed: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Return how many frames of each clip's film will be looked at, where that is known; none of what is refused."""
    found = {}
    for row in probed:
        if "error" in row or row["refused"]:
            found[row["id"]] = 0.0
        elif row["duration"] is not None and row["fps"]:
            found[row["id"]] = row["duration"] * row["fps"]
    return found


def unopenable(probed: Sequence[Mapping[str, Any]]) -> list[str]:
    """Say how many films cannot be opened, and why the first of them cannot."""
    wrong = [row for row in probed if "error" in row]
    if not wrong:
        return []
    return [
        f"{len(wrong)} of {len(probed)} opened clips would fail, without stopping the others; the first is "
        f"'{wrong[0]['id']}': {wrong[0]['error']}"
    ]


def probed(job: Job, works: Sequence[Work]) -> list[dict[str, Any]]:
    """Open the film of every clip; return its rate, size and length in this clip, or why it cannot be opened."""
    from posecfg.video.probe import probe
    from posecfg.video.span import span_length

    limits, video = gates(job.config), job.config["video"]
    rows = []
    for work in works:
        row: dict[str, Any] = {"id": work.clip.id}
        try:
            info = probe(work.clip, video["max_pixels"])
            length = span_length(work.clip, info.duration, video["start"], video["end"])
            row |= {"fps": info.fps, "duration": length, "size": list(info.size), "frames": info.frames}
            row["refused"] = limits.refuse(length, info.fps)
            if length == 0 and info.duration and not row["refused"]:
                row["error"] = (
                    f"Expected '{work.clip.path}' to hold frames of this clip, but it begins after the end of "
                    f"the film, which lasts {info.duration:g} s."
                )
        except PosecfgError as error:
            row["error"] = str(error)
        rows.append(row)
    return rows
