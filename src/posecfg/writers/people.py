"""Select the people to draw in one row of a clip."""

from __future__ import annotations

from posecfg.types import Extraction, Person


def people(extraction: Extraction, row: int) -> list[Person]:
    """Return the people who have a pose in ``row``, detected or made by a refine step, in the order of tracks."""
    there = [track for track in extraction.tracks if track.valid[row] or track.made[row]]
    return [Person(t.id, t.skeleton, t.xy[row], t.scores[row], bool(t.made[row])) for t in there]
