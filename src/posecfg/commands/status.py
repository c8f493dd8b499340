"""The verb ``status``: say how far the run in a folder is, or what a data set has of what it should have."""

from __future__ import annotations

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.config.compose import compose
from posecfg.errors import UsageError
from posecfg.review.status import status


def run(command: Command) -> int:
    """Print what is there by split and view; 1 says that files cannot be read. A path alone is one of runs."""
    if command.paths and set(command.overrides) <= command.implied.keys():
        from posecfg.commands import run_status

        return run_status.run(command)
    if command.watch:
        raise UsageError("--watch belongs to the folder of a run: type posecfg status outputs/latest --watch.")
    jobs = compose(command.overrides, command.multirun, command.config_dir)
    found = [status(job, command.stats) for job in jobs]
    if command.json:
        print_json(found if jobs[0].sweep else found[0])
    else:
        from posecfg.terminal.stock import show

        for one in found:
            show(one)
    return 1 if any(row["unreadable"] for one in found for row in one["rows"]) else 0
