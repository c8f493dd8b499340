"""The verb ``plan``: say what a run would do, and what would stop it."""

from __future__ import annotations

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.config.compose import compose
from posecfg.models.settings import Settings, using
from posecfg.review.plan import plan
from posecfg.terminal.reading import Told


def run(command: Command) -> int:
    """Print the plan of each job; 1 says that a run would fail."""
    jobs = compose(command.overrides, command.multirun, command.config_dir)
    plans = []
    for job in jobs:
        with using(Settings.of(job.config)):
            plans.append(plan(job, bool(job.sweep), command.probe, Told() if command.inputs else None))
    if command.json:
        print_json(plans if jobs[0].sweep else plans[0])
    else:
        from posecfg.terminal.plans import show

        for one in plans:
            show(one)
    return 1 if any(one["problems"] for one in plans) else 0
