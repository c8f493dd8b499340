"""Hold the frames of an exact rate against FFmpeg's own, hash by hash, on any films.

    python tools/exact_fps.py film.mp4 ... [--rate 60] [--ffmpeg PATH]

The witness is ``ffmpeg -vf fps=RATE:round=down``, where the program is on the PATH or named; else the same filter
inside PyAV. A film's last frame may differ in how often it is repeated: how long it is shown is not always known.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.filter import Graph

from posecfg.samplers.fps import Fps
from posecfg.types import Clip
from posecfg.video.video import Video

EIGHT_BIT = ("yuv420p", "yuvj420p", "yuv422p", "yuv444p")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--rate", type=Fraction, default=Fraction(60))
    parser.add_argument("--ffmpeg", default=shutil.which("ffmpeg"))
    asked = parser.parse_args()
    wrong = 0
    for film in asked.films:
        own = ours(film, float(asked.rate))
        other = of_program(asked.ffmpeg, film, asked.rate) if asked.ffmpeg else of_filter(film, asked.rate)
        both = min(len(own), len(other))
        differing = sum(one != another for one, another in zip(own[:both], other[:both], strict=True))
        wrong += differing
        print(f"{film.name}: {len(own)} rows, {len(other)} of FFmpeg, {differing} of {both} differ")
    return 1 if wrong else 0


def ours(film: Path, rate: float) -> list[str]:
    """Return the hash of the frame behind each row."""
    video = Video(Clip(film.stem, film), Fps(rate, mode="resample"))
    found = [_hash(shot.picture) for batch in video for shot in batch._shots]
    return [found[row] for row in video.rows]


def of_program(program: str, film: Path, rate: Fraction) -> list[str]:
    """Return the hashes that the program ffmpeg prints."""
    words = [program, "-v", "error", "-noautorotate", "-i", f"file:{film}", "-map", "0:v:0", "-fps_mode", "passthrough"]
    words += ["-vf", f"fps={rate}:round=down", "-f", "framehash", "-hash", "sha256", "-"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return [line.rpartition(",")[2].strip() for line in told.splitlines() if not line.startswith("#")]


def of_filter(film: Path, rate: Fraction) -> list[str]:
    """Return the hashes of what the filter inside PyAV gives; times begin at 0, as for the program."""
    with av.open(str(film)) as opened:
        stream = opened.streams.video[0]
        graph = Graph()
        steps = [graph.add_buffer(template=stream, time_base=stream.time_base)]
        steps += [graph.add("fps", f"fps={rate}:round=down"), graph.add("buffersink")]
        graph.link_nodes(*steps).configure()
        found: list[str] = []
        first: int | None = None
        pictures: list[Any] = [*opened.decode(stream), None]
        for picture in pictures:
            if picture is not None:
                first = picture.pts if first is None else first
                picture.pts -= first
            graph.push(picture)
            while True:
                try:
                    found.append(_hash(graph.pull()))
                except (av.BlockingIOError, av.EOFError):
                    break
    return found


def _hash(picture: Any) -> str:
    """Return the hash of a picture's planes, line by line without what is beside them."""
    sha = hashlib.sha256()
    if picture.format.name not in EIGHT_BIT:
        raise SystemExit(f"Expected 8-bit YUV, but got {picture.format.name}.")
    for plane in picture.planes:
        line = memoryview(plane)
        for row in range(plane.height):
            sha.update(line[row * plane.line_size : row * plane.line_size + plane.width])
    return sha.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
