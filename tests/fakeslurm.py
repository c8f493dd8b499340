"""Commands of SLURM whose tasks are processes of this machine, and whose accidents are written in a test.

``sbatch``, ``scontrol`` and ``scancel`` are scripts that call ``main``; what they share lies in files. They start in
longer than they take: ``run`` answers a test in its own process.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

SCRIPT = "#!{python} -IS\nimport sys\nsys.path.insert(0, {here!r})\nimport fakeslurm\n"
SCRIPT += "sys.exit(fakeslurm.main({folder!r}, {name!r}, sys.argv[1:]))\n"
AWAY = "{name}: error: Unable to contact slurm controller (connect failure)"


class FakeSlurm:
    """SLURM below a folder; ``reason`` lets new tasks wait, ``command`` is what they do in place of an agent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self._started: list[subprocess.Popen] = []

    def install(self, *names: str) -> None:
        """Write the commands."""
        for folder in (self.bin, self.folder / "tasks"):
            folder.mkdir(parents=True, exist_ok=True)
        for name in names or ("sbatch", "scontrol", "scancel"):
            here = str(Path(__file__).parent)
            text = SCRIPT.format(python=sys.executable, here=here, folder=str(self.folder), name=name)
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    def set(self, **values: str) -> None:
        """Change how the commands behave: ``refuses``, ``reason``, ``command``, ``down``, ``banner``."""
        self._write("ways.json", {**self.ways(), **values})

    def ways(self) -> dict[str, str]:
        return self._read("ways.json") or {}

    def asked(self, name: str) -> list[list[str]]:
        """Return the words of each call of a command."""
        with suppress(FileNotFoundError):
            lines = (self.folder / "calls.jsonl").read_text("utf-8").splitlines()
            return [words for called, *words in map(json.loads, lines) if called == name]
        return []

    def tasks(self) -> list[str]:
        """Name the tasks, the oldest first."""
        found = [path.stem for path in (self.folder / "tasks").glob("*.json")]
        return sorted(found, key=lambda name: [int(one) for one in name.split("_")])

    def states(self) -> dict[str, str]:
        return {name: self._state(self._task(name))[0] for name in self.tasks()}

    def end(self, name: str, state: str) -> None:
        """Let a task end as SLURM would end it."""
        self.change(name, state=state)
        pid = self._task(name).get("pid")
        with suppress(ProcessLookupError):
            if pid:
                os.killpg(pid, signal.SIGKILL)

    def change(self, name: str, **values: object) -> None:
        self._write(f"tasks/{name}.json", {**self._task(name), **values})

    def forget(self, name: str) -> None:
        (self.folder / "tasks" / f"{name}.json").unlink()

    def start(self, name: str) -> None:
        """Start a task that waits, or again one that was taken back."""
        task = self._task(name)
        code = self.folder / f"{name}.code"
        code.unlink(missing_ok=True)
        job, _, index = name.partition("_")
        own = {"SLURM_ARRAY_JOB_ID": job, "SLURM_ARRAY_TASK_ID": index, "SLURMD_NODENAME": f"node{index}"}
        with open(task["output"], "ab") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", f'/bin/sh "{task["script"]}"; echo $? > "{code}"'],
                env={**task["environment"], **own},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._started.append(process)
        self.change(name, pid=process.pid, state="", reason="")

    def close(self) -> None:
        """End all tasks."""
        for name in self.tasks():
            self.end(name, "CANCELLED")
        for process in self._started:
            process.wait()

    def run(self, words: Sequence[str], script: str = "") -> subprocess.CompletedProcess[str]:
        """Answer in the place of a process, as ``slurm_states.run`` does."""
        code, text = self.answer(words[0], list(words[1:]), script)
        return subprocess.CompletedProcess(words, code, "" if code else text, text if code else "")

    def answer(self, name: str, words: list[str], script: str) -> tuple[int, str]:
        """Do what one of the commands does; return its exit code, and what it prints, of a failure as an error."""
        with (self.folder / "calls.jsonl").open("a") as calls:
            calls.write(json.dumps([name, *words]) + "\n")
        if self.ways().get("down"):
            return 1, AWAY.format(name=name)
        if name == "sbatch":
            return self.submitted(words, script)
        if name == "scancel":
            return self.cancelled(words)
        if words[0] == "update":
            (task,) = [word.partition("=")[2] for word in words if word.startswith("JobId=")]
            self.change(task, reason="Priority")
            return 0, ""
        return self.shown(words[-1])

    def submitted(self, words: list[str], typed: str) -> tuple[int, str]:
        ways = self.ways()
        if text := ways.get("refuses"):
            return 1, f"sbatch: error: Batch job submission failed: {text}"
        values = dict(re.findall(r"^--([a-z-]+)=(.*)$", word)[0] for word in words if "=" in word)
        job = str(max([6, *(int(name.partition("_")[0]) for name in self.tasks())]) + 1)
        script = self.folder / f"{job}.sh"
        script.write_text(ways.get("command") or typed)
        environment = {"PATH": "/usr/bin:/bin"} if values.get("export") == "NONE" else dict(os.environ)
        for index in range(1, int(values["array"].partition("-")[2]) + 1):
            name = f"{job}_{index}"
            output = values["output"].replace("%A", job).replace("%a", str(index)).replace("%%", "%")
            task = {"script": str(script), "environment": environment, "output": output}
            self._write(
                f"tasks/{name}.json", {**task, "reason": ways.get("reason", ""), "limit": values.get("time", "")}
            )
            if not ways.get("reason"):
                self.start(name)
        return 0, f"{ways.get('banner', '')}{job}"

    def shown(self, job: str) -> tuple[int, str]:
        found = [name for name in self.tasks() if name.partition("_")[0] == job]
        if not found:
            return 1, "slurm_load_jobs error: Invalid job id specified"
        lines = []
        for name in found:
            task = self._task(name)
            state, code = self._state(task)
            lines.append(
                f"JobId={job} ArrayJobId={job} ArrayTaskId={name.partition('_')[2]} JobName=posecfg JobState={state} "
                f"Reason={task['reason'] or 'None'} Requeue=1 ExitCode={code}:0 TimeLimit={task['limit']} "
                f"Command=(null) StdOut={task['output']} Power= Comment=JobState=FAILED"
            )
        return 0, "\n".join(lines)

    def cancelled(self, words: list[str]) -> tuple[int, str]:
        for name in self.tasks():
            if name.partition("_")[0] in words and self._state(self._task(name))[0] in ("PENDING", "RUNNING"):
                self.end(name, "CANCELLED")
        return 0, ""

    def _state(self, task: dict[str, str]) -> tuple[str, int]:
        if task.get("state"):
            return task["state"], int(task.get("code", 0))
        if not task.get("pid"):
            return "PENDING", 0
        with suppress(FileNotFoundError):
            if text := (self.folder / f"{task['name']}.code").read_text():
                return "FAILED" if int(text) else "COMPLETED", int(text)
        return "RUNNING", 0

    def _task(self, name: str) -> dict:
        return {**(self._read(f"tasks/{name}.json") or {}), "name": name}

    def _read(self, name: str) -> dict | None:
        with suppress(FileNotFoundError):
            return json.loads((self.folder / name).read_text("utf-8"))
        return None

    def _write(self, name: str, values: dict) -> None:
        new = self.folder / f"{name}.{os.getpid()}.new"
        new.write_text(json.dumps(values))
        new.replace(self.folder / name)


def main(folder: str, name: str, words: list[str]) -> int:
    """Be one of the commands."""
    code, text = FakeSlurm(Path(folder)).answer(name, words, sys.stdin.read() if name == "sbatch" else "")
    print(text, end="\n" if text else "", file=sys.stderr if code else sys.stdout)
    return code


def wait_until(fact, seconds: float = 20.0):
    """Wait until something holds; return it."""
    end = time.monotonic() + seconds
    while not (found := fact()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
