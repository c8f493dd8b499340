"""Get one film from a server that fails as a test has it."""

from __future__ import annotations

import threading

from filmserver import mp4

from posecfg.downloads.film import Bounds, get
from posecfg.downloads.request import Manners

BODY = mp4()
QUICK = Manners(pause=0.001, timeout=5)
BOUNDS = Bounds(100, 100_000)


def fetched(server, target, *ways, manners=QUICK, stop=None, tick=lambda count: None):
    """Make one attempt to get ``target`` from a server that fails in these ``ways``, one an attempt."""
    server.ways["/film.mp4"] = list(ways) or ["fine"]
    return get(server.base + "film.mp4", target, BOUNDS, manners, tick, stop or threading.Event())


def beside(target):
    """Return the names of all files in the folder of ``target``."""
    return sorted(path.name for path in target.parent.iterdir()) if target.parent.exists() else []
