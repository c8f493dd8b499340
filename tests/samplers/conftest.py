from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pytest

from posecfg.types import Clock


@dataclass
class Stream:
    fps: float
    stamps: Sequence[float] = ()
    independent: bool = False
    tick: float = 1e-9
    start: float = 0.0
    end: float | None = None
    truth: object = None

    def times(self) -> Sequence[float]:
        return self.stamps


def taken(sampler, times, fps=30.0, tick=1e-9):
    """Return the indices that ``sampler`` takes from frames at ``times``; it must not look at any frame."""
    pick = sampler.begin(Stream(fps, times, tick=tick))
    return [i for i, time in enumerate(times) for _ in range(pick(i, time, None))]


@pytest.fixture
def take():
    return taken


@pytest.fixture
def take_stream():
    """Return the clock of the rows of an annotated film."""

    def rows(sampler, fps, times, truth):
        pick = sampler.begin(Stream(fps, times, truth=truth))
        counts = [pick(number, time, None) for number, time in enumerate(times)]
        pick = sampler.begin(Stream(fps, times, truth=truth))
        moments = [at for number, time in enumerate(times) for at in (pick(number, time, None), pick.moments())[1]]
        indices = np.repeat(np.arange(len(times)), counts)
        return Clock(indices, np.array(times)[indices], fps, (8, 8), moments=np.array(moments))

    return rows
