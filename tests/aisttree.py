"""Trees in the published layout of AIST++, with annotations of known numbers and small films."""

from __future__ import annotations

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
