"""Hold 2D keypoints against something real: triangulate a person seen by calibrated cameras, and project them back.

    python run.py FILMS detector=movenet 'writer=[npz]' output_dir=OUT    # a film a camera
    python benchmarks/triangulation.py CALIBRATION.qca.txt OUT/cam01.npz OUT/cam02.npz ...
    python benchmarks/triangulation.py CALIBRATION.qca.txt OUT/*.npz --against POINTS.npz    # of posecfg triangulate

Cameras are those of a Qualisys calibration, in its order. Nothing here uses posecfg: only NumPy and the numbers of the
files. Printed is how far the projections are from the keypoints, and how steady the bones of the triangulated body are.
With --against, cameras are chosen for each point as Pose2Sim chooses them (fewest left out, 15 px at most), and points
are held against those of ``posecfg triangulate``.
"""

from __future__ import annotations

import argparse
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path

import numpy as np

LEAST = 0.3
# Px that a point may be from what its cameras saw, on average.
MOST = 15.0
BONES = {
    "upper arm": ((5, 7), (6, 8)),
    "forearm": ((7, 9), (8, 10)),
    "thigh": ((11, 13), (12, 14)),
    "shank": ((13, 15), (14, 16)),
}
# Qualisys' cameras look along -z with y up; pictures count y down.
TURNED = np.diag([1.0, -1.0, -1.0])


class Camera:
    """A camera with the lens model of OpenCV: ``seen`` projects points in metres to px, ``rays`` undoes the lens."""

    def __init__(self, node: ElementTree.Element) -> None:
        place, lens = node.find("transform").attrib, node.find("intrinsic").attrib
        axes = np.array([[float(place[f"r{i}{j}"]) for j in (1, 2, 3)] for i in (1, 2, 3)])
        self.turn = TURNED @ axes
        self.shift = -self.turn @ np.array([float(place[axis]) for axis in "xyz"]) / 1000
        # Qualisys counts 64 units a px.
        self.focal = np.array([float(lens[f"focalLength{axis}"]) for axis in "UV"]) / 64
        self.middle = np.array([float(lens[f"centerPoint{axis}"]) for axis in "UV"]) / 64
        self.bend = [float(lens[f"{kind}Distortion{n}"]) for kind, n in (("radial", 1), ("radial", 2))]
        self.skewed = [float(lens[f"tangentalDistortion{n}"]) for n in (1, 2)]

    def bent(self, xy):
        """Bend rays (N, 2) as the lens does."""
        x, y = xy.T
        square = x * x + y * y
        radial = 1 + self.bend[0] * square + self.bend[1] * square**2
        p1, p2 = self.skewed
        across = x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x)
        down = y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y
        return np.stack([across, down], axis=1)

    def rays(self, pixels):
        """Return the rays (N, 2) that the lens bends to ``pixels``."""
        wanted = (pixels - self.middle) / self.focal
        found = wanted.copy()
        for _ in range(20):
            found += wanted - self.bent(found)
        return found

    def seen(self, points):
        """Return the px (N, 2) of points (N, 3)."""
        inside = points @ self.turn.T + self.shift
        return self.bent(inside[:, :2] / inside[:, 2:]) * self.focal + self.middle

    @property
    def matrix(self):
        return np.concatenate([self.turn, self.shift[:, None]], axis=1)


def triangulated(cameras, pixels, scores):
    """Return points (N, 3) by linear least squares over the cameras that saw each, NaN where fewer than two did."""
    points = np.full((pixels.shape[1], 3), np.nan)
    rays = [camera.rays(one) for camera, one in zip(cameras, pixels, strict=True)]
    for place in range(len(points)):
        rows = [
            score[place] * (ray[place][axis] * camera.matrix[2] - camera.matrix[axis])
            for camera, ray, score in zip(cameras, rays, scores, strict=True)
            if score[place] > LEAST
            for axis in (0, 1)
        ]
        if len(rows) >= 4:
            *_, last = np.linalg.svd(np.array(rows))[2]
            points[place] = last[:3] / last[3]
    return points


