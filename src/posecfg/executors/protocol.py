"""The contract of executors: they run clips on workers, and report events."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from posecfg.pipeline.work import Outcome, Setup, Work
from posecfg.store.ledger_row import Row


@dataclass(frozen=True)
class Started:
    """A worker took a clip; ``where`` names the worker or its machine, where that tells the user something."""

    clip_id: str
    where: str = ""


@dataclass(frozen=True)
class Progress:
    """More frames of a clip are done: ``frames`` since the last report, of about ``of`` in all where that is known.

    ``lasts`` is about how many seconds of film they are in all, where that is known.
    """

    clip_id: str
    frames: int
    of: int | None = None
    lasts: float | None = None


@dataclass(frozen=True)
class Warned:
    """A message for the user, from a worker or from what starts workers."""

    text: str


@dataclass(frozen=True)
class Placed:
    """Where clips are worked on now; an executor reports it whenever it changes, and each replaces the one before.

    ``engine`` says what runs the workers ('local', 'SLURM job 123'), ``workers`` how many of them are ready, and
    ``waiting`` are sentences on what is waited for, and why ('3 of 5 tasks wait in the queue of SLURM (Resources)').
    """

    engine: str
    workers: int = 0
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finished:
    """A clip has its outcome: done, skipped or failed."""

    clip_id: str
    outcome: Outcome


Event = Started | Progress | Warned | Placed | Finished
Mend = Callable[[str, float], Row | None]
"""Undo what a dead worker left of a clip that it took at a time (seconds since the epoch).

The row of the clip is returned where it had been finished since then all the same.
"""


class Executor(Protocol):
    """Run clips on workers; one is built for each run.

    Where its attribute ``elsewhere`` is true, only other machines work: packages, weights and devices of models are
    asked for by their workers, and not where the run is started. ``program`` names the one that it calls, if any.
    """

    workers: int
    """How many clips run at a time; 0 runs them in this process. It is final once ``prepare`` was entered."""

    def prepare(self, config: Mapping[str, Any], clips: int | None = None) -> AbstractContextManager[None]:
        """Get ready for a checked configuration, which may start workers while the run is still planned.

        ``clips`` is how many there are to do, where that is known. Leaving the block ends every worker.
        """

    def run(self, setup: Setup, works: Sequence[Work], mend: Mend) -> Iterator[Event]:
        """Yield events until every clip has its outcome; ``setup`` is what workers build themselves from.

        An error in a clip, or the death of its worker, fails that clip only. What stops the run is raised: a
        ``ConfigError`` where workers cannot be built, an ``OutputError`` where nothing can be written. Closing the
        iterator drops the clips in flight, and ``mend`` is called for each, once nothing writes to it any more.
        """

    def stop(self) -> None:
        """Let clips in flight finish, and start no more. A signal's handler calls it, or another thread."""
