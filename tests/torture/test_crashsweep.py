"""A quick part of ``python tools/crashsweep.py``: what a strike at a file operation leaves, the next run mends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")

pytestmark = pytest.mark.skipif(
    COMPILER is None or not sys.platform.startswith("linux"), reason="strikes need Linux and a C compiler"
)


def sweep(*words):
    return subprocess.run(
        [sys.executable, TOOLS / "crashsweep.py", *words], capture_output=True, text=True, timeout=300
    )


def test_a_few_strikes_of_each_kind_leave_nothing_wrong():
    done = sweep("--few", "25", "--seed", "3", "--no-workers")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "25 strikes, 0 faults" in done.stdout


def test_a_disk_that_cannot_be_looked_at_for_a_moment_or_for_good_leaves_nothing_wrong():
    done = sweep("--few", "20", "--seed", "5", "--no-workers", "--looks")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "20 strikes, 0 faults" in done.stdout
