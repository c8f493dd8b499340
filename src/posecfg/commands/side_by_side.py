"""Jobs that a launcher runs side by side: what is said of them, how they are stopped, and what their deaths cost."""

from __future__ import annotations

import os
import re
import signal
import site
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import posecfg
from posecfg.commands import sweep_outcomes
from posecfg.commands.job_process import is_gone
from posecfg.commands.slurm_sweep import Queue, followed
from posecfg.commands.sweep_outcomes import Start
from posecfg.config import floors
from posecfg.config.compose import LISTED, Job
from posecfg.environment import safe_path, variables
from posecfg.errors import OutputError
from posecfg.executors.remote.slurm_states import ENDED
from posecfg.interruption import heeding, stop
from posecfg.runs.report import Report
from posecfg.text import sentence

EVERY = 0.25
"""Seconds between two looks at what jobs have left."""
BEAT = 40
"""After how many looks jobs are told that this process is there."""

HINTS = {
    "TIMEOUT": "; type a larger hydra.launcher.timeout_min=",
    "OUT_OF_MEMORY": "; type a larger hydra.launcher.mem_gb=",
}

Overrides = Sequence[Sequence[str]]


class Careful:
    """A launcher of Hydra around another one: a job whose process dies costs only itself, and is told.

    ``ended`` is told each outcome as it comes; ``say`` shows a sentence.
    """

    def __init__(
        self,
        launcher: Any,
        folder: Path,
        start: Start,
        jobs: Sequence[Job],
        ended: Callable[[dict[str, Any]], None],
        say: Callable[[str], None],
    ) -> None:
        self._launcher, self._folder, self._start, self._jobs = launcher, folder, start, jobs
        self._ended, self._say = ended, say
        self._asked = False

    def launch(self, job_overrides: Overrides, initial_job_idx: int) -> list[Any]:
        """Run all jobs; what came of them lies in their folders."""
        jobs = dict(enumerate(job_overrides, initial_job_idx))
        try:
            path = variables({"PYTHONPATH": _importable()})
            with self._stoppable(), followed(self._launcher) as queue, self._watched(jobs, queue), safe_path(), path:
                left = dict(jobs)
                while left and not self._is_over():
                    left = self._round(left)
        finally:
            if self._asked:
                self._say("Stopped. Type the same command to go on where it stopped.")
        if self._asked:
            raise KeyboardInterrupt
        return []

    def _round(self, jobs: Mapping[int, Sequence[str]]) -> dict[int, Sequence[str]]:
        """Launch ``jobs``, which follow each other; return those that were not begun as a process died."""
        error = self._launch(jobs)
        if error is None:
            return {}
        suspects = [number for number in jobs if self._is_begun(number)]
        rest = {number: job for number, job in jobs.items() if not self._is_begun(number) and not self._outcome(number)}
        if not suspects and len(rest) == len(jobs):
            raise OutputError(f"The jobs could not be started ({_reason(error)}).") from error
        if len(suspects) > 1:
            told = ", ".join(map(str, suspects))
            self._say(f"A process died ({_reason(error)}): each of the jobs {told} is run again, by itself.")
        for number in suspects:
            self._settle(number, jobs[number], error, len(suspects) > 1)
        return rest

    def _settle(self, number: int, overrides: Sequence[str], error: Exception, again: bool) -> None:
        """Find out what came of a job that was in work when a process died: its own, or that of another."""
        while self._is_alive(number):
            time.sleep(EVERY)
        if again and not self._outcome(number) and not self._is_over():
            found = self._launch({number: overrides})
            error = found or error
        if not self._outcome(number) and not self._is_over():
            self._note_death(number, overrides, error)

    def _note_death(self, number: int, overrides: Sequence[str], error: Exception) -> None:
        """Leave the outcome of a job whose process died."""
        typed = [word for word in overrides if not floors.is_override(word)]
        report = Report("", error=f"its process died ({_reason(error)})").data()
        # One that was told to end has left what it did until then.
        done = {**(self._outcome(number) or report), "stopped": False}
        ended = {name: report[name] for name in ("error", "exit_code")}
        outcome = {"job": number, "overrides": typed, **done, **ended}
        sweep_outcomes.leave(self._start, self._folder, number, outcome)
        self._start.kept[number] = outcome
        if self._jobs[0].sweep == LISTED and self._jobs[number].config["on_error"] == "stop":
            sweep_outcomes.end(self._start, self._folder, sweep_outcomes.FAILED)

    def _launch(self, jobs: Mapping[int, Sequence[str]]) -> Exception | None:
        """Launch jobs that follow each other, and return the error that ended them."""
        try:
            returned = self._launcher.launch([list(job) for job in jobs.values()], min(jobs))
        except Exception as error:
            return error
        for number, one in zip(jobs, returned, strict=False):
            # An outcome for which the disk had no room; an error of the job's own is raised here.
            outcome = one.return_value
            if isinstance(outcome, dict):
                self._start.kept.setdefault(number, outcome)
            elif isinstance(outcome, Exception) and not self._is_over():
                self._note_death(number, jobs[number], outcome)
        return None

    def _is_over(self) -> bool:
        return bool(sweep_outcomes.ended(self._start, self._folder))

    def _outcome(self, number: int) -> dict[str, Any] | None:
        return self._start.kept.get(number) or sweep_outcomes.outcome(self._start, self._folder, number)

    def _is_begun(self, number: int) -> bool:
        return not self._outcome(number) and sweep_outcomes.begun(self._start, self._folder, number) is not None

    def _is_alive(self, number: int) -> bool:
        """Tell whether a job is still in work, as far as that can be seen from this machine."""
        noted = sweep_outcomes.begun(self._start, self._folder, number)
        if noted is None or self._outcome(number):
            return False
        return noted["host"] == self._start.host and not is_gone(noted["pid"], 0)

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """Let the first Ctrl-C finish the clips in work; the second, a TERM or a HUP end all jobs at once."""

        def first(number: int, frame: FrameType | None) -> None:
            if self._asked:
                stop(number, frame)
                return
            self._asked = True
            sweep_outcomes.end(self._start, self._folder, sweep_outcomes.STOPPED_BY_USER)
            self._say("Stopping: jobs finish the clips in work; Ctrl-C again ends them at once.")

        with heeding({signal.SIGINT: first}):
            # Processes that are started inherit it: Ctrl-C is for this one. A thread gets it in place of this one.
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                yield
            except BaseException:
                sweep_outcomes.end(self._start, self._folder, sweep_outcomes.AT_ONCE)
                raise
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @contextmanager
    def _watched(self, jobs: Mapping[int, Any], queue: Queue | None) -> Iterator[None]:
        """Tell of each job as it ends, and jobs of other machines that this start is there, from a thread."""
        over, left = threading.Event(), list(jobs)

        def look() -> None:
            for number in list(left):
                outcome = self._outcome(number)
                if outcome is not None and (queue is None or not outcome.get("stopped") or self._is_over()):
                    left.remove(number)
                    self._ended(outcome)

        def watch() -> None:
            beats, waiting = 0, queue is not None
            while not over.wait(EVERY):
                look()
                beats += 1
                if not beats % BEAT:
                    sweep_outcomes.beat(self._start, self._folder, beats)
                if self._asked and waiting and queue is not None:
                    waiting = False
                    queue.cancel("--state=PENDING")

        thread = threading.Thread(target=watch, name="posecfg-jobs", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
            look()


def _importable() -> str | None:
    """Return PYTHONPATH with the folder of posecfg where another Python would not find it."""
    here = str(Path(posecfg.__file__).parents[1])
    if here in site.getsitepackages():
        return None
    return os.pathsep.join(dict.fromkeys([here, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]))


def _reason(error: Exception) -> str:
    """Return what a launcher says of a death, in short: the signals where it names them."""
    text = str(error)
    state = re.search(r"\(state: ([A-Z_]+)\)", text)
    if state is not None and state[1] in ENDED - {"COMPLETED", "FAILED"}:
        hint = HINTS.get(state[1], "")
        return f"SLURM ended it: {state[1]}{hint}"
    found = dict.fromkeys(re.findall(r"\bSIG[A-Z]+\b", text))
    if "SIGKILL" in found:
        return "SIGKILL; the system may have run out of memory: try fewer jobs at a time"
    if found:
        return ", ".join(found)
    if type(error).__name__ == "UncompletedJobError":
        return "it left no result"
    return sentence(error)
