"""The pickles of AIST++, to be looked at: 2D by nine cameras, points in space, and motions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from posecfg import budgets, skeletons
from posecfg.datasets import aist_keypoints2d, aist_keypoints3d
from posecfg.datasets.aist_arrays import entry, numbers, read
from posecfg.datasets.aist_keypoints2d import RATE
from posecfg.datasets.aist_names import VIEWS
from posecfg.errors import ConfigError
from posecfg.skeletons.coco17 import SKELETON
from posecfg.types import Meaning, PoseTrack
from posecfg.viewing.subject import Columns, Moving, Numbers, Subject, drawable, person

SIZE = (1920, 1080)
# Bytes of a keypoint while it is drawn, and the most joints that are rows of a picture.
_POINT, _JOINTS = 64, 1000
# The world has y up; ours down.
_TURN = np.array([1.0, -1.0, -1.0])


def subject(path: Path, views: tuple[str, ...] | None, kind: str) -> Subject:
    """Read a pickle; ``views`` are those of keypoints2d to be shown, all nine if None; ``kind`` is of keypoints3d."""
    keys = read(path, "a pickle", lambda whole: tuple(whole) if isinstance(whole, dict) else ())
    if "keypoints2d" in keys:
        return _flat(path, views or VIEWS)
    if views is not None:
        raise ConfigError(f"Expected view= with keypoints2d of AIST++, but '{path}' has no views.")
    if "keypoints3d" in keys:
        return _space(path, kind)
    if "smpl_poses" in keys:
        return read(path, "motions", lambda whole: _motion(path, whole))
    holds = ", ".join(map(str, keys[:8])) or "no values by name"
    raise ConfigError(f"Expected '{path}' to be keypoints2d, keypoints3d or motions of AIST++, but it has {holds}.")


def _flat(path: Path, views: tuple[str, ...]) -> Moving:
    known = [aist_keypoints2d.load(path, VIEWS.index(view)) for view in views]
    # A view without people has no keypoints of its own.
    filled = {view: one.keypoints for view, one in zip(views, known, strict=True) if len(one.points)}
    points = next(iter(filled.values()), known[0].keypoints)
    if other := next((view for view, names in filled.items() if names != points), None):
        first = next(iter(filled))
        raise ConfigError(
            f"Expected '{path}' to have the same keypoints in each view, but got {len(points)} in {first} and "
            f"{len(filled[other])} in {other}: type view={first} or view={other}."
        )
    slots = np.unique(np.concatenate([one.slots for one in known]))
    poses = sum(len(one.points) * len(one.keypoints) for one in known) * len(slots)
    budgets.check(path, poses * _POINT)
    names = skeletons.load("coco17" if points == SKELETON.keypoints else "wholebody133")
    people: list[PoseTrack] = []
    labels: list[str] = []
    for view, one in zip(views, known, strict=True):
        for number, pose in enumerate(one.points):
            whole = np.full((len(slots), *pose.shape[1:]), np.nan)
            whole[np.searchsorted(slots, one.slots)] = pose
            people.append(person(len(people), names, whole[..., :2], whole[..., 2]))
            labels.append(view if not number else f"{view} person {number + 1}")
    missing = float(np.mean([~one.valid for one in people])) if people and len(slots) else 0.0
    facts = (
        "keypoints2d of AIST++",
        f"views {', '.join(views)}" if len(views) < len(VIEWS) else "nine views",
        f"{len(slots):,} frames at {RATE}/s",
        f"{missing:.1%} of poses missing",
        "found by a detector",
    )
    size = SIZE if _is_inside(people) else None
    return Moving(path.stem, facts, tuple(people), tuple(labels), slots / RATE, True, size, len(views) > 1)


def _is_inside(people: Sequence[PoseTrack]) -> bool:
    """Tell whether nearly all points lie in pictures of the published size; others make trees of other films."""
    points = np.concatenate([one.xy.reshape(-1, 2) for one in people]) if people else np.zeros((0, 2))
    known = points[np.isfinite(points).all(axis=1)]
    return not len(known) or bool((np.quantile(known, 0.95, axis=0) <= SIZE).all())


def _space(path: Path, kind: str) -> Moving:
    points = aist_keypoints3d.load(path, kind).astype(np.float64) * _TURN
    one = person(0, SKELETON, None, None, points, Meaning(score="", xyz="metres, origin in the world, y down"))
    facts = ("keypoints3d of AIST++", f"{kind}", f"{len(points):,} frames at {RATE}/s", "metres in the world")
    return Moving(path.stem, facts, (one,), ("dancer",), np.arange(len(points)) / RATE, True)


def _motion(path: Path, whole: Any) -> Numbers:
    poses, place = (drawable(numbers(entry(whole, key))) for key in ("smpl_poses", "smpl_trans"))
    poses = poses.reshape(len(poses), -1, 3)
    if poses.shape[1] > _JOINTS or place.shape != (len(poses), 3):
        raise ValueError(f"it has turns of {poses.shape[1]:,} joints, and places of the shape {place.shape}")
    angles = np.degrees(np.linalg.norm(poses, axis=2))
    scale = numbers(whole["smpl_scaling"]).ravel() if "smpl_scaling" in whole else np.ones(0)
    facts = [f"motions of AIST++: SMPL, {poses.shape[1]} joints", f"{len(poses):,} frames at {RATE}/s"]
    facts += [f"scaling {scale[0]:.4g}"] if len(scale) == 1 else []
    tables = (
        Columns("place of the root, in the unit of the file", place, ("x", "y", "z")),
        Columns("turn of each joint, degrees", angles, tuple(f"joint {n}" for n in range(poses.shape[1]))),
    )
    return Numbers(path.stem, tuple(facts), tables, np.arange(len(poses)) / RATE, True)
