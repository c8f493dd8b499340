"""Take the frames that are annotated, as often as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any, Literal

from posecfg.errors import ClipError, ConfigError, Dropped
from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.protocols import OVER, Pick, Stream
from posecfg.samplers.slots import FUZZ, Counts, Shown, shown, slots_at
from posecfg.types import Slots
from posecfg.types.annotations import slots_of

if TYPE_CHECKING:
    from posecfg.arrays import I64

WITHOUT = ("skip", "fail")


@dataclass(frozen=True)
class Annotated:
    """Give each annotation, or every ``every``-th, a row with the frame that is shown at its moment.

    That of moment k is the last frame before (k + 1) / rate seconds. So a frame has no row, one or several. After the
    ``first`` so many rows the film is not read on; 0 gives all. A clip ``without`` annotations is skipped, or fails.
    """

    every: int = 1
    first: int = 0
    without: Literal["skip", "fail"] = "skip"

    def __post_init__(self) -> None:
        if self.every < 1:
            raise ConfigError(f"Expected sampler.every to be 1 or more, but got {self.every}.")
        if isinstance(self.first, bool) or not isinstance(self.first, int) or self.first < 0:
            raise ConfigError(f"Expected sampler.first to be a number of rows, or 0 for all, but got {self.first}.")
        if self.without not in WITHOUT:
            raise ConfigError(f"Expected sampler.without to be one of {', '.join(WITHOUT)}, but got '{self.without}'.")

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts(annotated=True, flat=True)

    def begin(self, stream: Stream) -> Pick:
        """Start a clip; raise ``Dropped`` if it has no annotations."""
        slots = slots_of(stream.truth)
        if stream.truth is None or (slots is not None and not len(slots.numbers)):
            if self.without == "fail":
                raise ClipError("Expected annotations of this clip, but there are none: type sampler.without=skip.")
            raise Dropped("no annotations")
        if slots is None or stream.independent:
            last = self.first * self.every if self.first else None
            return lambda index, time, frame: OVER if index == last else int(index % self.every == 0)
        return _Matched(slots, self.every, self.first, stream)


class _Matched:
    """State for one clip: the rows of each frame."""

    def __init__(self, slots: Slots, every: int, first: int, stream: Stream) -> None:
        import numpy as np

        listed = stream.times()
        times = np.asarray(listed, np.float64) + stream.start
        inside = _inside(slots, stream)
        part = inside[: (first - 1) * every + 1] if first else inside
        whole, inside = stream.end is None and len(part) == len(inside), part
        found = shown(times, stream.fps, slots.rate, inside, whole=stream.end is None)
        self._rows, self._all = (
            _counts(one, found, listed, slots.rate, stream.start) for one in (inside[::every], inside)
        )
        self._clamped, self._number, self._wanted = found.clamped, len(inside), len(inside[::every])
        self._behind = int((found.first > slots.numbers[-1]).sum()) if whole else 0
        over = int(np.searchsorted(found.first, inside[-1], side="right")) if first and len(inside) else len(times)
        self._over = listed[over] - FUZZ if over < len(times) else inf
        self._given = 0

    def __call__(self, index: int, time: float, frame: Frames) -> int:
        if time > self._over:
            return OVER
        self._given += self._all(index, time, frame)
        return self._rows(index, time, frame)

    def moments(self) -> Sequence[float]:
        """Return the moments of the annotations that the rows of the last frame are of."""
        return self._rows.moments()

    def notes(self) -> dict[str, int]:
        """Return how many annotations there are, and in how far the film differs from them."""
        differing = {
            "annotations_without_frame": self._number - self._given,
            "annotations_of_last_frame": self._clamped if self._all.ended else 0,
            "frames_behind_annotations": self._behind,
        }
        known = {"annotations": self._number, "rows_wanted": self._wanted}
        return known | {name: number for name, number in differing.items() if number}


def _counts(numbers: I64, found: Shown, times: Sequence[float], rate: float, start: float) -> Counts:
    """Return the rows of each frame for the moments ``numbers``."""
    import numpy as np

    first = np.searchsorted(numbers, found.first)
    rows = np.maximum(np.searchsorted(numbers, found.end) - first, 0)
    return Counts(times, rows, first, numbers / rate - start)


def _inside(slots: Slots, stream: Stream) -> I64:
    """Return the annotated moments within the clip."""
    import numpy as np

    numbers = slots.numbers
    low = slots_at(np.array([stream.start]), slots.rate)
    kept = numbers[np.searchsorted(numbers, low)[0] :]
    if stream.end is None:
        return kept
    # A moment that the clip ends in is one of it.
    return kept[: np.searchsorted(kept, np.ceil(stream.end * slots.rate - 1e-6))]
