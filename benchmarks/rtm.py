"""RTMDet with RTMPose or RTMW3D over ten segments: posecfg beside plain loops over the same models, in one run.

    pip install -e '.[onnx]'
    PYTHON benchmarks/rtm_weights.py FOLDER rtmdet_nano rtmpose_m          # PYTHON: an environment with OpenMMLab
    python benchmarks/rtm.py FILM... --graphs FOLDER [--native PYTHON] [--boxes rtmdet_nano] [--pose rtmpose_m]
        [--seconds 2] [--splits 2x1 1x2] [--rounds 3]

Each segment lasts ``--seconds``. The native loop reads a frame and gives it to inference_detector and
inference_topdown; the other runs the same graphs in ONNX Runtime with its default threads, one frame at a time. Both
look at one person in a frame, as posecfg does here. The programs take turns, start-up included; a split is workers x
threads of each, and the first is held against the limit: the cores divided by the CPU seconds of a frame, measured
between the turns with one thread on each core. At the end it says how far apart the keypoints are: what decodes the
films is not the same.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))

from rtm_plain import NATIVE, ONNX
from turns import ROOT, Command, Turn, python, report

from posecfg.models.trust import remember
from posecfg.types import Clip
from posecfg.video.opening import open_reel

SEGMENTS = 10
# Scores of random weights are low.
THRESHOLD = 0.05

COST = """
import json, sys, time
from pathlib import Path
from posecfg.detectors.topdown.rtmdet import RtmDet
from posecfg.detectors.topdown.shared import Shared
from posecfg.detectors.topdown.simcc2d import SimCC2D
from posecfg.detectors.topdown.simcc3d import SimCC3D
from posecfg.samplers.every import All
from posecfg.types import Clip
from posecfg.video.video import Video

boxes, pose, threshold = sys.argv[1:4]
find = RtmDet(boxes, score_thr=float(threshold), most=1, device="cpu")
look = SimCC3D(pose, device="cpu") if "3d" in pose else SimCC2D(pose, device="cpu")
cost, frames = dict.fromkeys(("decode", "pixels", boxes, pose), 0.0), 0
def lap(name, since):
    now = time.process_time()
    cost[name] += now - since
    return now
for path, start, end in zip(sys.argv[4::3], sys.argv[5::3], sys.argv[6::3]):
    since = time.process_time()
    for batch in Video(Clip("film", Path(path), "film", start=float(start), end=float(end)), All()):
        since = lap("decode", since)
        batch = Shared(batch)
        batch.rgb()
        since = lap("pixels", since)
        people = find(batch)
        since = lap(boxes, since)
        look(batch, people)
        since = lap(pose, since)
        frames += 1
