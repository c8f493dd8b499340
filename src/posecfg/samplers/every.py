"""Every frame."""

from __future__ import annotations

from typing import Any

from posecfg.facts import Facts
from posecfg.pixels import Frames
from posecfg.protocols import Pick, Stream


class All:
    """Takes every frame."""

    @staticmethod
    def facts(**arguments: Any) -> Facts:
        """Return the facts known before the component is built."""
        return Facts()

    def begin(self, stream: Stream) -> Pick:
        """Start a clip."""
        return _take


def _take(index: int, time: float, frame: Frames) -> int:
    return 1
