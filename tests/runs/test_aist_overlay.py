"""The preset that draws annotations: the view's own, of whom enough is known, on the first frames."""

from __future__ import annotations

import io
import pickle

import av
import numpy as np
import pytest
from aisttree import FIRST, annotations, tree
from films import write
from whole_runs import go, published

PRESET = ("experiment=aist_overlay", "dataset=aist", "sampler=annotated", "detector=annotations")


def picture(data):
    with av.open(io.BytesIO(data)) as opened:
        return next(opened.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def is_drawn(image, x, y):
    """Tell whether the blue of a keypoint of the left side is there; the film itself is grey."""
    return image[y, x, 2] > image[y, x, 0] + 60


@pytest.fixture
def root(tmp_path):
    film = write(tmp_path / "film.mp4", range(30), fps=60, size=(320, 240))
    films = [FIRST.replace("cAll", view) for view in ("c01", "c02")]
    place = tree(tmp_path / "aist", film, films, {}, frames=30)
    known = annotations(30)
    # A detector that was not sure of a frame, and one with five keypoints only.
    known["det_scores"][:, 4] = 0.05
    known["keypoints2d"][:, 6, 5:] = np.nan
    (place / "keypoints2d" / f"{FIRST}.pkl").write_bytes(pickle.dumps(known))
    return place


def test_the_first_twenty_frames_have_the_annotations_of_their_own_view(root, tmp_path):
    report = go(tmp_path / "out", *PRESET, f"dataset.path={root}", "dataset.views=[c01,c02]")
    assert (report.exit_code, report.done) == (0, 2)
    found = published(tmp_path / "out")
    folders = [FIRST.replace("cAll", view) + "_colored" for view in ("c01", "c02")]
    assert sorted(found) == [f"{folder}/frame_{n:06d}.jpg" for folder in folders for n in range(20)]
    # Keypoint 9 of frame n in view v lies at (90 + n, 100 v + 9).
    for view, folder in enumerate(folders):
        for number in (0, 5, 19):
            image = picture(found[f"{folder}/frame_{number:06d}.jpg"])
            assert is_drawn(image, 90 + number, 100 * view + 9)
            assert not is_drawn(image, 90 + number, 100 * (1 - view) + 9)
    for number in (4, 6):
        image = picture(found[f"{folders[1]}/frame_{number:06d}.jpg"])
        assert np.ptp(image, axis=2).max() < 60
