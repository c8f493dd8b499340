"""How the program starts quickly: Python's search for cycles rests until the work begins, and idle threads sleep."""

from __future__ import annotations

import gc
import os

from posecfg.environment import BLAS_PATIENCE

# It begins again and again while modules and configurations pile up, of which nothing can be freed yet.
RARELY = 1_000_000
_usual: list[tuple[int, int, int]] = []


def begin() -> None:
    """Call this first in a program: from now on, cycles are searched for rarely.

    Threads of NumPy's OpenBLAS, one a core and process, are told to sleep when they have nothing to do, before it is
    loaded: each would keep a core busy for 50 ms first, also when the program starts.
    """
    os.environ.setdefault(BLAS_PATIENCE, "4")
    if not _usual:
        _usual.append(gc.get_threshold())
        gc.set_threshold(RARELY)


def over() -> None:
    """Call this when the work begins: cycles are searched for as usual, but not in what is there already."""
    if _usual:
        gc.freeze()
        gc.set_threshold(*_usual.pop())
