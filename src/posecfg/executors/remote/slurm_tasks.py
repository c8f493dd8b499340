"""Agents that are tasks of a SLURM array."""

from __future__ import annotations

import shlex
import threading
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from posecfg.errors import ConfigError, OutputError
from posecfg.executors.remote import agent, slurm_jobs, slurm_states
from posecfg.executors.remote.slurm_states import COMING, ENDED, NoAnswer, State
from posecfg.executors.remote.slurm_submit import escaped, submit
from posecfg.executors.remote.slurm_watch import SlurmWatch
from posecfg.executors.remote.starter import Call
from posecfg.executors.yard import End
from posecfg.text import count as counted
from posecfg.text import seconds

SILENT_SECONDS, TOLD_SECONDS = 300.0, 20.0
"""How long SLURM may not answer until a run ends that no task works for; until the user hears of it."""
END_SECONDS = 30.0
JOB_NAME = "posecfg"
KEPT = frozenset(
    {
        *("array", "output", "error", "open-mode", "parsable", "wrap", "requeue", "no-requeue"),
        *("clusters", "wait", "test-only", "hold", "quiet"),
    }
)
"""Options of sbatch that the agents rely on, or that they could not be."""


class SlurmTasks:
    """Submits arrays of agents with ``options`` for sbatch, asks SLURM about them, and cancels them."""

    def __init__(self, options: Mapping[str, object]) -> None:
        self._options = options
        self._jobs: list[str] = []
        self._watch = SlurmWatch(self._answered)
        self._noticed: dict[str, float] = {}
        self._lock, self._submitting = threading.Lock(), threading.Lock()
        self._owed, self._refused, self._ended = 0, "", False
        self._lost: Counter[str] = Counter()

    @property
    def engine(self) -> str:
        """The numbers of the jobs."""
        return f"SLURM job {', '.join(self._jobs)}" if len(self._jobs) < 4 else f"SLURM, {len(self._jobs)} jobs"

    def start(self, call: Call, count: int) -> None:
        """Submit an array of ``count`` tasks."""
        self._call = call
        call.logs.mkdir(parents=True, exist_ok=True)
        self._submit(count)

    def _submit(self, count: int) -> None:
        names = [f"export {name}={shlex.quote(value)}\n" for name, value in self._call.environment.items()]
        command = shlex.join([*self._call.words, str(self._call.place)])
        script = f"#!/bin/sh\n{''.join(names)}exec {command}\n"
        output = f"--output={escaped(self._call.logs)}/{slurm_jobs.LOG}%A_%a.log"
        job = submit([f"--job-name={JOB_NAME}", f"--array=1-{count}", output], self._options, script)
        self._jobs.append(job)
        # Only a driver that is killed needs the note.
        with suppress(OSError, OutputError):
            slurm_jobs.note(self._call.place, self._jobs)
        self._watch.add(f"{job}_{number + 1}" for number in range(count))

    def replace(self, task: str) -> None:
        """Submit one more task, unless SLURM starts the lost one again by itself."""
        state = self._watch.states.get(task, State("")).name
        if state not in COMING:
            with self._lock:
                self._owed += 1
                self._lost[state if state in ENDED else "no sign of life"] += 1
            self._watch.hurry()

    def _answered(self) -> None:
        """Do what is due, in the thread that asks SLURM."""
        self._repay()
        self._hasten()

    def _hasten(self) -> None:
        """Let tasks start that SLURM put back into its queue: it would hold them for two minutes."""
        held = [name for name, state in self._watch.states.items() if state.is_put_back()]
        if held and "begin" not in self._options and not self._ended:
            slurm_states.run(["scontrol", "update", f"JobId={','.join(held)}", "StartTime=now"])

    def _repay(self) -> None:
        """Submit tasks in the place of those that were lost; where SLURM is away, that is tried again."""
        with self._submitting:
            if not (count := self._owed) or self._ended:
                return
            try:
                self._submit(count)
            except NoAnswer:
                raise
            except ConfigError as error:
                self._refused = str(error)
            with self._lock:
                self._owed -= count

    def why(self, task: str) -> End | None:
        """Tell how a task ended."""
        states = self._watch.since(self._noticed.setdefault(task, time.monotonic()))
        if states is None:
            return None
        end = states.get(task, State("FORGOTTEN")).end(task)
        if end is None:
            self._noticed[task] = time.monotonic()
        else:
            del self._noticed[task]
        return end

    def left(self) -> int:
        """Return how many tasks run or wait; raise an error where all wait for what never comes."""
        if (silent := self._watch.silence()) > SILENT_SECONDS:
            raise ConfigError(
                f"SLURM has not answered for {seconds(silent)}, and no task works: type the same command again when "
                "'scontrol ping' says that it is up."
            )
        left, owed = [state for state in self._watch.states.values() if state.name not in ENDED], self._owed
        if left and not owed and all(state.is_endless() for state in left):
            raise ConfigError(
                f"SLURM would let job {', '.join(self._jobs)} wait for ever ({left[0].reason}): "
                "change executor.time, executor.partition, executor.mem or executor.gres."
            )
        return len(left) + owed

    def waiting(self) -> tuple[str, ...]:
        """Say how many tasks wait in SLURM's queue, and why."""
        states = list(self._watch.states.values())
        told = []
        if waits := [state for state in states if state.name in COMING]:
            reasons = ", ".join(sorted({state.reason or state.name.lower() for state in waits}))
            verb = "waits" if len(waits) == 1 else "wait"
            # Those that have ended were replaced.
            there = sum(state.name not in ENDED for state in states)
            told.append(f"{len(waits)} of {counted(there, 'task')} {verb} in SLURM's queue ({reasons})")
        if lost := self._lost.total():
            verb = "was" if lost == 1 else "were"
            told.append(
                f"{counted(lost, 'task')} {verb} lost so far ({', '.join(sorted(self._lost))}): others are asked for"
            )
        if self._watch.silence() > TOLD_SECONDS:
            told.append("SLURM does not answer")
        if self._refused:
            told.append(f"a task that was lost is not replaced: {self._refused}")
        return tuple(told)

    def nothing_left(self) -> str:
        """Say how all tasks ended."""
        states = self._watch.states
        ends = ", ".join(sorted({state.name for state in states.values()}))
        logs = f"see {self._call.logs}/{slurm_jobs.LOG}*.log"
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
        if "FAILED" in ends and not any(self._call.logs.glob(f"{slurm_jobs.LOG}{self._jobs[0]}_*.log")):
            return (
                f"No task of SLURM is left ({ends}), and none wrote to '{self._call.logs}': name an output_dir= on a "
                "disk that all nodes share."
            )
        return f"No task of SLURM is left ({ends}). {self._refused or f'What they say: {logs}.'}"

    def end(self) -> None:
        """Cancel what is left; what cannot be cancelled now, the next run in the folder does."""
        self._ended = True
        self._watch.close()
        # A thread that is still about to submit something does that first, or sees that it is over.
        if self._submitting.acquire(timeout=END_SECONDS):
            self._submitting.release()
        if self._jobs:
            with suppress(ConfigError):
                if slurm_states.run(["scancel", "--quiet", *self._jobs]).returncode == 0:
                    slurm_jobs.forget(self._call.place, self._jobs)
