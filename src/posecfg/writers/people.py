"""The people in one row of a clip's tracks, to be drawn."""

from __future__ import annotations

from posecfg.types import Extraction, Person


def people(extraction: Extraction, row: int) -> list[Person]:
    """Return the tracks that have a pose in ``row``, whether it was seen or made up, in their order."""
    there = [track for track in extraction.tracks if track.valid[row] or track.made[row]]
    return [Person(t.id, t.skeleton, t.xy[row], t.scores[row], bool(t.made[row])) for t in there]
