"""Lock a folder of the cache or of the settings for one process at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from posecfg.errors import NO_LOCKS, WeightsError

Say = Callable[[str], None]


@contextmanager
def alone(folder: Path, say: Say) -> Iterator[None]:
    """Hold a lock on ``folder`` inside the block; wait while another process has it. Make a missing folder."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # The folder itself is locked: a lock file would be left behind.
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        reason = " ".join(str(error.strerror or error).split())
        raise WeightsError(f"Expected to write to '{folder}', but got: {reason}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another process is at work in '{folder}': waiting for it")
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            # Without locks, files that appear whole under their names have to do.
            if error.errno not in NO_LOCKS:
                raise
        yield
    finally:
        os.close(descriptor)