def chosen(cameras, pixels, scores):
    """Return points (N, 3), their errors in px and how many cameras were left out of each, point by point."""
    count = len(cameras)
    points, errors, left = (
        np.full((pixels.shape[1], 3), np.nan),
        np.full(pixels.shape[1], np.nan),
        np.zeros(pixels.shape[1]),
    )
    for place in range(len(points)):
        for size in range(count, 1, -1):
            best = MOST
            for some in combinations(range(count), size):
                rows = list(some)
                if (scores[rows, place] < LEAST).any():
                    continue
                there = [cameras[row] for row in rows]
                point = triangulated(there, pixels[rows, place : place + 1], scores[rows, place : place + 1])
                seen = np.stack([camera.seen(point)[0] for camera in there])
                error = np.linalg.norm(seen - pixels[rows, place], axis=1).mean()
                if error <= best:
                    best, points[place], errors[place], left[place] = error, point[0], error, count - size
            if np.isfinite(errors[place]):
                break
    return points, errors, left


def compare(path, cameras, pixels, scores):
    """Print how far the points of ``posecfg triangulate`` are from those that are found here."""
    points, errors, left = chosen(cameras, pixels, scores)
    own = np.load(path)["xyz"][0].reshape(-1, 3)[: len(points)]
    # Its world is turned so that y points down.
    own = np.stack([own[:, 0], own[:, 2], -own[:, 1]], axis=1)
    known = np.isfinite(points).all(axis=1)
    apart = np.linalg.norm(points - own, axis=1)[known & np.isfinite(own).all(axis=1)] * 1000
    print(
        f"chosen here: {np.nanmean(errors):.2f} px, {left[known].mean():.2f} cameras left out, {known.mean():.1%} found"
    )
    print(
        f"posecfg triangulate: {np.isfinite(own[:, 0]).mean():.1%} found, {np.median(apart):.3f} mm away (median), "
        f"{np.quantile(apart, 0.95):.3f} mm (95 %)"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("calibration", type=Path)
    parser.add_argument("poses", type=Path, nargs="+")
    parser.add_argument("--against", type=Path)
    typed = parser.parse_args()
    nodes = ElementTree.parse(typed.calibration).getroot().find("cameras").findall("camera")
    cameras = [Camera(node) for node, _ in zip(nodes, typed.poses, strict=False)]
    files = [np.load(path) for path in typed.poses]
    rows = min(len(file["times"]) for file in files)
    pixels = np.stack([file["xy"][0, :rows].reshape(-1, 2) for file in files]).astype(float)
    scores = np.nan_to_num(np.stack([file["scores"][0, :rows].reshape(-1) for file in files]))
    if typed.against is not None:
        compare(typed.against, cameras, pixels, scores)
        return
    points = triangulated(cameras, pixels, scores)
    known = np.isfinite(points).all(axis=1)
    print(f"{rows} rows, {len(cameras)} cameras, {known.mean():.1%} of keypoints triangulated")
    apart = []
    for camera, one, score, path in zip(cameras, pixels, scores, typed.poses, strict=True):
        used = known & (score > LEAST)
        far = np.linalg.norm(camera.seen(points[used]) - one[used], axis=1)
        apart.append(far)
        print(f"{path.stem}: {np.median(far):.1f} px (median), {np.mean(far):.1f} px (mean), {len(far)} keypoints")
    print(f"all: {np.median(np.concatenate(apart)):.1f} px (median)")
    body = points.reshape(rows, -1, 3)
    for name, sides in BONES.items():
        lengths = [np.linalg.norm(body[:, a] - body[:, b], axis=1) for a, b in sides]
        told = [f"{np.nanmedian(one):.3f} m, spread {np.nanstd(one) / np.nanmean(one):.0%}" for one in lengths]
        print(f"{name}: left {told[0]}; right {told[1]}")


if __name__ == "__main__":
    main()
