"""Select the people to draw in one row of a clip."""

from __future__ import annotations

from collections.abc import Iterable

from posecfg.types import Extraction, Person, PoseTrack


def people(extraction: Extraction, row: int) -> list[Person]:
    """Return the people who have a pose in ``row``, detected or made by a refine step, in the order of tracks."""
    return _there(extraction.tracks, row)


def seen(extraction: Extraction, row: int) -> list[Person]:
    """Return the people of ``row`` as their poses were before they were lifted: on the detector's keypoints."""
    return _there((track.source or track for track in extraction.tracks), row)


def _there(tracks: Iterable[PoseTrack], row: int) -> list[Person]:
    there = [track for track in tracks if track.valid[row] or track.made[row]]
    return [Person(t.id, t.skeleton, t.xy[row], t.scores[row], bool(t.made[row])) for t in there]
