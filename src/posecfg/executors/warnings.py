"""Pass the warnings that posecfg logs on to the user."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class _Handler(logging.Handler):
    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        # Errors are reported with the outcome of their clip.
        if record.levelno == logging.WARNING:
            self._tell(record.getMessage())


@contextmanager
def warnings_to(tell: Callable[[str], None]) -> Iterator[None]:
    """Call ``tell`` with every warning of this process until the block ends."""
    logger, handler = logging.getLogger("posecfg"), _Handler(tell)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
