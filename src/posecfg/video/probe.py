"""Read the facts of a clip without playing it."""

from __future__ import annotations

from contextlib import closing

from posecfg.types import Clip
from posecfg.video.bound import MAX_PIXELS
from posecfg.video.opening import open_reel
from posecfg.video.reel import Info

__all__ = ["Info", "probe"]


def probe(clip: Clip, max_pixels: int | None = MAX_PIXELS) -> Info:
    """Open ``clip``, decode one frame (only that tells the rotation), and return its ``Info``.

    A picture of more than ``max_pixels`` is an error; None is no bound.
    """
    with closing(open_reel(clip, threads=1, max_pixels=max_pixels)) as reel:
        return reel.info
