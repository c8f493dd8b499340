"""A bell that one thread rings and another one waits for beside its sockets."""

from __future__ import annotations

import os
from contextlib import suppress


class Bell:
    """Something to wait for, which any thread can ring."""

    def __init__(self) -> None:
        self._ear, self._rope = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(self._rope, False)

    def fileno(self) -> int:
        """Return the file descriptor to wait for."""
        return self._ear

    def ring(self) -> None:
        """End the wait of who waits, or the next one."""
        with suppress(OSError):  # it is ringing already, or no longer waited for
            os.write(self._rope, b"!")

    def clear(self) -> None:
        """Let the next wait wait."""
        with suppress(OSError):
            os.read(self._ear, 4096)

    def close(self) -> None:
        """Let go of the file descriptors."""
        rope, self._rope = self._rope, -1
        if rope >= 0:
            os.close(rope)
            os.close(self._ear)

    __del__ = close
