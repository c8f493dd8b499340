"""Warnings that posecfg logs, passed on to the user: they are not for a log only."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Handler(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        # Errors have a clip, whose outcome tells them.
        if record.levelno == logging.WARNING:
            self._tell(record.getMessage())


@contextmanager
def warnings_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Hand every warning to ``tell`` for a while, in this process."""
    logger, handler = logging.getLogger("posecfg"), _Handler(tell)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
