"""States of SLURM's tasks, and what they mean for clips and for a run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from posecfg.errors import ConfigError
from posecfg.executors.yard import End
from posecfg.text import sentence

ENDED = frozenset(
    {
        *("BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED"),
        *("REVOKED", "TIMEOUT", "FORGOTTEN"),
    }
)
"""States that a task does not leave by itself; SLURM forgets those that are over, some minutes later."""
COMING = frozenset({"PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_FED", "REQUEUE_HOLD", "SPECIAL_EXIT", "SUSPENDED"})
# Reasons for which a task waits until somebody changes it.
ENDLESS = re.compile(
    r"PartitionTimeLimit|PartitionNodeLimit|BadConstraints|DependencyNeverSatisfied|Invalid(Account|QOS)|"
    r"Assoc(iationTimeLimit|Max(Cpu|Node|Mem|GRES)PerJobLimit|MaxWallDurationPerJobLimit)|"
    r"QOS(TimeLimit|Max(Cpu|Node|Memory|GRES)PerJob(Limit)?|MaxWallDurationPerJobLimit)|MaxMemPerLimit|JobHeld\w+"
)


@dataclass(frozen=True)
class State:
    """The state of one task, why it waits, and how it exited."""

    name: str
    reason: str = ""
    code: str = ""
    limit: str = ""

    def is_put_back(self) -> bool:
        """Tell whether the task waits only because SLURM starts none again at once that it ended itself."""
        return self.name == "PENDING" and self.reason == "BeginTime"

    def is_endless(self) -> bool:
        """Tell whether the task waits for what never comes."""
        return self.name == "PENDING" and ENDLESS.fullmatch(self.reason) is not None

    def end(self, task: str) -> End | None:
        """Return what the end of the task says of the clip that it had; None while it may go on."""
        if self.name in ("RUNNING", "COMPLETING", "STAGE_OUT", "SIGNALING", "STOPPED"):
            return None
        if self.name in COMING:
            return End("SLURM took its task back to its queue", blames=False)
        if self.name == "FORGOTTEN":
            return End("its task is gone from SLURM", blames=False)
        if self.name == "OUT_OF_MEMORY":
            return End("SLURM ended its task for lack of memory: type a larger executor.mem=")
        if self.name == "TIMEOUT":
            why = f"it took longer than SLURM lets a task run ({self.limit}): type a larger executor.time="
            return End(why, blames=False, is_limit=True)
        return End(f"SLURM ended its task {task} ({self.name})", blames=False)


class NoAnswer(ConfigError):
    """SLURM's controller is away, or too busy to answer."""

    def __init__(self, why: str) -> None:
        super().__init__(f"SLURM does not answer ({why}): try again when 'scontrol ping' says that it is up.")


def ask(jobs: Sequence[str]) -> dict[str, State]:
    """Return the state of each task of some jobs, by its name; those that SLURM has forgotten are missing."""
    return parsed([line for job in jobs for line in lines_of(job)])


def parsed(lines: Sequence[str]) -> dict[str, State]:
    """Return the state of each task or job that lines of scontrol tell of, by its name."""
    found: dict[str, State] = {}
    for line in lines:
        # The first of a name: the last ones are of texts that a user chose.
        words = dict(reversed(re.findall(r"(\w+)=(\S*)", line)))
        if "JobId" in words:
            array = words.get("ArrayJobId")
            names = _indices(words.get("ArrayTaskId", ""))
            reason = words.get("Reason", "")
            state = State(
                *(words.get("JobState", ""), "" if reason == "None" else reason),
                *(words.get("ExitCode", ""), words.get("TimeLimit", "")),
            )
            found |= dict.fromkeys([f"{array}_{n}" for n in names] if array else [words["JobId"]], state)
    return found


def lines_of(job: str) -> list[str]:
    """Return what SLURM tells of each task of a job; nothing where it has forgotten the job."""
    done = run(["scontrol", "-o", "show", "job", job])
    if done.returncode and "Invalid job id" not in done.stderr:
        raise NoAnswer(said(done))
    return done.stdout.splitlines()


def said(done: subprocess.CompletedProcess[str]) -> str:
    """Return what a command of SLURM says of its failure, as one line."""
    return " ".join(re.sub(r"\w+: error: ", "", done.stderr).split()) or f"exit code {done.returncode}"


def _indices(text: str) -> list[str]:
    """Return the numbers of tasks in a list such as 1,3-5%2; SLURM itself has no larger ones than are read here."""
    found: list[str] = []
    for piece in text.partition("%")[0].split(","):
        if numbers := re.fullmatch(r"(\d{1,7})(?:-(\d{1,7}))?", piece, re.ASCII):
            found += map(str, range(int(numbers[1]), int(numbers[2] or numbers[1]) + 1))
    return found


def run(words: Sequence[str], script: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command of SLURM; one that is not here is a ``ConfigError``, one that does not end ``NoAnswer``."""
    try:
        done = subprocess.run(words, input=os.fsencode(script), capture_output=True, check=False, timeout=120)
    except FileNotFoundError as error:
        raise ConfigError(
            f"executor=slurm needs '{words[0]}', which is not here: type the command on a login node of the cluster."
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        late = isinstance(error, subprocess.TimeoutExpired)
        raise NoAnswer(f"'{words[0]}' does not end" if late else sentence(error)) from error
    # Names and banners are as others typed them: a byte that is no text must not cost the number of a job.
    texts = [said.decode("utf-8", "replace") for said in (done.stdout, done.stderr)]
    return subprocess.CompletedProcess(done.args, done.returncode, *texts)
