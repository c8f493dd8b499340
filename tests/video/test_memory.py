"""Want of memory is told from damage by what is there when a decoder fails, in processes with a real limit."""

import subprocess
import sys

import pytest
from films import write

from posecfg.video.memory import ran_out

# Plays a film under a limit of some bytes above what the process has, after one mapping of a size.
PLAY = """
import mmap, resource, sys
from pathlib import Path
from posecfg.errors import ClipError
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.video import Video

mapped, more = int(sys.argv[2]), int(sys.argv[4])

def play(path):
    video = Video(Clip(id="film", path=Path(path)), All())
    try:
        held = [batch for batch in video]
    except ClipError as error:
        return type(error).__name__, str(error)
    return video.clock().status, ""

play(sys.argv[1])  # so that libraries are loaded
status = Path("/proc/self/status").read_text().splitlines()
(size,) = (int(line.split()[1]) * 1024 for line in status if line.startswith("VmSize:"))
resource.setrlimit(resource.RLIMIT_AS, (size + more, size + more))
if mapped:
    mmap.mmap(-1, mapped).close()
print(*play(sys.argv[3]))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to this limit")


def told(small, mapped, path, more):
    line = [sys.executable, "-c", PLAY, *(str(word) for word in (small, mapped, path, more))]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=True).stdout


def test_a_large_mapping_long_ago_does_not_make_want_of_memory_of_damage(film):
    assert not ran_out(1 << 20)
    assert told(film("one.mp4"), 0, film("corrupt.mp4"), 512 << 20) == "corrupt \n"
    assert told(film("one.mp4"), 510 << 20, film("corrupt.mp4"), 512 << 20) == "corrupt \n"


@pytest.mark.deep
@pytest.mark.parametrize("more", [16 << 20, 40 << 20])
def test_want_of_memory_is_never_damage_of_a_whole_film(tmp_path, film, more):
    path = write(tmp_path / "large.mp4", range(4), size=(3840, 2160), codec_options={"preset": "ultrafast"})
    assert told(film("one.mp4"), 0, path, more).startswith(f"ClipError Expected memory to decode {path}")


def test_a_trial_tells_what_cannot_be_had():
    assert ran_out(1 << 58)
