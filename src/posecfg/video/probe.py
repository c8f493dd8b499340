"""Read the facts of a clip without playing it."""

from __future__ import annotations

from contextlib import closing

from posecfg.types import Clip
from posecfg.video.opening import open_reel
from posecfg.video.reel import Info

__all__ = ["Info", "probe"]


def probe(clip: Clip) -> Info:
    """Open ``clip``, decode one frame (only that tells the rotation), and return its ``Info``."""
    with closing(open_reel(clip, threads=1)) as reel:
        return reel.info
