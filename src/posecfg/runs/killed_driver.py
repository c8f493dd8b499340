"""What a driver of tasks on other machines left when it was killed: the key of its agents, and jobs in a queue."""

from __future__ import annotations

from collections.abc import Callable

from posecfg.layout import CREW, JOBS
from posecfg.store.absence import matching
from posecfg.store.run_directory import RunDirectory


def clear(directory: RunDirectory, say: Callable[[str], None]) -> None:
    """Remove it from a folder that this process holds, whatever works on its clips now."""
    if not any(matching(directory.home, f"{name}*.json") for name in (CREW, JOBS)):
        return
    from posecfg.executors.remote import slurm_jobs

    if left := slurm_jobs.clear(directory.home, directory.part):
        say(f"note: a run that was killed left jobs in SLURM's queue: type scancel {' '.join(left)} on a login node")
