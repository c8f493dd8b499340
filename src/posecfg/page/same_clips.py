"""Whether runs are of the same clips, so that their measures can be held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from posecfg.errors import PosecfgError
from posecfg.page.columns import DONE, Clips
from posecfg.store import record_files

_LOOKED_AT = 3


def are_same(runs: Mapping[Path, Clips]) -> bool:
    """Tell whether all runs with clips have those of the same ids, and a few of these the same films."""
    some = {root: run for root, run in runs.items() if run.ids}
    if len(some) < 2:
        return True
    first, *others = some.values()
    if any(one.ids != first.ids for one in others):
        return False
    ends = zip(first.ids, *(run.statuses for run in some.values()), strict=True)
    common = (clip for clip, *statuses in ends if set(statuses) == {DONE})
    return all(len(_contents(clip, some)) < 2 for clip in islice(common, _LOOKED_AT))


def _contents(clip: str, roots: Mapping[Path, object]) -> set[str]:
    """Return the hashes of what a clip was made of, of all runs whose records tell."""
    found = set()
    for root in roots:
        try:
            record = record_files.read_clip(root, clip)
        except PosecfgError:
            continue
        if record is not None:
            found.add(record.input.content)
    return found - {""}
