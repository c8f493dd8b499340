"""Runs that were submitted as jobs of SLURM: notes in their folders, and which of them did not begin yet."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from posecfg.errors import ConfigError
from posecfg.executors.remote import slurm_states
from posecfg.executors.remote.slurm_states import COMING, ENDED, State
from posecfg.executors.remote.slurm_submit import escaped
from posecfg.layout import SUBMITTED
from posecfg.store import real_files
from posecfg.store.absence import matching

LOG = "driver-"
"""What the names of the logs of such jobs begin with."""
ATTACHED = ("executor.detach=false", "console=lines")
"""The words that end the command of such a job, in the place of those that submitted it."""


@dataclass(frozen=True)
class Submitted:
    """A job that was submitted at a time (seconds since the epoch) for a ``part`` of a run.

    Its ``state`` is None where SLURM cannot be asked.
    """

    place: Path
    job: str
    part: str = ""
    at: float = 0.0
    state: State | None = None

    @property
    def shard(self) -> str:
        """The shard as it is typed, '' for a whole run."""
        return self.part[1:].replace("of", "/")

    @property
    def is_over(self) -> bool:
        """Whether SLURM says that it has ended."""
        return self.state is not None and self.state.name in ENDED

    @property
    def waits(self) -> bool:
        """Whether SLURM says that it is in its queue."""
        return self.state is not None and self.state.name in COMING

    @property
    def text(self) -> str:
        """What is to be said of a job whose run has not begun."""
        shard = f"shard {self.shard}, " if self.part else ""
        if self.state is None:
            return f"{shard}submitted as SLURM job {self.job}; whether that waits still is told on a login node"
        if self.waits:
            return f"{shard}SLURM job {self.job} waits in the queue ({self.state.reason or self.state.name.lower()})"
        return f"{shard}SLURM job {self.job} begins"

    def data(self) -> dict[str, Any]:
        """Return everything as JSON values."""
        state = self.state or State("")
        return {"job": self.job, "shard": self.shard, "state": state.name, "reason": state.reason}


def note(home: Path, job: str, part: str, at: float) -> None:
    """Note a job, submitted at a time, in the folder of its run."""
    real_files.make_folder(home)
    real_files.write_bytes(home / f"{SUBMITTED}{job}.json", json.dumps({"part": part, "at": at}).encode())


def noted(home: Path) -> list[Submitted]:
    """Return the jobs that are noted in a folder, whatever became of them."""
    return list(_read(home))


def asked(one: Submitted) -> Submitted:
    """Return what SLURM says of a job: numbers are used again, so that another run's job is none of this folder."""
    try:
        lines = slurm_states.lines_of(one.job)
    except ConfigError:
        return one
    logs = one.place.with_name("logs")
    names = {escaped(logs), os.path.abspath(logs)}
    own = [line for line in lines if any(f" StdOut={name}/{LOG}" in line for name in names)]
    return replace(one, state=slurm_states.parsed(own).get(one.job, State("FORGOTTEN")))


def cancel(one: Submitted) -> bool:
    """Take a job out of the queue, and forget it; tell whether SLURM did that."""
    if slurm_states.run(["scancel", "--quiet", one.job]).returncode:
        return False
    forget(one)
    return True


def forget(one: Submitted) -> None:
    """Remove the note of a job."""
    real_files.unlink(one.place)


def _read(home: Path) -> Iterator[Submitted]:
    for place in matching(home, f"{SUBMITTED}*.json"):
        job = place.stem.removeprefix(SUBMITTED)
        try:
            told = json.loads(real_files.read_bytes(place))
            part, at = str(told["part"]), float(told["at"])
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            continue
        if re.fullmatch(r"\d{1,12}", job, re.ASCII):
            yield Submitted(place, job, part, at)
