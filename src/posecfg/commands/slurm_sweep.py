"""Jobs of a sweep that a launcher hands to SLURM: followed with scontrol, and cancelled where none waits for them.

The launcher itself asks sacct, which needs a database that many clusters lack, and gives up all jobs where one dies.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from posecfg.errors import ConfigError, OutputError
from posecfg.executors.remote import slurm_states
from posecfg.executors.remote.slurm_states import ENDED, State

ASK_SECONDS, EVERY = 3.0, 0.5
SETTLED_SECONDS = 5.0
"""How long a job has to be over until it is: SLURM may take one back that was preempted."""


@dataclass(frozen=True)
class Lost:
    """What stands for the result of a job that died."""

    return_value: Exception


class Queue:
    """Follows jobs; it has the methods by which submitit asks for the state of one."""

    def __init__(self) -> None:
        self._states: dict[str, State] = {}
        self._ended: dict[str, float] = {}
        self._asked = float("-inf")

    def register_job(self, job_id: str) -> None:
        """Follow one more job."""
        self._states.setdefault(job_id, State("PENDING"))

    def get_state(self, job_id: str, mode: str = "standard") -> str:
        """Return the state of a job."""
        if mode != "cache" and time.monotonic() - self._asked > ASK_SECONDS:
            self._ask()
        return self._states.get(job_id, State("UNKNOWN")).name

    def get_info(self, job_id: str, mode: str = "standard") -> dict[str, str]:
        """Return what is known of a job, by sacct's names."""
        return {"State": self.get_state(job_id, mode)}

    def is_done(self, job_id: str, mode: str = "standard") -> bool:
        """Tell whether a job is over."""
        if self.get_state(job_id, mode) == "COMPLETED":
            return True
        return time.monotonic() - self._ended.get(job_id, float("inf")) > SETTLED_SECONDS

    def cancel(self, *words: str) -> None:
        """Cancel jobs; ``--state=PENDING`` those that wait."""
        left = sorted({name.partition("_")[0] for name, state in self._states.items() if state.name not in ENDED})
        with suppress(ConfigError):
            if left:
                slurm_states.run(["scancel", "--quiet", *words, *left])

    def _ask(self) -> None:
        known = dict(self._states)
        left = {name.partition("_")[0] for name in known if name not in self._ended}
        try:
            found = slurm_states.ask(sorted(left))
        except ConfigError:
            return
        finally:
            self._asked = time.monotonic()
        for name, state in known.items():
            if name.partition("_")[0] not in left:
                continue
            now = found.get(name) or (state if state.name in ENDED else State("FORGOTTEN"))
            self._states[name] = now
            if now.name in ENDED:
                self._ended.setdefault(name, time.monotonic())
            else:
                self._ended.pop(name, None)


@contextmanager
def followed(launcher: Any) -> Iterator[Queue | None]:
    """Follow the jobs of a launcher that hands them to SLURM, and cancel them where it is interrupted."""
    if getattr(launcher, "_EXECUTOR", "") != "slurm":
        yield None
        return
    job_class, queue = import_module("submitit.slurm.slurm").SlurmJob, Queue()
    errors = import_module("submitit.core.utils")
    watcher, results = job_class.watcher, job_class.results

    def every(job: Any) -> Any:
        job.wait()
        if queue.get_state(job.job_id) in ENDED - {"COMPLETED"}:
            # Nothing comes late from a job that was cancelled.
            job._results_timeout_s = 1
        try:
            if not _is_stopped(found := results(job)[0]):
                return [found]
            # It was told to end, and SLURM may start it again.
            while not queue.is_done(job.job_id):
                time.sleep(EVERY)
            ended = OutputError(f"(state: {queue.get_state(job.job_id)})")
            return [Lost(ended) if _is_stopped(found := results(job)[0]) else found]
        except (errors.UncompletedJobError, errors.FailedJobError) as error:
            return [Lost(error)]

    job_class.watcher, job_class.results = queue, every
    try:
        yield queue
    except BaseException:
        queue.cancel()
        raise
    finally:
        job_class.watcher, job_class.results = watcher, results


def _is_stopped(returned: Any) -> bool:
    """Tell whether a job ended before it had an outcome, or with that of a run that was stopped."""
    outcome = vars(returned)["_return_value"]
    return outcome is None or (isinstance(outcome, dict) and bool(outcome.get("stopped")))
