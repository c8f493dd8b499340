"""Wait for one's turn in an output folder that another run works in."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack

from posecfg.errors import InUse, Unsure

EVERY = 0.2
"""Seconds between two looks."""


def in_turn(
    held: ExitStack,
    occupy: Callable[[], AbstractContextManager[int]],
    say: Callable[[str], None],
    patience: float,
) -> int:
    """Enter ``occupy`` until ``held`` ends and return what it yields, ``patience`` seconds from now at the latest.

    Where it is not known whether the other run is alive, that is waited for first, which takes no patience.
    """
    end, told = time.monotonic() + patience, ""
    while True:
        try:
            return held.enter_context(occupy())
        except Unsure as error:
            if told != f"sign {error.owner}":
                told = f"sign {error.owner}"
                say(
                    f"Waiting for a sign of {error.owner}, which works in the same folder or was killed: without one, "
                    f"this run begins in {math.ceil(error.seconds)} s."
                )
        except InUse as error:
            if time.monotonic() >= end:
                raise
            if told != error.owner:
                told = error.owner
                say(f"Waiting for {told}, which writes to the same folder.")
        time.sleep(EVERY)
