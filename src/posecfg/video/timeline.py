"""Convert raw time stamps to time since the first frame."""

from __future__ import annotations

from fractions import Fraction

_RESTART = Fraction(1, 4)


class Timeline:
    """Turns the time stamps of frames, in the order they are shown, into ticks since the first frame.

    The result never goes back. A missing stamp counts as one nominal step after the last. A stamp that is a little
    before the last repeats the last. One that is more than a quarter of a second before it means that the clock was
    reset, as where two recordings were joined: time goes on one nominal step after the last. ``restarts`` counts that.
    """

    def __init__(self, first: int | None, tick: Fraction, fps: float) -> None:
        self._origin = first or 0
        self._step = max(1, round(1 / (Fraction(fps) * tick))) if fps > 0 else 1
        self._restart = int(_RESTART / tick)
        self._last: int | None = None
        self.restarts = 0

    def __call__(self, pts: int | None) -> int:
        """Return the ticks of the next frame."""
        last = self._last
        if pts is None:
            ticks = 0 if last is None else last + self._step
        else:
            ticks = max(pts - self._origin, 0)
            if last is not None and ticks < last:
                if last - (pts - self._origin) > self._restart:
                    self.restarts += 1
                    self._origin = pts - last - self._step
                    ticks = last + self._step
                else:
                    ticks = last
        self._last = ticks
        return ticks


class Steps:
    """Statistics of the time between neighbouring frames: their mean, and whether they vary."""

    def __init__(self, tick: Fraction) -> None:
        self._tick = float(tick)
        self._least, self._most, self._sum, self._count = float("inf"), 0.0, 0.0, 0
        self._last: tuple[int, float] | None = None

    def see(self, index: int, time: float) -> None:
        """Add the next frame; a step across lost frames does not count."""
        if self._last is not None and self._last[0] == index - 1:
            step = time - self._last[1]
            self._least, self._most = min(self._least, step), max(self._most, step)
            self._sum, self._count = self._sum + step, self._count + 1
        self._last = (index, time)

    @property
    def mean(self) -> float:
        """Return the mean step in seconds, 0 where there is none."""
        return self._sum / self._count if self._count else 0.0

    @property
    def vary(self) -> bool:
        """Tell whether the steps differ by more than 1 ms or 10 %, and by more than rounding to the tick explains."""
        if not self._count:
            return False
        spread = self._most - self._least
        return spread > 1.001 * self._tick and spread > min(0.001, 0.1 * self.mean) + 1e-9
