"""Read the clips of several runs with helper processes, which take turns with this one at the runs.

Most of the time goes into values of JSON, which Python reads with one thread at a time. A helper answers with columns,
and ends with this process. A run of which it does not tell is read again here, so that errors are told as ever.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from posecfg.errors import PosecfgError
from posecfg.executors import capacity
from posecfg.page import told_clips
from posecfg.page.columns import Clips, clips_of
from posecfg.store.helper_process import helping
from posecfg.store.run_directory import RunDirectory

EACH = 32_000_000
"""Bytes of ledgers for which a helper is started: these take somewhat longer to read than it takes to start."""
MOST = 7
PATIENCE = 30.0
"""Seconds that the last answer of a helper is waited for."""


def clips_of_all(
    roots: Sequence[Path], cores: Callable[[], int] = capacity.cores, meanwhile: Callable[[], None] = lambda: None
) -> dict[Path, Clips]:
    """Return what each run tells of its clips; helpers change nothing but the time that it takes.

    For one run or few clips, or on one core, there are none. ``meanwhile`` is done here while they start.
    """
    sizes = {root: _size(root) for root in roots}
    worth = min(sum(sizes.values()) // EACH, len(sizes) - 1, MOST)
    number = min(worth, cores() - 1) if worth > 0 and sys.executable else 0
    found = _shared(sizes, number, meanwhile) if number > 0 else {}
    return {root: found[root] if root in found else clips_of(root) for root in roots}


def _shared(sizes: Mapping[Path, int], number: int, meanwhile: Callable[[], None]) -> dict[Path, Clips]:
    """Return the clips of runs that could be read, here or by one of ``number`` helpers."""
    waiting = deque(sorted(sizes, key=lambda root: -sizes[root]))
    found: dict[Path, Clips] = {}
    with helping(number, _start, lambda helper: _ask(helper, waiting, found), PATIENCE):
        meanwhile()
        while root := _next(waiting):
            # An error is told in its turn.
            with suppress(PosecfgError):
                found[root] = clips_of(root)
    return found


def _size(root: Path) -> int:
    """Return the bytes of a run's ledgers, 0 where they cannot be looked at."""
    with suppress(OSError, PosecfgError):
        return sum(os.lstat(path).st_size for path in RunDirectory(root).ledgers() if path.exists())
    return 0


def _next(waiting: deque[Path]) -> Path | None:
    """Take a run, None where none is left; threads may do so at the same time."""
    with suppress(IndexError):
        return waiting.popleft()
    return None


def _start() -> subprocess.Popen[bytes]:
    """Start a helper, which finds modules where this process does, but not in the current folder."""
    places = [place for place in sys.path if os.path.normpath(place) != os.curdir and os.pathsep not in place]
    # Its few small arrays need no threads.
    own = {"PYTHONPATH": os.pathsep.join(places), "OPENBLAS_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", told_clips.__name__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **own},
    )


def _ask(helper: subprocess.Popen[bytes], waiting: deque[Path], found: dict[Path, Clips]) -> None:
    """Let a helper read runs until none is left, or it ends."""
    asked, told = helper.stdin, helper.stdout
    with suppress(OSError, *told_clips.WRONG):
        while asked and told and (root := _next(waiting)):
            asked.write(json.dumps(str(root)).encode() + b"\n")
            asked.flush()
            answer = told_clips.read(told)
            if answer is not None:
                found[root] = answer
