"""Whether what an executor needs beside Python is on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from functools import cache

RAY = os.environ.get("POSECFG_TEST_RAY", "")
"""The address of a cluster for tests; 127.0.0.1 in it hangs, as Ray takes another address for that."""


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
