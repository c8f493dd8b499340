"""Whether runs are of the same clips, so that their measures can be held against each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from posecfg.errors import PosecfgError
from posecfg.page.columns import Clips
from posecfg.store import record_files

_LOOKED_AT = 3


def are_same(runs: Mapping[Path, Clips]) -> bool:
    """Tell whether all runs with clips have those of the same ids, and a few of these the same films."""
    ids = {root: [row.id for row in run.rows] for root, run in runs.items() if run.rows}
    if len(ids) < 2:
        return True
    if any(one != next(iter(ids.values())) for one in ids.values()):
        return False
    done = [{row.id for row in runs[root].rows if row.status == "done"} for root in ids]
    common = sorted(set.intersection(*done))[:_LOOKED_AT]
    return all(len(_contents(clip, ids)) < 2 for clip in common)


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
