"""A quick part of ``python tools/sickdisk.py``: a disk that cannot be read is never taken for the end of a film."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import films
import pytest

TOOLS = Path(__file__).resolve().parents[2] / "tools"
COMPILER = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(
        COMPILER is None or not sys.platform.startswith("linux"), reason="failing reads need Linux and a C compiler"
    ),
]


def test_reads_that_fail_never_make_a_shorter_result(tmp_path):
    films.pictures(tmp_path / "films" / "stills", [f"{i:03}.png" for i in range(6)])
    typed = [sys.executable, TOOLS / "sickdisk.py", "--ranges", "2", "--films", tmp_path / "films"]
    done = subprocess.run(typed, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "12 cases, 0 faults" in done.stdout
