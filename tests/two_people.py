"""Clips for other programs to read: two people at uneven times, of whom something is missing, and nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from samples import extraction, track

from posecfg.types import Extraction

TIMES = np.array([0.0, 0.1, 0.25, 0.3])


def two_people(clip_id: str = "film", **how) -> Extraction:
    """Return two people with the ids 0 and 7 at uneven times: one is missing in row 2, the other lacks a wrist."""
    one, other = track(4, missing=[2], **how), track(4, person=7, **how)
    for values in (other.xy, other.scores, *((other.xyz,) if other.xyz is not None else ())):
        values[1, 9] = np.nan
    done = extraction(one, other, clip_id=clip_id)
    return replace(done, clock=replace(done.clock, times=TIMES, indices=np.array([0, 3, 7, 9])))


def nobody(clip_id: str = "a_nobody") -> Extraction:
    """Return a clip without people, the first of a folder by its name."""
    return extraction(rows=3, clip_id=clip_id)
