"""Take the frames of an earlier play."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posecfg.pixels import Frames
from posecfg.protocols import Pick, Stream

if TYPE_CHECKING:
    from posecfg.arrays import I64


class Replay:
    """Take the frames with these ``indices`` in the file, each once."""

    def __init__(self, indices: I64) -> None:
        self._wanted = frozenset(indices.tolist())

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""

        def pick(index: int, time: float, frame: Frames) -> int:
            return int(int(frame.indices[0]) in self._wanted)

        return pick
