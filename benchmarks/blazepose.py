"""BlazePose over 1080p60 films: posecfg with two workers beside the plain script, in one run.

    pip install -e '.[blazepose,bench]' && pip install --no-deps mediapipe==0.10.21
    python benchmarks/blazepose.py FILM... [--seconds 50] [--rounds 3]

Script and posecfg take turns, as the speed of a machine drifts; each turn is a whole program, start-up included. Prints
frames/s of both, the ratio of each round and of all together, the steady rate, and the limit: the cores divided by the
CPU seconds that decoding and the model need for a frame, measured between the turns. Then it compares the arrays with
those of a plain MediaPipe loop over the same frames.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORKERS = 2

PLAIN = """
import sys, cv2, numpy as np, mediapipe as mp
for path in sys.argv[2:]:
    rows, film = [], cv2.VideoCapture(path)
    with mp.solutions.pose.Pose(model_complexity=1) as pose:
        while True:
            ok, image = film.read()
            if not ok:
                break
            found = pose.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)).pose_world_landmarks
            rows.append([[p.x, p.y, p.z, p.visibility] for p in found.landmark] if found else np.zeros((33, 4)))
    np.save(sys.argv[1] + "/" + path.rsplit("/", 1)[1] + ".npy", np.array(rows, np.float32))
"""

COST = """
import sys, time, av, json, mediapipe as mp
decode = model = 0.0
frames = 0
for path in sys.argv[1:]:
    with av.open(path) as film, mp.solutions.pose.Pose(model_complexity=1) as pose:
        film.streams.video[0].thread_type, film.streams.video[0].codec_context.thread_count = "SLICE", 1
        clock, images = time.process_time(), []
        for frame in film.decode(video=0):
            image = frame.to_ndarray(format="rgb24")
            decode += time.process_time() - clock
            clock = time.process_time()
            pose.process(image)
            model += time.process_time() - clock
            clock = time.process_time()
            frames += 1
print(json.dumps([decode / frames, model / frames]))
"""

SAME = """
import sys, av, numpy as np, mediapipe as mp
worst = 0.0
for path, ours in zip(sys.argv[1::2], sys.argv[2::2]):
    rows = []
    with av.open(path) as film, mp.solutions.pose.Pose(model_complexity=1) as pose:
        for frame in film.decode(video=0):
            image = np.ascontiguousarray(np.rot90(frame.to_ndarray(format="rgb24"), (frame.rotation // 90) % 4))
            found = pose.process(image).pose_world_landmarks
            rows.append([[p.x, p.y, p.z, p.visibility] for p in found.landmark] if found else np.zeros((33, 4)))
    plain, mine = np.array(rows, np.float32), np.load(ours)
    same = plain.shape == mine.shape and np.array_equal(plain, mine)
    print(f"  {path.rsplit('/', 1)[1]}: {len(mine)} frames, {'equal' if same else 'DIFFERENT'}")
"""


def run(command: list[str]) -> float:
    began = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr or done.stdout)
    return time.perf_counter() - began


def python(code: str, *words: str) -> list[str]:
    return [sys.executable, "-c", code, *words]


def ours(films: Path, out: Path) -> list[str]:
    settings = ["writer.npy.channels=[x,y,z,visibility]", "writer.npy.missing=zero", "persons.follow=false"]
    settings += ["bbox_thr=0.5", f"workers={WORKERS}", f"output_dir={out}"]
    return [sys.executable, "run.py", str(films), *settings]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--seconds", type=float, default=50.0, help="work for the script (default 50)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default 3)")
    options = parser.parse_args()
    sources = [film.resolve() for film in options.films]
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "plain").mkdir()
        once = run(python(PLAIN, str(home / "plain"), *map(str, sources)))
        films = spread(sources, home / "films", max(2, round(options.seconds / once)))
        script = python(PLAIN, str(home / "plain"), *(str(p) for p in sorted(films.iterdir())))
        rounds = [
            Round(script, ours(films, home / f"ours{n}"), home / f"ours{n}", sources) for n in range(options.rounds)
        ]
        report(rounds)
        pairs = [word for p in sources for word in (str(p), str(home / "ours0" / f"{p.stem}_000.npy"))]
        print("compared with a plain MediaPipe loop over the same frames:")
        print(subprocess.run(python(SAME, *pairs), capture_output=True, text=True, check=True).stdout, end="")


class Round:
    """One turn of each program, and what a frame costs before and after ours."""

    def __init__(self, script: list[str], command: list[str], folder: Path, sources: list[Path]) -> None:
        self.plain = run(script)
        before = cost(sources)
        self.ours = run(command)
        self.cpu = [sum(pair) / 2 for pair in zip(before, cost(sources), strict=True)]
        self.frames = sum(json.loads(p.read_text())["frames"] for p in (folder / ".posecfg/clips").rglob("*.json"))
        self.limit = min(WORKERS, os.cpu_count() or 1) / sum(self.cpu)
        self.steady = steady(folder)
        self.walls = {"script": self.plain, "posecfg": self.ours}


def spread(sources: list[Path], folder: Path, repeats: int) -> Path:
    folder.mkdir()
    for n in range(repeats):
        for source in sources:
            shutil.copy(source, folder / f"{source.stem}_{n:03d}{source.suffix}")
    return folder


def cost(sources: list[Path]) -> tuple[float, float]:
    """Return the CPU seconds that decoding and the model need for a frame."""
    done = subprocess.run(python(COST, *map(str, sources)), capture_output=True, text=True, check=True)
    decode, model = json.loads(done.stdout)
    return decode, model


def steady(folder: Path) -> float:
    """Return frames/s from when each worker has finished its first clip until the last clip is done."""
    clips = [json.loads(path.read_text()) for path in (folder / ".posecfg/clips").rglob("*.json")]
    clips.sort(key=lambda clip: clip["at"])
    frames = sum(clip["frames"] for clip in clips[WORKERS:])
    return frames / (clips[-1]["at"] - clips[WORKERS - 1]["at"])


def report(rounds: list[Round]) -> None:
    print(f"{rounds[0].frames} frames a turn, {WORKERS} workers, start-up included:")
    for turn in rounds:
        rates = [f"{name} {t:5.1f} s {turn.frames / t:6.1f} frames/s" for name, t in turn.walls.items()]
        share = f"steady {turn.steady:6.1f} of {turn.limit:6.1f} frames/s, {turn.steady / turn.limit:.0%} of the limit"
        print("  " + "   ".join([*rates, f"ratio {turn.plain / turn.ours:.2f}", share]))
    decode, model = (statistics.median(turn.cpu[k] for turn in rounds) * 1000 for k in (0, 1))
    ratio = sum(turn.plain for turn in rounds) / sum(turn.ours for turn in rounds)
    share = statistics.median(turn.steady / turn.limit for turn in rounds)
    print(f"CPU a frame, alone on the machine: decode {decode:.1f} ms, model {model:.1f} ms")
    print(f"all rounds: ratio {ratio:.2f}, steady state {share:.0%} of the limit (median)")


if __name__ == "__main__":
    main()
