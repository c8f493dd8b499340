"""Which clips a page has whole, with poses and pictures: the worst of each run, as all would be too much."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, zip_longest

from posecfg.page.columns import DONE, Clips


def chosen(runs: Sequence[Clips], most: int) -> list[str]:
    """Return the ids of at most ``most`` clips that are done in a run, the worst of each run in turn.

    A clip counts by the worst of its runs, so that several runs of the same clips have the same ones to compare.
    """
    worst: dict[str, float] = {}
    queues: list[list[str]] = []
    for run in runs:
        mine = []
        for clip, bad, status in zip(run.ids, run.badness, run.statuses, strict=True):
            if bad is not None and status == DONE:
                mine.append(clip)
                worst[clip] = max(bad, worst.get(clip, bad))
        queues.append(mine)
    # Clips are in the order of their ids, in which those that are as bad as each other stay.
    firsts = [sorted(queue, key=lambda clip: -worst[clip])[:most] for queue in queues]
    turns = (clip for place in zip_longest(*firsts) for clip in place if clip is not None)
    found = islice(dict.fromkeys(turns), most)
    return sorted(found, key=lambda clip: (-worst[clip], clip))
