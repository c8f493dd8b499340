"""Runs that were submitted as jobs and did not begin: take them out of the queue, and let no other one beside them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from posecfg.errors import ConfigError, InUse, UsageError
from posecfg.executors.remote import slurm_submitted
from posecfg.executors.remote.slurm_submitted import Submitted
from posecfg.layout import HOME
from posecfg.review.watching import HANGS, WORKS, Folder, Watch


def cancelled(found: Sequence[Folder], shard: str | None) -> list[Submitted]:
    """Cancel the jobs of the only folder that has any, whose runs did not begin; return them."""
    waiting = [folder for folder in found if folder.submitted]
    if len(waiting) > 1:
        named = "; ".join(f"posecfg stop {shlex.quote(str(folder.root))}" for folder in waiting)
        raise UsageError(f"Runs of {len(waiting)} folders wait in SLURM's queue: type one of: {named}.")
    jobs = [job for folder in waiting for job in folder.submitted if shard in (None, job.shard)]
    for job in jobs:
        if not slurm_submitted.cancel(job):
            raise ConfigError(f"SLURM did not cancel job {job.job}: type scancel {job.job} on a login node.")
    return jobs


def refuse(root: Path, part: str) -> None:
    """Raise an error where a run of this part works in a folder, or is a job that has not ended; forget old jobs."""
    (folder,) = Watch([root]).settled()
    for one in folder.runs:
        if one.verdict in (WORKS, HANGS) and part in ("", one.part):
            who = f"process {one.state.process.pid} on {one.state.process.host}"
            raise InUse(f"'{root}' is in use by {who}: wait for it, stop it, or choose another output_dir=.", who)
    for job in map(slurm_submitted.asked, slurm_submitted.noted(root / HOME)):
        if job.is_over:
            slurm_submitted.forget(job)
        elif job.state is not None and part in ("", job.part):
            raise InUse(
                f"'{root}' has SLURM job {job.job} already, which has not ended: wait for it, type posecfg stop "
                f"{shlex.quote(str(root))}, or choose another output_dir=.",
                f"SLURM job {job.job}",
            )
