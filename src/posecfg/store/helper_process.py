"""Helper processes, each asked by a thread: how many there are, and how they end, whatever they are doing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Thread

from posecfg.interruption import undisturbed

Helper = subprocess.Popen[bytes]


@contextmanager
def helping(number: int, start: Callable[[], Helper], ask: Callable[[Helper], None], patience: float) -> Iterator[None]:
    """Let ``number`` helpers work beside the block, as many as the system grants.

    Then each has ``patience`` seconds for its last answer. However the block ends, no helper is left.
    """
    helpers: list[Helper] = []
    threads: list[Thread] = []
    try:
        with suppress(OSError, RuntimeError):
            for _ in range(number):
                with undisturbed():
                    helpers.append(start())
                thread = Thread(target=ask, args=(helpers[-1],), daemon=True)
                thread.start()
                threads.append(thread)
        yield
        for thread in threads:
            thread.join(patience)
    finally:
        with undisturbed():
            _end(helpers, threads)


def _end(helpers: list[Helper], threads: list[Thread]) -> None:
    for helper in helpers:
        helper.kill()
    for thread in threads:
        thread.join()
    for helper in helpers:
        with suppress(OSError), helper:
            pass
