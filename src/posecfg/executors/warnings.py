"""Warnings of our own code, which are for the person who waits, not only for a log."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Heard(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        # Errors have a clip, whose outcome tells them.
        if record.levelno == logging.WARNING:
            self._tell(record.getMessage())


@contextmanager
def heard(tell: Callable[[str], None]) -> Iterator[None]:
    """Hand every warning to ``tell`` for a while, in this process."""
    logger, handler = logging.getLogger("posecfg"), _Heard(tell)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
