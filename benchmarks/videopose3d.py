"""Frames a second of lifting whole films with VideoPose3D, beside the same network frame by frame, and beside torch.

    pip install -e '.[onnx]'
    python benchmarks/videopose3d.py [--frames 10000] [--single 200] [--native PYTHON]

The weights are random, of the published size, and everything runs on one thread without flip averaging. Frame by frame,
each frame is lifted from its own window of 243, as a camera would have it; ``--single`` of them are timed. With
``--native``, a Python with torch runs the network as its description has it over the same numbers. Times are CPU time
of the fastest of three, programs in turns; the results are compared.
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

from temporalnets import weights

from posecfg.lifters import temporal, videopose3d
from posecfg.runtimes.onnx import Session

TORCH = """
import sys, time
import numpy as np, torch
torch.set_num_threads(1)
data = dict(np.load(sys.argv[1]))
rows = torch.from_numpy(data.pop("rows"))
one = {name: torch.from_numpy(array) for name, array in data.items()}
def norm(x, name):
    got = [one[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")]
    return torch.relu(torch.nn.functional.batch_norm(x, *got))
def run(x):
    conv = torch.nn.functional.conv1d
    x = norm(conv(x, one["expand_conv.weight"]), "expand_bn")
    for block in range(4):
        step = 3 ** (block + 1)
        inner = norm(conv(x, one[f"layers_conv.{2 * block}.weight"], dilation=step), f"layers_bn.{2 * block}")
        inner = norm(conv(inner, one[f"layers_conv.{2 * block + 1}.weight"]), f"layers_bn.{2 * block + 1}")
        x = x[:, :, step:-step] + inner
    return conv(x, one["shrink.weight"], one["shrink.bias"])
with torch.inference_mode():
    best = float("inf")
    for _ in range(3):
        since = time.process_time()
        out = run(rows)
        best = min(best, time.process_time() - since)
np.save(sys.argv[2], out.numpy())
print(best)
"""


def best(call) -> tuple[float, np.ndarray]:
    found = []
    for _ in range(3):
        since = time.process_time()
        result = call()
        found.append(time.process_time() - since)
    return min(found), result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=10_000)
    parser.add_argument("--single", type=int, default=200)
    parser.add_argument("--native", help="a Python with torch")
    asked = parser.parse_args()
    arrays = weights(width=1024, counts=False)
    network = videopose3d.Network(temporal.built(arrays), "random weights", "cpu", 1)
    alone = Session(temporal.built(arrays, paired=False).graph, "random weights", "cpu", 1)
    draw = np.random.default_rng(1)
    rows = (draw.normal(0, 0.3, (1, 17, 2)) + draw.normal(0, 0.01, (asked.frames, 17, 2)).cumsum(axis=0)).clip(-1, 1)
    reach = (243 - 1) // 2
    padded = np.pad(rows, ((reach, reach), (0, 0), (0, 0)), mode="edge").astype(np.float32)

    def one_by_one() -> np.ndarray:
        flat = padded.reshape(1, len(padded), -1)
        windows = (np.ascontiguousarray(flat[:, t : t + 243]) for t in range(asked.single))
        return np.concatenate([alone(window)[0] for window in windows], axis=1)

    whole, lifted = best(lambda: network(rows[None])[0])
    single, slowly = best(one_by_one)
    speed, slow = asked.frames / whole, asked.single / single
    apart = np.abs(lifted[: asked.single].reshape(asked.single, -1) - slowly[0]).max()
    print(f"whole film     {speed:8,.0f} frames/s ({asked.frames:,} frames)")
    print(
        f"frame by frame {slow:8,.0f} frames/s ({asked.single:,} frames): {speed / slow:.0f} times; {apart:.0e} apart"
    )
    if not asked.native:
        print("no --native PYTHON: torch is left out")
        return
    with tempfile.TemporaryDirectory() as name:
        flat = padded.reshape(1, len(padded), -1).transpose(0, 2, 1)
        np.savez(f"{name}/in.npz", rows=np.ascontiguousarray(flat), **arrays)
        command = [asked.native, "-c", TORCH, f"{name}/in.npz", f"{name}/out.npy"]
        took = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        apart = np.abs(np.load(f"{name}/out.npy")[0].T - lifted.reshape(asked.frames, -1)).max()
    print(f"torch          {asked.frames / took:8,.0f} frames/s: {took / whole:.2f} times; {apart:.0e} apart")


if __name__ == "__main__":
    main()
