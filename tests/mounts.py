"""One folder seen through two mounts, as two machines see a folder of a network disk: each has locks of its own."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

RUN = """
import sys
from posecfg.store import lease, lease_keeper
lease.EXPIRY, lease_keeper.BEAT = {expiry}, {beat}
from whole_runs import Spy, job_of
from posecfg.errors import PosecfgError
from posecfg.runs.run import run
class Slow(Spy):
    def event(self, event):
        super().event(event)
        print(*self.events[-1], flush=True)
        if self.events[-1] == ("started", {waits!r}):
            sys.stdin.readline()
    def say(self, text):
        print("said", text, flush=True)
try:
    report = run(job_of({out!r}, *{words!r}), Slow())
    print("ended", report.exit_code, report.error, flush=True)
except PosecfgError as error:
    print("refused", error, flush=True)
"""


@contextmanager
def two_mounts(folder):
    """Mount ``folder/disk`` twice with bindfs; skip where that cannot be done."""
    if not shutil.which("bindfs") or not (unmount := shutil.which("fusermount3") or shutil.which("fusermount")):
        pytest.skip("bindfs is not installed here")
    places = [folder / name for name in ("disk", "a", "b")]
    for place in places:
        place.mkdir()
    mounted = []
    try:
        for place in places[1:]:
            done = subprocess.run(["bindfs", str(places[0]), str(place)], capture_output=True, text=True)
            if done.returncode:
                pytest.skip(f"FUSE cannot mount here: {done.stderr.strip()}")
            mounted.append(place)
        yield places[1:]
    finally:
        for place in mounted:
            for _ in range(50):
                if subprocess.run([unmount, "-u", str(place)], capture_output=True).returncode == 0:
                    break
                time.sleep(0.1)


def started(out, *words, waits=None, expiry=1.0, beat=0.1):
    """Start a run in a process of its own, which prints its events; it waits for a line where a clip is begun."""
    code = RUN.format(out=str(out), words=words, waits=waits, expiry=expiry, beat=beat)
    here, pipe = Path(__file__).parent, subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe, text=True, cwd=here)


def heard(process, text):
    """Read what a run prints until a line with ``text``, and return that line."""
    for line in process.stdout:
        if text in line:
            return line
    raise AssertionError(f"{text!r} was never printed")
