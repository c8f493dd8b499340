"""Logs of native libraries stay off the standard error of somebody else's program."""

import subprocess
import sys

PROGRAM = """
import os, sys
from posecfg.runtimes.native_logs import kept_off
print("before", file=sys.stderr)
with kept_off() as stream:
    os.write(2, b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\\n")
    os.write(2, b"W0000 00:00:1796057468.928143 1 some.cc:114] Feedback manager\\n")
    print("a warning of Python", file=sys.stderr)
    print("a bar", file=stream)
    os.write(2, b"terminate called\\n")
print("after", file=sys.stderr)
os.write(2, b"INFO: of somebody else\\n")
"""


def test_only_native_lines_are_left_out():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == [
        *("before", "a warning of Python", "a bar", "terminate called", "after", "INFO: of somebody else"),
    ]
