"""Make the page of runs: what it shows of them, and where it goes."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from posecfg.page import command, sheet
from posecfg.page.choose import chosen
from posecfg.page.columns import Clips, Texts, clips_of
from posecfg.page.document import Page
from posecfg.page.measures import BADNESS
from posecfg.page.order import by_name
from posecfg.page.same_clips import are_same
from posecfg.page.settings import settings
from posecfg.page.shown import Tick, Wishes, shown
from posecfg.page.sources import Source
from posecfg.text import count
from posecfg.version import __version__

SCHEMA = 1
CLIPS = 48
"""Clips that are shown with poses and pictures, unless the user says otherwise."""


def page_of(source: Source, wishes: Wishes, folder: Path, tick: Tick = lambda done, of: None) -> Page:
    """Return the page of some runs, which is to lie in ``folder``; ``tick`` hears how many of the clips are read."""
    runs = {root: clips_of(root) for root in source.roots}
    knobs, rows = sheet.rows(source, runs)
    ids = sorted({row.id for run in runs.values() for row in run.rows}, key=by_name)
    numbers = {name: number for number, name in enumerate(ids)}
    picked = chosen(list(runs.values()), wishes.clips)
    whole = shown(picked, runs, numbers, wishes, folder, tick)
    texts = Texts()
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "title": source.title,
        "kind": source.kind,
        "made": {"version": __version__, "at": time.strftime("%Y-%m-%d %H:%M")},
        "notes": [*source.notes, *_in_space_alone(whole.clips, wishes)],
        "picked": {"clips": len(picked), "of": len(ids), "why": _why(picked, ids, runs)},
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


def _why(picked: list[str], ids: list[str], runs: dict[Path, Clips]) -> str:
    if len(picked) == len(ids):
        return "all clips are shown with their poses"
    done = {row.id for run in runs.values() for row in run.rows if row.status == "done"}
    if len(picked) == len(done):
        return f"all {count(len(done), 'clip')} that are done are shown with their poses, of {len(ids):,}"
    one = "clip that seems" if len(picked) == 1 else "clips that seem"
    return f"the {len(picked):,} {one} worst {'is' if len(picked) == 1 else 'are'} shown with poses, of {len(ids):,}"


def _in_space_alone(clips: Sequence[Mapping[str, Any]], wishes: Wishes) -> Iterator[str]:
    """Yield a note where poses have no pixels, and what to type for some: BlazePose's arrays are so."""
    people = [[person for run in clip["runs"].values() for person in run["people"]] for clip in clips]
    number = sum(any(one["xyz"] and not one["xy"] for one in some) for some in people)
    if number and wishes.pictures:
        lost = ", and pictures are left out since faces cannot be placed" if wishes.blur_faces else ""
        yield (
            f"the files of {count(number, 'clip')} hold points in space alone, so no pose is drawn on a picture{lost}: "
            f"the same command with 'writer=[npy,npz]' adds pixels"
        )
