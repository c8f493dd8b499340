"""What it costs to get at a segment of a long film: the first and the last of two hours, and opening it again for each.

    pip install -e '.[bench]'
    python benchmarks/segments.py [--minutes 120] [--segments 40] [--suffixes mp4 mkv] [--rounds 9]

A film is made for each suffix: 64 x 64, 25 frames/s, H.264 with a key frame every 5 s, as a video platform serves it.
First and last segments, 4 s long and as far behind a key frame, take turns; the time is from opening the film to its
first frame, and to the last. The first turn, in which a process gets to know a film, is said apart. Then the segments
of a ten-minute film of 640 x 360 are read one after another: how long until their first frames came, with the film
opened, the key frame found and everything between decoded, and what a frame costs in all (CPU time).
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.video import Video

FPS, GOP, LENGTH = 25, 125, 4.0
SMALL, USUAL = (64, 64), (640, 360)


def film(path: Path, minutes: float, size: tuple[int, int]) -> Path:
    """Make a film of moving noise."""
    noise = np.random.default_rng(0).integers(0, 256, (size[1] * 2, size[0] * 2, 3), np.uint8)
    noise = noise[: size[1]].repeat(2, axis=0)[: size[1]]
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "sc_threshold": "0"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.gop_size, stream.codec_context.time_base = GOP, Fraction(1, FPS)
        pictures = [
            av.VideoFrame.from_ndarray(np.ascontiguousarray(noise[:, n : n + size[0]])).reformat(format="yuv420p")
            for n in range(0, size[0], 8)
        ]
        for number in range(round(minutes * 60 * FPS)):
            picture = pictures[number % len(pictures)]
            picture.pts = number
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))
    return path


def read(path: Path, start: float) -> tuple[np.ndarray, int]:
    """Return (wall, CPU) seconds to the first frame and to the last, (2, 2), and how many frames there are."""
    wall, cpu = time.perf_counter(), time.process_time()
    marks, frames = [], 0
    for batch in Video(Clip("segment", path, start=start, end=start + LENGTH), All()):
        if not frames:
            marks.append((time.perf_counter() - wall, time.process_time() - cpu))
        frames += len(batch)
    marks.append((time.perf_counter() - wall, time.process_time() - cpu))
    return np.array(marks), frames


def ends(path: Path, minutes: float, rounds: int) -> str:
    """Let the first and the last segment take turns."""
    places = {"first": GOP / FPS + 0.5, "last": minutes * 60 - GOP / FPS + 0.5}
    found: dict[str, list[np.ndarray]] = {name: [] for name in places}
    for _ in range(rounds + 1):
        for name, start in places.items():
            times, frames = read(path, start)
            if frames != round(LENGTH * FPS):
                sys.exit(f"{path}: the {name} segment has {frames} frames")
            found[name].append(times)
    once = f"the first time {found['last'][0][0, 0] * 1000:.0f} ms to the first frame of the last"
    middle = {name: np.median(times[1:], axis=0) * 1000 for name, times in found.items()}
    said = [f"{name} {m[0, 0]:6.1f} ms to its first frame, {m[1, 0]:6.1f} ms in all" for name, m in middle.items()]
    ratio = statistics.median(last[1, 1] / first[1, 1] for first, last in list(zip(*found.values(), strict=True))[1:])
    return f"  {path.suffix}: {'; '.join(said)}; the last costs {ratio:.2f} times as much CPU time; {once}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--segments", type=int, default=40)
    parser.add_argument("--suffixes", nargs="+", default=["mp4", "mkv"])
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        print(f"a film of {asked.minutes:g} minutes, segments of {LENGTH:g} s, medians of {asked.rounds} turns:")
        for suffix in asked.suffixes:
            long = film(Path(name) / f"long.{suffix}", asked.minutes, SMALL)
            print(ends(long, asked.minutes, asked.rounds), flush=True)
        print(
            f"{asked.segments} neighbouring segments of ten minutes, {USUAL[0]} x {USUAL[1]}, the film opened for each:"
        )
        for suffix in asked.suffixes:
            usual = film(Path(name) / f"usual.{suffix}", 10, USUAL)
            step = (600 - LENGTH) / asked.segments
            times = np.array([read(usual, 0.3 + number * step)[0][:, 1] for number in range(asked.segments)])
            first, whole = times.sum(axis=0)
            each = whole / (asked.segments * LENGTH * FPS) * 1000
            print(f"  .{suffix}: {first / asked.segments * 1000:.1f} ms to a first frame, {each:.2f} ms a frame in all")


if __name__ == "__main__":
    main()
