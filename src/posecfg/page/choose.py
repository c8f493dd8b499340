"""Which clips a page has whole, with poses and pictures: the worst of each run, as all would be too much."""

from __future__ import annotations

from collections.abc import Sequence

from posecfg.page.columns import DONE, Clips


def chosen(runs: Sequence[Clips], most: int) -> list[str]:
    """Return the ids of at most ``most`` clips that are done in a run, the worst of each run in turn.

    A clip counts by the worst of its runs, so that several runs of the same clips have the same ones to compare.
    """
    worst: dict[str, float] = {}
    queues: list[list[tuple[float, str]]] = []
    for run in runs:
        mine = [
            (bad, clip)
            for clip, bad, status in zip(run.ids, run.badness, run.statuses, strict=True)
            if bad is not None and status == DONE
        ]
        for bad, clip in mine:
            worst[clip] = max(bad, worst.get(clip, bad))
        queues.append(mine)
    for queue in queues:
        queue.sort(key=lambda one: (-worst[one[1]], one[1]))
    found: dict[str, None] = {}
    for place in range(max(map(len, queues), default=0)):
        for queue in queues:
            if place < len(queue) and len(found) < most:
                found.setdefault(queue[place][1])
    return sorted(found, key=lambda clip: (-worst[clip], clip))
