"""Let a batch system start the whole command, so that the machine where it was typed may go."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.components.build import build
from posecfg.config.compose import Job
from posecfg.executors.remote import slurm_submitted
from posecfg.layout import HOME
from posecfg.review import queued_jobs
from posecfg.runs.places import root_of
from posecfg.store.run_directory import RunDirectory

KEY = "executor.detach"


def detached(command: Command, jobs: Sequence[Job]) -> bool:
    """Submit the command where its executor is to be detached, and say so; tell whether that was done."""
    if not jobs[0].config["executor"].get("detach"):
        return False
    executor: Any = build(jobs[0].config["executor"], "executor")
    several = bool(jobs[0].sweep)
    roots = [root_of(job, several) for job in jobs]
    folder = Path(os.path.commonpath([os.path.abspath(root) for root in roots]))
    part = "" if several else RunDirectory(folder, jobs[0].config["shard"]).part
    queued_jobs.refuse(folder, part)
    at = time.time()
    job = executor.submit(words(command), folder / HOME / "logs")
    slurm_submitted.note(folder / HOME, job, part, at)
    engine = f"SLURM job {job}"
    if command.json:
        shown = str(folder) if any(root.is_absolute() for root in roots) else os.path.relpath(folder)
        print_json({"engine": engine, "job": job, "folder": shown, "exit_code": 0})
    else:
        _say(engine, folder)
    return True


def words(command: Command) -> list[str]:
    """Return the words that start the command again, in lines and attached to what starts it."""
    kept = [word for word in command.typed if word.partition("=")[0].lstrip("+") not in (KEY, "console")]
    return [sys.executable, "-P", "-m", "posecfg", *kept, *slurm_submitted.ATTACHED]


def _say(engine: str, folder: Path) -> None:
    from posecfg.terminal.console import literal
    from posecfg.text import printable

    place = os.path.relpath(folder)
    shown = place if not place.startswith("..") else str(folder)
    console = literal()
    for line in (
        f"Submitted as {engine}: this machine may go now.",
        f"  posecfg status {shown} --watch   shows how far it is",
        f"  posecfg stop {shown}             ends it",
    ):
        console.print(printable(line), soft_wrap=True)
