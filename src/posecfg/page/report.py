"""Make the page of runs: what it shows of them, and where it goes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from posecfg.page import command, notes, sheet
from posecfg.page.badness import BADNESS
from posecfg.page.choose import chosen
from posecfg.page.clip_helpers import clips_of_all
from posecfg.page.columns import DONE, Clips, Texts
from posecfg.page.document import Page
from posecfg.page.order import by_name
from posecfg.page.same_clips import are_same
from posecfg.page.settings import settings
from posecfg.page.shown import Tick, Wishes, prepare, shown
from posecfg.page.sources import Source
from posecfg.version import __version__

SCHEMA = 1
CLIPS = 48
"""Clips that are shown with poses and pictures, unless the user says otherwise."""


def page_of(source: Source, wishes: Wishes, folder: Path, tick: Tick = lambda done, of: None) -> Page:
    """Return the page of some runs, which is to lie in ``folder``; ``tick`` hears how many of the clips are read."""
    runs = clips_of_all(source.roots, meanwhile=prepare)
    knobs, rows = sheet.rows(source, runs)
    ids = sorted(set().union(*(run.ids for run in runs.values())), key=by_name)
    numbers = {name: number for number, name in enumerate(ids)}
    picked = chosen(list(runs.values()), wishes.clips)
    whole = shown(picked, runs, numbers, wishes, folder, tick)
    texts = Texts()
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "title": source.title,
        "kind": source.kind,
        "made": {"version": __version__, "at": time.strftime("%Y-%m-%d %H:%M")},
        "notes": [*source.notes, *notes.of_poses(whole.clips, wishes)],
        "picked": {
            "clips": len(picked),
            "of": len(ids),
            "why": notes.shown(len(picked), len(ids), _done(runs), whole.lost),
        },
        "same": are_same(runs),
        "knobs": knobs,
        "measures": sheet.measures(rows),
        "jobs": rows,
        "ids": ids,
        "badness": {"help": BADNESS},
        "runs": [
            {
                "name": _name(rows, number),
                "folder": next(row["folder"] for row in rows if row["run"] == number),
                "command": next(row["command"] for row in rows if row["run"] == number),
                "all": command.of_all(next(row["command"] for row in rows if row["run"] == number)),
                "state": next(row["state"] for row in rows if row["run"] == number),
                "settings": settings(root),
                "clips": run.columns(numbers, texts),
            }
            for number, (root, run) in enumerate(runs.items())
        ],
        "whys": texts.all,
        "skeletons": whole.skeletons,
        "shown": whole.index,
    }
    return Page(data, whole.clips)


WORST = 5
"""Clips that are named as worst."""


def worst(data: Mapping[str, Any], most: int = WORST) -> list[dict[str, Any]]:
    """Return the clips of a page that seem worst, each once, with the run and the reason."""
    found: dict[int, tuple[float, str, int]] = {}
    for number, run in enumerate(data["runs"]):
        clips = run["clips"]
        for clip, bad, why in zip(clips["id"], clips["badness"], clips["why"], strict=True):
            if bad and why >= 0 and bad > found.get(clip, (0.0, "", 0))[0]:
                found[clip] = bad, data["whys"][why], number
    ranked = sorted(found.items(), key=lambda one: (-one[1][0], one[0]))[:most]
    return [{"clip": data["ids"][clip], "badness": bad, "why": why, "run": run} for clip, (bad, why, run) in ranked]


def _name(rows: list[dict[str, Any]], number: int) -> str:
    """Return the name of a run: that of the jobs that wrote to its folder."""
    return str(next(row["name"] for row in rows if row["run"] == number))


def _done(runs: Mapping[Path, Clips]) -> int:
    """Return how many clips are done in some run."""
    ends = ((run.ids, run.statuses) for run in runs.values())
    return len({clip for one in ends for clip, status in zip(*one, strict=True) if status == DONE})
