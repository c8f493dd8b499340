"""Spread clips over a list of hosts that ssh reaches; the machine itself needs no ssh."""

from __future__ import annotations

import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from posecfg.errors import ConfigError
from posecfg.executors.crew import Crew
from posecfg.executors.gpus import SHARE
from posecfg.executors.protocol import Event, Mend
from posecfg.executors.remote.about import TASK
from posecfg.executors.remote.remote_yard import RemoteYard
from posecfg.executors.remote.starter import Call
from posecfg.executors.yard import End
from posecfg.pipeline.work import Setup, Work

HERE = ("localhost", socket.gethostname())
LINE = 200
"""Characters of what a host says that are passed on."""


class Hosts:
    """Runs clips on one worker for each of ``hosts``; a host that is named twice has two, which share its GPUs out.

    ``python`` is the interpreter there, this one's path by default; they reach this machine at ``address``.
    """

    def __init__(
        self,
        hosts: Sequence[str] = ("localhost",),
        timeout: float | None = None,
        python: str | None = None,
        address: str | None = None,
        silence: float = 60.0,
    ) -> None:
        self.hosts = list(hosts)
        if not self.hosts or not all(map(_is_name, self.hosts)):
            raise ConfigError("Expected executor.hosts to be names that ssh knows, such as [node1,node2,node2].")
        self.workers, self.timeout = len(self.hosts), timeout
        self.elsewhere = not set(HERE) & set(self.hosts)
        self.program = "" if set(self.hosts) <= set(HERE) else "ssh"
        self._python, self._address, self._silence = python, address, silence
        self._stopping = False

    @contextmanager
    def prepare(self, config: Mapping[str, Any], clips: int | None = None) -> Iterator[None]:
        """Refuse a machine that cannot reach hosts; agents are started when there are clips for them."""
        if self.program and shutil.which(self.program) is None:
            raise ConfigError("executor=hosts needs 'ssh', which is not here: install it, or name localhost alone.")
        yield

    def stop(self) -> None:
        """Let clips in flight finish, and start no more."""
        self._stopping = True

    def run(self, setup: Setup, works: Sequence[Work], mend: Mend) -> Iterator[Event]:
        """Yield events until every clip has its outcome."""
        yard = RemoteYard(SshAgents(self.hosts, self._python), self._address, self._silence)
        yield from Crew(yard, self.workers, self.timeout, lambda: self._stopping).run(setup, works, mend)


def _is_name(host: object) -> bool:
    """Tell whether ssh takes a word for a host: one with a space within would be two, of which one may be an option."""
    return isinstance(host, str) and host.isprintable() and len(host.split()) == 1 and host[0] not in "- "


class SshAgents:
    """Starts agents over ssh, each of which is told of the driver on its standard input."""

    def __init__(self, hosts: Sequence[str], python: str | None) -> None:
        self._hosts, self._python = hosts, python
        # Which of the agents of its machine each is, so that each works on another GPU.
        self._shares: dict[str, str] = {}
        self._agents: dict[str, subprocess.Popen[bytes]] = {}
        self._given_up: list[subprocess.Popen[bytes]] = []
        self.engine = f"hosts {', '.join(dict.fromkeys(hosts))}"

    def start(self, call: Call, count: int) -> None:
        """Start agents on the first ``count`` hosts."""
        self._call = call
        machines = ["" if host in HERE else host for host in self._hosts[:count]]
        for number, machine in enumerate(machines):
            task = f"{self._hosts[number]} {number}"
            self._shares[task] = f"{machines[: number + 1].count(machine)}/{machines.count(machine)}"
            self._start(task)

    def replace(self, task: str) -> None:
        """Start another agent on the host of one that is gone, unless that one came by itself."""
        if task not in self._agents:
            return
        self._given_up.append(self._agents[task])
        self._start(task)

    def _start(self, task: str) -> None:
        host, words = task.split()[0], [self._python or self._call.words[0], *self._call.words[1:], "-"]
        words = [
            "env",
            f"{TASK}={task}",
            f"{SHARE}={self._shares[task]}",
            *(f"{name}={value}" for name, value in self._call.environment.items()),
            *words,
        ]
        if host not in HERE:
            words = ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20", host, shlex.join(words)]
        self._call.logs.mkdir(parents=True, exist_ok=True)
        with self._log(task).open("ab") as log:
            # Ctrl-C is this process's to handle.
            process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)
        self._agents[task] = process
        assert process.stdin is not None
        with suppress(OSError), process.stdin as stream:
            stream.write(self._call.text.encode())

    def why(self, task: str) -> End | None:
        """Tell that an agent is gone."""
        process = self._agents.get(task)
        return None if process is None or process.poll() is None else End(f"{task.split()[0]} was lost", blames=False)

    def left(self) -> int:
        """Return how many agents run."""
        return sum(process.poll() is None for process in self._agents.values())

    def waiting(self) -> tuple[str, ...]:
        """Say which hosts could not be reached, or ended with an error: nothing more comes from these."""
        lost = [task for task, process in self._agents.items() if process.poll()]
        return tuple(f"{task.split()[0]} does not work: {said}" for task in lost if (said := self._said(task)))

    def nothing_left(self) -> str:
        """Say why agents ended, as the last of them said it, and where each tells it."""
        said = next(filter(None, map(self._said, reversed(self._agents))), "")
        last = f" The last one said: {said}" if said else ""
        return f"No host is left ({', '.join(dict.fromkeys(self._hosts))}): see {self._call.logs}/agent-*.log.{last}"

    def _said(self, task: str) -> str:
        """Return the last line of an agent's log, or of ssh."""
        with suppress(OSError):
            lines = self._log(task).read_text("utf-8", "replace").split("\n")
            return next((line.strip()[:LINE] for line in reversed(lines) if line.strip()), "")
        return ""

    def _log(self, task: str) -> Path:
        return self._call.logs / f"agent-{re.sub('[ /]', '-', task)}.log"

    def end(self) -> None:
        """End agents that did not hear that it is over."""
        for process in (*self._agents.values(), *self._given_up):
            process.kill()
            process.wait()
