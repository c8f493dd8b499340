"""What tells this process from all others, also from those of other machines that share a disk with it."""

from __future__ import annotations

import os
import re
import socket
from functools import cache

# Of a host in the name of a file.
_LONGEST = 40


def unique() -> str:
    """Return a part of a file's name that no other process has, whatever its host and number."""
    return _unique(os.getpid())


@cache
def _unique(pid: int) -> str:
    name = "-".join(re.findall(r"\w+", socket.gethostname(), re.ASCII))[:_LONGEST]
    return f"{name or 'host'}-{pid}-{os.urandom(4).hex()}"
