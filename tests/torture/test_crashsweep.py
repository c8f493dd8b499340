"""A quick part of ``python tools/crashsweep.py``: what a strike at a file operation leaves, the next run mends."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(
        COMPILER is None or not sys.platform.startswith("linux"), reason="strikes need Linux and a C compiler"
    ),
]


def test_a_few_strikes_of_each_kind_leave_nothing_wrong():
    """The disk of the last 20 cannot be looked at for a moment, or for good."""
    words = [sys.executable, TOOLS / "crashsweep.py", "--few", "25", "20", "--seed", "3", "--no-workers"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "45 strikes, 0 faults" in done.stdout
