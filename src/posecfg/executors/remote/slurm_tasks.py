"""Agents that are tasks of a SLURM array."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress

from posecfg.errors import ConfigError
from posecfg.executors.remote import agent, slurm_states
from posecfg.executors.remote.slurm_states import COMING, ENDED, State
from posecfg.executors.remote.starter import Call
from posecfg.executors.yard import End
from posecfg.text import count as counted

ASK_SECONDS, HURRY_SECONDS = 5.0, 0.5
"""How old an answer of SLURM may be: while nothing happens, and when a task was lost."""
JOB_NAME = "posecfg"
KEPT = frozenset({"array", "output", "error", "open-mode", "parsable", "wrap", "requeue", "no-requeue"})
"""Options of sbatch that the agents rely on."""


class SlurmTasks:
    """Submits arrays of agents with ``options`` for sbatch, asks SLURM about them, and cancels them."""

    def __init__(self, options: Mapping[str, object]) -> None:
        self._options = words_of(options)
        self._jobs: list[str] = []
        self._states: dict[str, State] = {}
        self._asked = float("-inf")

    @property
    def engine(self) -> str:
        """The numbers of the jobs."""
        return f"slurm job {', '.join(self._jobs)}" if len(self._jobs) < 4 else f"slurm, {len(self._jobs)} jobs"

    def start(self, call: Call, count: int) -> None:
        """Submit an array of ``count`` tasks."""
        self._call = call
        call.logs.mkdir(parents=True, exist_ok=True)
        self._submit([f"--array=1-{count}", f"--output={_escaped(str(call.logs))}/slurm-%A_%a.log"])

    def _submit(self, words: Sequence[str]) -> None:
        names = [f"export {name}={shlex.quote(value)}\n" for name, value in self._call.environment.items()]
        command = shlex.join([*self._call.words, str(self._call.place)])
        script = f"#!/bin/sh\n{''.join(names)}exec {command}\n"
        fixed = ["--parsable", f"--job-name={JOB_NAME}", "--requeue", "--open-mode=append"]
        done = slurm_states.run(["sbatch", *fixed, *words, *self._options], script)
        if done.returncode:
            raise refused(done.stderr)
        self._jobs.append(done.stdout.strip().partition(";")[0])
        self._asked = float("-inf")

    def replace(self, task: str) -> None:
        """Submit one more task, unless SLURM starts the lost one again by itself."""
        if self._now(HURRY_SECONDS).get(task, State("")).name not in COMING:
            self._submit(["--array=1-1", f"--output={_escaped(str(self._call.logs))}/slurm-%A_%a.log"])

    def why(self, task: str) -> End | None:
        """Tell how a task ended."""
        state = self._now(HURRY_SECONDS).get(task)
        return End("its task is gone from SLURM", blames=False) if state is None else state.end(task)

    def left(self) -> int:
        """Return how many tasks run or wait; raise an error where all wait for what never comes."""
        states = self._now(ASK_SECONDS).values()
        left = [state for state in states if state.name not in ENDED]
        if left and all(state.is_endless() for state in left):
            raise ConfigError(
                f"SLURM would let job {', '.join(self._jobs)} wait for ever ({left[0].reason}): "
                "change executor.time, executor.partition, executor.mem or executor.gres."
            )
        return len(left)

    def waiting(self) -> tuple[str, ...]:
        """Say how many tasks wait in SLURM's queue, and why."""
        states = list(self._now(ASK_SECONDS).values())
        waits = [state for state in states if state.name in COMING]
        if not waits:
            return ()
        reasons = ", ".join(sorted({state.reason or state.name.lower() for state in waits}))
        verb = "waits" if len(waits) == 1 else "wait"
        return (f"{len(waits)} of {counted(len(states), 'task')} {verb} in SLURM's queue ({reasons})",)

    def nothing_left(self) -> str:
        """Say how all tasks ended."""
        states = self._now(0.0)
        ends = ", ".join(sorted({state.name for state in states.values()})) or "they are gone from its list"
        logs = f"see {self._call.logs}/slurm-*.log"
        if any(state.code == f"{agent.NO_FOLDER}:0" for state in states.values()):
            return (
                f"The nodes of SLURM do not see '{self._call.place}': name an output_dir= on a disk that all of them "
                "share."
            )
        if any(state.code == f"{agent.NO_DRIVER}:0" for state in states.values()):
            return (
                "The nodes of SLURM cannot reach this machine: name it as they know it, executor.address=NAME, "
                f"or ask for the ports from 1024 to be opened ({logs})."
            )
        return f"No task of SLURM is left ({ends}): {logs}."

    def end(self) -> None:
        """Cancel what is left."""
        if self._jobs:
            with suppress(ConfigError):
                slurm_states.run(["scancel", "--quiet", *self._jobs])

    def _now(self, age: float) -> dict[str, State]:
        """Return the state of each task, as it was at most ``age`` seconds ago."""
        if time.monotonic() - self._asked > age:
            self._states = slurm_states.ask(self._jobs)
            self._asked = time.monotonic()
        return self._states


def refused(text: str) -> ConfigError:
    """Return the error that sbatch refused a job, as it said."""
    said = " ".join(text.replace("sbatch: error:", "").split())
    return ConfigError(
        f"SLURM refused the job ({said}): change executor.partition, executor.time or what else it names."
    )


def words_of(options: Mapping[str, object]) -> list[str]:
    """Return options of sbatch as words: null is the cluster's own choice, true an option without a value."""
    words = []
    for name, value in options.items():
        if value is None or value is False:
            continue
        words.append(f"--{name}" if value is True else f"--{name}={value}")
    return words


def _escaped(path: str) -> str:
    return os.path.abspath(path).replace("%", "%%")
