"""A process by name: the machine that it runs on, its number, and whether it lives, as far as that can be told here."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

LIVES, SUSPENDED, GONE, ELSEWHERE = "lives", "suspended", "gone", "elsewhere"


@dataclass(frozen=True)
class Process:
    """A process of a machine.

    ``machine`` stands for the start of the system and the container that its number counts in, ``born`` for the moment
    at which it began there: numbers come again. Both are "" where the system does not tell.
    """

    host: str = ""
    machine: str = ""
    pid: int = 0
    born: str = ""

    @classmethod
    def own(cls) -> Process:
        """Return this process."""
        return cls(socket.gethostname(), _machine(), os.getpid(), (_stat(os.getpid()) or ("", ""))[1])

    def is_here(self) -> bool:
        """Tell whether its number counts on this machine, in this container."""
        return (self.host, self.machine) == (socket.gethostname(), _machine())

    def life(self) -> str:
        """Tell whether it lives, is suspended or gone; of another machine, or another container, nothing is known."""
        if not self.is_here():
            return ELSEWHERE
        try:
            os.kill(self.pid, 0)
        except (ProcessLookupError, OverflowError):
            return GONE
        except OSError:
            pass  # that of another user
        seen = _stat(self.pid)
        if seen is None:
            return ELSEWHERE if self.born else LIVES
        state, born = seen
        if state in "ZX" or born != self.born:
            return GONE
        return SUSPENDED if state == "T" else LIVES


def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except (OSError, ValueError):
        return ""


def _stat(pid: int) -> tuple[str, str] | None:
    """Return the state of a process and the moment of its start; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return None
