"""Results of a run over the films of several calibrated cameras that look at one known person, and the calibration."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
from samples import extraction, track

from posecfg import skeletons
from posecfg.types import Camera, Meaning
from posecfg.types.projection import seen
from posecfg.writers.npz import Npz

SIZE = (640, 480)
LENS = (-0.05, 0.02, 0.001, -0.0005, 0.0)
COCO17 = skeletons.load("coco17")


def ring(count=4, size=SIZE, lens=LENS):
    """Return cameras 4 m around the origin of a world whose z points up, 1.5 m high, looking at the person."""
    found = {}
    for number in range(count):
        angle = 2 * np.pi * number / count + 0.3
        place = np.array([4 * np.cos(angle), 4 * np.sin(angle), 1.5])
        ahead = np.array([0, 0, 1.0]) - place
        ahead /= np.linalg.norm(ahead)
        right = np.cross(ahead, [0, 0, 1.0])
        right /= np.linalg.norm(right)
        rotation = np.stack([right, np.cross(ahead, right), ahead])
        focal = size[0] * 0.9
        matrix = np.array([[focal, 0, size[0] / 2], [0, focal * 1.01, size[1] / 2], [0, 0, 1]])
        found[f"cam{number + 1:02d}"] = Camera(matrix, rotation, -rotation @ place, np.array(lens), size)
    return found


def person(times):
    """Return where keypoints (T, 17, 3) m of the world are: spread over a body, and moving smoothly."""
    chance = np.random.default_rng(5)
    rest = chance.uniform((-0.4, -0.4, 0.1), (0.4, 0.4, 1.8), (17, 3))
    t = np.asarray(times, np.float64)[:, None, None]
    return rest + 0.3 * np.sin(2 * np.pi * 0.5 * t + np.arange(17)[None, :, None] * [0.3, 0.5, 0.7])


def result(camera, times, clip_id, score=0.9, noise=0.0, people=1):
    """Return what a detector gives for one film."""
    rows = len(times)
    xy = seen(person(times), camera) + np.random.default_rng(7).normal(0, 1, (rows, 17, 2)) * noise
    one = replace(track(rows), xy=xy.astype(np.float32), scores=np.full((rows, 17), score, np.float32))
    tracks = [replace(one, id=number, meaning=Meaning()) for number in range(people)]
    found = extraction(*tracks, clip_id=clip_id)
    object.__setattr__(found, "clock", replace(found.clock, times=np.asarray(times, float), size=camera.size))
    return found


def written(folder, found):
    """Write the native file of one film into a folder."""

    class Files:
        def open(self, name, about=None):
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            return path.open("wb")

    Npz().write(found, Files())
    return Path(folder) / f"{found.clip.id}.npz"


def toml(path, cameras):
    """Write cameras as Pose2Sim does."""
    lines = []
    for name, one in cameras.items():
        vector = turn_of(one.rotation)
        lines += [
            f"[{name}]",
            f'name = "{name}"',
            f"size = {[float(side) for side in one.size]}",
            f"matrix = {one.matrix.tolist()}",
            f"distortions = {one.distortion[:4].tolist()}",
            f"rotation = {vector.tolist()}",
            f"translation = {one.translation.tolist()}",
            "fisheye = false",
            "",
        ]
    Path(path).write_text("\n".join([*lines, "[metadata]", "adjusted = false", "error = 0.0", ""]))
    return str(path)


def listed(path, cameras, unit=0.01):
    """Write cameras as AIST++ and aniposelib do."""
    told = [
        {
            "name": name,
            "size": list(one.size),
            "matrix": one.matrix.tolist(),
            "rotation": turn_of(one.rotation).tolist(),
            "translation": (one.translation / unit).tolist(),
            "distortions": one.distortion.tolist(),
        }
        for name, one in cameras.items()
    ]
    Path(path).write_text(json.dumps(told))
    return str(path)


def qca(path, cameras):
    """Write cameras as Qualisys does: mm, 64 units a px, looking along -z with y up."""
    parts = []
    for name, one in cameras.items():
        axes = np.diag([1, -1, -1]) @ one.rotation
        place = -one.rotation.T @ one.translation * 1000
        turn = " ".join(f'r{i + 1}{j + 1}="{axes[i, j]!r}"' for i in range(3) for j in range(3))
        turn = turn.replace("np.float64(", "").replace(")", "")
        where = " ".join(f'{axis}="{float(value)!r}"' for axis, value in zip("xyz", place, strict=True))
        k1, k2, p1, p2, k3 = map(float, one.distortion)
        lens = (
            f'focalLengthU="{one.matrix[0, 0] * 64}" focalLengthV="{one.matrix[1, 1] * 64}" '
            f'centerPointU="{one.matrix[0, 2] * 64}" centerPointV="{one.matrix[1, 2] * 64}" radialDistortion1="{k1}" '
            f'radialDistortion2="{k2}" radialDistortion3="{k3}" tangentalDistortion1="{p1}" tangentalDistortion2="{p2}"'
        )
        field = f'<fov_video left="0" top="0" right="{one.size[0] - 1}" bottom="{one.size[1] - 1}"/>'
        parts.append(f'<camera serial="{name}">{field}<transform {turn} {where}/><intrinsic {lens}/></camera>')
    Path(path).write_text(f"<?xml version='1.0'?><calibration><cameras>{''.join(parts)}</cameras></calibration>")
    return str(path)


def cal(path, cameras):
    """Write cameras as TotalCapture does: one radial term, metres."""
    lines = [f"{len(cameras)} 1"]
    for one in cameras.values():
        lines.append(f"0 {one.size[1] - 1} 0 {one.size[0] - 1}")
        lines.append(f"{one.matrix[0, 0]} {one.matrix[1, 1]} {one.matrix[0, 2]} {one.matrix[1, 2]}")
        lines.append(f"{one.distortion[0]}")
        lines += [" ".join(map(str, row)) for row in one.rotation.tolist()]
        lines.append(" ".join(map(str, one.translation.tolist())))
    Path(path).write_text("\r\n".join(lines))
    return str(path)


def turn_of(rotation):
    """Return the vector (3,) of a turn, whose length is its angle."""
    angle = np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1))
    axis = np.array([rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0], rotation[1, 0] - rotation[0, 1]])
    return axis / np.linalg.norm(axis) * angle


def run_of(folder, rows=6, count=3, fps=30.0, size=SIZE, name="walk_{}"):
    """Write the results of all cameras, and their calibration; the answer is what ``dataset=views`` takes."""
    folder = Path(folder)
    cameras = ring(count, size)
    for camera_name, camera in cameras.items():
        written(folder / "run", result(camera, np.arange(rows) / fps, name.format(camera_name)))
    return {"path": str(folder / "run"), "calibration": toml(folder / "Calib.toml", cameras)}
