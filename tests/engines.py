"""Whether what an executor needs beside Python is on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache


@cache
def lack(option: str) -> str:
    """Return why an executor cannot be tried here; empty where it can."""
    if option == "slurm":
        if shutil.which("sbatch") is None or "SLURM_CONF" not in os.environ:
            return "SLURM is not set up: make test-engines does that"
        answer = subprocess.run(["sinfo", "-h"], capture_output=True, text=True, timeout=30, check=False)
        return answer.stderr.strip() if answer.returncode else ""
    return ""
