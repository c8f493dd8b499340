"""The verb ``stop``: ask the run in a folder to stop, from any machine that has the folder, and wait until it has."""

from __future__ import annotations

import os
import re
import shlex
import sys
import time
from pathlib import Path
from typing import Any

from posecfg.commands.command import Command
from posecfg.commands.output import print_json
from posecfg.errors import UsageError
from posecfg.review.queued_jobs import cancelled
from posecfg.review.run_folders import run_folders
from posecfg.review.stopping import Stop, Target, targets, works
from posecfg.review.watching import LOOK, Watch
from posecfg.text import count, printable

USAGE = "stop takes one folder, that of a run at work: posecfg stop outputs/latest"


def run(command: Command) -> int:
    """Stop the run, or the shards, at work in a folder; 0 says that it has ended."""
    if len(command.words) != 1:
        raise UsageError(f"{USAGE} [--now] [--part 1/4].")
    if command.part is not None and not re.fullmatch(r"[1-9]\d*/[1-9]\d*", command.part):
        raise UsageError(f"--part: expected a shard such as 1/4, but got '{command.part}'.")
    root = Path(os.path.expanduser(command.words[0]))
    watch = Watch(run_folders(root, "stop"))
    found = watch.settled()
    jobs = cancelled(found, command.part)
    if not command.json:
        for job in jobs:
            _say(f"SLURM job {job.job}, in which no run was at work, is cancelled; type its command again to go on.")
    chosen = [] if jobs and not works(found) else targets(found, command.part)
    stop = Stop(chosen, command.now)
    waited = _wait(watch, stop, command)
    code = 0 if all(target.has_ended for target in stop.targets) else 1
    if command.json:
        runs, names = [_data(one) for one in stop.targets], [job.job for job in jobs]
        print_json({"folder": str(root), "runs": runs, "cancelled": names, "exit_code": code})
    elif waited:
        for one in stop.targets:
            _say(_outcome(one))
    return code


def _wait(watch: Watch, stop: Stop, command: Command) -> bool:
    """Show the runs until they have ended; False where the user does not wait for that."""
    from posecfg.terminal.watching import showing

    if not command.json:
        for one in stop.targets:
            _say(_asked(one, command))
    try:
        with showing(command.json) as show:
            while not stop.is_over:
                found = watch.look()
                stop.follow(found)
                show([folder for folder in found if any(folder.root == one.root for one in stop.targets)])
                time.sleep(LOOK)
    except KeyboardInterrupt:
        sys.stderr.write("The run was asked to stop, and does; only the waiting for it ended.\n")
        return False
    return True


def _asked(one: Target, command: Command) -> str:
    """Say of whom what was asked, and what is waited for."""
    state = one.last.state
    who = f"process {state.process.pid} on {state.process.host}"
    if not state.in_work:
        what = "it ends as soon as it reads that"
    elif command.now:
        what = f"it drops {count(state.in_work, 'clip')} in work"
    else:
        part = f" --part {command.part}" if command.part else ""
        now = f"posecfg stop {shlex.quote(command.words[0])}{part} --now"
        them = "it" if state.in_work == 1 else "them"
        what = f"it finishes {count(state.in_work, 'clip')} in work first ({now} drops {them})"
    return f"Asked {who} to stop: {what}."


def _outcome(one: Target) -> str:
    """Say how a run ended."""
    state, shard = one.last.state, f"Shard {one.last.shard}: the" if one.last.shard else "The"
    if one.lost:
        return f"{shard} run is gone: it died before it ended, or its folder was moved."
    how = "has stopped" if state.ended == "stopped" else "had come to its end"
    left = f", {count(state.left, 'clip')} left" if state.left else ""
    more = "; type its command again to go on" if state.left else ""
    return f"{shard} run {how}: {state.done:,} done by it{left}{more}."


def _data(one: Target) -> dict[str, Any]:
    return {**one.last.data(), "has_ended": one.has_ended}


def _say(text: str) -> None:
    from rich.text import Text

    from posecfg.terminal.console import literal, say

    say(literal(), Text(printable(text)))
