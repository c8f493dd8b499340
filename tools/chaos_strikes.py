"""What may be done to a run on several engines: kill, freeze, interrupt, cancel, preempt; each tells if it met one."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MARK = "POSECFG_CHAOS"
AGENT, WORKER = "posecfg.executors.remote.agent", "spawn_main"
FROZEN_SECONDS = (1.0, 9.0)


@dataclass
class Process:
    """A process of this machine, as /proc tells."""

    pid: int
    parent: int
    state: str
    words: str


def processes(marks: Iterable[str]) -> list[Process]:
    """Return the processes that have one of ``marks`` in their environment, which children inherit."""
    found, sought = [], {f"{MARK}={mark}".encode() for mark in marks}
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):
            if sought.isdisjoint((path / "environ").read_bytes().split(b"\0")):
                continue
            state, parent = (path / "stat").read_text().rpartition(")")[2].split()[:2]
            words = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            if state != "Z":
                found.append(Process(int(path.name), int(parent), state, words))
    return found


@dataclass
class Target:
    """The processes of runs that one of ``marks`` is in the environment of."""

    marks: Collection[str]
    chance: random.Random

    def others(self) -> list[Process]:
        """Return the processes of runs: not this one, nor those of engines."""
        return [one for one in processes(self.marks) if any(word in one.words for word in (AGENT, WORKER, "run.py"))]

    def pick(self, *kinds: str) -> int | None:
        """Return one process that is not stopped, and whose command has one of ``kinds``."""
        found = [one.pid for one in processes(self.marks) if any(k in one.words for k in kinds) and one.state != "T"]
        return self.chance.choice(sorted(found)) if found else None


Strike = Callable[[Target, subprocess.Popen[bytes]], bool]


def said(*words: str) -> str:
    """Return what a command prints."""
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60).stdout.strip()


def _kill(*kinds: str) -> Strike:
    def strike(target: Target, driver: subprocess.Popen[bytes]) -> bool:
        pid = target.pick(*kinds)
        with suppress(ProcessLookupError):
            if pid is not None:
                os.kill(pid, signal.SIGKILL)
                return True
        return False

    return strike


def _driver(target: Target, driver: subprocess.Popen[bytes]) -> bool:
    driver.kill()
    return True


def _away(target: Target, driver: subprocess.Popen[bytes]) -> bool:
    """Stop the driver for a while, as a laptop does that is closed; agents may take it for gone."""
    driver.send_signal(signal.SIGSTOP)
    time.sleep(target.chance.uniform(*FROZEN_SECONDS))
    driver.send_signal(signal.SIGCONT)
    return True


def _interrupt(target: Target, driver: subprocess.Popen[bytes]) -> bool:
    for _ in range(target.chance.randint(1, 2)):
        driver.send_signal(signal.SIGINT)
        time.sleep(0.2)
    return True


def _freeze(target: Target, driver: subprocess.Popen[bytes]) -> bool:
    """Stop an agent and its worker, or a worker of this machine; let them go on after a while."""
    pid = target.pick(AGENT) or target.pick(WORKER)
    if pid is None:
        return False
    family = [pid, *(one.pid for one in target.others() if one.parent == pid)]
    for one in family:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGSTOP)
    time.sleep(target.chance.uniform(*FROZEN_SECONDS))
    for one in family:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGCONT)
    return True


def _task() -> tuple[str, str] | None:
    """Return the job number of one task of SLURM that runs, and its node."""
    lines = said("squeue", "-h", "-r", "-n", "posecfg", "-t", "R", "-o", "%A %N").splitlines()
    return (lines[0].split()[0], lines[0].split()[1]) if lines else None


def _scancel(target: Target, driver: subprocess.Popen[bytes]) -> bool:
    found = _task()
    return found is not None and said("scancel", found[0]) is not None


def _preempt(target: Target, driver: subprocess.Popen[bytes]) -> bool:
    found = _task()
    if found is None:
        return False
    words = ("-p", "urgent", "--exclusive", "-w", found[1], "-t", "1", "-o", "/dev/null", "--wrap", "sleep 1")
    said("sbatch", "-J", "urgent", *words)
    return True


def _node(target: Target, driver: subprocess.Popen[bytes]) -> bool:
    """Kill the daemon of a node, its step and its agent; start the daemon again."""
    found = _task()
    if found is None:
        return False
    folder = Path(os.environ["SLURM_CONF"]).parent
    steps = [int(pid) for pid in said("pgrep", "-f", rf"slurmstepd: \[{found[0]}\.").split()]
    for pid in [int((folder / f"{found[1]}.pid").read_text()), *steps, target.pick(AGENT)]:
        with suppress(ProcessLookupError, TypeError):
            os.kill(pid, signal.SIGKILL)
    time.sleep(1.0)
    said("slurmd", "-N", found[1])
    return True


def _raylet(target: Target, driver: subprocess.Popen[bytes]) -> bool:
    """Kill the daemon of one node of Ray, not that of its head."""
    pid = target.chance.choice(json.loads(Path(os.environ["POSECFG_TEST_RAYLETS"]).read_text())["raylets"])
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
        return True
    return False


STRIKES: dict[str, Strike] = {
    "worker": _kill(WORKER),
    "agent": _kill(AGENT),
    "freeze": _freeze,
    "driver": _driver,
    "away": _away,
    "interrupt": _interrupt,
    "scancel": _scancel,
    "preempt": _preempt,
    "node": _node,
    "actor": _kill("ray::PosecfgAgent"),
    "raylet": _raylet,
}
EACH = {
    "local": ("worker", "freeze", "driver", "away", "interrupt"),
    "hosts": ("worker", "agent", "freeze", "driver", "away", "interrupt"),
    "slurm": ("worker", "agent", "freeze", "driver", "away", "interrupt", "scancel", "preempt", "node"),
    "ray": ("worker", "agent", "freeze", "driver", "away", "interrupt", "actor", "raylet"),
}
