"""The numbers of the jobs that a run has in SLURM's queue, kept in its folder for the case that it is killed."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from posecfg.errors import ConfigError
from posecfg.executors.remote import crew_file, slurm_states
from posecfg.executors.remote.slurm_submit import escaped
from posecfg.layout import CREW, JOBS
from posecfg.store import real_files
from posecfg.store.absence import matching
from posecfg.store.locks import Locks

LOG = "slurm-"
"""What the names of the logs of tasks begin with."""


def note(crew: Path, jobs: Sequence[str]) -> None:
    """Note the jobs of the driver that the file ``crew`` tells of."""
    real_files.write_bytes(_beside(crew), json.dumps({"jobs": list(jobs)}).encode())


def forget(crew: Path, jobs: Sequence[str]) -> None:
    """Remove the note of jobs that have ended, unless it is that of a run which took the place of this one."""
    if set(_read(_beside(crew))) <= {*jobs}:
        real_files.unlink(_beside(crew))


def clear(home: Path, part: str) -> list[str]:
    """Remove the keys of drivers that were killed, and cancel their jobs; return those that are left to the user.

    This process holds ``part`` of the folder. Parts of other splits, or of a whole run, have no driver then.
    """
    found = {path.stem.removeprefix(name) for name in (CREW, JOBS) for path in matching(home, f"{name}*.json")}
    left: list[str] = []
    for one in sorted({part, *Locks(home, part).dead(found)} & found):
        crew = crew_file.place_in(home, one)
        real_files.unlink(crew)
        noted = [*_read(_beside(crew))]
        remaining = [job for job in noted if not _is_cancelled(job, crew.with_name("logs"))]
        left += remaining
        if not remaining:
            forget(crew, noted)
    return left


def _is_cancelled(job: str, logs: Path) -> bool:
    """Cancel a job unless it is over, or another one: numbers are used again, and this folder may be a copy."""
    try:
        told = slurm_states.lines_of(job)
        if any(f" StdOut={name}/{LOG}" in line for name in {escaped(logs), os.path.abspath(logs)} for line in told):
            return slurm_states.run(["scancel", "--quiet", job]).returncode == 0
    except ConfigError:
        return False
    return True


def _read(place: Path) -> Iterator[str]:
    try:
        jobs = json.loads(real_files.read_bytes(place))["jobs"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return
    for job in jobs if isinstance(jobs, list) else ():
        if isinstance(job, str) and re.fullmatch(r"\d{1,12}", job, re.ASCII):
            yield job


def _beside(crew: Path) -> Path:
    return crew.with_name(crew.name.replace(CREW, JOBS, 1))
