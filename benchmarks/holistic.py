"""MediaPipe Holistic over films: posecfg with two workers beside pose-format's own program, in one run.

    pip install -e '.[blazepose,bench]' && pip install --no-deps mediapipe==0.10.21
    python -m venv theirs && theirs/bin/pip install pose-format 'protobuf<7' opencv-python-headless absl-py attrs \
        flatbuffers matplotlib && theirs/bin/pip install --no-deps mediapipe==0.10.21
    python benchmarks/holistic.py FILM... --theirs theirs/bin [--rounds 3] [--copies 1]

Both make a .pose file of each film with the same options of the graph, two processes, and take turns, as the speed of a
machine drifts; each turn is a whole program, start-up included. Prints frames a second and CPU time a frame of both,
their ratios, and the limit: what the graph alone costs a frame, measured between the turns on each core. Then it
compares the points of both, first as they are, and then with those of `mp.solutions` started anew for each film.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2
POINTS, METRES = 576, slice(543, 576)
HANDS = slice(501, 522), slice(522, 543)
# Metres from the hips that nobody reaches.
FAR = 5.0

GRAPH = """
import json, sys, time
from pathlib import Path
import av
from posecfg.detectors.holistic import Holistic
detector, spent, frames = Holistic(), 0.0, 0
for path in sys.argv[1:]:
    with av.open(path) as film:
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    with detector._graph.start(static=False, smooth=True) as feed:
        feed(pictures[0], 1)
        clock = time.process_time()
        for number, picture in enumerate(pictures[1:]):
            feed(picture, 33333 * (number + 1))
        spent += time.process_time() - clock
        frames += len(pictures) - 1
print(json.dumps(spent / frames))
"""

AFRESH = """
import sys, av, numpy as np, mediapipe as mp
names = ("pose_landmarks", 33), ("face_landmarks", 468), ("left_hand_landmarks", 21), ("right_hand_landmarks", 21)
for path in sys.argv[2:]:
    rows = []
    with av.open(path) as film, mp.solutions.holistic.Holistic(model_complexity=1) as holistic:
        for frame in film.decode(video=0):
            found = holistic.process(frame.to_ndarray(format="rgb24"))
            size, parts = np.array([frame.width, frame.height, 1]), []
            for name, count in (*names, ("pose_world_landmarks", 33)):
                part = getattr(found, name)
                scale = size if "world" not in name else 1
                xyz = [(p.x, p.y, p.z) for p in part.landmark] if part else [(np.nan,) * 3] * count
                parts.append(np.array(xyz) * scale)
            rows.append(np.concatenate(parts))
    np.save(sys.argv[1] + "/" + path.rsplit("/", 1)[1] + ".npy", np.array(rows, np.float32))
"""


def timed(command: list[str], folder: Path) -> tuple[float, float]:
    """Run a command and return its seconds by the clock and of the processors, its processes' included."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stderr or done.stdout)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def graph(films: list[Path]) -> float:
    """Return the CPU seconds of the graph for a frame, with all cores at work."""
    command = [sys.executable, "-c", GRAPH, *map(str, films)]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True) for _ in range(WORKERS)]
    answers = [process.communicate() for process in running]
    if any(process.returncode for process in running):
        sys.exit(answers[0][1])
    return statistics.fmean(json.loads(out) for out, _ in answers)


def points(file: Path) -> np.ndarray:
    """Return the points (T, 576, 3) of the one person of a .pose file, NaN where masked; the last are in metres."""
    data, place = file.read_bytes(), 0

    def take(form: str) -> tuple:
        nonlocal place
        place += struct.calcsize("<" + form)
        return struct.unpack_from("<" + form, data, place - struct.calcsize("<" + form))

    _, width, height, _, components = take("f4H")
    for _ in range(components):
        for _ in range(2):
            take(f"{take('H')[0]}s")
        names, limbs, colors = take("3H")
        for _ in range(names):
            take(f"{take('H')[0]}s")
        take(f"{2 * limbs + 3 * colors}H")
    _, frames, _ = take("fIH")
    values = np.frombuffer(data, "<f4", frames * POINTS * 3, place).reshape(frames, POINTS, 3).copy()
    confidence = np.frombuffer(data, "<f4", frames * POINTS, place + values.nbytes).reshape(frames, POINTS)
    values[confidence == 0] = np.nan
    if np.nanmax(np.abs(values[:, METRES, :2])) > FAR:
        # pose-format takes metres for shares of the picture.
        values[:, METRES, :2] /= (width, height)
    return values


