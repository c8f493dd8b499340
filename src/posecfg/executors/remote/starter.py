"""The contract of what starts agents: a batch system, Ray, or a list of hosts."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from posecfg.executors.yard import End


@dataclass(frozen=True)
class Call:
    """How an agent is started: the words of its command, without what tells it of the driver.

    That is the file at ``place``, or its ``text`` on standard input where - is the last word. ``environment`` is what
    it needs beside that of its machine, ``logs`` the folder for what it prints.
    """

    words: tuple[str, ...]
    place: Path
    text: str = field(repr=False)
    environment: dict[str, str]
    logs: Path


def passed_on() -> dict[str, str]:
    """Return what of the environment another machine needs to find posecfg as it is found here."""
    return {"PYTHONPATH": os.environ["PYTHONPATH"]} if os.environ.get("PYTHONPATH") else {}


class Starter(Protocol):
    """Starts agents on other machines; a task is the name that it has for one."""

    @property
    def engine(self) -> str:
        """How a user knows what runs the agents, such as 'SLURM job 123'."""

    def start(self, call: Call, count: int) -> None:
        """Start ``count`` agents; raise ``ConfigError`` where that is refused."""

    def replace(self, task: str) -> None:
        """Start another agent in the place of one that is gone, unless it comes back by itself."""

    def why(self, task: str) -> End | None:
        """Tell why an agent is gone; None where that is not known yet."""

    def left(self) -> int:
        """Return how many agents are there or may still come; a wait that never ends is a ``ConfigError``."""

    def waiting(self) -> tuple[str, ...]:
        """Return what is waited for, and why, in sentences."""

    def nothing_left(self) -> str:
        """Say why no agent is left."""

    def end(self) -> None:
        """End all agents that were started."""
