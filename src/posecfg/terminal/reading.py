"""Tell on the error stream how far the reading of many or large files has come."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from posecfg.text import size

EVERY = 5.0


class Told:
    """Hear how many bytes (or what else is counted) of how many were read, and print a line every few seconds."""

    def __init__(self, what: str = "inputs", shown: Callable[[int], str] = size, done: str = "compared") -> None:
        self._what, self._shown, self._done = what, shown, done
        self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        """Hear of progress."""
        now = time.monotonic()
        if now - self._last >= EVERY:
            self._last = now
            sys.stderr.write(f"{self._what}: {self._shown(done)} of {self._shown(total)} {self._done}\n")