def far(one: np.ndarray, other: np.ndarray) -> str:
    """Say how far points are apart, and in how many frames one alone has a hand or the face."""
    if one.shape != other.shape:
        return f"{len(one)} rows at even times for {len(other)} frames, not compared"
    there = np.isfinite(one).all(axis=2), np.isfinite(other).all(axis=2)
    apart = np.abs(one - other)[there[0] & there[1]].max(axis=1)
    alone = int((there[0] != there[1]).any(axis=1).sum())
    return f"{apart.max():.2g} px apart at most; {alone} frames in which one alone has a part"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--theirs", required=True, type=Path, help="folder of pose-format's programs")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default 3)")
    parser.add_argument("--copies", type=int, default=1, help="how often each film is there (default 1)")
    asked = parser.parse_args()
    sources, theirs = [film.resolve() for film in asked.films], asked.theirs.absolute()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        films = home / "films"
        films.mkdir()
        for source in sources:
            for copy in range(asked.copies):
                shutil.copy(source, films / f"{source.stem}_{copy}{source.suffix}")
        program = [str(theirs / "videos_to_poses"), "-d", str(films), "--num-workers", str(WORKERS)]
        program += ["--additional-config", "model_complexity=1"]
        found, limits = [], []
        for turn in range(asked.rounds):
            for made in films.glob("*.pose"):
                made.unlink()
            out = home / f"ours{turn}"
            ours = [sys.executable, "run.py", str(films), "detector=holistic", "persons.follow=false", "bbox_thr=0"]
            ours += ["writer=[pose]", f"workers={WORKERS}", "cache=off", f"output_dir={out}"]
            found.append((timed(program, home), timed(ours, ROOT)))
            limits.append(graph(sources))
        frames = sum(len(points(file)) for file in out.glob("*.pose"))
        report(found, limits, frames)
        compare(sources, films, out, theirs, home)


def report(found: list[tuple[tuple[float, float], tuple[float, float]]], limits: list[float], frames: int) -> None:
    """Print the turns, and all of them together."""
    print(f"{frames} frames a turn, {WORKERS} workers, start-up included:")
    for (wall, cpu), (own, used) in found:
        print(
            f"  pose-format {frames / wall:5.1f} frames/s {cpu / frames * 1e3:5.1f} ms   posecfg {frames / own:5.1f} "
            f"frames/s {used / frames * 1e3:5.1f} ms   {wall / own:.2f} times as fast, {used / cpu:.2f} of the CPU time"
        )
    sums = np.array(found).sum(axis=0)
    cost = statistics.median(limits)
    most = min(WORKERS, os.cpu_count() or 1) / cost
    print(
        f"all rounds: {sums[0, 0] / sums[1, 0]:.2f} times as fast, {sums[1, 1] / sums[0, 1]:.2f} of the CPU time; "
        f"the graph alone {cost * 1e3:.1f} ms a frame: at most {most:.1f} frames/s"
    )


def compare(sources: list[Path], films: Path, out: Path, theirs: Path, home: Path) -> None:
    """Print how far the points of both are apart, and from those of a graph that is new for each film."""
    subprocess.run(
        [str(theirs / "python"), "-c", AFRESH, str(home), *map(str, sources)], check=True, capture_output=True, cwd=home
    )
    for source in sources:
        ours, other = points(out / f"{source.stem}_0.pose"), points(films / f"{source.stem}_0.pose")
        afresh = np.load(home / f"{source.name}.npy")
        print(f"  {source.name}: mp.solutions afresh {far(ours, afresh)}")
        print(f"  {' ' * len(source.name)}  pose-format {far(ours, other)}")
        rates = [np.isfinite(one[:, hand]).all(axis=(1, 2)).mean() for hand in HANDS for one in (ours, other)]
        told = "left hand in {:.0%} of rows (pose-format {:.0%}), right hand in {:.0%} ({:.0%})".format(*rates)
        print(f"  {' ' * len(source.name)}  {told}")


if __name__ == "__main__":
    main()
