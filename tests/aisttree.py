"""Trees in the published layout of AIST++, with annotations of known numbers and small films."""

from __future__ import annotations

import json
import pickle
import shutil

import numpy as np

FIRST, SECOND, THIRD = "gBR_sBM_cAll_d04_mBR1_ch01", "gHO_sFM_cAll_d20_mHO5_ch13", "gJB_sBM_cAll_d07_mJB3_ch05"


def annotations(frames, drop=()):
    """Return keypoints2d of ``frames`` frames: keypoint k of frame n in view v lies at (10 k + n, 100 v + k)."""
    view, frame, point = np.meshgrid(np.arange(9), np.arange(frames), np.arange(17), indexing="ij")
    xyc = np.stack([10 * point + frame, 100 * view + point, np.full(view.shape, 0.9)], axis=-1).astype(np.float32)
    keep = [n for n in range(frames) if n not in drop]
    times = np.array([n * 1000 // 60 for n in keep])
    return {
        "keypoints2d": xyc[:, keep],
        "det_scores": np.full((9, len(keep)), 0.95, np.float32),
        "timestamps": times,
    }


def several(frames, people=2, as_objects=False):
    """Return annotations of the newer kind: person p of frame n in view v has keypoint k at (k + n, 100 v + p)."""
    points, boxes = [], []
    for view in range(9):
        each = []
        for frame in range(frames):
            # One frame is without anybody.
            number = 0 if frame == 1 else people
            person, point = np.meshgrid(np.arange(number), np.arange(133), indexing="ij")
            scores = np.full(person.shape, 0.5)
            each.append(np.stack([point + frame, 100 * view + person, scores], -1).astype(np.float32))
        points.append(each)
        boxes.append([np.tile(np.float32([1, 2, 3, 4, 0.75]), (len(one), 1)) for one in each])
    if as_objects:
        points, boxes = ([_objects(one) for one in values] for values in (points, boxes))
    return {"keypoints2d": points, "bboxes": boxes, "timestamps": [np.arange(frames) * 1000 // 60 for _ in range(9)]}


def _objects(values):
    made = np.empty(len(values), object)
    made[:] = values
    return made


def space(frames):
    """Return keypoints3d in centimetres: keypoint k of frame n lies at (n, k, 100), when optimised at (n, k, 200)."""
    frame, point = np.meshgrid(np.arange(frames), np.arange(17), indexing="ij")
    return {
        name: np.stack([frame, point, np.full(frame.shape, far)], axis=-1).astype(np.float64)
        for name, far in (("keypoints3d", 100), ("keypoints3d_optim", 200))
    }


def cameras():
    """Return a setting: camera cNN is turned by NN / 10 radians around y, and NN metres away."""
    return [
        {
            "name": f"c0{number}",
            "size": [1920, 1080],
            "matrix": [[1500.0, 0, 960], [0, 1500.0, 540], [0, 0, 1]],
            "rotation": [0, number / 10, 0],
            "translation": [0.0, 0.0, 100.0 * number],
            "distortions": [0.1, 0.01, 0, 0, 0.001],
        }
        for number in range(1, 10)
    ]


def rest(root, frames=30, sequences=(FIRST, SECOND, THIRD)):
    """Add keypoints3d, motions and cameras to a tree."""
    for folder in ("keypoints3d", "motions", "cameras"):
        (root / folder).mkdir(exist_ok=True)
    for sequence in sequences:
        (root / "keypoints3d" / f"{sequence}.pkl").write_bytes(pickle.dumps(space(frames)))
        poses, trans = np.zeros((frames, 72)), np.ones((frames, 3))
        motion = {"smpl_poses": poses, "smpl_scaling": np.array([90.0]), "smpl_trans": trans}
        (root / "motions" / f"{sequence}.pkl").write_bytes(pickle.dumps(motion))
    (root / "cameras" / "mapping.txt").write_text("".join(f"{sequence} setting1\n" for sequence in sequences))
    (root / "cameras" / "setting1.json").write_text(json.dumps(cameras()))
    return root


def tree(root, film, films, splits=None, ignored=(), frames=30):
    """Make a tree: ``films`` are names below videos, ``splits`` maps the names of lists to sequences."""
    for name in films:
        target = root / "videos" / f"{name}.mp4"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(film, target)
    (root / "keypoints2d").mkdir(parents=True, exist_ok=True)
    for sequence in (FIRST, SECOND, THIRD):
        (root / "keypoints2d" / f"{sequence}.pkl").write_bytes(pickle.dumps(annotations(frames)))
    (root / "splits").mkdir(exist_ok=True)
    for name, sequences in (splits or {}).items():
        (root / "splits" / f"{name}.txt").write_text("\n".join(sequences))
    # As published: one line ends in a blank.
    (root / "ignore_list.txt").write_text("".join(f"{sequence} \n" for sequence in ignored))
    return root
