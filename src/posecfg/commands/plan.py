"""The verb ``plan``: say what a run would do, and what would stop it; of one key, where its value comes from."""

from __future__ import annotations

import sys
from typing import Any

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.config import floors
from posecfg.config.compose import compose
from posecfg.models.settings import Settings, using
from posecfg.review.plan import plan
from posecfg.runs.sweep_folders import SweepFolders
from posecfg.terminal.reading import Told


def run(command: Command) -> int:
    """Print the plan of each job; 1 says that a run would fail."""
    if command.why is not None:
        return _origins(command, command.why)
    if command.why_again is not None:
        return _again(command, command.why_again)
    jobs = compose(command.overrides, command.multirun, command.config_dir)
    plans, least, folders = [], floors.lowest(jobs), SweepFolders()
    for job in jobs:
        with using(Settings.of(job.config)):
            low = least[floors.name(job.identity)]
            plans.append(plan(job, bool(job.sweep), command.probe, Told() if command.inputs else None, low))
            plans[-1]["problems"] += map(str, folders.add(job))
    if command.json:
        print_json(plans if jobs[0].sweep else plans[0])
    else:
        from posecfg.terminal.plans import show

        for one in plans:
            show(one)
    return 1 if any(one["problems"] for one in plans) else 0


def _origins(command: Command, key: str) -> int:
    """Print for each job where the value of a key comes from."""
    from posecfg.review.origins import origin

    jobs, implied = compose(command.overrides, command.multirun, command.config_dir), command.implied
    told: list[dict[str, Any]] = [
        {"overrides": list(job.overrides), **origin(job, key, command.config_dir, implied)} for job in jobs
    ]
    if command.json:
        print_json(told if jobs[0].sweep else told[0])
        return 0
    from posecfg.terminal.layout import columns
    from posecfg.terminal.origins import page, title

    for one in told:
        heading = title(one["overrides"]) if jobs[0].sweep else ""
        sys.stdout.write(heading + page(one, columns()))
    return 0


def _again(command: Command, pattern: str) -> int:
    """Print for each job what is to be done with the clips of a name or pattern; 1 says that a run would refuse."""
    from posecfg.review.again import again

    jobs = compose(command.overrides, command.multirun, command.config_dir)
    told = []
    for job in jobs:
        with using(Settings.of(job.config)):
            told.append(again(job, pattern, bool(job.sweep), command.probe))
    if command.json:
        print_json(told if jobs[0].sweep else told[0])
    else:
        from posecfg.terminal.again import page
        from posecfg.terminal.layout import columns
        from posecfg.terminal.origins import title

        for one in told:
            sys.stdout.write((title(one["overrides"]) if jobs[0].sweep else "") + page(one, columns()))
    return 1 if any(one["refused"] for one in told) else 0
