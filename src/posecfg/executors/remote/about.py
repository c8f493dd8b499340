"""What an agent tells of itself, and whether it fits the driver."""

from __future__ import annotations

import os
import platform
import socket
from collections.abc import Mapping
from typing import Any

from posecfg.version import __version__

TASK = "POSECFG_TASK"
"""The name by which what started an agent knows it, where it is not a task of SLURM."""
PARENT = "POSECFG_PARENT"
"""The process that started an agent, where the agent is to end with it."""


def about_here() -> dict[str, Any]:
    """Return what this process is: versions, the machine, and the task that it is of a batch system."""
    # The first task of an array has the number of the whole array: only the long name asks about one task.
    array, index = os.environ.get("SLURM_ARRAY_JOB_ID"), os.environ.get("SLURM_ARRAY_TASK_ID")
    task = os.environ.get(TASK) or (f"{array}_{index}" if array else os.environ.get("SLURM_JOB_ID", ""))
    return {
        "posecfg": __version__,
        "python": platform.python_version(),
        "host": os.environ.get("SLURMD_NODENAME") or socket.gethostname(),
        "pid": os.getpid(),
        "task": task,
    }


def misfit(about: Mapping[str, Any]) -> str | None:
    """Say what of an agent is another version than here; messages between them might mean other things."""
    here, there = about_here(), {name: str(about.get(name, "")) for name in ("posecfg", "python")}
    if there["posecfg"] != here["posecfg"]:
        return _other("posecfg", there["posecfg"], here["posecfg"])
    if _minor(there["python"]) != _minor(here["python"]):
        return _other("Python", there["python"], here["python"])
    return None


def _other(what: str, there: str, here: str) -> str:
    return f"it has {what} {there}, but this run is of {what} {here}: install the same there."


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]
