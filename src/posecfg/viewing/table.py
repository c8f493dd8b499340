"""Read what ``writer=csv`` wrote: one line for each keypoint of each person in each row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from posecfg import budgets, skeletons
from posecfg.errors import ConfigError
from posecfg.skeletons.skeleton import Skeleton
from posecfg.types import Meaning
from posecfg.viewing.subject import Moving, people_of, person

_NEEDED = {"frame", "time", "person", "keypoint", "x", "y"}


def read(path: Path) -> Moving:
    """Return the people of a table, over the frames in which at least one of them was found."""
    budgets.check(path, path.stat().st_size * budgets.TEXT)
    points: dict[str, None] = {}
    times: dict[int, float] = {}
    people: set[int] = set()
    # Read twice, as the lines take many times the memory of what they say.
    for line in _lines(path):
        points[line["keypoint"]] = None
        times[int(line["frame"])] = float(line["time"])
        people.add(int(line["person"]))
    skeleton, ids = _skeleton(tuple(points)), sorted(people)
    rows = {frame: row for row, frame in enumerate(sorted(times))}
    budgets.check(path, len(ids) * len(rows) * len(skeleton) * 4 * 8)
    values = np.full((len(ids), len(rows), len(skeleton), 4), np.nan)
    place = {number: row for row, number in enumerate(ids)}
    for line in _lines(path):
        numbers = [float(line.get(name) or "nan") for name in ("x", "y", "z", "score")]
        values[place[int(line["person"])], rows[int(line["frame"])], skeleton.index[line["keypoint"]]] = numbers
    solid = bool(np.isfinite(values[..., 2]).any())
    meaning = Meaning(score="", xyz="metres, y down" if solid else None)
    tracks = tuple(
        person(number, skeleton, None if solid else one[..., :2], one[..., 3], one[..., :3] if solid else None, meaning)
        for number, one in zip(ids, values, strict=True)
    )
    facts = (f"{skeleton.name}: {len(skeleton)} keypoints", f"{len(rows):,} frames with people", people_of(len(tracks)))
    seconds = np.array([times[frame] for frame in sorted(times)])
    return Moving(path.stem, facts, tracks, tuple(f"person {number}" for number in ids), seconds, True)


def _lines(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        table = csv.DictReader(stream)
        try:
            lacking = _NEEDED - set(table.fieldnames or ())
            if not lacking:
                yield from table
        except csv.Error as error:
            raise ValueError(str(error)) from error
    if lacking:
        raise ConfigError(f"Expected '{path}' to be what writer=csv writes, but it lacks {', '.join(sorted(lacking))}.")


def _skeleton(names: tuple[str, ...]) -> Skeleton:
    """Return the smallest skeleton that has all ``names``: points that were never found are not in a table."""
    known = [one for one in map(skeletons.load, skeletons.names()) if set(names) <= set(one.keypoints)]
    return min(known, key=len) if known and names else Skeleton("its own", names)
