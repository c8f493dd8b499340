"""Tables and COCO's files as sleap-io reads them."""

from __future__ import annotations

import json

import numpy as np
import pytest
from two_people import nobody, two_people

from posecfg import skeletons
from posecfg.writers.csv import Csv

sio = pytest.importorskip("sleap_io", reason="sleap-io is not installed: make test-readers")


def test_load_csv_reads_people_by_name_with_what_went_in(saved):
    (path,) = saved(Csv(layout="sleap"), two_people())
    labels = sio.load_csv(str(path))
    assert tuple(labels.skeletons[0].node_names) == skeletons.load("coco17").keypoints
    assert sorted(one.name for one in labels.tracks) == ["person_0", "person_7"]
    assert [frame.frame_idx for frame in labels] == [0, 3, 7, 9]
    assert [len(frame) for frame in labels] == [2, 2, 1, 2]
    for frame, row in zip(labels, range(4), strict=True):
        for instance in frame:
            one = {f"person_{track.id}": track for track in two_people().tracks}[instance.track.name]
            np.testing.assert_allclose(instance.numpy(), one.xy[row])
            assert instance.score == pytest.approx(0.9)
            known = np.isfinite(one.xy[row, :, 0])
            np.testing.assert_allclose(instance.points["score"][known], one.scores[row][known], rtol=1e-6)


def test_load_csv_reads_a_clip_without_people(saved):
    (path,) = saved(Csv(layout="sleap"), nobody())
    assert len(sio.load_csv(str(path))) == 0


@pytest.mark.filterwarnings("ignore")
def test_load_coco_reads_any_skeleton_with_tracks(coco_folder):
    folder, keypoints, size = coco_folder
    labels = sio.load_coco(str(folder / "annotations" / "train.json"), dataset_root=str(folder / "images"))
    assert tuple(labels.skeletons[0].node_names) == keypoints
    known = {track.name for track in labels.tracks}
    assert known == {"track_1"}
    whole = json.loads((folder / "annotations" / "train.json").read_text())
    assert len(labels) == len(whole["images"]) == size
    np.testing.assert_allclose(
        labels[0][0].numpy().ravel(), np.delete(whole["annotations"][0]["keypoints"], slice(2, None, 3))
    )