print(json.dumps({name: seconds / frames for name, seconds in cost.items()}))
"""


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="+", type=Path)
    parser.add_argument("--graphs", type=Path, required=True, help="folder of NAME.onnx, and NAME.pth for --native")
    parser.add_argument("--native", help="the Python of an environment with OpenMMLab")
    parser.add_argument("--boxes", default="rtmdet_nano")
    parser.add_argument("--pose", default="rtmpose_m")
    parser.add_argument("--seconds", type=float, default=2.0, help="length of a segment (default 2)")
    parser.add_argument("--splits", nargs="+", default=["2x1"], metavar="WORKERSxTHREADS")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each (default 3)")
    return parser.parse_args()


def segments(films: list[Path], seconds: float) -> list[tuple[str, Path, float, float]]:
    """Return name, film, start and end of ten segments, spread over the films."""
    found = []
    for number in range(SEGMENTS):
        film, turn = films[number % len(films)], number // len(films)
        length = _length(film)
        turns = -(-(SEGMENTS - number % len(films)) // len(films))
        start = round(max(0.0, length - seconds) * turn / turns, 3)
        found.append((f"segment-{number:03d}", film, start, round(start + seconds, 3)))
    return found


def _length(film: Path) -> float:
    reel = open_reel(Clip(film.stem, film))
    try:
        return reel.info.duration or 0.0
    finally:
        reel.close()


def ours(asked: argparse.Namespace, table: Path, split: str, out: Path) -> Command:
    workers, threads = split.split("x")
    words = ["dataset=manifest", f"dataset.path={table}", f"dataset.videos={table.parent / 'films'}"]
    words += ["detector=rtmdet", f"detector/boxes={asked.boxes}", f"detector/pose={asked.pose}", "device=cpu"]
    # The loops follow no person: random weights find the best box now here, now there.
    words += ["detector.boxes.most=1", "persons.follow=false", f"bbox_thr={THRESHOLD}"]
    words += [f"workers={workers}", f"device.threads={threads}"]
    return [sys.executable, "run.py", *words, f"output_dir={out}"]


def compare(mine: Path, theirs: Path) -> str:
    """Say how many frames are the same, and how far apart their keypoints lie."""
    frames = people = 0
    apart: list[np.ndarray] = []
    for path in sorted(theirs.glob("*.npy")):
        plain, own = np.load(path)[..., :2], np.load(mine / path.name)[..., :2]
        if abs(len(plain) - len(own)) > 1:
            return f"{path.stem}: {len(own)} frames, but {len(plain)}"
        # Loops count frames, posecfg looks at their times: one at the end may belong to a segment for one of them only.
        plain, own = (points[: min(len(plain), len(own))] for points in (plain, own))
        there, here = (~np.isnan(points).all(axis=(1, 2)) for points in (plain, own))
        frames, people = frames + len(plain), people + int((there == here).sum())
        shared = np.linalg.norm(plain - own, axis=2)
        apart.append(shared[np.isfinite(shared)])
    found = np.concatenate(apart)
    return (
        f"{frames} frames, {people} with as many people, {len(found)} keypoints, "
        f"{(found < 1).mean():.1%} of them within 1 px, median {np.median(found):.3f} px"
    )


def main() -> None:
    asked = options()
    graphs = asked.graphs.resolve()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        os.environ |= {"POSECFG_MODELS": str(graphs), "XDG_CONFIG_HOME": str(home / "trust")}
        os.environ["PYTHONPATH"] = str(ROOT / "src")
        for network in (asked.boxes, asked.pose):
            remember(network, hashlib.sha256((graphs / f"{network}.onnx").read_bytes()).hexdigest())
        parts = segments([film.resolve() for film in asked.films], asked.seconds)
        (home / "films").mkdir()
        for _, film, _, _ in parts:
            (home / "films" / film.name).unlink(missing_ok=True)
            (home / "films" / film.name).symlink_to(film)
        table = home / "segments.csv"
        with table.open("w", newline="") as file:
            rows = [(title, film.stem, start, end) for title, film, start, end in parts]
            csv.writer(file).writerows([("SENTENCE_NAME", "VIDEO_NAME", "START", "END"), *rows])
        loops = {"onnx": python(ONNX)}
        if asked.native:
            loops = {"native": [asked.native, "-c", NATIVE], **loops}
        else:
            print("no --native PYTHON: the native loop is left out")
        words = {}
        for title in loops:
            (home / title).mkdir()
            kind = ".pth" if title == "native" else ".onnx"
            models = [str(graphs / f"{network}{kind}") for network in (asked.boxes, asked.pose)]
            words[title] = [str(home / title), *models, str(THRESHOLD), str(table), str(home / "films")]
        flat = [str(word) for _, film, start, end in parts for word in (film, start, end)]
        found = []
        for number in range(asked.rounds):
            folder = home / f"ours{number}"
            scripts = {title: [*loops[title], *words[title]] for title in loops}
            for split in asked.splits[1:]:
                scripts[f"posecfg {split}"] = ours(asked, table, split, home / f"{split}-{number}")
            command = ours(asked, table, asked.splits[0], folder)
            cost = python(COST, asked.boxes, asked.pose, str(THRESHOLD), *flat)
            found.append(Turn(scripts, command, folder, cost, int(asked.splits[0].split("x")[0])))
        report(found, int(asked.splits[0].split("x")[0]))
        for title in loops:
            print(f"compared with {title}: {compare(home / 'ours0', home / title)}")


if __name__ == "__main__":
    main()
