"""Keypoint R-CNN: seconds that posecfg takes for a frame, beside the same network in torch.

    pip install -e '.[onnx]'
    python benchmarks/detectron2.py film.mp4 --native PYTHON [--kind r50] [--short 480] [--frames 3] [--threads 1]

The weights are random, of the published sizes. ``--native`` is a Python with torch; both get the same pictures in
turns, and their boxes and keypoints are compared. Times are CPU time of the fastest of three rounds, from the
network's input to keypoints.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av
import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "src"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from rcnnnets import published

from posecfg.detectors.rcnn.configs import ZOO, chosen
from posecfg.detectors.rcnn.network import Network

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = {"r50": "R_50_FPN_3x", "r101": "R_101_FPN_3x", "x101": "X_101_32x8d_FPN_3x"}
TORCH = f"""
import sys, time
sys.path.insert(0, {str(ROOT / "tests")!r})
import numpy as np, torch
from rcnntorch import Torch
torch.set_num_threads(int(sys.argv[2]))
data = np.load(sys.argv[1] + "/in.npz")
net = Torch(dict(np.load(sys.argv[1] + "/weights.npz")), int(sys.argv[3]), sys.argv[4] == "True")
for line in sys.stdin:
    row = line.strip()
    since = time.process_time()
    found = net(data[row], tuple(data["size" + row]), float(data["thr" + row]), 0.5, 100)
    took = time.process_time() - since
    np.savez(sys.argv[1] + "/out.npz", *found)
    print(took, flush=True)
"""


def pictures(film: str, count: int) -> list[np.ndarray]:
    with av.open(film) as opened:
        frames = [frame.to_ndarray(format="rgb24") for _, frame in zip(range(60), opened.decode(video=0), strict=False)]
    return frames[:: max(1, len(frames) // count)][:count]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("film")
    parser.add_argument("--native", required=True, help="a Python with torch")
    parser.add_argument("--kind", choices=CONFIGS, default="r50")
    parser.add_argument("--short", type=int, default=480)
    parser.add_argument("--frames", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--people", type=int, default=5)
    asked = parser.parse_args()
    config = next(name for name in ZOO if CONFIGS[asked.kind] in name)
    arrays, choice = published(asked.kind), chosen(config)
    groups, first = (choice.values[f"MODEL.RESNETS.{key}"] for key in ("NUM_GROUPS", "STRIDE_IN_1X1"))
    cv2.setNumThreads(asked.threads)
    since = time.process_time()
    net = Network(arrays, choice, cv2, asked.kind, "cpu", asked.threads)
    print(f"graphs made and opened in {time.process_time() - since:.1f} s of CPU time")
    look, given = net._look, {}

    def kept(picture):
        given.update(picture=picture, since=time.process_time())
        return look(picture=picture)

    net._look = kept

    def found(image, thr):
        seen = net.look(image, asked.short, 1333)
        boxes, scores = net.people(seen, thr, 0.5, 100)
        return seen, boxes, scores, *net.points(seen, boxes)

    images, data, thresholds = pictures(asked.film, asked.frames), {}, []
    for row, image in enumerate(images):
        # As many people as asked for: a threshold between two scores.
        seen, _, scores, *_ = found(image, 0.0)
        thresholds.append(float(scores[asked.people - 1 : asked.people + 1].mean()))
        data |= {str(row): given["picture"], f"size{row}": seen.size, f"thr{row}": thresholds[-1]}
    with tempfile.TemporaryDirectory() as name:
        np.savez(f"{name}/in.npz", **data)
        np.savez(f"{name}/weights.npz", **arrays)
        command = [asked.native, "-c", TORCH, name, str(asked.threads), str(groups), str(first)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            own, other, apart = [], [], []
            for row, image in enumerate(images):
                times = []
                for _ in range(3):
                    _, boxes, scores, xy, _ = found(image, thresholds[row])
                    mine = time.process_time() - given["since"]
                    child.stdin.write(f"{row}\n")
                    child.stdin.flush()
                    times.append((mine, float(child.stdout.readline())))
                own.append(min(mine for mine, _ in times))
                other.append(min(theirs for _, theirs in times))
                witness = list(np.load(f"{name}/out.npz").values())
                moved = np.abs(xy - witness[2] * seen.scale).max(axis=2)
                pixels = np.abs(boxes - witness[0]).max() if len(boxes) == len(witness[0]) else np.nan
                apart.append((pixels, np.abs(scores - witness[1]).max(), np.median(moved), (moved > 0.05).mean()))
            child.stdin.close()
    boxes, scores, middle, ties = np.max(apart, axis=0)
    print(
        f"posecfg {np.mean(own):.2f} s a frame, torch {np.mean(other):.2f} s: {np.mean(other) / np.mean(own):.2f} times"
    )
    print(
        f"apart: boxes {boxes:.4f} px, scores {scores:.0e}, keypoints {middle:.4f} px; {ties:.1%} of them above 0.05 px"
    )


if __name__ == "__main__":
    main()
