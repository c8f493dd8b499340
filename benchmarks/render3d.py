"""Frames a second of a film of poses in space, beside a matplotlib figure of the same poses.

    python -m venv FOLDER && FOLDER/bin/pip install matplotlib
    python benchmarks/render3d.py --matplotlib FOLDER/bin/python [--frames 200]

Pictures are 1200 x 600: a film of 600 x 600 with its people on it, and the scene. posecfg draws the pose on the picture
and beside it, as ``writer=render3d`` does. matplotlib keeps one figure, with ``imshow`` and 3D axes, and moves its
lines from frame to frame, as VideoPose3D's own program does; neither decodes or encodes. Times are CPU time of the
fastest of three, programs in turns. The last lines are a whole run of the writer over the same film, decoding twice and
encoding included, and its memory over a film that is ten times as long.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from films import write

from posecfg import skeletons
from posecfg.drawing.colors import BONES, JOINTS, color
from posecfg.drawing.people import Artist
from posecfg.refine.convert import convert
from posecfg.samplers.every import All
from posecfg.synthetic.figure import figure
from posecfg.types import Clip, Meaning, Person, PoseTrack
from posecfg.video.video import Video
from posecfg.writers.beside import Beside
from posecfg.writers.placing import Placing

ROOT = Path(__file__).resolve().parents[1]
SIZE, FPS, TIMES = (600, 600), 30.0, 10

FIGURE = """
import sys, time
try:
    import matplotlib
except ImportError:
    sys.exit(f"Expected {sys.executable} to have matplotlib: type {sys.executable} -m pip install matplotlib")
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
data = np.load(sys.argv[1])
images, world, flat, edges, right = (data[name] for name in ("images", "world", "flat", "edges", "right"))
plot = plt.figure(figsize=(12, 6), dpi=100)
left = plot.add_subplot(1, 2, 1)
left.axis("off")
shown = left.imshow(images[0], aspect="equal")
dots = left.scatter(*flat[0].T, 10, color="white", zorder=10)
bones = [left.plot(*flat[0, edge].T, color="pink")[0] for edge in edges]
scene = plot.add_subplot(1, 2, 2, projection="3d")
scene.view_init(elev=15, azim=70)
scene.set_xlim3d([-0.85, 0.85]); scene.set_ylim3d([-0.85, 0.85]); scene.set_zlim3d([0, 1.7])
scene.set_xticklabels([]); scene.set_yticklabels([]); scene.set_zticklabels([])
limbs = [scene.plot(*world[0, edge].T, c="red" if red else "black")[0] for edge, red in zip(edges, right)]
plot.tight_layout()
best = float("inf")
for _ in range(3):
    since = time.process_time()
    for image, points, pixels in zip(images, world, flat):
        shown.set_data(image)
        dots.set_offsets(pixels)
        for line, bone, edge in zip(limbs, bones, edges):
            line.set_data_3d(*points[edge].T)
            bone.set_data(*pixels[edge].T)
        plot.canvas.draw()
        picture = np.asarray(plot.canvas.buffer_rgba())
    best = min(best, (time.process_time() - since) / len(images))
assert picture.shape == (600, 1200, 4)
print(best)
"""


def lifted(frames: int) -> PoseTrack:
    """Return a person on Human3.6M's joints, in metres and in px."""
    coco = skeletons.load("coco17")
    found = figure(0, 0, np.arange(frames) / FPS, SIZE)
    ones = np.ones(frames, np.float32)
    track = PoseTrack(
        id=0,
        skeleton=coco,
        meaning=Meaning(xyz="metres, origin pelvis, x right, y down, z away from the camera"),
        xy=found.xy.astype(np.float32),
        scores=np.ones((frames, 17), np.float32),
        boxes=np.zeros((frames, 4), np.float32),
        box_scores=ones,
        valid=ones > 0,
        made=ones < 0,
        xyz=found.xyz.astype(np.float32),
    )
    return convert(track, skeletons.load("h36m17"))


def ours(track: PoseTrack, batches: list) -> float:
    """Return the seconds that posecfg takes for a picture."""
    artist = Artist([color(text) for text in JOINTS], [color(text) for text in BONES], None, None, 0.3)
    beside = Beside(Placing([track]), artist, SIZE[1], True)
    best = float("inf")
    for _ in range(3):
        since, row = time.process_time(), 0
        for frames in batches:
            for picture in frames.planes(beside.size(frames.size)):
                person = Person(0, track.skeleton, track.xy[row], track.scores[row])
                whole = beside(picture, frames.size, row, [person])
                row += 1
        best = min(best, (time.process_time() - since) / row)
    assert whole.size == (1200, 600)
    return best


def run(film: Path) -> tuple[float, float]:
    """Return seconds and peak memory (MB) of a whole run of the writer over a film."""
    with tempfile.TemporaryDirectory() as out:
        words = [f"dataset.path={film}", "detector=synthetic", "detector.xyz=true", "writer=[render3d]"]
        code = (
            "import resource, subprocess, sys, time; since = time.perf_counter();"
            "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); spent = time.perf_counter() - since;"
            "print(spent, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
        )
        command = [sys.executable, "-c", code, sys.executable, "run.py", *words, f"output_dir={out}"]
        told = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return float(told[0]), float(told[1]) * (1 if sys.platform == "darwin" else 1024) / 1e6


def compared(python: str, track: PoseTrack, batches: list) -> float:
    """Return the seconds that matplotlib takes for a picture."""
    placing = Placing([track])
    world = np.stack([placing.figures(row)[0].points for row in range(len(track))])
    right = ["right" in track.skeleton.keypoints[b] for _, b in track.skeleton.edges]
    with tempfile.TemporaryDirectory() as folder:
        images = np.concatenate([batch.rgb() for batch in batches])
        data = {"images": images, "world": world, "flat": track.xy, "edges": track.skeleton.edges, "right": right}
        np.savez(f"{folder}/poses.npz", **data)
        command = [python, "-c", FIGURE, f"{folder}/poses.npz"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr.strip().splitlines()[-1])
    return float(done.stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=200)
    parser.add_argument("--matplotlib", help="a Python with matplotlib")
    asked = parser.parse_args()
    track = lifted(asked.frames)
    with tempfile.TemporaryDirectory() as folder:
        film, longer = (
            write(Path(folder) / f"{times}.mp4", [n % 256 for n in range(asked.frames * times)], size=SIZE)
            for times in (1, TIMES)
        )
        batches = list(Video(Clip("film", film), All(), batch=8))
        own = ours(track, batches)
        if asked.matplotlib:
            other = compared(asked.matplotlib, track, batches)
            own = min(own, ours(track, batches))
            print(f"matplotlib   {1 / other:8,.1f} frames/s ({other * 1000:.1f} ms)")
        else:
            print("no --matplotlib PYTHON: python -m venv FOLDER && FOLDER/bin/pip install matplotlib makes one")
        ratio = f": {other / own:.0f} times" if asked.matplotlib else ""
        print(f"posecfg      {1 / own:8,.1f} frames/s ({own * 1000:.1f} ms){ratio}")
        short, long = run(film), run(longer)
    rate = asked.frames * (TIMES - 1) / (long[0] - short[0])
    print(f"whole run    {rate:8,.1f} frames/s, decoding twice and encoding included")
    print(f"memory       {short[1]:8,.0f} MB, {TIMES} times longer {long[1]:,.0f} MB ({long[1] / short[1] - 1:+.1%})")


if __name__ == "__main__":
    main()
