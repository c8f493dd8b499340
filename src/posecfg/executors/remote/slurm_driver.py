"""A command of posecfg as a job of SLURM: it goes back to the queue when its time is over."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from posecfg.executors.remote.slurm_submit import escaped, submit
from posecfg.executors.remote.slurm_submitted import LOG
from posecfg.executors.remote.starter import passed_on

NAME = "posecfg-driver"
WARNED_SECONDS = 120
STOPPED = 130
# SLURM warns the shell before the time limit: the run ends tidily then, and the job goes to the queue again.
SCRIPT = """#!/bin/sh
{names}{command} &
pid=$!
over=
trap 'over=1; kill -TERM $pid' USR1
trap 'kill -TERM $pid' TERM
code=0
while kill -0 $pid 2>/dev/null; do wait $pid; code=$?; done
if [ "$over" ] && [ $code = {stopped} ]; then
    scontrol requeue "$SLURM_JOB_ID"
    sleep 60
fi
exit $code
"""


def submitted(options: Mapping[str, object], words: Sequence[str], logs: Path) -> str:
    """Submit a command, and return the number of its job; what it prints goes to ``logs``."""
    logs.mkdir(parents=True, exist_ok=True)
    names = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in passed_on().items())
    script = SCRIPT.format(names=names, command=shlex.join(words), stopped=STOPPED)
    log = f"--output={escaped(logs)}/{LOG}%j.log"
    fixed = [f"--job-name={NAME}", log, f"--signal=B:USR1@{WARNED_SECONDS}", f"--chdir={os.getcwd()}"]
    return submit(fixed, options, script)
