"""States of SLURM's tasks, and what they mean for clips and for a run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from posecfg.errors import ConfigError
from posecfg.executors.yard import End

ENDED = frozenset(
    {
        *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED"),
        *("REVOKED", "TIMEOUT"),
    }
)
COMING = frozenset({"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "SUSPENDED"})
# Reasons for which a task waits until somebody changes it.
ENDLESS = re.compile(
    r"PartitionTimeLimit|PartitionNodeLimit|BadConstraints|DependencyNeverSatisfied|Invalid(Account|QOS)|"
    r"Assoc(iationTimeLimit|Max(Cpu|Node|Mem|GRES)PerJobLimit|MaxWallDurationPerJobLimit)|"
    r"QOS(TimeLimit|Max(Cpu|Node|Memory|GRES)PerJob(Limit)?|MaxWallDurationPerJobLimit)|MaxMemPerLimit|JobHeld\w+"
)
LIMIT_ENDS = 2
"""How often the time limit may end a task while it has a clip, until that is taken for too long."""


@dataclass(frozen=True)
class State:
    """The state of one task, why it waits, and how it exited."""

    name: str
    reason: str = ""
    code: str = ""
    limit: str = ""

    def is_endless(self) -> bool:
        """Tell whether the task waits for what never comes."""
        return self.name == "PENDING" and ENDLESS.fullmatch(self.reason) is not None

    def end(self, task: str) -> End | None:
        """Return what the end of the task says of the clip that it had; None while it may go on."""
        if self.name in ("RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING", "STOPPED"):
            return None
        if self.name == "OUT_OF_MEMORY":
            return End("SLURM ended its task for lack of memory: type a larger executor.mem=")
        if self.name == "TIMEOUT":
            why = f"the time limit of SLURM ({self.limit}) ended its task: type a larger executor.time="
            return End(why, blames=False, most=LIMIT_ENDS)
        return End(f"SLURM ended its task {task} ({self.name})", blames=False)


def ask(jobs: Sequence[str]) -> dict[str, State]:
    """Return the state of each task of some jobs, by its name; those that SLURM has forgotten are missing."""
    found: dict[str, State] = {}
    for job in jobs:
        done = run(["scontrol", "-o", "show", "job", job])
        for line in done.stdout.splitlines():
            words = dict(re.findall(r"(\w+)=(\S*)", line))
            if "JobId" in words:
                array = words.get("ArrayJobId")
                names = _indices(words.get("ArrayTaskId", ""))
                state = State(
                    *(words.get("JobState", ""), words.get("Reason", "").replace("None", "")),
                    *(words.get("ExitCode", ""), words.get("TimeLimit", "")),
                )
                found |= dict.fromkeys([f"{array}_{n}" for n in names] if array else [words["JobId"]], state)
    return found


def _indices(text: str) -> list[str]:
    """Return the numbers of tasks in a list such as 1,3-5%2."""
    found: list[str] = []
    for piece in text.partition("%")[0].split(","):
        first, _, last = piece.partition("-")
        if first.isdigit():
            found += map(str, range(int(first), int(last or first) + 1)) if (last or "0").isdigit() else []
    return found


def run(words: Sequence[str], script: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of SLURM; one that is not here is a ``ConfigError``."""
    try:
        return subprocess.run(words, input=script, capture_output=True, text=True, check=False, timeout=120)
    except FileNotFoundError as error:
        raise ConfigError(
            f"executor=slurm needs '{words[0]}', which is not here: type the command on a login node of the cluster."
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ConfigError(f"SLURM does not answer ('{words[0]}'): {error}.") from error
