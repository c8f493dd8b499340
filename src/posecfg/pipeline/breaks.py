"""Find the rows at which a policy began to follow another person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from posecfg.errors import ClipError
from posecfg.text import shown

if TYPE_CHECKING:
    from posecfg.arrays import I64

NOTE = "reselected_at"
"""The note in which a policy tells the numbers of these frames, of those that were looked at."""


def breaks(notes: Mapping[str, Any], rows: I64, persons: str) -> tuple[int, ...]:
    """Return the first row of each such frame; ``rows`` (T,) is the frame that fills each output row, -1 for none."""
    import numpy as np

    told = notes.get(NOTE, ())
    if not isinstance(told, list | tuple) or not all(type(frame) is int for frame in told):
        raise ClipError(f"{persons}: expected {NOTE} to be a list of frame numbers, but got {shown(told)}.")
    if not told:
        return ()
    frames, first = np.unique(rows, return_index=True)
    where = dict(zip(frames.tolist(), first.tolist(), strict=True))
    return tuple(sorted({where[frame] for frame in told if frame in where} - {0}))
