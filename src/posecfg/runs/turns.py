"""Wait for one's turn in an output folder that another run works in."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from posecfg.errors import InUse

EVERY = 0.2
"""Seconds between two looks."""


def in_turn(
    held: ExitStack,
    occupy: Callable[[], AbstractContextManager[int]],
    say: Callable[[str], None],
    patience: float,
) -> int:
    """Enter ``occupy`` until ``held`` ends and return what it yields, ``patience`` seconds from now at the latest."""
    end, told = time.monotonic() + patience, ""
    while True:
        try:
            return held.enter_context(occupy())
        except InUse as error:
            if time.monotonic() >= end:
                raise
            if told != error.owner:
                told = error.owner
                say(f"Waiting for {told}, which writes to the same folder.")
        time.sleep(EVERY)
