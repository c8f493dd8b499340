"""Time a sweep of thresholds beside one run at its lowest, and what the memory of detections costs and saves.

python benchmarks/sweep.py FOLDER --models DIR

FOLDER has films; detector=yolox looks at them, whose keypoints are MoveNet's. CPU time of all processes is measured, as
it does not depend on what else the machine does, and wall-clock time beside it. Every run must give every clip.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av

ROOT = Path(__file__).resolve().parents[1]
THRESHOLDS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
SWEEP = f"bbox_thr={','.join(map(str, THRESHOLDS))}"
MEMORY = "cache=memory"


@dataclass
class Bench:
    """Runs of posecfg over ``clips`` films; ``best`` has CPU seconds, wall-clock seconds and rows of each way."""

    words: list[str]
    clips: int
    best: dict[str, tuple[float, float, int]] = field(default_factory=dict)

    def run(self, name: str, place: Path, words: Sequence[str], jobs: int = 1) -> None:
        """Run a command in a folder, and keep the least that it took; stop where a clip or a job lacks."""
        began, spent = time.perf_counter(), _cpu()
        keys = {word.partition("=")[0] for word in words}
        base = [word for word in self.words if word.partition("=")[0] not in keys]
        command = [sys.executable, str(ROOT / "run.py"), *base, *words, "--json"]
        environment = {one: value for one, value in os.environ.items() if one != "PYTHONDONTWRITEBYTECODE"}
        done = subprocess.run(command, cwd=place, capture_output=True, text=True, env=environment)
        took = _cpu() - spent, time.perf_counter() - began
        if done.returncode:
            raise SystemExit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
        told = json.loads(done.stdout)
        found: list[dict[str, Any]] = told if isinstance(told, list) else [told]
        if [one["done"] for one in found] != [self.clips] * jobs:
            raise SystemExit(f"Expected {self.clips} clips of {jobs} jobs: {[one['done'] for one in found]}")
        self.best[name] = min(self.best.get(name, (1e9, 1e9, 0)), (*took, sum(one["frames"] for one in found)))

    def cpu(self, name: str) -> float:
        """Return the CPU seconds of one way."""
        return self.best[name][0]

    def report(self) -> None:
        """Print one line for each way."""
        for name, (spent, wall, rows) in self.best.items():
            print(f"{name:40} {spent:7.2f} CPU s {wall:7.2f} s {rows:7,} rows {rows / spent:8,.0f} rows/CPU s")


def _cpu() -> float:
    """Return the CPU seconds of all processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def joined(films: Sequence[Path], path: Path, frames: int) -> Path:
    """Write one film of so many frames, those of ``films`` over and over."""
    with av.open(str(path), "w") as out:
        stream = None
        number = 0
        while number < frames:
            for film in films:
                with av.open(str(film)) as source:
                    for frame in source.decode(video=0):
                        if stream is None:
                            stream = out.add_stream("libx264", rate=30, options={"preset": "ultrafast"})
                            stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
                        if number < frames:
                            frame.pts = None
                            out.mux(stream.encode(frame.reformat(stream.width, stream.height, "yuv420p")))
                        number += 1
        if stream is not None:
            out.mux(stream.encode())
    return path


def short(bench: Bench, rounds: int, singles: bool) -> None:
    """Measure a sweep beside single runs; ways take turns, so that a machine that grows busy favours none."""
    for number in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            bench.run("one run at the lowest, cache=off", Path(folder), ["bbox_thr=0.1", "cache=off"])
        with tempfile.TemporaryDirectory() as folder:
            bench.run("one run at the lowest, remembering", Path(folder), ["bbox_thr=0.1"])
        with tempfile.TemporaryDirectory() as folder:
            bench.run("a sweep of eight", Path(folder), ["-m", SWEEP], len(THRESHOLDS))
        if number == 0 and singles:
            with tempfile.TemporaryDirectory() as folder:
                for thr in THRESHOLDS:
                    bench.run(f"one run at {thr}, cache=off", Path(folder), [f"bbox_thr={thr}", "cache=off"])
    with tempfile.TemporaryDirectory() as folder:
        bench.run("one pose head", Path(folder), ["bbox_thr=0.1", MEMORY])
        bench.run(
            "another, whose boxes are remembered", Path(folder), ["bbox_thr=0.1", MEMORY, "detector.pose.padding=1.5"]
        )


def long(bench: Bench, place: Path) -> None:
    """Measure one long film: found, recalled, and drawn on its frames."""
    bench.run("long film, cache=off", place, ["output_dir=off", "cache=off"])
    bench.run("long film, remembering", place, ["output_dir=on", MEMORY])
    bench.run("long film, from the memory", place, ["output_dir=again", MEMORY])
    bench.run("long film, from the memory, overlay", place, ["output_dir=drawn", MEMORY, "writer=[overlay]"])
    bench.run("long film, no model, overlay", place, ["output_dir=none", "detector=synthetic", "writer=[overlay]"])
    bench.run("long film, no model", place, ["output_dir=decoded", "detector=synthetic", "cache=off"])


def main() -> None:
    """Print a line for each way, and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("films", type=Path)
    parser.add_argument("--models", type=Path, required=True, help="folder with yolox_nano.onnx and MoveNet")
    parser.add_argument("--glob", default="*.mkv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--frames", type=int, default=6000, help="frames of the long film")
    parser.add_argument("--singles", action="store_true", help="eight runs without memory, too")
    given = parser.parse_args()
    films = sorted(given.films.resolve().glob(given.glob))
    base = ["detector=yolox", f"models.dir={given.models.resolve()}", "workers=1", "video.threads=1"]
    some = Bench([f"dataset.path='{given.films.resolve() / given.glob}'", "dataset=folder", *base], len(films))
    short(some, given.rounds, given.singles)
    some.report()
    off, on = some.cpu("one run at the lowest, cache=off"), some.cpu("one run at the lowest, remembering")
    print(f"a sweep of eight costs {some.cpu('a sweep of eight') / off:.3f} of one run (line: 1.15)")
    print(f"remembering costs {100 * (on / off - 1):+.1f} % (line: +2 %)")
    if given.singles:
        every = sum(spent for name, (spent, _, _) in some.best.items() if name.startswith("one run at 0"))
        print(f"eight runs without memory cost {every / off:.2f} of one run")
    with tempfile.TemporaryDirectory() as folder:
        path = joined(films, Path(folder) / "long.mkv", given.frames)
        one = Bench([f"dataset.path='{path}'", "dataset=folder", *base], 1)
        long(one, Path(folder))
    one.report()
    first, again = one.cpu("long film, cache=off"), one.cpu("long film, from the memory")
    print(f"from the memory it is {first / again:.0f} times as fast (line: 50), starting included")
    drawn, least = (one.best[f"long film, {name}, overlay"][1] for name in ("from the memory", "no model"))
    print(f"drawn from the memory it takes {drawn / least:.2f} of what drawing alone takes, by the clock")


if __name__ == "__main__":
    main()
