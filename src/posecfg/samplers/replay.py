"""Take the frames of an earlier play."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from posecfg.pixels import Frames
from posecfg.protocols import Pick, Stream

if TYPE_CHECKING:
    from posecfg.arrays import F64, I64


class Replay:
    """Take the frames with these ``indices`` in the file, each once, for the first of the ``moments`` of its rows."""

    def __init__(self, indices: I64, moments: F64 | None = None) -> None:
        self._wanted = frozenset(indices.tolist())
        self._moments: dict[int, float] | None = None
        if moments is not None:
            self._moments = dict(reversed(list(zip(indices.tolist(), moments.tolist(), strict=True))))

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""
        return _Wanted(self._wanted) if self._moments is None else _Timed(self._wanted, self._moments, stream.start)


class _Wanted:
    def __init__(self, wanted: Collection[int]) -> None:
        self._wanted = wanted
        self._index = -1

    def __call__(self, index: int, time: float, frame: Frames) -> int:
        self._index = int(frame.indices[0])
        return int(self._index in self._wanted)


class _Timed(_Wanted):
    def __init__(self, wanted: Collection[int], moments: Mapping[int, float], start: float) -> None:
        super().__init__(wanted)
        self._moments, self._start = moments, start

    def moments(self) -> Sequence[float]:
        return [self._moments[self._index] - self._start]
