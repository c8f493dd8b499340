"""What tells this process from all others, on this machine and on others that share a disk with it."""

from __future__ import annotations

import os
import re
import socket
import sys
from functools import cache
from pathlib import Path

# Of a host in the name of a file.
_LONGEST = 40


def host() -> str:
    """Return the name of this machine."""
    return socket.gethostname()


@cache
def machine() -> str:
    """Return what tells where a process number is this one's: the start of the machine, and the process namespace.

    It is empty where the system does not tell; then the name of the host has to do.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    except (OSError, ValueError):
        return ""


def started(pid: int) -> str | None:
    """Return when a process was started, as the system counts; "" where it does not tell, None if there is none."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except (OSError, OverflowError):
        pass  # it is another user's
    if sys.platform != "linux":
        return ""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    except (OSError, ValueError):
        return ""
    return None if state in "ZX" else fields[18]


def unique() -> str:
    """Return a part of a file's name that no other process has, whatever its host and number."""
    return _unique(os.getpid())


@cache
def _unique(pid: int) -> str:
    name = "-".join(re.findall(r"\w+", host(), re.ASCII))[:_LONGEST]
    return f"{name or 'host'}-{pid}-{os.urandom(4).hex()}"
