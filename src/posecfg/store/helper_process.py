"""Helper processes, each asked by a thread: how they end, whatever they are doing."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from contextlib import suppress
from threading import Thread


def end(helpers: Iterable[subprocess.Popen[bytes]], threads: Iterable[Thread]) -> None:
    """End helpers, wherever they are, and wait for the threads that ask them."""
    for helper in helpers:
        helper.kill()
    for thread in threads:
        thread.join()
    for helper in helpers:
        with suppress(OSError), helper:
            pass
