"""Whether what an executor needs beside Python is on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

RAY = os.environ.get("POSECFG_TEST_RAY", "")
"""The address of a cluster for tests; 127.0.0.1 in it hangs, as Ray takes another address for that."""
SHARED = ("slurm", "ray")
"""Engines of which all tests have the same one."""


@cache
def lack(option: str) -> str:
    """Return why an executor cannot be tried here; empty where it can."""
    if option == "slurm":
        if shutil.which("sbatch") is None or "SLURM_CONF" not in os.environ:
            return "SLURM is not set up: make test-engines does that"
        answer = subprocess.run(["sinfo", "-h"], capture_output=True, text=True, timeout=30, check=False)
        return answer.stderr.strip() if answer.returncode else ""
    if option == "ray":
        host, _, port = RAY.rpartition(":")
        if not host:
            return "no Ray cluster is set up: make test-engines does that"
        try:
            socket.create_connection((host, int(port)), 2).close()
        except OSError as error:
            return f"no Ray cluster answers at {RAY} ({error})"
    return ""


@contextmanager
def used(options: Sequence[str], alone: bool = False) -> Iterator[None]:
    """Use engines beside other tests, or ``alone``, as who strikes them does."""
    with ExitStack() as stack:
        for option in sorted(options):
            if "POSECFG_TEST_LOCKS" in os.environ and option in SHARED:
                import fcntl

                path = Path(os.environ["POSECFG_TEST_LOCKS"]) / f"{option}.lock"
                fcntl.flock(stack.enter_context(path.open("ab")), fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield
