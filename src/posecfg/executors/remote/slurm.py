"""Spread clips over the tasks of a SLURM array, which join this process and pull one clip after another."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from posecfg.errors import ConfigError
from posecfg.executors.crew import Crew
from posecfg.executors.protocol import Event, Mend
from posecfg.executors.remote.remote_yard import RemoteYard
from posecfg.executors.remote.slurm_driver import submitted
from posecfg.executors.remote.slurm_tasks import KEPT, SlurmTasks
from posecfg.pipeline.work import Setup, Work

OPTION = re.compile("[a-z][a-z0-9-]+")


class Slurm:
    """Runs clips on ``workers`` tasks, submitted with the options of sbatch, of which ``sbatch`` has the others.

    Nodes reach this machine at ``address``; a node that says nothing for ``silence`` seconds is given up. ``detach``
    is read by who would start a run: the command is then submitted as a job too.
    """

    elsewhere = True
    program = "sbatch"

    def __init__(
        self,
        workers: int | str = 1,
        timeout: float | None = None,
        partition: str | None = None,
        account: str | None = None,
        time: int | str | None = None,
        cpus: int = 1,
        mem: int | str | None = None,
        gres: str | None = None,
        sbatch: Mapping[str, Any] | None = None,
        address: str | None = None,
        silence: float = 60.0,
        detach: bool = False,
    ) -> None:
        if not isinstance(workers, int) or workers < 1:
            raise ConfigError(
                f"Expected executor.workers to be the number of SLURM's tasks, but got {workers}: type workers=16, or "
                "as many as are to work at a time."
            )
        if not isinstance(sbatch, Mapping | None):
            raise ConfigError(
                "Expected executor.sbatch to be options by their long names, such as '{qos: high, exclusive: true}', "
                f"but got '{sbatch}'."
            )
        if timeout is not None and timeout <= 0:
            raise ConfigError(f"Expected timeout to be seconds above 0, or null, but got {timeout}.")
        if silence < 5:
            raise ConfigError(f"Expected silence to be 5 seconds or more, but got {silence:g}.")
        own = {
            "partition": partition,
            "account": account,
            "time": time,
            "cpus-per-task": cpus,
            "mem": mem,
            "gres": gres,
        }
        self._options = {**own, **(sbatch or {})}
        for name in sbatch or {}:
            if not isinstance(name, str) or not OPTION.fullmatch(name):
                raise ConfigError(
                    "Expected executor.sbatch to have long names of options of sbatch without their dashes, such as "
                    f"'exclude', but got {name!r}."
                )
            # sbatch takes the beginning of a name for the name.
            if any(kept.startswith(name) for kept in KEPT):
                raise ConfigError(f"executor.sbatch has '{name}', which posecfg sets itself: leave it out.")
        self.workers, self.timeout = workers, timeout
        self._address, self._silence = address, silence
        self._stopping = False

    @contextmanager
    def prepare(self, config: Mapping[str, Any], clips: int | None = None) -> Iterator[None]:
        """Refuse a machine that has no SLURM."""
        if shutil.which("sbatch") is None:
            raise ConfigError(
                "executor=slurm needs 'sbatch', which is not here: type the command on a login node of the cluster."
            )
        yield

    def stop(self) -> None:
        """Let clips in flight finish, and start no more."""
        self._stopping = True

    def submit(self, words: Sequence[str], logs: Path) -> str:
        """Submit a command as a job that needs neither much nor a device, and return its number."""
        own = {name: self._options[name] for name in self._options if name not in ("time", "mem", "gres")}
        return submitted({**own, "cpus-per-task": 1}, words, logs)

    def run(self, setup: Setup, works: Sequence[Work], mend: Mend) -> Iterator[Event]:
        """Yield events until every clip has its outcome."""
        yard = RemoteYard(SlurmTasks(self._options), self._address, self._silence)
        crew = Crew(yard, self.workers, self.timeout, lambda: self._stopping)
        yield from crew.run(setup, works, mend)
